import Core

/// An account's ledger in memory, kept as the store keeps it.
final class MemoryLedger: WindowLedger {
    struct Spent {
        var window: String
        var units: Int
        var frees: Int64
        var pass: Int
    }

    var spent: [Spent] = []
    var paces: [String: Int64] = [:]
    var closedUntil: Int64 = 0
    var lines: [String: WindowLine] = [:]
    private var passes = 0

    func copy() -> MemoryLedger {
        let copy = MemoryLedger()
        (copy.spent, copy.paces, copy.passes) = (spent, paces, passes)
        (copy.closedUntil, copy.lines) = (closedUntil, lines)
        return copy
    }

    func used(_ window: String, at now: Int64) -> Int {
        spent.reduce(0) { $0 + ($1.window == window && $1.frees > now ? $1.units : 0) }
    }

    func frees(_ units: Int, of window: String, after now: Int64) -> Int64 {
        var freed = 0
        let rows = spent.filter { $0.window == window && $0.frees > now }.sorted { $0.frees < $1.frees }
        for row in rows {
            freed += row.units
            if freed >= units { return row.frees }
        }
        return rows.last?.frees ?? now
    }

    func paced(_ window: String) -> Int64 { paces[window, default: 0] }

    func line(_ window: String) -> WindowLine { lines[window] ?? WindowLine() }

    /// The number of the pass; nil when it has to wait until the time that is answered.
    func enter(
        _ charge: Charge,
        _ windows: [Window],
        _ lane: Lane,
        longest: Int64,
        at now: Int64
    ) throws -> (pass: Int?, until: Int64) {
        spent.removeAll { $0.frees <= now }
        let verdict = try AccountRule.verdict(charge, in: windows, lane: lane, at: now, self)
        for (window, line) in try AccountRule.lines(after: verdict, charge, in: windows, lane: lane, at: now, self) {
            lines[window] = line
        }
        switch verdict {
        case .wait(let until, _): return (nil, until)
        case .enter:
            passes += 1
            for window in windows {
                guard let units = charge.units[window.name], units > 0 else { continue }
                let frees = window.frees(spentAt: now + longest + 1)
                spent.append(Spent(window: window.name, units: min(units, window.limit), frees: frees, pass: passes))
                let before = paced(window.name)
                if let due = AccountRule.paced(window, after: before, spending: units, at: now) {
                    paces[window.name] = due
                }
            }
            return (passes, now)
        }
    }

    func answered(_ pass: Int, _ windows: [Window], at now: Int64) {
        for index in spent.indices where spent[index].pass == pass {
            guard let window = windows.first(where: { $0.name == spent[index].window }), window.kind != .daily else {
                continue
            }
            spent[index].frees = window.frees(spentAt: now)
        }
    }
}

/// Callers of one account and the server they call, in microseconds of a time that nobody has to wait for.
struct AccountWorld {
    struct Caller {
        var lane: Lane
        var charge: Charge
        /// From the end of a call to the next ask; 0 is a caller that always wants to.
        var pauseMicroseconds: ClosedRange<Int>
        /// Of a hundred calls, so many are never answered.
        var lost = 0
        /// From the moment there is room to the ask itself: what is to be sent has to be read and looked up first.
        var preparationMicroseconds = 0...0
    }

    struct Arrival {
        var at: Int
        var ended: Int
        var units: [String: Int]
        var lane: Lane
        var waited: Int
    }

    private enum Event {
        case asks(Int, since: Int)
        case prepared(Int, since: Int)
        case answered(Int, pass: Int)
    }

    let windows: [Window]
    let callers: [Caller]
    var latency = 20_000...300_000
    let longestMilliseconds: Int64
    let ledger = MemoryLedger()
    private(set) var arrivals: [Arrival] = []
    private var dice: Dice
    private var events: [(at: Int, event: Event)] = []

    /// Begins at a time of day that is no round number of anything.
    static let start = 1_800_000_123_456_789

