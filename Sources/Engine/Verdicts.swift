import Core

/// What becomes of a change, in all its parts: its end, the record's link, the intent that is settled, the audit's line.
struct Verdicts: Sendable {
    let route: String
    /// The connection's name, for the audit.
    let connection: String
    let now: Int64
    /// What people call a field, and a value of it.
    var title: @Sendable (String) -> String = { $0 }
    var words: @Sendable (JSON, String) -> String? = { _, _ in nil }

    func succeeded(_ plan: Plan, _ intent: Intent, _ written: Written) -> Conclusion {
        // Of an item before this one, which was put away, the new one has nothing.
        let before = intent.action == .create ? JSON.Object() : plan.link?.values ?? JSON.Object()
        let agreed = intent.action == .create ? nil : plan.link(with: intent.values)
        let link = Link(
            route: route,
            key: intent.key,
            target: written.target,
            number: intent.number,
            values: agreed?.values ?? intent.values,
            kept: agreed?.kept.without(intent.values) ?? JSON.Object(),
            state: intent.action == .archive ? .archived : .live,
            writtenMilliseconds: now
        )
        let decision: AuditEntry.Decision =
            switch intent.action {
            case .create: .created
            case .update: plan.isAdopted ? .adopted : .updated
            case .archive: .archived
            case .back, .tell: preconditionFailure("\(intent.action) is no write to the target")
            }
        return Conclusion(
            route: route,
            key: intent.key,
            version: plan.change.version,
            end: .done,
            link: link,
            intent: intent.id,
            next: tellings(intent, target: written.target),
            audit: [
                entry(
                    plan.change,
                    intent.number,
                    decision,
                    target: written.target,
                    fields: fields(intent, before) + found(by: plan, beside: intent.values),
                    requestID: written.requestID,
                    reason: plan.note
                )
            ] + losses(plan, intent, requestID: written.requestID) + leavings(plan)
        )
    }

    /// `due` is when it may be tried again, if it may.
    func failed(_ plan: Plan, _ intent: Intent, _ error: CallError, due: Int64) -> Conclusion {
        let attempts = plan.change.attempts + 1
        switch error.remedy {
        // The item is not there any more: somebody took it away. Its record gets another one.
        case _ where error.kind == .missing && intent.target != nil && attempts <= 2:
            var conclusion = later(plan, intent.id, attempts, due: due)
            conclusion.unlinks = true
            conclusion.audit = [entry(plan.change, intent.number, .lost, target: intent.target, reason: error.reason)]
            return conclusion
        case .retry, .refreshToken, .stopConnection:
            return later(plan, intent.id, plan.change.attempts, due: due)
        case .lookAgain where attempts <= 3:
            return later(plan, intent.id, attempts, due: due)
        case .lookAgain, .skipRecord:
            return parked(plan.change, intent.number, error, intent: intent.id, attempts)
        }
    }

    /// Nil where something is to be written.
    func conclusion(withoutWriting plan: Plan) -> Conclusion? {
        let change = plan.change
        let number = plan.link?.number ?? ""
        switch plan.decision {
        case .create, .update, .archive, .back: return nil
        case .lost(let target): return lost(plan, target)
        case .calm(let due):
            var conclusion = done(change)
            // Counted as tried, what waits for something is due with the next mark; two sides that quarrel are not.
            let attempts = plan.sides == nil ? max(change.attempts, 1) : change.attempts
            conclusion.end = .later(dueMilliseconds: due, attempts: attempts, missingSince: nil)
            return conclusion
        case .unchanged where plan.sides != nil: return agreed(plan)
        case .unchanged where plan.isAdopted:
            var conclusion = done(change)
            conclusion.link = plan.link
            conclusion.audit = [
                entry(
                    change,
                    number,
                    .adopted,
                    target: plan.link?.target,
                    fields: found(by: plan),
                    reason: plan.note
                )
            ]
            return conclusion
        case .unchanged:
            var conclusion = done(change)
            // Of a comparison nobody needs to hear; of a notification that led to nothing somebody may ask.
            if change.lane.isForeground {
                conclusion.audit = [entry(change, number, .unchanged, target: plan.link?.target)]
            }
            return conclusion
        case .leave:
            var conclusion = done(change)
            conclusion.link = plan.link
            conclusion.link?.state = .archived
            // Its link is kept for so long from now on.
            conclusion.link?.writtenMilliseconds = now
            conclusion.audit = [entry(change, number, .archived, target: plan.link?.target, reason: "the item stays")]
            return conclusion
        case .ignore:
            var conclusion = done(change)
            conclusion.audit = [entry(change, number, .ignored, reason: "the record is gone and never had an item")]
            return conclusion
        case .confirm(let due, let since):
            var conclusion = done(change)
            conclusion.end = .later(dueMilliseconds: due, attempts: change.attempts, missingSince: since)
            return conclusion
        case .park(let error):
            return parked(change, number, error, intent: nil, change.attempts + 1)
        }
    }

