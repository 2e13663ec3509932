import Core
import Store
import Transport

/// A real store as one simulated process has it: each call is a step before it took effect, and one after.
package actor ProcessStore: TenantStore {
    private let inner: SQLiteTenantStore
    private let process: SimulatedProcess
    private let watch: StoreWatch
    private let sabotage: Sabotage?
    /// What the sabotage keeps in memory alone.
    private var unstored: [Intent] = []
    package nonisolated var unownedExecutor: UnownedSerialExecutor { process.executor.asUnownedSerialExecutor() }

    init(_ inner: SQLiteTenantStore, of process: SimulatedProcess, watch: StoreWatch, sabotage: Sabotage?) {
        self.inner = inner
        self.process = process
        self.watch = watch
        self.sabotage = sabotage
    }

    func stepped<Answer: Sendable>(
        _ body: (isolated SQLiteTenantStore) throws -> Answer
    ) throws -> Answer {
        try OnLoop.assumeIsolated { try process.step() }
        let answer = try inner.assumeIsolated(body)
        try OnLoop.assumeIsolated { try process.step() }
        return answer
    }

    // MARK: What waits

    package func mark(_ marks: [Mark], advancing progress: Progress?, for connection: Int64) throws {
        if sabotage == .watermarkEarly, let progress {
            try stepped { try $0.mark([], advancing: progress, for: connection) }
            // A moment so short is hit by few of many runs; here it is looked for.
            OnLoop.assumeIsolated { if watch.strikesNow(process) { process.finish(.killed) } }
            return try stepped { try $0.mark(marks, advancing: nil, for: connection) }
        }
        try stepped { try $0.mark(marks, advancing: progress, for: connection) }
    }

    package func settle(
        _ ids: [Int64],
        marking marks: [Mark],
        for connection: Int64,
        atMilliseconds now: Int64
    ) throws -> Int {
        try stepped { try $0.settle(ids, marking: marks, for: connection, atMilliseconds: now) }
    }

    package func changes(
        of route: String,
        lane: Lane,
        limit: Int,
        at now: Int64,
        for connection: Int64
    ) throws -> [Change] {
        try stepped { try $0.changes(of: route, lane: lane, limit: limit, at: now, for: connection) }
    }

    package func queue(of route: String?, at now: Int64, for connection: Int64) throws -> QueueFacts {
        try stepped { try $0.queue(of: route, at: now, for: connection) }
    }

    package func progress(of route: String, for connection: Int64) throws -> JSON? {
        try stepped { try $0.progress(of: route, for: connection) }
    }

    // MARK: Links and intents

    package func links(_ keys: [String], of route: String, for connection: Int64) throws -> [String: Link] {
        var links = try stepped { try $0.links(keys, of: route, for: connection) }
        if sabotage == .echoUnknown { for key in keys { links[key]?.values = JSON.Object() } }
        return links
    }

    package func forgetLinks(of route: String, for connection: Int64) throws {
        try stepped { try $0.forgetLinks(of: route, for: connection) }
    }

    package func intend(_ intents: [Intent], for connection: Int64) throws -> [Intent] {
        if sabotage == .intentAfterCall {
            var kept = intents
            for index in kept.indices { kept[index].id = Int64(1_000_000 + unstored.count + index) }
            unstored += kept
            return kept
        }
        return try stepped { try $0.intend(intents, for: connection) }
    }

    package func openIntents(of route: String, for connection: Int64) throws -> [Intent] {
        if sabotage == .intentAfterCall { return unstored }
        return try stepped { try $0.openIntents(of: route, for: connection) }
    }

    package func conclude(_ conclusions: [Conclusion], at now: Int64, for connection: Int64) throws {
        try stepped { try $0.conclude(conclusions, at: now, for: connection) }
        let settled = Set(conclusions.compactMap(\.intent))
        unstored.removeAll { settled.contains($0.id) }
    }

    // MARK: For people

    package func records(_ query: RecordQuery, for connection: Int64) throws -> [RecordFacts] {
        try stepped { try $0.records(query, for: connection) }
    }

    package func audit(after sequence: Int64, limit: Int, for connection: Int64?) throws -> [AuditLine] {
        try stepped { try $0.audit(after: sequence, limit: limit, for: connection) }
    }

    package func auditChain() throws -> AuditChain { try stepped { try $0.auditChain() } }

    // MARK: Windows

    package func enter(_ ask: WindowAsk, at now: Int64) throws -> WindowAnswer {
        try stepped { try $0.enter(ask, at: now) }
    }

    package func leave(_ pass: CallPass, _ ask: WindowAsk, _ outcome: CallOutcome, at now: Int64) throws {
        try stepped { try $0.leave(pass, ask, outcome, at: now) }
    }

    package func takeOver(_ account: String, windows: [Window], owner: Int64, at now: Int64) throws {
        try stepped { try $0.takeOver(account, windows: windows, owner: owner, at: now) }
    }

    package func room(in window: Window, of account: String, lane: Lane, at now: Int64) throws -> WindowRoom {
        try stepped { try $0.room(in: window, of: account, lane: lane, at: now) }
    }

    package func closeAccount(_ account: String, until: Int64) throws {
        try stepped { try $0.closeAccount(account, until: until) }
    }

    package func facts(of account: String, in windows: [Window], at now: Int64) throws -> AccountFacts {
        try stepped { try $0.facts(of: account, in: windows, at: now) }
    }

    // MARK: Events

    package func accept(_ events: [Event], for connection: Int64) throws -> Accepted {
        let taken =
            sabotage == .dedupeForgotten
            ? events.map { event in
                var event = event
                event.arrival.key.high ^= UInt64(process.pid) << 32
                return event
            } : events
        try OnLoop.assumeIsolated { try process.step() }
        let accepted = try inner.assumeIsolated { try $0.accept(taken, for: connection) }
        OnLoop.assumeIsolated {
            watch.accepted(events, accepted, connection)
        }
        try OnLoop.assumeIsolated { try process.step() }
        return accepted
    }

    package func waiting(for connection: Int64, after id: Int64, limit: Int) throws -> [WaitingEvent] {
        try stepped { try $0.waiting(for: connection, after: id, limit: limit) }
    }

    package func counts(for connection: Int64) throws -> EventCounts {
        try stepped { try $0.counts(for: connection) }
    }

    package func forgetSettled(before milliseconds: Int64, limit: Int) throws -> Int {
        try stepped { try $0.forgetSettled(before: milliseconds, limit: limit) }
    }

    package func setting(_ name: String) throws -> String? {
        try stepped { try $0.setting(name) }
    }

    package func put(_ value: String?, setting name: String) throws {
        try stepped { try $0.put(value, setting: name) }
    }

    package func close() {
        inner.assumeIsolated { $0.close() }
    }
}

