import Core
import Transport

/// Tells whoever has subscribed to one connection's books of their changes: late, in any order, now and then twice, and
/// no more once nobody has answered for long enough. Its subscriptions end, and some vanish without a word.
@OnLoop final class Messenger {
    struct Subscription: Sendable {
        var id: Int
        var expires: WallTime
    }

    /// How often a notification is sent again, and after how long.
    private nonisolated static let repeats: [Duration] = [.seconds(5), .seconds(30), .seconds(180), .seconds(600)]

    nonisolated let connection: Int64
    private unowned let world: World
    private let chances: Scenario.Chances
    private let life: Duration
    private let books: Books
    private(set) var subscriptions: [Subscription] = []
    private var nextID = 0
    private var nextEvent = 0
    /// Notifications that are neither answered nor given up.
    private(set) var underWay = 0
    /// When each event was sent for the first time: a copy that comes later brings nothing new.
    private var firstSent: [Int: Int] = [:]
    /// When the last acknowledged word of each record was on its way: it has to be looked at after that.
    private(set) var acknowledged: [String: Int] = [:]
    private var acknowledgedEvents: Set<Int> = []
    nonisolated static let secret = "the messenger's"

    init(_ books: Books, connection: Int64, life: Duration, chances: Scenario.Chances, in world: World) {
        self.books = books
        self.connection = connection
        self.life = life
        self.chances = chances
        self.world = world
    }

    // MARK: Subscriptions

    func subscribe() -> Result<Subscription, CallError> {
        nextID += 1
        let made = Subscription(id: nextID, expires: world.vendorTime + life)
        subscriptions.append(made)
        world.trace.note("books: subscription \(nextID) until \(made.expires)")
        return .success(made)
    }

    /// Nil for one that is gone.
    func renew(_ id: Int) -> Result<Subscription?, CallError> {
        dropExpired()
        guard let index = subscriptions.firstIndex(where: { $0.id == id }) else { return .success(nil) }
        subscriptions[index].expires = world.vendorTime + life
        return .success(subscriptions[index])
    }

    func all() -> Result<[Subscription], CallError> {
        dropExpired()
        return .success(subscriptions)
    }

    func vanish() {
        guard !subscriptions.isEmpty else { return }
        world.trace.note("books: the subscriptions of \(connection) vanish")
        world.struck("vanished subscription")
        subscriptions = []
    }

    private func dropExpired() {
        let now = world.vendorTime
        subscriptions.removeAll { $0.expires <= now }
    }

    // MARK: Notifications

    func tell(of key: String) {
        dropExpired()
        for _ in subscriptions {
            nextEvent += 1
            let copies = world.hits(chances.hookRepeated) ? world.dice.roll(2...3) : 1
            for _ in 0..<copies { send(key, nextEvent, secret: Self.secret) }
        }
        guard world.hits(chances.hookForged) else { return }
        nextEvent += 1
        send(key, nextEvent, secret: "somebody else's")
    }

    private func send(_ key: String, _ event: Int, secret: String) {
        underWay += 1
        EpollLoop.process.task { [self] in
            await deliver(key, event, secret)
            underWay -= 1
        }
    }

    private func deliver(_ key: String, _ event: Int, _ secret: String) async {
        let isLate = world.hits(chances.hookDelayed)
        try? await EpollLoop.process.sleep(
            for: world.dice.roll(.milliseconds(10)...(isLate ? .seconds(60) : .seconds(2)))
        )
        var body = JSON.Object()
        body["event"] = .number(event)
        body["key"] = .string(key)
        body["secret"] = .string(secret)
        let bytes = JSON.object(body).bytes()
        for pause in Self.repeats + [.zero] {
            let moment = firstSent[event] ?? books.tick()
            firstSent[event] = moment
            world.facts.webhooks += 1
            if await world.gateway.receive(arrival(bytes, event)) {
                acknowledgedEvents.insert(event)
                if secret == Self.secret { acknowledged[key] = max(acknowledged[key] ?? 0, moment) }
                // An acknowledgement may get lost, and the same comes again.
                guard world.hits(chances.hookRepeated / 4) else { return }
            }
            guard pause > .zero else { break }
            try? await EpollLoop.process.sleep(for: pause)
        }
        world.struck("notification given up")
    }

    private func key(of event: Int) -> EventKey { EventKey(high: UInt64(connection), low: UInt64(event)) }

    /// An event that was acknowledged and that no worker has ever had.
    func lost(among stored: StoreWatch) -> String? {
        acknowledgedEvents.sorted().first { !stored.has(key(of: $0), for: connection) }
            .map { "event \($0) was acknowledged, and no worker has ever had it" }
    }

    private func arrival(_ body: [UInt8], _ event: Int) -> Arrival {
        Arrival(
            connection: connection,
            key: key(of: event),
            kind: "change",
            receivedMilliseconds: Int64(WallTime.now.millisecondsSince1970),
            body: body
        )
    }
}
