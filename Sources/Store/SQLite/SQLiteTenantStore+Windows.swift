import Core
import Transport

extension SQLiteTenantStore {
    package func enter(_ ask: WindowAsk, at now: Int64) throws -> WindowAnswer {
        let database = try database
        if ask.windows.isEmpty, let answer = try enterFreely(ask, at: now, database) { return answer }
        // What is entered is on disk before the call is made: a machine that forgot it when its power went would make the
        // call again and break the vendor's limit. The call takes a hundred times as long.
        do {
            return .entered(try database.transaction { try pass(for: ask, at: now, database) })
        } catch is MustWait {
            return try wait(for: ask, at: now, database)
        }
    }

    /// Undoes the transaction: what a caller who waits leaves behind is not worth a wait for the disk.
    private struct MustWait: Error {}

    private func wait(for ask: WindowAsk, at now: Int64, _ database: Database) throws -> WindowAnswer {
        try database.quickTransaction {
            let ledger = SpentUnits(account: ask.account, database: database)
            let verdict = try ledger.verdict(on: ask, at: now)
            // Another process may have given units back in between: then it may be asked again at once.
            guard case .wait(let until, let windows) = verdict else {
                return .wait(untilMilliseconds: now, windows: [])
            }
            try ledger.keepLines(after: verdict, ask, at: now)
            return .wait(untilMilliseconds: until, windows: windows)
        }
    }

    private func pass(for ask: WindowAsk, at now: Int64, _ database: Database) throws -> CallPass {
        let ledger = SpentUnits(account: ask.account, database: database)
        guard case .enter = try ledger.verdict(on: ask, at: now) else { throw MustWait() }
        try ledger.keepLines(after: .enter, ask, at: now)
        return try admit(ask, try ledger.circuit, at: now, ledger)
    }

    private func admit(_ ask: WindowAsk, _ circuit: Circuit, at now: Int64, _ ledger: SpentUnits) throws -> CallPass {
        let pass = try ledger.newPass()
        // As if the call took all the time it may: if its process dies, nobody will say when it ended.
        let ended = now + ask.longest.milliseconds + 1
        for window in ask.windows {
            guard let units = ask.charge.units[window.name], units > 0 else { continue }
            try ledger.spend(
                min(units, window.limit),
                of: window,
                until: window.frees(spentAt: ended),
                pass,
                by: ask.owner
            )
            let before = try ledger.paced(window.name)
            if let due = AccountRule.paced(window, after: before, spending: units, at: now) {
                try ledger.pace(window.name, due)
            }
        }
        var probed = circuit
        probed.entered(pass, of: ask.owner, until: ended, at: now)
        if probed != circuit { try ledger.keep(probed) }
        return CallPass(number: pass)
    }

    /// Without a limit there is nothing to write down, unless the system is down and the call is the one that tries; the
    /// vendor may have closed the account all the same.
    private func enterFreely(_ ask: WindowAsk, at now: Int64, _ database: Database) throws -> WindowAnswer? {
        let ledger = SpentUnits(account: ask.account, database: database)
        let closed = try ledger.closedUntil
        if closed > now { return .wait(untilMilliseconds: closed, windows: []) }
        let circuit = try ledger.circuit
        if circuit.isClosed { return .entered(CallPass(number: 0)) }
        guard let until = circuit.wait(at: now), !ask.isTrial else { return nil }
        return .wait(untilMilliseconds: until, windows: [])
    }

    package func takeOver(_ account: String, windows: [Window], owner: Int64, at now: Int64) throws {
        let database = try database
        try database.quickTransaction {
            let ledger = SpentUnits(account: account, database: database)
            try ledger.follow(now)
            for window in windows { try ledger.inherit(window, of: owner, at: now) }
            var circuit = try ledger.circuit
            circuit.died(owner, at: now)
            try ledger.keep(circuit)
        }
    }

