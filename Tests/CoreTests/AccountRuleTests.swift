import Core
import Testing

@Suite struct `the rule of an account` {
    static let mutations = Window("mutations", 40, .sliding(.seconds(60)))
    static let requests = Window("requests", 30, .sliding(.seconds(10)))
    static let inFlight = Window("inFlight", 3, .concurrent)

    /// This is what the vendors count, and what they refuse calls for.
    @Test func `lets a server count no more than its limits, whoever asks when and however calls end`() throws {
        for seed in 0..<60 as Range<UInt64> {
            var dice = Dice(state: seed &* 7_919)
            let callers = (0..<3 + dice.roll(6)).map { _ in
                AccountWorld.Caller(
                    lane: dice.roll(2) == 0 ? .live : .background,
                    charge: ["mutations": dice.roll(4), "requests": 1, "inFlight": 1],
                    pauseMicroseconds: 0...dice.roll(5_000_000),
                    lost: [0, 0, 5, 40][dice.roll(4)]
                )
            }
            var world = AccountWorld(
                [Self.mutations, Self.requests, Self.inFlight],
                callers,
                longestMilliseconds: 4_000,
                seed: seed
            )
            world.latency = 20_000...[30_000, 300_000, 4_000_000][dice.roll(3)]
            try world.run(seconds: 400)
            for window in world.windows {
                #expect(world.most(of: window) <= window.limit, "\(window.name), seed \(seed)")
            }
            #expect(world.arrivals.count > 20, "seed \(seed)")
        }
    }

    @Test(arguments: 1...4) func `spends nearly all of a window on the background, however many callers share it`(
        callers: Int
    ) throws {
        let caller = AccountWorld.Caller(lane: .background, charge: ["mutations": 1], pauseMicroseconds: 0...400_000)
        var world = AccountWorld(
            [Self.mutations],
            Array(repeating: caller, count: callers),
            seed: UInt64(callers)
        )
        try world.run(seconds: 1_800)
        #expect(world.most(of: Self.mutations) == 40)
        #expect(Double(world.arrivals.count) >= 0.98 * 40 * 30, "\(world.arrivals.count) of 1200")
    }

    @Test(arguments: 1...3) func `spends nearly all of it on callers who first have to read what they send`(
        callers: Int
    ) throws {
        let caller = AccountWorld.Caller(
            lane: .background,
            charge: ["mutations": 1],
            pauseMicroseconds: 1_000...10_000,
            preparationMicroseconds: 50_000...600_000
        )
        var world = AccountWorld([Self.mutations], Array(repeating: caller, count: callers), seed: UInt64(callers))
        try world.run(seconds: 1_800)
        #expect(world.most(of: Self.mutations) == 40)
        #expect(Double(world.arrivals.count) >= 0.98 * 40 * 30, "\(world.arrivals.count) of 1200")
    }

    @Test func `catches up after a short absence, and does not spend a long one at once`() throws {
        let ledger = MemoryLedger()
        let windows = [Self.mutations]
        func spend(_ now: Int64) throws -> Int {
            var entered = 0
            while try ledger.enter(["mutations": 1], windows, .background, longest: 1_000, at: now).pass != nil {
                entered += 1
            }
            return entered
        }
        let start: Int64 = 1_800_000_000_000
        let first = try spend(start)
        #expect(1...3 ~= first)
        // One step later there is one more, and a quarter of a step may be made good.
        #expect(try spend(start + 1_500) == 1)
        #expect(try spend(start + 2_200) == 0)
        #expect(try spend(start + 2_900) == 1)
        #expect(try spend(start + 3_700) == 0)
        #expect(try spend(start + 4_500) == 1)
        // After ten minutes of nothing the background is given a few, and leaves the rest to whoever is in a hurry.
        #expect(try 1...3 ~= spend(start + 600_000))
        #expect(try ledger.enter(["mutations": 30], windows, .live, longest: 1_000, at: start + 600_000).pass != nil)
    }

    @Test(arguments: [3, 16]) func `makes a live call wait about one step behind a background that spends all`(
        floods: Int
    ) throws {
        var waits: [Int] = []
        for seed in 0..<8 as Range<UInt64> {
            let flood = AccountWorld.Caller(lane: .background, charge: ["mutations": 1], pauseMicroseconds: 0...10)
            let live = AccountWorld.Caller(
                lane: .live,
                charge: ["mutations": 1],
                pauseMicroseconds: 8_000_000...20_000_000
            )
            var world = AccountWorld([Self.mutations], Array(repeating: flood, count: floods) + [live], seed: seed)
            try world.run(seconds: 1_800)
            #expect(world.most(of: Self.mutations) <= 40)
            #expect(Double(world.arrivals.count) >= 0.98 * 40 * 30, "\(world.arrivals.count) of 1200")
            waits += world.arrivals.filter { $0.lane == .live }.map(\.waited)
        }
        waits.sort()
        #expect(waits.count > 300)
        // A step is 1.5 s. The background falls into a rhythm that is not quite even, and at worst a gap of it is met.
        #expect(waits[waits.count / 2] <= 1_500_000)
        #expect(waits[waits.count * 95 / 100] <= 2_500_000)
        #expect(waits.last ?? .max <= 6_000_000)
    }

