import Core
import Engine
import Foundation
import Store
import Testing
import Transport

/// A world, a store in a folder of its own, and one engine after the other between them.
@OnLoop final class Stage {
    let world: World
    let fuse = Fuse()
    let real: SQLiteTenantStore
    let store: FaultyStore
    private let folder: URL
    private(set) var engine: SyncEngine?
    var confirmsAfter = Duration.milliseconds(40)
    var searchDelay = Duration.milliseconds(30)
    var farewell = Farewell.archive
    var schedule = Schedule.every(.seconds(3_600))
    /// Another one than the plain one between the two.
    var makeRoute: (@OnLoop (WorldRoute) -> any Route)?
    /// Nil, for a route that is not compared as a whole.
    var reconciles: ReconcilePolicy?

    /// A world that has been used goes on as another stage left it.
    init(in world: World = World()) async throws {
        self.world = world
        var style = Log.Style()
        style.lowest = .alert
        Log.use(style)
        folder = FileManager.default.temporaryDirectory.appending(path: "ml-engine-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        real = try await SQLiteTenantStore.open(folder.appending(path: "tenant.db").path)
        store = FaultyStore(real, fuse)
    }

    nonisolated deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    func start() {
        let context = FlowContext(log: Log(role: "test"), store: store, connection: 1, tenant: "acme", name: "board")
        let engine = SyncEngine(in: context)
        let route = WorldRoute(world, fuse, farewell: farewell, reconciles: reconciles)
        engine.add(
            makeRoute?(route) ?? route,
            every: schedule,
            confirmsAfter: confirmsAfter,
            searchDelay: searchDelay
        )
        self.engine = engine
    }

    func stop() async {
        await engine?.drain()
        engine = nil
    }

    /// As if the source had told of a change.
    func mark(_ keys: String..., lane: Lane = .live, isOfTarget: Bool = false) async throws {
        let now = Int64(WallTime.now.millisecondsSince1970)
        let marks = keys.map {
            Mark(
                route: "invoices",
                key: $0,
                lane: lane,
                cause: isOfTarget ? "board" : "webhook",
                heardMilliseconds: now,
                isOfTarget: isOfTarget
            )
        }
        try await real.mark(marks, advancing: nil, for: 1)
        engine?.wake()
    }

    /// Puts a record and tells of it.
    func change(_ key: String, _ fields: [String: String]) async throws {
        world.put(key, fields)
        try await mark(key)
    }

    var queue: QueueFacts {
        get async throws {
            try await real.queue(of: nil, at: Int64(WallTime.now.millisecondsSince1970), for: 1)
        }
    }

    func link(_ key: String) async throws -> Link? {
        try await real.links([key], of: "invoices", for: 1)[key]
    }

    /// Nothing waits, nothing is open, and everything has been read once.
    func isQuiet() async throws -> Bool {
        // In the order in which things come about.
        guard let state = try await real.progress(of: "invoices", for: 1) else { return false }
        let progress = try ReadProgress(state)
        guard !progress.isReading, !progress.isFirst else { return false }
        let queue = try await queue
        guard queue.live == 0, queue.background == 0 else { return false }
        return try await real.openIntents(of: "invoices", for: 1).isEmpty
    }

    func untilQuiet(seconds: Int = 15, _ where: SourceLocation = #_sourceLocation) async throws {
        try await until(seconds: seconds, `where`) { try await self.isQuiet() }
    }

    func until(
        seconds: Int = 15,
        _ place: SourceLocation = #_sourceLocation,
        _ isSo: @OnLoop () async throws -> Bool
    ) async throws {
        let end = Instant.now + .seconds(seconds)
        while try await !isSo() {
            try #require(Instant.now < end, "it never came to that", sourceLocation: place)
            try await EpollLoop.process.sleep(for: .milliseconds(4))
        }
    }

    /// The decisions of the audit, in their order, once the chain has been followed.
    func decisions(of key: String? = nil) async throws -> [String] {
        var chain = AuditChain()
        var decisions: [String] = []
        for line in try await real.audit(after: 0, limit: 10_000, for: nil) {
            try chain.follow(line)
            let entry = JSONField(try JSON.parse(line.text))
            if try key == nil || entry["record"].string() == key { decisions.append(try entry["decision"].string()) }
        }
        return decisions
    }

    /// Each record has one item that holds just its values, and no other record has any.
    func expectSame(_ comment: Comment? = nil, _ place: SourceLocation = #_sourceLocation) {
        let live = world.items.values.filter { !$0.isArchived }
        #expect(live.map(\.key).sorted() == world.records.keys.sorted(), comment, sourceLocation: place)
        for item in live {
            #expect(item.values.holdsTheSame(as: world.records[item.key]?.fields), comment, sourceLocation: place)
        }
    }
}

extension JSON.Object {
    /// In whichever order.
    func holdsTheSame(as other: JSON.Object?) -> Bool {
        guard let other, other.count == count else { return false }
        return differing(from: other).count == 0
    }
}