    package func leave(_ pass: CallPass, _ ask: WindowAsk, _ outcome: CallOutcome, at now: Int64) throws {
        let database = try database
        // Most calls have no limit that they come back to, and nothing to say of a system that is there.
        if pass.number == 0, outcome == .answered {
            guard try SpentUnits(account: ask.account, database: database).circuit.outages > 0 else { return }
        }
        try database.quickTransaction {
            let ledger = SpentUnits(account: ask.account, database: database)
            try ledger.follow(now)
            switch outcome {
            case .lost, .givenUp: break
            case .notSent, .unreached: if pass.number != 0 { try ledger.giveBack(pass.number, ask) }
            case .answered, .throttled, .failed:
                for window in ask.windows where ask.charge.units[window.name, default: 0] > 0 {
                    try ledger.move(pass.number, window, to: window.frees(spentAt: now))
                }
            }
            if case .throttled(let pause?) = outcome { try ledger.close(until: now + pause.milliseconds) }
            let before = try ledger.circuit
            var (circuit, random) = (before, Chance())
            circuit.ended(pass.number, outcome, at: now, using: &random)
            if circuit != before { try ledger.keep(circuit) }
        }
    }

    package func room(in window: Window, of account: String, lane: Lane, at now: Int64) throws -> WindowRoom {
        let database = try database
        return try database.quickTransaction {
            let ledger = SpentUnits(account: account, database: database)
            try ledger.follow(now)
            let least: Charge = [window.name: window.least(for: lane)]
            let verdict = try AccountRule.verdict(least, in: [window], lane: lane, at: now, ledger)
                .held(until: try ledger.circuit.wait(at: now), at: now)
            let until = if case .wait(let until, _) = verdict { until } else { now }
            if window.hasLine {
                var line = try ledger.line(window.name)
                line.waits(lane, for: 1, until: until)
                try ledger.keep([(window.name, line)])
            }
            guard verdict == .enter else { return WindowRoom(units: 0, untilMilliseconds: until) }
            let units = try AccountRule.room(in: window, lane: lane, at: now, ledger)
            return WindowRoom(units: max(units, 1), untilMilliseconds: now)
        }
    }

    package func closeAccount(_ account: String, until: Int64) throws {
        let database = try database
        try database.quickTransaction { try SpentUnits(account: account, database: database).close(until: until) }
    }

    package func facts(of account: String, in windows: [Window], at now: Int64) throws -> AccountFacts {
        let ledger = SpentUnits(account: account, database: try database)
        var used: [String: Int] = [:]
        for window in windows { used[window.name] = try ledger.used(window.name, at: now) }
        return AccountFacts(used: used, closedUntil: try ledger.closedUntil, circuit: try ledger.circuit)
    }
}

extension AccountRule.Verdict {
    /// The same while the system is down.
    fileprivate func held(until circuit: Int64?, at now: Int64) -> AccountRule.Verdict {
        guard let circuit, circuit > now else { return self }
        switch self {
        case .enter: return .wait(until: circuit, windows: [])
        case .wait(let until, _): return .wait(until: max(until, circuit), windows: [])
        }
    }
}

/// One account's rows. Each unit spent is a row until it is free again.
private struct SpentUnits: WindowLedger {
    let account: String
    let database: Database

    func used(_ window: String, at now: Int64) throws -> Int {
        Int(
            try database.integer(
                "SELECT sum(units) FROM spent WHERE account = ? AND window = ? AND frees > ?",
                .text(account),
                .text(window),
                .integer(now)
            )
        )
    }

    func frees(_ units: Int, of window: String, after now: Int64) throws -> Int64 {
        var (freed, until) = (0, now)
        try database.each(
            "SELECT frees, units FROM spent WHERE account = ? AND window = ? AND frees > ? ORDER BY frees LIMIT ?",
            .text(account),
            .text(window),
            .integer(now),
            .integer(Int64(units))
        ) { row in
            guard freed < units else { return }
            freed += Int(row.integer(1))
            until = row.integer(0)
        }
        return until
    }