    @Test func `gives a place in a full house within a tenth of a second after it is left`() throws {
        let crowd = AccountWorld.Caller(lane: .live, charge: ["inFlight": 1], pauseMicroseconds: 0...0)
        var world = AccountWorld([Self.inFlight], Array(repeating: crowd, count: 6), seed: 5)
        world.latency = 200_000...200_000
        try world.run(seconds: 60)
        #expect(world.most(of: Self.inFlight) == 3)
        // Three at a time, 0.2 s each, and at most as long again until somebody sees that a place is free.
        #expect(world.arrivals.count >= 3 * 60 * 1_000 / 300)
    }

    @Test func `ends a day at midnight of UTC`() throws {
        let daily = [Window("day", 3, .daily)]
        let midnight: Int64 = 20_000 * 86_400_000
        let ledger = MemoryLedger()
        for _ in 0..<3 {
            #expect(try ledger.enter(["day": 1], daily, .live, longest: 1_000, at: midnight - 40_000_000).pass != nil)
        }
        #expect(try ledger.enter(["day": 1], daily, .live, longest: 1_000, at: midnight - 5_000).until == midnight)
        #expect(try ledger.enter(["day": 1], daily, .live, longest: 1_000, at: midnight).pass != nil)
        // A call that may last over midnight may be counted on either day: it is counted on both.
        let late = MemoryLedger()
        for _ in 0..<3 {
            #expect(try late.enter(["day": 1], daily, .live, longest: 30_000, at: midnight - 5_000).pass != nil)
        }
        #expect(try late.enter(["day": 1], daily, .live, longest: 1_000, at: midnight - 4_000).pass == nil)
        #expect(try late.enter(["day": 1], daily, .live, longest: 1_000, at: midnight + 4_000).pass == nil)
    }

    @Test func `lets in what is larger than a limit when all of it is free`() throws {
        let ledger = MemoryLedger()
        let windows = [Window("units", 10, .sliding(.seconds(60)))]
        let now: Int64 = 1_800_000_000_000
        #expect(try ledger.enter(["units": 25], windows, .live, longest: 0, at: now).pass != nil)
        let until = try ledger.enter(["units": 25], windows, .live, longest: 0, at: now + 1).until
        #expect(until >= now + 60_000)
        #expect(try ledger.enter(["units": 25], windows, .live, longest: 0, at: until).pass != nil)
        // The background is behind by one whole window then, not by two and a half.
        let background = try ledger.enter(["units": 1], windows, .background, longest: 0, at: until + 1).until
        #expect(background <= until + 60_100)
    }

    @Test func `names no time that has come already, and lets in at the time it names`() throws {
        for seed in 0..<300 as Range<UInt64> {
            var dice = Dice(state: seed)
            let ledger = MemoryLedger()
            let windows = [Self.mutations, Self.requests]
            var now: Int64 = 1_800_000_000_000
            for _ in 0..<200 {
                now += Int64(dice.roll(700))
                let lane: Lane = dice.roll(2) == 0 ? .live : .background
                let charge: Charge = ["mutations": dice.roll(5), "requests": 1, "unknown": 9]
                let answer = try ledger.enter(charge, windows, lane, longest: 500, at: now)
                guard answer.pass == nil else { continue }
                #expect(answer.until > now)
                // Of this lane, and with nobody before it.
                let later = ledger.copy()
                for window in later.lines.keys { later.lines[window]?.places = [:] }
                #expect(try later.enter(charge, windows, lane, longest: 500, at: answer.until).pass != nil)
            }
        }
    }

