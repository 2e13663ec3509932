import Core
import Transport

/// How much the inbox may hold. What goes beyond is refused with 503, so that its sender keeps it and tries again.
struct IntakeLimits: Wire, Codable, Equatable {
    var events = 1_000_000
    var bytes = 1 << 30
    /// One connection's part of both, so that a flood for one leaves room for all others.
    var connectionShare = 0.25
    /// What may wait for the commit in progress.
    var underwayBytes = 32 << 20
    var recentKeys = 131_072

    init() {}
}

/// What the gateway knows of its inbox without asking the disk: what is pending for whom, and which events it has.
struct InboxLedger: Sendable {
    struct Usage: Sendable, Equatable {
        var events = 0
        var bytes = 0
    }

    enum Verdict: Equatable {
        case new
        /// On disk, or handed over, already.
        case known
        /// The same event is being written right now: whoever brought it again waits with the first.
        case underway
        case full
    }

    private let limits: IntakeLimits
    private(set) var total = Usage()
    private(set) var connections: [Int64: Usage] = [:]
    private var underway: Set<EventKey> = []
    private var recent: RecentKeys

    init(limits: IntakeLimits) {
        self.limits = limits
        recent = RecentKeys(limit: limits.recentKeys)
    }

    /// Counts a new arrival at once, so that what is under way cannot exceed the limits together.
    mutating func arrived(_ key: EventKey, for connection: Int64, bytes: Int) -> Verdict {
        if underway.contains(key) { return .underway }
        if recent.contains(key) { return .known }
        let own = connections[connection, default: Usage()]
        guard total.events < limits.events, total.bytes + bytes <= limits.bytes,
            own.events < share(of: limits.events), own.bytes + bytes <= share(of: limits.bytes)
        else { return .full }
        underway.insert(key)
        add(1, bytes, to: connection)
        return .new
    }

    mutating func committed(_ key: EventKey) {
        underway.remove(key)
        recent.insert(key)
    }

    mutating func notCommitted(_ key: EventKey, for connection: Int64, bytes: Int) {
        underway.remove(key)
        add(-1, -bytes, to: connection)
    }

    /// From the disk, when the gateway starts.
    mutating func found(_ key: EventKey, for connection: Int64, bytes: Int) {
        recent.insert(key)
        add(1, bytes, to: connection)
    }

    mutating func removed(from connection: Int64, bytes: Int) {
        add(-1, -bytes, to: connection)
    }

    private func share(of limit: Int) -> Int {
        max(1, Int(Double(limit) * limits.connectionShare))
    }

    private mutating func add(_ events: Int, _ bytes: Int, to connection: Int64) {
        total.events += events
        total.bytes += bytes
        var own = connections[connection, default: Usage()]
        own.events += events
        own.bytes += bytes
        connections[connection] = own.events == 0 ? nil : own
    }
}