    func paced(_ window: String) throws -> Int64 {
        try database.integer(
            "SELECT due FROM pace WHERE account = ? AND window = ?",
            .text(account),
            .text(window)
        )
    }

    var closedUntil: Int64 {
        get throws { try database.integer("SELECT closed FROM account WHERE name = ?", .text(account)) }
    }

    func line(_ window: String) throws -> WindowLine {
        var (left, places): ([Lane: Int], [Lane: WindowLine.Place]) = ([:], [:])
        try database.each(
            "SELECT lane, remainder, units, until FROM line WHERE account = ? AND window = ?",
            .text(account),
            .text(window)
        ) { row in
            guard let lane = UInt8(exactly: row.integer(0)).flatMap({ Lane(rawValue: $0) }) else { return }
            left[lane] = Int(clamping: row.integer(1))
            guard row.integer(3) > 0 else { return }
            places[lane] = WindowLine.Place(units: Int(clamping: row.integer(2)), until: row.integer(3))
        }
        return WindowLine(turns: LaneTurns(left: left), places: places)
    }

    var circuit: Circuit {
        get throws {
            try database.first(
                "SELECT outages, since, until, probe, prober FROM circuit WHERE account = ?",
                .text(account)
            ) { row in
                Circuit(
                    outages: Int(clamping: row.integer(0)),
                    since: row.integer(1),
                    until: row.integer(2),
                    probe: row.integer(3),
                    prober: row.integer(4)
                )
            } ?? Circuit()
        }
    }

    // MARK: Changes

    /// After the account has followed the clock and what is free again has been forgotten.
    func verdict(on ask: WindowAsk, at now: Int64) throws -> AccountRule.Verdict {
        try follow(now)
        try forget(before: now)
        let verdict = try AccountRule.verdict(ask.charge, in: ask.windows, lane: ask.lane, at: now, self)
        return ask.isTrial ? verdict : verdict.held(until: try circuit.wait(at: now), at: now)
    }

    func keepLines(after verdict: AccountRule.Verdict, _ ask: WindowAsk, at now: Int64) throws {
        try keep(AccountRule.lines(after: verdict, ask.charge, in: ask.windows, lane: ask.lane, at: now, self))
    }

    func forget(before now: Int64) throws {
        try database.run("DELETE FROM spent WHERE account = ? AND frees <= ?", .text(account), .integer(now))
    }

    /// Clocks are set back, and what is written down would hold for as much longer: all of it is moved with the clock.
    /// Days end when they end. A caller may have waited for the file for some seconds with the time of its asking, so less
    /// than a minute says nothing of the clock.
    func follow(_ now: Int64) throws {
        let back = try database.integer("SELECT seen FROM account WHERE name = ?", .text(account)) - now
        if back > 60_000 {
            try database.run(
                "UPDATE spent SET frees = frees - ?2 WHERE account = ?1 AND pass <> 0",
                .text(account),
                .integer(back)
            )
            try database.run("UPDATE pace SET due = due - ?2 WHERE account = ?1", .text(account), .integer(back))
            try database.run(
                "UPDATE account SET closed = max(closed - ?2, 0), seen = ?3 WHERE name = ?1",
                .text(account),
                .integer(back),
                .integer(now)
            )
            // Whoever still waits takes its place again when it asks next.
            try database.run("UPDATE line SET until = 0 WHERE account = ?", .text(account))
            var circuit = try circuit
            circuit.follow(back: back)
            try keep(circuit)
        } else if back < -1_000 {
            try database.run(
                "INSERT INTO account (name, seen) VALUES (?, ?2) ON CONFLICT (name) DO UPDATE SET seen = ?2",
                .text(account),
                .integer(now)
            )
        }
    }

    func newPass() throws -> Int64 {
        try database.run(
            """
            INSERT INTO account (name, passes) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET passes = passes + 1
            """,
            .text(account)
        )
        return try database.integer("SELECT passes FROM account WHERE name = ?", .text(account))
    }

