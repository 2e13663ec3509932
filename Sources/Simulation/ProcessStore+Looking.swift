import Core
import Store

/// What previews, replays, people and reconciles ask.
extension ProcessStore {
    package func keys(ofTargets targets: [String], of route: String, for connection: Int64) throws -> [String: [String]]
    {
        try stepped { try $0.keys(ofTargets: targets, of: route, for: connection) }
    }

    package func liveLinks(of route: String, after key: String?, limit: Int, for connection: Int64) throws -> [Link] {
        try stepped { try $0.liveLinks(of: route, after: key, limit: limit, for: connection) }
    }

    package func replay(
        _ query: RecordQuery,
        _ wish: ReplayWish,
        at now: Int64,
        for connection: Int64
    ) throws -> [RecordFacts] {
        try stepped { try $0.replay(query, wish, at: now, for: connection) }
    }

    package func auditLines(_ query: AuditQuery) throws -> [AuditLine] {
        try stepped { try $0.auditLines(query) }
    }

    package func auditPlace(beforeLast count: Int, of query: AuditQuery) throws -> Int64 {
        try stepped { try $0.auditPlace(beforeLast: count, of: query) }
    }

    // MARK: Reconciles

    package func reconciles(for connection: Int64) throws -> [ReconcileFacts] {
        try stepped { try $0.reconciles(for: connection) }
    }

    package func reconcile(of route: String, at now: Int64, for connection: Int64) throws -> ReconcileFacts {
        try stepped { try $0.reconcile(of: route, at: now, for: connection) }
    }

    package func wish(_ wish: ReconcileWish, reconciling route: String, for connection: Int64) throws -> Bool {
        try stepped { try $0.wish(wish, reconciling: route, for: connection) }
    }

    package func begin(_ reconciliation: Reconciliation, of route: String, for connection: Int64) throws {
        try stepped { try $0.begin(reconciliation, of: route, for: connection) }
    }

    package func saw(
        _ seen: [Seen],
        of route: String,
        going reconciliation: Reconciliation,
        for connection: Int64
    ) throws {
        try stepped { try $0.saw(seen, of: route, going: reconciliation, for: connection) }
    }

    package func forget(_ side: Seen.Side, of route: String, limit: Int, for connection: Int64) throws -> Bool {
        try stepped { try $0.forget(side, of: route, limit: limit, for: connection) }
    }

    package func weigh(_ route: String, for connection: Int64) throws -> (items: Int, extra: Int) {
        try stepped { try $0.weigh(route, for: connection) }
    }

    package func suspects(after key: String, of route: String, limit: Int, for connection: Int64) throws -> Suspects {
        try stepped { try $0.suspects(after: key, of: route, limit: limit, for: connection) }
    }

    package func standings(of keys: [String], on route: String, for connection: Int64) throws -> [String: Standing] {
        try stepped { try $0.standings(of: keys, on: route, for: connection) }
    }

    package func owners(of items: [String], on route: String, for connection: Int64) throws -> [String: String] {
        try stepped { try $0.owners(of: items, on: route, for: connection) }
    }

    package func conclude(_ check: ReconcileCheck, of route: String, for connection: Int64) throws {
        try stepped { try $0.conclude(check, of: route, for: connection) }
    }

    package func finish(
        _ reconciliation: Reconciliation,
        of route: String,
        audit: AuditEntry,
        for connection: Int64
    ) throws {
        try stepped { try $0.finish(reconciliation, of: route, audit: audit, for: connection) }
    }

    package func drifts(of route: String, run: Int, from line: Int, limit: Int, for connection: Int64) throws -> [Drift]
    {
        try stepped { try $0.drifts(of: route, run: run, from: line, limit: limit, for: connection) }
    }
}