    /// An item that somebody made and nobody heard of is known from now on, whatever becomes of its next write.
    func found(_ intent: Intent, _ conclusion: Conclusion) -> Conclusion {
        guard intent.action == .create, let link = conclusion.link else { return conclusion }
        var conclusion = conclusion
        conclusion.audit = [
            entry(
                Plan(of: intent, link).change,
                intent.number,
                .adopted,
                target: link.target,
                fields: intent.values.members.map { AuditEntry.Field(name: $0.name, before: nil, after: $0.value) },
                reason: "made by a write that was not answered"
            )
        ]
        return conclusion
    }

    /// A record that became an item by an import, of no change that waits.
    func imported(_ row: ImportRow, number: String, target: String) -> Conclusion {
        let change = Change(
            route: route,
            key: row.key,
            lane: .background,
            cause: "backfill, by an import",
            sinceMilliseconds: now,
            version: 0
        )
        var conclusion = done(change)
        conclusion.link = Link(
            route: route,
            key: row.key,
            target: target,
            number: number,
            values: row.values,
            writtenMilliseconds: now
        )
        let fields = row.values.members.map { AuditEntry.Field(name: $0.name, before: nil, after: $0.value) }
        conclusion.audit = [entry(change, number, .created, target: target, fields: fields)]
        return conclusion
    }

    /// What an item was found to hold when it was taken over: a write of ours may have made it, of which nobody heard.
    func found(by plan: Plan, beside written: JSON.Object = JSON.Object()) -> [AuditEntry.Field] {
        guard plan.isAdopted, let link = plan.link else { return [] }
        return link.values.without(written).members.map {
            AuditEntry.Field(name: $0.name, before: nil, after: $0.value)
        }
    }

    func done(_ change: Change) -> Conclusion {
        Conclusion(route: route, key: change.key, version: change.version, end: .done)
    }

    func later(_ plan: Plan, _ intent: Int64, _ attempts: Int, due: Int64) -> Conclusion {
        var conclusion = done(plan.change)
        conclusion.end = .later(
            dueMilliseconds: due,
            attempts: attempts,
            missingSince: plan.change.missingSinceMilliseconds
        )
        conclusion.intent = intent
        return conclusion
    }

    func parked(
        _ change: Change,
        _ number: String,
        _ error: CallError,
        intent: Int64?,
        _ attempts: Int
    ) -> Conclusion {
        var conclusion = done(change)
        conclusion.end = .parked(kind: error.kind.rawValue, reason: error.reason, attempts: attempts)
        conclusion.intent = intent
        conclusion.audit = [entry(change, number, .parked, requestID: error.requestID, reason: error.reason)]
        return conclusion
    }

    func entry(
        _ change: Change,
        _ number: String,
        _ decision: AuditEntry.Decision,
        target: String? = nil,
        fields: [AuditEntry.Field] = [],
        requestID: String? = nil,
        reason: String? = nil
    ) -> AuditEntry {
        AuditEntry(
            atMilliseconds: now,
            connection: connection,
            route: route,
            key: change.key,
            number: number,
            target: target,
            decision: decision,
            cause: change.cause,
            fields: fields,
            requestID: requestID,
            reason: reason
        )
    }
}