    init(_ windows: [Window], _ callers: [Caller], longestMilliseconds: Int64 = 30_000, seed: UInt64) {
        self.windows = windows
        self.callers = callers
        self.longestMilliseconds = longestMilliseconds
        dice = Dice(state: seed)
        for caller in callers.indices { schedule(Self.start + dice.roll(1_000_000), .asks(caller, since: 0)) }
    }

    mutating func run(seconds: Int) throws {
        while let next = events.popLast(), next.at < Self.start + seconds * 1_000_000 {
            switch next.event {
            case .asks(let caller, let since): try look(caller, since: since == 0 ? next.at : since, at: next.at)
            case .prepared(let caller, let since): try ask(caller, since: since, at: next.at)
            case .answered(let caller, let pass):
                ledger.answered(pass, windows, at: Int64(next.at / 1_000))
                schedule(next.at + roll(callers[caller].pauseMicroseconds), .asks(caller, since: 0))
            }
        }
        arrivals.sort { $0.at < $1.at }
    }

    private mutating func look(_ number: Int, since: Int, at now: Int) throws {
        let caller = callers[number]
        guard caller.preparationMicroseconds.upperBound > 0 else { return try ask(number, since: since, at: now) }
        let time = Int64(now / 1_000)
        switch try AccountRule.verdict(caller.charge, in: windows, lane: caller.lane, at: time, ledger) {
        case .enter: schedule(now + roll(caller.preparationMicroseconds), .prepared(number, since: since))
        case .wait(let until, _):
            schedule(max(Int(until) * 1_000, now) + dice.roll(2_500), .asks(number, since: since))
        }
    }

    private mutating func ask(_ number: Int, since: Int, at now: Int) throws {
        let caller = callers[number]
        let (pass, until) = try ledger.enter(
            caller.charge,
            windows,
            caller.lane,
            longest: longestMilliseconds,
            at: Int64(now / 1_000)
        )
        guard let pass else {
            return schedule(max(Int(until) * 1_000, now) + dice.roll(2_500), .prepared(number, since: since))
        }
        let isLost = dice.roll(100) < caller.lost
        let longest = Int(longestMilliseconds) * 1_000
        let length = isLost ? longest : min(roll(latency), longest)
        // At the first moment, at the last, or between them.
        let arrived = now + [0, length, dice.roll(length + 1)][dice.roll(3)]
        arrivals.append(
            Arrival(
                at: arrived,
                ended: now + length,
                units: caller.charge.units,
                lane: caller.lane,
                waited: now - since
            )
        )
        if isLost {
            schedule(now + length + roll(caller.pauseMicroseconds), .asks(number, since: 0))
        } else {
            schedule(now + length, .answered(number, pass: pass))
        }
    }

    private mutating func roll(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + dice.roll(range.count)
    }

    private mutating func schedule(_ at: Int, _ event: Event) {
        let place = events.firstIndex { $0.at < at } ?? events.endIndex
        events.insert((at, event), at: place)
    }

    /// The most units that the server has counted in any span of a sliding window, or at once of a concurrent one.
    func most(of window: Window) -> Int {
        switch window.kind {
        case .sliding(let period):
            let period = Int(period.milliseconds) * 1_000
            var (most, sum, first) = (0, 0, 0)
            for arrival in arrivals {
                sum += arrival.units[window.name, default: 0]
                while arrivals[first].at + period <= arrival.at {
                    sum -= arrivals[first].units[window.name, default: 0]
                    first += 1
                }
                most = max(most, sum)
            }
            return most
        case .concurrent:
            return arrivals.map { one in
                arrivals.reduce(0) {
                    $0 + ($1.at <= one.at && one.at < $1.ended ? $1.units[window.name, default: 0] : 0)
                }
            }.max() ?? 0
        case .daily:
            let days = Dictionary(grouping: arrivals) { $0.at / 86_400_000_000 }
            return days.values.map { $0.reduce(0) { $0 + $1.units[window.name, default: 0] } }.max() ?? 0
        }
    }
}
