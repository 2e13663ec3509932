import Core
import Store
import Transport

/// How a plan is made: the same way for what is done and for what is only shown.
extension Plan {
    /// `record` is nil for one that its system does not have.
    @OnLoop init(
        _ change: Change,
        _ record: Record?,
        _ link: Link?,
        on route: any Route,
        by decider: Decider,
        at now: Int64
    ) {
        var change = change
        // Found once, it is not missing any more, whatever becomes of its write.
        if record != nil { change.missingSinceMilliseconds = nil }
        let found = record.map { record in
            Result { () throws(CallError) in try route.draft(of: record) }
        }
        let decision = decider.decide(change, found: found, link: link, at: now)
        self.init(change, link, decision, record: record, draft: try? found?.get())
    }
}

extension [Plan] {
    /// Before anything is created, or given up as never made, the target is asked whether it has it already: for what is
    /// planned, but for the keys that are known not to be there, and for some others while it is asked. Answers those of
    /// all these that it does not have.
    @discardableResult
    @OnLoop mutating func lookUp(
        on route: any Route,
        lane: Lane,
        at now: Int64,
        besides others: [String] = [],
        butNot absent: Set<String> = []
    ) async throws -> [String] {
        let creating = indices.filter { self[$0].decision.creates && !absent.contains(self[$0].change.key) }
        let ignoring = indices.filter { self[$0].decision == .ignore }
        guard !creating.isEmpty || !ignoring.isEmpty else { return [] }
        let keys = (creating + ignoring).map { self[$0].change.key } + others
        let items = try await route.find(keys, lane: lane)
        for index in ignoring {
            guard let first = items[self[index].change.key]?.first else { continue }
            self[index].takeLeave(of: first, route.farewell, of: route.name, at: now)
        }
        let ours = creating.compactMap { items[self[$0].change.key]?.first }
        let seen = ours.isEmpty || route.reconciles == nil ? [] : try await route.targets(ours, lane: lane)
        let targets = Dictionary(seen.map { ($0.id, $0) }) { $1 }
        for index in creating {
            guard let found = items[self[index].change.key], let first = found.first else { continue }
            self[index].adopt(
                first,
                others: [String](found.dropFirst()),
                holding: self[index].held(by: targets[first], on: route),
                of: route.name,
                at: now
            )
        }
        return keys.filter { items[$0] == nil }
    }

    /// Whether anything has to be asked for that is not known to be absent.
    func seeks(butNot absent: Set<String>) -> Bool {
        contains { $0.decision == .ignore || ($0.decision.creates && !absent.contains($0.change.key)) }
    }
}

extension Decision {
    fileprivate var creates: Bool {
        if case .create = self { true } else { false }
    }
}

extension Plan {
    /// What the item is known to hold of what it should.
    @OnLoop fileprivate func held(by target: Target?, on route: any Route) -> JSON.Object {
        guard let target, let record, let draft, let comparable = try? route.comparable(record) else {
            return JSON.Object()
        }
        return target.held(of: draft, comparable)
    }
}
