/// One limit of an account at a remote system.
package struct Window: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// So many in any span of this length.
        case sliding(Duration)
        /// So many at once.
        case concurrent
        /// So many from midnight to midnight, UTC.
        case daily
    }

    package var name: String
    package var limit: Int
    package var kind: Kind
    /// A share that the background leaves to live calls. A paced window needs none: some of it is always about to be free.
    package var reserve: Int
    /// So many units the background may spend at once, and then waits as long as they take at its pace: where requests are
    /// dear and carry several units, few full ones cost less than many that carry one. Live calls then need a reserve.
    package private(set) var batch = 1

    package init(_ name: String, _ limit: Int, _ kind: Kind, reserve: Int = 0) {
        precondition(limit > 0 && reserve < limit, "a window that admits nothing is no window")
        self.name = name
        self.limit = limit
        self.kind = kind
        self.reserve = reserve
    }

    /// Whether its units come back by and by, so that it is worth waiting for a turn.
    package var hasLine: Bool { kind != .daily }

    /// What callers of that lane may take of it.
    package func limit(for lane: Lane) -> Int {
        lane == .background ? max(limit - reserve, 1) : limit
    }

    /// The same with another limit, of which as large a share is kept.
    package func with(limit: Int) -> Window {
        var window = Window(name, limit, kind, reserve: min(reserve * limit / self.limit, limit - 1))
        if batch > 1 { window = window.gathering(batch) }
        return window
    }

    /// The same, whose background gathers so many units for one request: at most nine twentieths, so that two batches leave
    /// a tenth to live calls.
    package func gathering(_ units: Int) -> Window {
        var window = self
        window.batch = max(min(units, limit * 9 / 20), 1)
        window.reserve = max(reserve, limit / 10)
        return window
    }

    /// How many units have to be free for a request of that lane to begin. Of the background's batches at least a half: one
    /// that went with whatever is free would go with a single unit whenever one comes free, and so again each time after.
    package func least(for lane: Lane) -> Int {
        lane == .background ? max(batch / 2, 1) : 1
    }

    /// Of background calls, the time from one unit to the next that spends the whole window evenly. Spent at once, a
    /// minute's allowance would leave a live change waiting for the rest of that minute.
    package var pace: Duration? {
        switch kind {
        case .sliding(let period): .nanoseconds(period.nanoseconds / Int64(limit))
        case .concurrent, .daily: nil
        }
    }

    /// How far the pace may be behind and still catch up: without it every late call would be a call lost. Where units
    /// are rare it is a part of their distance, because two at once leave a live change waiting for twice as long; of many
    /// small units it is two percent of the window.
    package var slack: Duration {
        guard case .sliding(let period) = kind, let pace else { return .zero }
        return pace >= .seconds(1) ? .nanoseconds(pace.nanoseconds / 4) : .nanoseconds(period.nanoseconds / 50)
    }

    /// When what was spent at that time can be spent again. The time has been cut to milliseconds, so the call may have
    /// come almost one of them later: without it the server counts one call too many now and then.
    package func frees(spentAt now: Int64) -> Int64 {
        switch kind {
        case .sliding(let period): now + period.milliseconds + 1
        case .concurrent: now
        case .daily: (now / 86_400_000 + 1) * 86_400_000
        }
    }
}

/// What an account has spent, as its store or a test knows it. Times are milliseconds since 1970: an account outlives
/// processes and machines.
package protocol WindowLedger {
    /// Units that are not free again at that time.
    func used(_ window: String, at now: Int64) throws -> Int
    /// When, from now on, at least so many units more will have become free.
    func frees(_ units: Int, of window: String, after now: Int64) throws -> Int64
    /// When the next background unit is due; 0 where none was ever spent.
    func paced(_ window: String) throws -> Int64
    /// Until when the vendor has closed the account.
    var closedUntil: Int64 { get throws }
    /// Who waits for it, of all workers.
    func line(_ window: String) throws -> WindowLine
}