    @Test func `offers as much room as may be entered one by one`() throws {
        for seed in 0..<200 as Range<UInt64> {
            var dice = Dice(state: seed)
            let ledger = MemoryLedger()
            var now: Int64 = 1_800_000_000_000
            for _ in 0..<100 {
                now += Int64(dice.roll(2_500))
                let lane: Lane = dice.roll(3) == 0 ? .live : .background
                let room = try AccountRule.room(in: Self.mutations, lane: lane, at: now, ledger)
                #expect(0...40 ~= room)
                let other = ledger.copy()
                for window in other.lines.keys { other.lines[window]?.places = [:] }
                for _ in 0..<room {
                    #expect(
                        try other.enter(["mutations": 1], [Self.mutations], lane, longest: 500, at: now).pass != nil
                    )
                }
                if dice.roll(2) == 0 {
                    _ = try ledger.enter(["mutations": 1], [Self.mutations], lane, longest: 500, at: now)
                }
            }
        }
    }

    /// Half a minute's worth at once, then half a minute of nothing: and live calls always find room.
    @Test func `lets the background gather a batch, and keeps a share for live calls`() throws {
        let window = Self.mutations.gathering(20)
        #expect(window.batch == 18 && window.limit(for: .background) == 36)
        let ledger = MemoryLedger()
        var now: Int64 = 1_800_000_000_000
        var spent: [(at: Int64, units: Int)] = []
        let end = now + 600_000
        while now < end {
            let room = try AccountRule.room(in: window, lane: .background, at: now, ledger)
            if room > 0, try ledger.enter(["mutations": room], [window], .background, longest: 0, at: now).pass != nil {
                spent.append((now, room))
            }
            let live = try ledger.copy().enter(["mutations": 1], [window], .live, longest: 0, at: now)
            #expect(live.pass != nil, "a live call waits at \(now)")
            now += 250
        }
        let all = spent.reduce(0) { $0 + $1.units }
        #expect((340...376).contains(all), "\(all) in ten minutes")
        #expect(spent.allSatisfy { $0.units == 18 })
        for first in spent {
            let inMinute = spent.filter { first.at..<(first.at + 60_000) ~= $0.at }.reduce(0) { $0 + $1.units }
            #expect(inMinute <= 36)
        }
    }

    @Test func `keeps everybody out of a closed account, and the background behind a live call that waits`() throws {
        let ledger = MemoryLedger()
        let now: Int64 = 1_800_000_000_000
        ledger.closedUntil = now + 5_000
        for lane in Lane.allCases {
            let verdict = try AccountRule.verdict(["mutations": 1], in: [Self.mutations], lane: lane, at: now, ledger)
            #expect(verdict == .wait(until: now + 5_000, windows: []))
        }
        ledger.closedUntil = 0
        ledger.lines["mutations", default: WindowLine()].waits(.live, for: 1, until: now + 200)
        let windows = [Self.mutations, Self.requests]
        func verdict(_ charge: Charge, _ lane: Lane, after milliseconds: Int64 = 0) throws -> AccountRule.Verdict {
            try AccountRule.verdict(charge, in: windows, lane: lane, at: now + milliseconds, ledger)
        }
        #expect(try verdict(["mutations": 1], .background) == .wait(until: now + 700, windows: ["mutations"]))
        #expect(try verdict(["mutations": 1], .background, after: 700) == .enter)
        #expect(try verdict(["mutations": 1], .live) == .enter)
        // What it waits for and nothing else.
        #expect(try verdict(["requests": 1], .background) == .enter)
    }

    /// Live callers who would spend all there is: a window is shared, and neither lane waits for ever.
    @Test(arguments: [0, 9]) func `starves no lane while another would take everything`(seed: UInt64) throws {
        for (windows, latency) in [([Self.mutations], 20_000...300_000), ([Self.inFlight], 900_000...1_100_000)] {
            let charge: Charge = ["mutations": 1, "inFlight": 1]
            func caller(_ lane: Lane) -> AccountWorld.Caller {
                AccountWorld.Caller(lane: lane, charge: charge, pauseMicroseconds: 0...1_000)
            }
            let seconds = windows[0].kind == .concurrent ? 600 : 3_600
            for lanes in [[Lane.live, .live, .live, .background], [.interactive, .live, .background]] {
                var world = AccountWorld(windows, lanes.flatMap { Array(repeating: caller($0), count: 3) }, seed: seed)
                world.latency = latency
                try world.run(seconds: seconds)
                #expect(world.most(of: windows[0]) <= windows[0].limit)
                let all = Double(world.arrivals.count)
                var shares: [Lane: Double] = [:]
                for lane in Set(lanes) {
                    let own = world.arrivals.filter { $0.lane == lane }
                    shares[lane] = Double(own.count) / all
                    let gaps = zip(own, own.dropFirst()).map { $1.at - $0.at }
                    #expect(gaps.max() ?? .max < 90_000_000, "\(lane) of \(lanes) at \(windows[0].name)")
                }
                let wanted = Set(lanes).reduce(0) { $0 + LaneShares.usual[$1] }
                for (lane, share) in shares {
                    let due = Double(LaneShares.usual[lane]) / Double(wanted)
                    #expect(share > due * 0.5 && share < due * 2, "\(lane): \(share), due \(due), \(windows[0].name)")
                }
                if windows[0].kind != .concurrent { #expect(all >= 0.95 * 40 * 60, "\(all) of 2400") }
            }
        }
    }
}
