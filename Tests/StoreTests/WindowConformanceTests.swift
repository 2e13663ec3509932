import Core
import Store
import Testing

@Suite struct `a tenant's windows` {
    static let start: Int64 = 1_800_000_000_000
    static let mutations = Window("mutations", 4, .sliding(.seconds(60)))
    static let inFlight = Window("inFlight", 2, .concurrent)
    static let daily = Window("daily", 5, .daily)

    @Test(arguments: tenantStores) func `are shared by all workers, and kept for those who come later`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let stores = [try await place.open(), try await place.open()]
        for number in 0..<4 {
            let pass = try await entered(stores[number % 2], ask([Self.mutations]), at: Self.start)
            try await stores[number % 2].leave(pass, ask([Self.mutations]), .answered, at: Self.start + 100)
        }
        for store in stores {
            #expect(try await entered(store, ask([Self.mutations]), at: Self.start + 200) == nil)
            // Never closed: as a killed process leaves it.
        }
        let third = try await place.open()
        #expect(try await entered(third, ask([Self.mutations]), at: Self.start + 60_000) == nil)
        #expect(
            try await third.enter(ask([Self.mutations]), at: Self.start + 60_000)
                == .wait(untilMilliseconds: Self.start + 60_101, windows: ["mutations"])
        )
        #expect(try await third.facts(of: "m", in: [Self.mutations], at: Self.start + 60_000).used == ["mutations": 4])
        #expect(try await entered(third, ask([Self.mutations]), at: Self.start + 60_101) != nil)
        #expect(try await entered(third, ask([Self.mutations], of: "other"), at: Self.start) != nil)
    }

    @Test(arguments: tenantStores) func `hold the units of a call that nobody ended for as long as it may last`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        for _ in 0..<2 {
            let pass = try await entered(store, ask([Self.mutations, Self.inFlight]), at: Self.start)
            try await store.leave(pass, ask([Self.mutations, Self.inFlight]), .lost, at: Self.start + 10)
        }
        #expect(try await entered(store, ask([Self.inFlight]), at: Self.start + 30_000) == nil)
        #expect(try await entered(store, ask([Self.inFlight]), at: Self.start + 30_001) != nil)
        #expect(
            try await store.facts(of: "m", in: [Self.mutations], at: Self.start + 90_001).used == ["mutations": 2]
        )
        #expect(
            try await store.facts(of: "m", in: [Self.mutations], at: Self.start + 90_002).used == ["mutations": 0]
        )
    }

    @Test(arguments: tenantStores) func `free at once what a dead process of the same connection held`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        let windows = [Self.mutations, Self.inFlight]
        for owner in [1, 2] as [Int64] {
            #expect(try await entered(store, ask(windows, owner: owner), at: Self.start) != nil)
        }
        let next = try await place.open()
        try await next.takeOver("m", windows: windows, owner: 1, at: Self.start + 1_000)
        let facts = try await next.facts(of: "m", in: windows, at: Self.start + 1_002)
        #expect(facts.used == ["mutations": 2, "inFlight": 1])
        #expect(try await next.facts(of: "m", in: windows, at: Self.start + 61_002).used["mutations"] == 1)
    }

    @Test(arguments: tenantStores) func `are closed for all by one who was turned away`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let stores = [try await place.open(), try await place.open()]
        let pass = try await entered(stores[0], ask([Self.mutations]), at: Self.start)
        try await stores[0].leave(pass, ask([Self.mutations]), .throttled(for: .seconds(30)), at: Self.start + 100)
        let wait = WindowAnswer.wait(untilMilliseconds: Self.start + 30_100, windows: [])
        for lane in [Lane.background, .live] {
            #expect(try await stores[1].enter(ask([Self.mutations], lane), at: Self.start + 200) == wait)
            let room = try await stores[1].room(in: Self.mutations, of: "m", lane: lane, at: Self.start + 200)
            #expect(room.units == 0 && room.untilMilliseconds == Self.start + 30_100)
        }
        // An account without a limit can be closed as well; one closing does not shorten another.
        #expect(try await stores[1].enter(ask([]), at: Self.start + 200) == wait)
        try await stores[1].closeAccount("m", until: Self.start + 20_000)
        #expect(try await stores[0].facts(of: "m", in: [], at: Self.start).closedUntil == Self.start + 30_100)
        #expect(try await entered(stores[1], ask([Self.mutations]), at: Self.start + 30_100) != nil)
        #expect(try await entered(stores[1], ask([]), at: Self.start + 30_100) != nil)
    }

    @Test(arguments: tenantStores) func `take back what was never sent`(kind: Kind<TenantPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        let windows = [Self.mutations, Self.inFlight, Self.daily]
        var large = ask(windows)
        large.charge = ["mutations": 9, "inFlight": 1, "daily": 9]
        for _ in 0..<3 {
            let pass = try await entered(store, large, at: Self.start)
            #expect(try await entered(store, ask(windows), at: Self.start) == nil)
            try await store.leave(pass, large, .notSent, at: Self.start + 1)
            let facts = try await store.facts(of: "m", in: windows, at: Self.start + 1)
            #expect(facts.used == ["mutations": 0, "inFlight": 0, "daily": 0])
        }
        // Only its own.
        let kept = try await entered(store, ask([Self.daily]), at: Self.start)
        try await store.leave(kept, ask([Self.daily]), .answered, at: Self.start + 2)
        let pass = try await entered(store, ask([Self.daily]), at: Self.start)
        try await store.leave(pass, ask([Self.daily]), .notSent, at: Self.start + 2)
        #expect(try await store.facts(of: "m", in: [Self.daily], at: Self.start + 2).used == ["daily": 1])
    }

    @Test(arguments: tenantStores) func `gather at least half a batch, whatever comes free by and by`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        let window = Window("mutations", 40, .sliding(.seconds(60))).gathering(20)
        func spend(_ units: Int, _ lane: Lane, after milliseconds: Int64) async throws {
            var call = ask([window], lane)
            call.charge = ["mutations": units]
            let pass = try await entered(store, call, at: Self.start + milliseconds)
            try await store.leave(pass, call, .answered, at: Self.start + milliseconds)
        }
        func room(after milliseconds: Int64) async throws -> WindowRoom {
            try await store.room(in: window, of: "m", lane: .background, at: Self.start + milliseconds)
        }
        for second in 0..<6 { try await spend(1, .live, after: Int64(second) * 1_000) }
        #expect(try await room(after: 10_000).units == 18)
        try await spend(18, .background, after: 10_000)
        #expect(try await room(after: 40_000).units == 12)
        try await spend(12, .background, after: 40_000)
        // The first six come free one after the other, and then the eighteen.
        for milliseconds in [60_001, 62_001, 65_001] as [Int64] {
            let room = try await room(after: milliseconds)
            #expect(room.units == 0 && room.untilMilliseconds == Self.start + 70_001)
        }
        #expect(try await room(after: 70_001).units == 18)
    }

    @Test(arguments: tenantStores) func `give back on one side of midnight only`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        let midnight = (Self.start / 86_400_000 + 1) * 86_400_000
        // One for today alone, two that may last over midnight.
        for time in [midnight - 60_000, midnight - 9_000, midnight - 8_000] {
            let pass = try await entered(store, ask([Self.daily]), at: time)
            if time == midnight - 8_000 { try await store.leave(pass, ask([Self.daily]), .notSent, at: time) }
        }
        #expect(try await store.facts(of: "m", in: [Self.daily], at: midnight - 1).used == ["daily": 2])
        #expect(try await store.facts(of: "m", in: [Self.daily], at: midnight).used["daily"] ?? 0 >= 1)
    }

    @Test(arguments: tenantStores) func `count a day from midnight to midnight`(kind: Kind<TenantPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        let midnight = (Self.start / 86_400_000 + 1) * 86_400_000
        for number in 0..<5 as Range<Int64> {
            let pass = try await entered(store, ask([Self.daily]), at: Self.start + number)
            try await store.leave(pass, ask([Self.daily]), .answered, at: Self.start + number)
        }
        #expect(
            try await store.enter(ask([Self.daily]), at: midnight - 50_000)
                == .wait(untilMilliseconds: midnight, windows: ["daily"])
        )
        #expect(try await entered(store, ask([Self.daily]), at: midnight) != nil)
    }

    @Test(arguments: tenantStores) func `keep the background behind a live call that waits, wherever it waits`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let stores = [try await place.open(), try await place.open()]
        for _ in 0..<4 {
            let pass = try await entered(stores[0], ask([Self.mutations], .live), at: Self.start)
            try await stores[0].leave(pass, ask([Self.mutations]), .answered, at: Self.start)
        }
        let free = Self.start + 60_001
        #expect(
            try await stores[0].enter(ask([Self.mutations], .live), at: free - 10)
                == .wait(untilMilliseconds: free, windows: ["mutations"])
        )
        #expect(try await entered(stores[1], ask([Self.mutations], .background), at: free + 1) == nil)
        #expect(try await entered(stores[0], ask([Self.mutations], .live), at: free + 1) != nil)
        #expect(try await entered(stores[1], ask([Self.mutations], .background), at: free + 100_000) != nil)
        // One that never comes holds nobody up for long.
        _ = try await stores[0].room(in: Self.mutations, of: "m", lane: .live, at: free + 200_000)
        #expect(try await entered(stores[1], ask([Self.mutations], .background), at: free + 200_100) == nil)
        #expect(try await entered(stores[1], ask([Self.mutations], .background), at: free + 201_000) != nil)
    }

    @Test(arguments: tenantStores) func `do not lock an account for an hour when the clock is set back by one`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        let windows = [Self.mutations, Self.inFlight]
        // Busy on the background, one place held by a call nobody ended, and closed for ten seconds.
        var now = Self.start
        for _ in 0..<400 {
            let one = ask([Self.mutations], .background)
            if let pass = try await entered(store, one, at: now) {
                try await store.leave(pass, one, .answered, at: now + 50)
            }
            now += 1_000
        }
        for _ in 0..<2 { #expect(try await entered(store, ask([Self.inFlight]), at: now) != nil) }
        try await store.closeAccount("m", until: now + 10_000)
        #expect(try await entered(store, ask(windows), at: now) == nil)

        now -= 3_600_000
        // The pause that the vendor asked for is kept, by the new clock.
        for lane in Lane.allCases {
            #expect(try await entered(store, ask([Self.mutations], lane), at: now + 9_000) == nil)
        }
        var entries = 0
        for step in 0..<120 as Range<Int64> {
            let time = now + 10_000 + step * 1_000
            let one = ask(windows, .background)
            guard let pass = try await entered(store, one, at: time) else { continue }
            try await store.leave(pass, one, .answered, at: time + 50)
            entries += 1
        }
        #expect(4...9 ~= entries)
    }

    @Test func `keep few rows, however much is spent`() async throws {
        let folder = Folder()
        let store = try await SQLiteTenantStore.open(folder["tenant.db"])
        let large = [Window("day", 100_000, .daily), Window("minute", 50, .sliding(.seconds(60)))]
        var all = ask(large)
        all.charge = ["day": 1, "minute": 1]
        for number in 0..<500 as Range<Int64> {
            let time = Self.start + number * 5_000
            let pass = try await entered(store, all, at: time)
            try await store.leave(pass, all, .answered, at: time + 10)
        }
        await store.close()
        let database = try Database(
            path: folder["tenant.db"],
            schema: SQLiteTenantStore.schema
        )
        #expect(try database.integer("SELECT count(*) FROM spent WHERE window = 'day'") == 1)
        #expect(try database.integer("SELECT count(*) FROM spent") <= 14)
        #expect(try database.integer("SELECT count(*) FROM account") == 1)
    }

    /// A moderate version of what Core's tests do to the rule: here to the rows.
    @Test(arguments: tenantStores) func `never let in more than their limits, whichever worker asks`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let stores = [try await place.open(), try await place.open()]
        let windows = [Self.mutations, Self.inFlight]
        var (arrivals, flying): ([Int64], [(end: Int64, pass: CallPass, store: Int)]) = ([], [])
        var now = Self.start
        for step in 0..<800 {
            now += Int64.random(in: 0...4_000)
            for call in flying where call.end <= now {
                try await stores[call.store].leave(call.pass, ask(windows), .answered, at: call.end)
            }
            flying.removeAll { $0.end <= now }
            let lane: Lane = Bool.random() ? .live : .background
            guard let pass = try await entered(stores[step % 2], ask(windows, lane), at: now) else { continue }
            let length = Int64.random(in: 20...5_000)
            arrivals.append(now + Int64.random(in: 0...length))
            flying.append((now + length, pass, step % 2))
            #expect(flying.count <= 2)
        }
        arrivals.sort()
        for index in arrivals.indices.dropFirst(4) { #expect(arrivals[index] - arrivals[index - 4] >= 60_000) }
        #expect(arrivals.count > 40)
    }

    @Test(arguments: tenantStores) func `are shared out among the lanes of all workers`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        // One worker whose live changes never end, another with a backlog.
        let stores = [try await place.open(), try await place.open()]
        let window = Window("mutations", 6, .sliding(.seconds(60)), reserve: 2)
        var (entries, now): ([Lane], Int64) = ([], Self.start)
        while entries.count < 200, now < Self.start + 10_000_000 {
            var next: Int64 = .max
            for (store, lane) in zip(stores, [Lane.live, .background]) {
                // Whoever comes first to the store: the live one.
                switch try await store.enter(ask([window], lane), at: now) {
                case .entered(let pass):
                    try await store.leave(pass, ask([window], lane), .answered, at: now)
                    entries.append(lane)
                    next = now
                case .wait(let until, let windows):
                    #expect(until > now && windows == ["mutations"])
                    next = min(next, until)
                }
            }
            now = next
        }
        let background = entries.filter { $0 == .background }.count
        // A ninth of 200 units, and not more.
        #expect(18...26 ~= background, "\(background) of \(entries.count)")
        let gaps = entries.split(separator: .background, omittingEmptySubsequences: false).map(\.count)
        #expect(gaps.max() ?? .max <= 10)
    }

    @Test(arguments: tenantStores) func `leave nobody waiting for a lane that is idle`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let stores = [try await place.open(), try await place.open()]
        // A worker dies while its background waits and the live lane owes it a turn.
        var last: Int64 = 0
        for time in [Self.start, Self.start + 1, Self.start + 2, Self.start + 3] {
            if case .wait(let until, _) = try await stores[1].enter(ask([Self.mutations], .background), at: time) {
                last = until
            }
            guard let pass = try await entered(stores[0], ask([Self.mutations], .live), at: time) else { continue }
            try await stores[0].leave(pass, ask([Self.mutations], .live), .answered, at: time)
        }
        #expect(last > 0)
        // All that a minute holds goes to whoever is there.
        let later = last + WindowLine.patience + 90_000
        for _ in 0..<4 { #expect(try await entered(stores[0], ask([Self.mutations], .live), at: later) != nil) }
    }

    @Test(arguments: tenantStores) func `hold up nobody for room that is not needed`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        for _ in 0..<4 {
            let pass = try await entered(store, ask([Self.mutations]), at: Self.start)
            try await store.leave(pass, ask([Self.mutations]), .answered, at: Self.start)
        }
        #expect(try await entered(store, ask([Self.mutations], .live), at: Self.start + 1) == nil)
        #expect(try await entered(store, ask([Self.mutations], .background), at: Self.start + 60_100) == nil)
        #expect(try await entered(store, ask([Self.inFlight], .background), at: Self.start + 2) != nil)
    }

    @Test(arguments: tenantStores) func `are shut for all while the system is down, and tried by one`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let stores = [try await place.open(), try await place.open()]
        let asks = [ask([Self.inFlight], owner: 1), ask([Self.inFlight], owner: 2)]
        // Two workers meet it by turns; a call that we gave up says nothing.
        for (number, outcome) in [CallOutcome.failed, .lost, .unreached, .givenUp, .failed, .failed].enumerated() {
            let now = Self.start + Int64(number) * 100_000
            let pass = try await entered(stores[number % 2], asks[number % 2], at: now)
            try await stores[number % 2].leave(pass, asks[number % 2], outcome, at: now + 10)
        }
        let opened = Self.start + 500_010
        let third = try await place.open()
        let circuit = try await third.facts(of: "m", in: [], at: opened).circuit
        guard case .open(let until) = circuit.state(at: opened) else {
            Issue.record("\(circuit) is not open")
            return
        }
        #expect(1_000...2_000 ~= until - opened && circuit.since == Self.start + 10)
        let wait = WindowAnswer.wait(untilMilliseconds: until, windows: [])
        for lane in [Lane.background, .live, .interactive] {
            #expect(try await stores[0].enter(ask([Self.inFlight], lane), at: opened) == wait)
            #expect(try await stores[1].enter(ask([], lane), at: opened) == wait)
            let room = try await third.room(in: Self.inFlight, of: "m", lane: lane, at: opened)
            #expect(room == WindowRoom(units: 0, untilMilliseconds: until))
        }
        #expect(try await third.facts(of: "m", in: [], at: opened).opens(at: opened) == until)
        #expect(try await third.enter(ask([], of: "other"), at: opened) == .entered(CallPass(number: 0)))
        // A person may look all the same, and whatever comes of it does not lengthen the pause.
        var trial = ask([])
        trial.isTrial = true
        let look = try await entered(third, trial, at: opened)
        try await third.leave(look, trial, .failed, at: opened)
        #expect(try await third.facts(of: "m", in: [], at: opened).circuit == circuit)

        // One tries, even one without limits, and the others wait for it.
        let probe = try await entered(stores[0], ask([]), at: until)
        #expect(probe != nil && probe?.number != 0)
        for store in stores {
            for windows in [[Self.inFlight], []] {
                #expect(try await entered(store, ask(windows, owner: 2), at: until + 20_000) == nil)
            }
        }
        // Its process dies: the next one of the same connection knows that, another waits for its deadline.
        let copy = try await place.open()
        try await copy.takeOver("m", windows: [], owner: 2, at: until + 1_000)
        #expect(try await entered(stores[1], asks[1], at: until + 1_000) == nil)
        #expect(try await third.facts(of: "m", in: [], at: until + 30_001).opens(at: until + 30_001) == nil)
        try await copy.takeOver("m", windows: [], owner: 1, at: until + 1_000)
        let second = try await entered(stores[1], asks[1], at: until + 1_000)
        #expect(try await entered(stores[0], asks[0], at: until + 1_000) == nil)
        try await stores[1].leave(second, asks[1], .answered, at: until + 1_100)
        #expect(try await entered(stores[0], asks[0], at: until + 1_100) != nil)
        #expect(try await third.facts(of: "m", in: [], at: until + 1_100).circuit == Circuit())
    }

    @Test(arguments: tenantStores) func `know nothing of a pause that a clock has undone`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        for _ in 0..<Circuit.threshold {
            try await store.leave(CallPass(number: 0), ask([]), .unreached, at: Self.start + 3_600_000)
        }
        _ = try await store.enter(ask([Self.inFlight]), at: Self.start + 3_600_000)
        _ = try await store.enter(ask([Self.inFlight]), at: Self.start)
        #expect(try await entered(store, ask([Self.inFlight]), at: Self.start + 2_000) != nil)
    }

    private func ask(
        _ windows: [Window],
        _ lane: Lane = .live,
        of account: String = "m",
        owner: Int64 = 1
    ) -> WindowAsk {
        let units = Dictionary(windows.map { ($0.name, 1) }) { $1 }
        return WindowAsk(
            account: account,
            owner: owner,
            windows: windows,
            charge: Charge(units),
            lane: lane,
            longest: .seconds(30)
        )
    }

    private func entered(_ store: any TenantStore, _ ask: WindowAsk, at now: Int64) async throws -> CallPass? {
        if case .entered(let pass) = try await store.enter(ask, at: now) { pass } else { nil }
    }
}

extension WindowStore {
    fileprivate func leave(_ pass: CallPass?, _ ask: WindowAsk, _ outcome: CallOutcome, at now: Int64) throws {
        guard let pass else {
            Issue.record("nobody was let in")
            return
        }
        try leave(pass, ask, outcome, at: now)
    }
}
