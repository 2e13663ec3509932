import Core
import Engine
import Foundation
import Store
import Testing
import Transport

@Suite(.onLoop, .timeLimit(.minutes(1))) struct `a keeper of rates` {
    /// Two processes of one tenant, as far as an account can tell.
    @OnLoop private final class Pair {
        let stores: [SQLiteTenantStore]
        let keepers: [RateKeeper]
        private let folder: URL

        init(_ windows: [Window]) async throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "ml-rate-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let path = folder.appending(path: "tenant.db").path
            stores = [try await SQLiteTenantStore.open(path), try await SQLiteTenantStore.open(path)]
            keepers = stores.enumerated().map { number, store in
                RateKeeper(account: "m", owner: Int64(number), windows: windows, store: store)
            }
        }

        nonisolated deinit {
            try? FileManager.default.removeItem(at: folder)
        }
    }

    @Test @OnLoop func `lets callers in by lane, and within a lane as they came`() async throws {
        let keeper = try await Pair([Window("place", 1, .concurrent)]).keepers[0]
        let first = try await keeper.enter(["place": 1], lane: .live, longest: .seconds(30))
        var order: [String] = []
        var callers: [Task<Void, any Error>] = []
        for (name, lane) in [("b1", Lane.background), ("b2", .background), ("l1", .live), ("l2", .live)] {
            callers.append(
                EpollLoop.process.task {
                    let pass = try await keeper.enter(["place": 1], lane: lane, longest: .seconds(30))
                    order.append(name)
                    await keeper.leave(pass, .answered)
                }
            )
            try await EpollLoop.process.sleep(for: .milliseconds(20))
        }
        #expect(order.isEmpty)
        let left = Instant.now
        await keeper.leave(first, .answered)
        for caller in callers { try await caller.value }
        #expect(order == ["l1", "l2", "b1", "b2"])
        // Nobody sleeps until the latest time at which the place might have become free.
        #expect(Instant.now - left < .seconds(3))
        #expect(await keeper.outcomes == ["answered": 5])
    }

    /// The live caller comes at another step of the other's question to the store each time.
    @Test(arguments: 0..<12)
    @OnLoop func `does not let a live caller sleep behind one of the background`(steps: Int) async throws {
        let keeper = try await Pair([Window("units", 6, .sliding(.seconds(300)))]).keepers[0]
        // As many as the background is given at once; the next one would have to wait for most of a minute.
        let pass = try await keeper.enter(["units": 1], lane: .background, longest: .seconds(1))
        await keeper.leave(pass, .answered)
        let waits: Task<Void, any Error> = EpollLoop.process.task {
            _ = try await keeper.enter(["units": 1], lane: .background, longest: .seconds(1))
        }
        for _ in 0..<steps { await Task.yield() }
        let began = Instant.now
        _ = try await keeper.enter(["units": 1], lane: .live, longest: .seconds(1))
        #expect(Instant.now - began < .seconds(1))
        await keeper.close()
        await #expect(throws: CancellationError.self) { try await waits.value }
    }

    @Test @OnLoop func `shares a place with another process`() async throws {
        let pair = try await Pair([Window("place", 1, .concurrent)])
        let first = try await pair.keepers[0].enter(["place": 1], lane: .live, longest: .seconds(30))
        let other: Task<CallPass, any Error> = EpollLoop.process.task {
            try await pair.keepers[1].enter(["place": 1], lane: .live, longest: .seconds(30))
        }
        try await EpollLoop.process.sleep(for: .milliseconds(60))
        let left = Instant.now
        await pair.keepers[0].leave(first, .answered)
        await pair.keepers[1].leave(try await other.value, .answered)
        #expect(Instant.now - left < .seconds(1))
    }

    @Test @OnLoop func `closes the account for another process when it is turned away`() async throws {
        let pair = try await Pair([Window("units", 100, .sliding(.seconds(60)))])
        let pass = try await pair.keepers[0].enter(["units": 1], lane: .live, longest: .seconds(1))
        await pair.keepers[0].leave(pass, .throttled(for: .milliseconds(400)))
        let began = Instant.now
        _ = try await pair.keepers[1].enter(["units": 1], lane: .live, longest: .seconds(1))
        #expect(.milliseconds(390)...(.seconds(2)) ~= Instant.now - began)
        #expect(await pair.keepers[0].outcomes == ["throttled": 1])
        // Whoever has no limit is turned away as well.
        let free = try await pair.keepers[1].enter([:], lane: .live, longest: .seconds(1))
        await pair.keepers[1].leave(free, .throttled(for: .milliseconds(300)))
        let room = try await pair.keepers[0].room("units", lane: .live)
        #expect(room.units == 0)
    }

    @Test @OnLoop func `frees all who wait when it is closed`() async throws {
        let keeper = try await Pair([Window("place", 1, .concurrent)]).keepers[0]
        let held = try await keeper.enter(["place": 1], lane: .live, longest: .seconds(30))
        let callers = Lane.allCases.map { lane in
            let caller: Task<CallPass, any Error> = EpollLoop.process.task {
                try await keeper.enter(["place": 1], lane: lane, longest: .seconds(30))
            }
            return caller
        }
        try await EpollLoop.process.sleep(for: .milliseconds(30))
        await keeper.close()
        for caller in callers { await #expect(throws: CancellationError.self) { try await caller.value } }
        await #expect(throws: CancellationError.self) {
            try await keeper.enter(["place": 1], lane: .live, longest: .seconds(30))
        }
        await keeper.leave(held, .answered)
        #expect(try await keeper.facts().0.used == ["place": 0])
    }

    @Test @OnLoop func `gives a store's failure to its caller, and goes on`() async throws {
        let pair = try await Pair([Window("units", 5, .sliding(.seconds(60)))])
        await pair.stores[0].close()
        await #expect(throws: StoreError.self) {
            try await pair.keepers[0].enter(["units": 1], lane: .live, longest: .seconds(1))
        }
        await #expect(throws: StoreError.self) {
            try await pair.keepers[0].enter(["units": 1], lane: .background, longest: .seconds(1))
        }
        _ = try await pair.keepers[1].enter(["units": 1], lane: .live, longest: .seconds(1))
    }

    @Test @OnLoop func `follows what the vendor says, unless somebody chose a limit`() async throws {
        let pair = try await Pair([])
        let windows = [Window("a", 5, .sliding(.seconds(60))), Window("b", 5, .sliding(.seconds(60)))]
        let keeper = RateKeeper(account: "m", owner: 1, windows: windows, settled: ["b"], store: pair.stores[0])
        for name in ["a", "b", "unknown"] { await keeper.learned(name, limit: 9, per: .seconds(30)) }
        await keeper.learned("a", limit: 0, per: .seconds(30))
        await keeper.learned("a", limit: 7, per: .zero)
        #expect(try await keeper.facts().1 == [Window("a", 9, .sliding(.seconds(30))), windows[1]])
    }

    @Test @OnLoop func `lets nobody wait behind a caller for room that it does not need`() async throws {
        let keeper = try await Pair([Window("units", 1, .sliding(.seconds(300))), Window("place", 9, .concurrent)])
            .keepers[0]
        let spent = try await keeper.enter(["units": 1], lane: .live, longest: .seconds(1))
        await keeper.leave(spent, .answered)
        let waits = EpollLoop.process.task { () async throws -> Void in
            _ = try await keeper.enter(["units": 1, "place": 1], lane: .live, longest: .seconds(1))
        }
        try await EpollLoop.process.sleep(for: .milliseconds(30))
        for lane in Lane.allCases {
            let began = Instant.now
            let pass = try await keeper.enter(["place": 1], lane: lane, longest: .seconds(1))
            await keeper.leave(pass, .answered)
            #expect(Instant.now - began < .seconds(1))
        }
        await keeper.close()
        await #expect(throws: CancellationError.self) { try await waits.value }
    }

    /// Callers of one lane who always want the one place there is, in two processes, and one of the background.
    @Test @OnLoop func `gives the background its turn among live calls that never end`() async throws {
        let pair = try await Pair([Window("place", 1, .concurrent)])
        var calls: [Lane] = []
        func caller(_ lane: Lane, _ keeper: RateKeeper) -> Task<Void, any Error> {
            EpollLoop.process.task {
                while calls.count < 120 {
                    let pass = try await keeper.enter(["place": 1], lane: lane, longest: .seconds(30))
                    calls.append(lane)
                    try await EpollLoop.process.sleep(for: .milliseconds(2))
                    await keeper.leave(pass, .answered)
                }
            }
        }
        let callers = [
            caller(.live, pair.keepers[0]), caller(.live, pair.keepers[0]), caller(.live, pair.keepers[1]),
            caller(.background, pair.keepers[1]),
        ]
        for caller in callers { try await caller.value }
        let background = calls.prefix(120).filter { $0 == .background }.count
        #expect(6...30 ~= background, "\(background) of 120")
    }

    @Test @OnLoop func `keeps all processes from a system that is down until one call has got through`() async throws {
        let pair = try await Pair([Window("place", 9, .concurrent)])
        for number in 0..<Circuit.threshold {
            let keeper = pair.keepers[number % 2]
            #expect(await !keeper.isHeld())
            let pass = try await keeper.enter(["place": 1], lane: .live, longest: .seconds(30))
            await keeper.leave(pass, [.failed, .lost, .unreached][number % 3])
        }
        let opened = Instant.now
        for keeper in pair.keepers {
            #expect(await keeper.isHeld())
            #expect(try await keeper.room("place", lane: .live).units == 0)
            #expect(try await keeper.room("unlimited", lane: .live).units == 0)
        }
        // All want to call; one is let in, and the others when it has come back.
        var inside: [(Lane, RateKeeper, CallPass)] = []
        let callers = pair.keepers.flatMap { keeper in
            Lane.allCases.map { lane in
                EpollLoop.process.task { () async throws -> Void in
                    inside.append((lane, keeper, try await keeper.enter([:], lane: lane, longest: .seconds(30))))
                }
            }
        }
        let end = Instant.now + .seconds(20)
        while inside.isEmpty, Instant.now < end { try await EpollLoop.process.sleep(for: .milliseconds(5)) }
        #expect(Instant.now - opened >= .milliseconds(950))
        try await EpollLoop.process.sleep(for: .milliseconds(400))
        #expect(inside.count == 1)
        let (_, keeper, pass) = try #require(inside.first)
        let answered = Instant.now
        await keeper.leave(pass, .answered)
        for caller in callers { try await caller.value }
        #expect(Instant.now - answered < .seconds(2))
        #expect(await !pair.keepers[0].isHeld())
        let outcomes = await pair.keepers[0].outcomes.merging(pair.keepers[1].outcomes, uniquingKeysWith: +)
        #expect(outcomes == ["failed": 2, "lost": 2, "unreached": 1, "answered": 1])
    }

    /// What fails may be a call and not the system: the next one to try is another, if there is one.
    @Test @OnLoop func `does not let one bad call close the account to all others`() async throws {
        let pair = try await Pair([Window("place", 9, .concurrent)])
        let keeper = pair.keepers[0]
        var tries = 0
        let bad: Task<Void, any Error> = EpollLoop.process.task {
            // Until the keeper is closed.
            while true {
                let pass = try await keeper.enter(["place": 1], lane: .live, longest: .seconds(30))
                tries += 1
                await keeper.leave(pass, .failed)
            }
        }
        let end = Instant.now + .seconds(20)
        while tries < Circuit.threshold, Instant.now < end { try await EpollLoop.process.sleep(for: .milliseconds(2)) }
        let good = try await keeper.enter(["place": 1], lane: .background, longest: .seconds(30))
        await keeper.leave(good, .answered)
        #expect(tries <= Circuit.threshold + 1)
        await keeper.close()
        await #expect(throws: CancellationError.self) { try await bad.value }
    }

    @Test @OnLoop func `lets a person look whether a system is still down`() async throws {
        let pair = try await Pair([Window("place", 9, .concurrent)])
        for _ in 0..<Circuit.threshold {
            let pass = try await pair.keepers[0].enter(["place": 1], lane: .live, longest: .seconds(30))
            await pair.keepers[0].leave(pass, .lost)
        }
        let trial = RateKeeper(
            account: "m",
            owner: 1,
            windows: [Window("place", 9, .concurrent)],
            isTrial: true,
            store: pair.stores[1]
        )
        let began = Instant.now
        let pass = try await trial.enter(["place": 1], lane: .live, longest: .seconds(30))
        #expect(Instant.now - began < .milliseconds(900))
        #expect(await pair.keepers[0].isHeld())
        await trial.leave(pass, .answered)
        #expect(await !pair.keepers[0].isHeld())
    }
}
