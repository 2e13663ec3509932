import Core
import Glibc
import Store
import Synchronization

/// Counts the steps of a run, and ends it at one of them: from there on, nothing works any more.
final class Fuse: Sendable {
    struct Blown: Error {}

    private struct State {
        var steps = 0
        var blowsAt = Int.max
        var isFull = false
    }
    private let state = Mutex(State())

    var isBlown: Bool { state.withLock { $0.steps >= $0.blowsAt } }
    /// Until it is false again, whatever has to be stored finds no room.
    var isFull: Bool {
        get { state.withLock { $0.isFull } }
        set { state.withLock { $0.isFull = newValue } }
    }

    func set(at step: Int) {
        state.withLock { $0 = State(blowsAt: step) }
    }

    func step() throws {
        let isBlown = state.withLock { state in
            state.steps += 1
            return state.steps >= state.blowsAt
        }
        if isBlown { throw Blown() }
    }

    func store() throws {
        try step()
        if isFull { throw StoreError.full(file: "tenant.db") }
    }
}

/// A real store with a fuse before and after everything the engine asks of it.
actor FaultyStore: TenantStore {
    private let inner: SQLiteTenantStore
    private let fuse: Fuse
    /// How long a question for the queue takes to come through.
    nonisolated let queueDelayMicroseconds = Mutex<UInt32>(0)
    nonisolated var unownedExecutor: UnownedSerialExecutor { inner.unownedExecutor }

    init(_ inner: SQLiteTenantStore, _ fuse: Fuse) {
        self.inner = inner
        self.fuse = fuse
    }

    private func reading<Answer: Sendable>(_ body: (isolated SQLiteTenantStore) throws -> Answer) throws -> Answer {
        try fuse.step()
        let answer = try inner.assumeIsolated(body)
        try fuse.step()
        return answer
    }

    private func storing<Answer: Sendable>(_ body: (isolated SQLiteTenantStore) throws -> Answer) throws -> Answer {
        try fuse.store()
        let answer = try inner.assumeIsolated(body)
        try fuse.step()
        return answer
    }

    func mark(_ marks: [Mark], advancing progress: Progress?, for connection: Int64) throws {
        try storing { try $0.mark(marks, advancing: progress, for: connection) }
    }

    func settle(_ ids: [Int64], marking marks: [Mark], for connection: Int64, atMilliseconds now: Int64) throws -> Int {
        try storing { try $0.settle(ids, marking: marks, for: connection, atMilliseconds: now) }
    }

    func changes(of route: String, lane: Lane, limit: Int, at now: Int64, for connection: Int64) throws -> [Change] {
        try reading { try $0.changes(of: route, lane: lane, limit: limit, at: now, for: connection) }
    }

    func queue(of route: String?, at now: Int64, for connection: Int64) throws -> QueueFacts {
        usleep(queueDelayMicroseconds.withLock { $0 })
        return try reading { try $0.queue(of: route, at: now, for: connection) }
    }

    func progress(of route: String, for connection: Int64) throws -> JSON? {
        try reading { try $0.progress(of: route, for: connection) }
    }

    func links(_ keys: [String], of route: String, for connection: Int64) throws -> [String: Link] {
        try reading { try $0.links(keys, of: route, for: connection) }
    }

    func keys(ofTargets targets: [String], of route: String, for connection: Int64) throws -> [String: [String]] {
        try reading { try $0.keys(ofTargets: targets, of: route, for: connection) }
    }

    func liveLinks(of route: String, after key: String?, limit: Int, for connection: Int64) throws -> [Link] {
        try reading { try $0.liveLinks(of: route, after: key, limit: limit, for: connection) }
    }

    func intend(_ intents: [Intent], for connection: Int64) throws -> [Intent] {
        try storing { try $0.intend(intents, for: connection) }
    }

    func openIntents(of route: String, for connection: Int64) throws -> [Intent] {
        try reading { try $0.openIntents(of: route, for: connection) }
    }

    func conclude(_ conclusions: [Conclusion], at now: Int64, for connection: Int64) throws {
        try storing { try $0.conclude(conclusions, at: now, for: connection) }
    }

    func records(_ query: RecordQuery, for connection: Int64) throws -> [RecordFacts] {
        try reading { try $0.records(query, for: connection) }
    }

    func replay(_ query: RecordQuery, _ wish: ReplayWish, at now: Int64, for connection: Int64) throws -> [RecordFacts]
    {
        try storing { try $0.replay(query, wish, at: now, for: connection) }
    }

    func forgetLinks(of route: String, for connection: Int64) throws {
        try storing { try $0.forgetLinks(of: route, for: connection) }
    }

    func auditChain() throws -> AuditChain { try reading { try $0.auditChain() } }

    func audit(after sequence: Int64, limit: Int, for connection: Int64?) throws -> [AuditLine] {
        try reading { try $0.audit(after: sequence, limit: limit, for: connection) }
    }

    func auditLines(_ query: AuditQuery) throws -> [AuditLine] {
        try reading { try $0.auditLines(query) }
    }

    func auditPlace(beforeLast count: Int, of query: AuditQuery) throws -> Int64 {
        try reading { try $0.auditPlace(beforeLast: count, of: query) }
    }

    func reconciles(for connection: Int64) throws -> [ReconcileFacts] {
        try reading { try $0.reconciles(for: connection) }
    }

    func reconcile(of route: String, at now: Int64, for connection: Int64) throws -> ReconcileFacts {
        try storing { try $0.reconcile(of: route, at: now, for: connection) }
    }

    func wish(_ wish: ReconcileWish, reconciling route: String, for connection: Int64) throws -> Bool {
        try storing { try $0.wish(wish, reconciling: route, for: connection) }
    }

    func begin(_ reconciliation: Reconciliation, of route: String, for connection: Int64) throws {
        try storing { try $0.begin(reconciliation, of: route, for: connection) }
    }

    func saw(_ seen: [Seen], of route: String, going reconciliation: Reconciliation, for connection: Int64) throws {
        try storing { try $0.saw(seen, of: route, going: reconciliation, for: connection) }
    }

    func forget(_ side: Seen.Side, of route: String, limit: Int, for connection: Int64) throws -> Bool {
        try storing { try $0.forget(side, of: route, limit: limit, for: connection) }
    }

    func weigh(_ route: String, for connection: Int64) throws -> (items: Int, extra: Int) {
        try reading { try $0.weigh(route, for: connection) }
    }

    func suspects(after key: String, of route: String, limit: Int, for connection: Int64) throws -> Suspects {
        try reading { try $0.suspects(after: key, of: route, limit: limit, for: connection) }
    }

    func standings(of keys: [String], on route: String, for connection: Int64) throws -> [String: Standing] {
        try reading { try $0.standings(of: keys, on: route, for: connection) }
    }

    func owners(of items: [String], on route: String, for connection: Int64) throws -> [String: String] {
        try reading { try $0.owners(of: items, on: route, for: connection) }
    }

    func conclude(_ check: ReconcileCheck, of route: String, for connection: Int64) throws {
        try storing { try $0.conclude(check, of: route, for: connection) }
    }

    func finish(
        _ reconciliation: Reconciliation,
        of route: String,
        audit: AuditEntry,
        for connection: Int64
    ) throws {
        try storing { try $0.finish(reconciliation, of: route, audit: audit, for: connection) }
    }

    func drifts(of route: String, run: Int, from line: Int, limit: Int, for connection: Int64) throws -> [Drift] {
        try reading { try $0.drifts(of: route, run: run, from: line, limit: limit, for: connection) }
    }

    func enter(_ ask: WindowAsk, at now: Int64) throws -> WindowAnswer {
        try storing { try $0.enter(ask, at: now) }
    }

    func leave(_ pass: CallPass, _ ask: WindowAsk, _ outcome: CallOutcome, at now: Int64) throws {
        try storing { try $0.leave(pass, ask, outcome, at: now) }
    }

    func takeOver(_ account: String, windows: [Window], owner: Int64, at now: Int64) throws {
        try storing { try $0.takeOver(account, windows: windows, owner: owner, at: now) }
    }

    func room(in window: Window, of account: String, lane: Lane, at now: Int64) throws -> WindowRoom {
        try storing { try $0.room(in: window, of: account, lane: lane, at: now) }
    }

    func closeAccount(_ account: String, until: Int64) throws {
        try storing { try $0.closeAccount(account, until: until) }
    }

    func facts(of account: String, in windows: [Window], at now: Int64) throws -> AccountFacts {
        try reading { try $0.facts(of: account, in: windows, at: now) }
    }

    func accept(_ events: [Event], for connection: Int64) throws -> Accepted {
        try storing { try $0.accept(events, for: connection) }
    }

    func waiting(for connection: Int64, after id: Int64, limit: Int) throws -> [WaitingEvent] {
        try reading { try $0.waiting(for: connection, after: id, limit: limit) }
    }

    func counts(for connection: Int64) throws -> EventCounts {
        try reading { try $0.counts(for: connection) }
    }

    func forgetSettled(before milliseconds: Int64, limit: Int) throws -> Int {
        try storing { try $0.forgetSettled(before: milliseconds, limit: limit) }
    }

    func replace(_ old: String?, with new: String?, setting name: String) throws -> Bool {
        try storing { try $0.replace(old, with: new, setting: name) }
    }

    func settings(named beginning: String) throws -> [String: String] {
        try reading { try $0.settings(named: beginning) }
    }

    func forgetArchivedLinks(before milliseconds: Int64, limit: Int) throws -> Int {
        try storing { try $0.forgetArchivedLinks(before: milliseconds, limit: limit) }
    }

    func pruneAudit(before milliseconds: Int64, limit: Int, by remover: AuditRemover) throws -> AuditRemoval {
        try storing { try $0.pruneAudit(before: milliseconds, limit: limit, by: remover) }
    }

    func auditStart() throws -> AuditChain { try reading { try $0.auditStart() } }

    func forgetAccounts(spentBefore now: Int64, unusedSince unused: Int64) throws {
        try storing { try $0.forgetAccounts(spentBefore: now, unusedSince: unused) }
    }

    func compact() throws -> Bool { try storing { try $0.compact() } }

    func setting(_ name: String) throws -> String? {
        try reading { try $0.setting(name) }
    }

    func put(_ value: String?, setting name: String) throws {
        try storing { try $0.put(value, setting: name) }
    }

    func close() {
        inner.assumeIsolated { $0.close() }
    }
}
