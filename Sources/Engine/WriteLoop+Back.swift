import Core
import Store
import Transport

/// What a route that goes both ways needs beside: the items are read too, and what people changed on them goes to the
/// source before anything goes to the target.
///
///     ─▶ read the items ─▶ weigh field by field ─▶ intent (stored) ─▶ write back ─▶ conclusion (stored) ─▶ all again
extension WriteLoop {
    func weigh(
        _ plans: inout [Plan],
        _ records: [String: Record],
        _ lane: Lane
    ) async throws {
        guard let twoWay else { return }
        let linked = plans.indices.filter { plans[$0].needsItem(on: twoWay) }
        guard !linked.isEmpty else { return }
        let items = try await twoWay.items(linked.compactMap { plans[$0].link?.target }, lane: lane)
        for index in linked {
            let key = plans[index].change.key
            guard let target = plans[index].link?.target, let draft = plans[index].draft else { continue }
            plans[index].weigh(draft, against: items[target], on: twoWay)
            plans[index].calm(&quarrels, at: now)
            if case .calm = plans[index].decision {
                context.log.warning(
                    "\(route.name): both sides go on changing each other's values; it is left alone for a while",
                    record: draft.number
                )
            }
            guard case .back(_, let changed, _) = plans[index].decision, let record = records[key] else { continue }
            if let refusal = twoWay.refusal(to: changed.saidByTarget, of: record) { plans[index].refuse(refusal) }
        }
    }

    /// Leaves the plans of which nothing had to go to the source, and those that it refused.
    func writeBack(_ plans: inout [Plan], _ records: [String: Record], _ lane: Lane) async throws {
        guard let twoWay else { return }
        var rest: [Plan] = []
        for plan in plans {
            guard case .back = plan.decision, let record = records[plan.change.key], let made = plan.intent(at: now)
            else {
                rest.append(plan)
                continue
            }
            let key = IdempotencyKey.make(context, route.name, [made])
            let stored = try await context.store.intend([made.in(batch: key)], for: context.connection)
            guard let intent = stored.first else { continue }
            let requestID: String?
            do {
                requestID = try await twoWay.writeBack(
                    intent.values.saidByTarget,
                    to: record,
                    idempotencyKey: key,
                    lane: lane
                )
            } catch  where Self.isRefusal(error, isRepeated: false) {
                switch verdicts.setback(plan, intent, error) {
                case .again(let conclusion): try await conclude([conclusion])
                case .stop(let conclusion):
                    try await conclude([conclusion])
                    throw error
                case .refused(let conclusion):
                    try await conclude([conclusion])
                    guard let error = error as? CallError else { continue }
                    var plan = plan
                    plan.refuse(error)
                    rest.append(plan)
                }
                continue
            }
            try await conclude([verdicts.wroteBack(plan, intent, requestID: requestID)])
            tally.written(plan.change, at: now)
        }
        plans = rest
    }

    // MARK: What is open

    /// Never simply sent again: what the record holds by now says whether it was done.
    func settle(back intent: Intent) async throws {
        let source: JSON.Object?
        do {
            let record = try await route.read([intent.key], lane: .live).first { $0.id == intent.key }
            source = try record.map { try route.draft(of: $0).values }
        } catch let error as CallError where error.remedy == .skipRecord {
            source = nil
        }
        let link = try await context.store.links([intent.key], of: route.name, for: context.connection)[intent.key]
        try await conclude([verdicts.settled(back: intent, source: source, link)])
    }

    /// What the items of these updates hold now; nothing on a route from which nothing goes back: there what may have been
    /// written counts as not written, and is written again.
    func held(_ batch: [Intent]) async throws -> [String: JSON.Object] {
        let targets = batch.compactMap { $0.action == .update ? $0.target : nil }
        guard let twoWay, goesBack, !targets.isEmpty else { return [:] }
        return try await twoWay.items(targets, lane: .live)
    }

    /// People rather hear something twice than never; what cannot be said is in the audit all the same.
    func tell(_ intent: Intent) async throws {
        do {
            if let twoWay, let target = intent.target {
                try await twoWay.tell(target, Telling.words(in: intent), idempotencyKey: intent.batch, lane: .live)
            }
        } catch let error as CallError where !error.isWorthWaitingFor {
            context.log.warning("\(route.name): people could not be told: \(error)", record: intent.number)
        }
        // Of no change: nothing but the intent ends.
        let end = Conclusion(route: route.name, key: intent.key, version: 0, end: .done, intent: intent.id)
        try await context.store.conclude([end], at: now, for: context.connection)
    }
}

extension CallError {
    /// What else is to be written has to wait as well.
    fileprivate var isWorthWaitingFor: Bool {
        switch remedy {
        case .retry, .refreshToken: true
        case .stopConnection: kind == .credentials
        case .skipRecord, .lookAgain: false
        }
    }
}