    /// Of a day, all units are one row: they are free again together.
    func spend(_ units: Int, of window: Window, until frees: Int64, _ pass: Int64, by owner: Int64) throws {
        try database.run(
            """
            INSERT INTO spent (account, window, frees, pass, units, owner) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (account, window, frees, pass) DO UPDATE SET units = units + excluded.units
            """,
            .text(account),
            .text(window.name),
            .integer(frees),
            .integer(window.kind == .daily ? 0 : pass),
            .integer(Int64(units)),
            .integer(owner)
        )
    }

    func move(_ pass: Int64, _ window: Window, to frees: Int64) throws {
        guard window.kind != .daily else { return }
        try database.run(
            "UPDATE spent SET frees = ?, owner = NULL WHERE account = ? AND pass = ? AND window = ?",
            .integer(frees),
            .text(account),
            .integer(pass),
            .text(window.name)
        )
    }

    /// What a dead process had sent was sent by now.
    func inherit(_ window: Window, of owner: Int64, at now: Int64) throws {
        guard window.kind != .daily else { return }
        try database.run(
            """
            UPDATE OR REPLACE spent SET frees = min(frees, ?), owner = NULL
            WHERE account = ? AND window = ? AND owner = ?
            """,
            .integer(window.frees(spentAt: now)),
            .text(account),
            .text(window.name),
            .integer(owner)
        )
    }

    /// Around midnight two days are open. What is given back to the earlier one is never too much for the later.
    func giveBack(_ pass: Int64, _ ask: WindowAsk) throws {
        try database.run("DELETE FROM spent WHERE account = ? AND pass = ?", .text(account), .integer(pass))
        for window in ask.windows where window.kind == .daily {
            try database.run(
                """
                UPDATE spent SET units = max(units - ?1, 0) WHERE account = ?2 AND window = ?3 AND pass = 0
                    AND frees = (SELECT min(frees) FROM spent WHERE account = ?2 AND window = ?3 AND pass = 0)
                """,
                .integer(Int64(min(ask.charge.units[window.name, default: 0], window.limit))),
                .text(account),
                .text(window.name)
            )
        }
    }

    func pace(_ window: String, _ due: Int64) throws {
        try database.run(
            "INSERT OR REPLACE INTO pace (account, window, due) VALUES (?, ?, ?)",
            .text(account),
            .text(window),
            .integer(due)
        )
    }

    func keep(_ lines: [(window: String, line: WindowLine)]) throws {
        for (window, line) in lines {
            for lane in Lane.allCases {
                try database.run(
                    """
                    INSERT INTO line (account, window, lane, remainder, units, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                    ON CONFLICT (account, window, lane) DO UPDATE SET remainder = ?4, units = ?5, until = ?6
                    WHERE remainder <> ?4 OR units <> ?5 OR until <> ?6
                    """,
                    .text(account),
                    .text(window),
                    .integer(Int64(lane.rawValue)),
                    .integer(Int64(line.turns.left(lane))),
                    .integer(Int64(line.places[lane]?.units ?? 0)),
                    .integer(line.places[lane]?.until ?? 0)
                )
            }
        }
    }

    func keep(_ circuit: Circuit) throws {
        guard circuit != Circuit() else {
            return try database.run("DELETE FROM circuit WHERE account = ?", .text(account))
        }
        try database.run(
            """
            INSERT OR REPLACE INTO circuit (account, outages, since, until, probe, prober) VALUES (?, ?, ?, ?, ?, ?)
            """,
            .text(account),
            .integer(Int64(circuit.outages)),
            .integer(circuit.since),
            .integer(circuit.until),
            .integer(circuit.probe),
            .integer(circuit.prober)
        )
    }

    func close(until: Int64) throws {
        try database.run(
            """
            INSERT INTO account (name, closed) VALUES (?, ?2) ON CONFLICT (name) DO UPDATE SET closed = max(closed, ?2)
            """,
            .text(account),
            .integer(until)
        )
    }
}