/// Whether a call may go now: the rule by which all workers of an account share it.
package enum AccountRule {
    package enum Verdict: Sendable, Equatable {
        case enter
        /// Ask again then. `windows` are those that have no room for the call; none where the account is closed.
        case wait(until: Int64, windows: Set<String>)
    }

    /// How often a caller looks whether another process has left a place: in milliseconds.
    private static let placeCheck: Int64 = 50

    package static func verdict(
        _ charge: Charge,
        in windows: [Window],
        lane: Lane,
        at now: Int64,
        _ ledger: some WindowLedger
    ) throws -> Verdict {
        let closed = try ledger.closedUntil
        var until = max(now, closed)
        var short: Set<String> = []
        for window in windows {
            guard let asked = charge.units[window.name], asked > 0 else { continue }
            let opens = try opens(window, to: asked, lane, at: now, ledger)
            guard opens > now else { continue }
            short.insert(window.name)
            until = max(until, opens)
        }
        return until > now ? .wait(until: until, windows: closed > now ? [] : short) : .enter
    }

    /// When one window lets a caller in, as far as is known.
    private static func opens(
        _ window: Window,
        to asked: Int,
        _ lane: Lane,
        at now: Int64,
        _ ledger: some WindowLedger
    ) throws -> Int64 {
        let line = window.hasLine ? try ledger.line(window.name) : WindowLine()
        let before = line.first(before: lane, at: now)
        // Others have had their share and this lane has not: what is kept for them is not kept for them now.
        let isOwed = before == nil && window.hasLine && line.turns.owes(lane)
        let limit = isOwed ? window.limit : window.limit(for: lane)
        // What asks for more than there ever is goes when everything is free.
        let units = min(asked, limit)
        let used = try ledger.used(window.name, at: now)
        var until = now
        func wait(for over: Int) throws {
            guard over > 0 else { return }
            let free = try ledger.frees(over, of: window.name, after: now)
            // When a call under way ends nobody knows before it does; what is written down is the latest.
            until = max(until, window.kind == .concurrent ? min(free, now + placeCheck) : free)
        }
        try wait(for: used + units - limit)
        if let before, let place = line.places[before] {
            if lane.isForeground {
                // Whoever is before it has not come yet, so what that one wants is left to it.
                let over = used + units + min(place.units, window.limit) - limit
                let free = over > used ? place.until : try ledger.frees(over, of: window.name, after: now)
                let claimed = window.kind == .concurrent ? min(free, now + placeCheck) : free
                if over > 0 { until = max(until, min(place.until, claimed)) }
            } else {
                for other in line.others(than: lane, at: now) { until = max(until, line.places[other]?.until ?? now) }
            }
        }
        guard lane == .background, window.pace != nil, !isOwed else { return until }
        return max(until, try ledger.paced(window.name) - window.slack.milliseconds)
    }

    /// The lines that a verdict changes: whoever waits has a place in them, whoever enters leaves it.
    package static func lines(
        after verdict: Verdict,
        _ charge: Charge,
        in windows: [Window],
        lane: Lane,
        at now: Int64,
        _ ledger: some WindowLedger
    ) throws -> [(window: String, line: WindowLine)] {
        try windows.compactMap { window in
            guard window.hasLine, let asked = charge.units[window.name], asked > 0 else { return nil }
            let before = try ledger.line(window.name)
            var line = before
            switch verdict {
            case .enter: line.entered(lane, with: min(asked, window.limit), at: now)
            case .wait(let until, let short):
                // When a closed account opens, all its windows do.
                guard short.isEmpty || short.contains(window.name) else { return nil }
                line.waits(lane, for: min(asked, window.limit), until: until)
            }
            return line == before ? nil : (window.name, line)
        }
    }

    /// Units that the background may spend at once without falling behind its pace: how large a batch may be.
    package static func room(
        in window: Window,
        lane: Lane,
        at now: Int64,
        _ ledger: some WindowLedger
    ) throws -> Int {
        let free = window.limit(for: lane) - (try ledger.used(window.name, at: now))
        guard lane == .background, let pace = window.pace else { return max(free, 0) }
        let behind = now - (try ledger.paced(window.name)) + window.slack.milliseconds
        guard behind >= 0 else { return 0 }
        let due = Int64(min(behind, window.slack.milliseconds)) * 1_000_000 / max(pace.nanoseconds, 1) + 1
        return max(0, min(free, max(Int(due), window.batch)))
    }

    /// When the next background unit is due after so many were spent.
    package static func paced(_ window: Window, after before: Int64, spending units: Int, at now: Int64) -> Int64? {
        guard let pace = window.pace else { return nil }
        let units = Int64(min(units, window.limit))
        return max(before, now - window.slack.milliseconds) + pace.nanoseconds * units / 1_000_000
    }
}

extension Duration {
    package var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