/// Sees what stores have taken over, whichever process asked.
@OnLoop final class StoreWatch {
    private var keys: [Int64: Set<EventKey>] = [:]
    private let onBroken: @OnLoop (String) -> Void
    private let isTroubled: @OnLoop () -> Bool

    init(isTroubled: @escaping @OnLoop () -> Bool, onBroken: @escaping @OnLoop (String) -> Void) {
        self.isTroubled = isTroubled
        self.onBroken = onBroken
    }

    /// For a mistake that only a kill at one of its moments brings to light.
    func strikesNow(_ process: SimulatedProcess) -> Bool {
        var chance = Chance()
        return process.isKillable && isTroubled() && Int.random(in: 0..<4, using: &chance) == 0
    }

    func accepted(_ events: [Event], _ accepted: Accepted, _ connection: Int64) {
        var new = 0
        for event in events where keys[connection, default: []].insert(event.key).inserted { new += 1 }
        guard new != accepted.stored else { return }
        onBroken("connection \(connection) took \(accepted.stored) of \(events.count) events as new; \(new) are")
    }

    func has(_ key: EventKey, for connection: Int64) -> Bool { keys[connection]?.contains(key) ?? false }

    func count(_ connection: Int64) -> Int { keys[connection]?.count ?? 0 }
}
