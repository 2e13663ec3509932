import Core
import Store

/// What becomes of a change on a route that goes both ways.
extension Verdicts {
    /// What to do when the source did not take a write.
    enum Setback: Equatable {
        /// Somebody else was there first: both sides are read again.
        case again(Conclusion)
        /// It will never take it: the target gets the source's values back.
        case refused(Conclusion)
        /// It cannot be asked now.
        case stop(Conclusion)
    }

    /// The change stays, due at once: what else is to be done is decided from what both sides hold by then.
    func wroteBack(_ plan: Plan, _ intent: Intent, requestID: String?, note: String? = nil) -> Conclusion {
        var conclusion = later(plan, intent.id, 0, due: now)
        conclusion.link = plan.link(with: intent.values)
        conclusion.link?.number = intent.number
        conclusion.next = tellings(intent, target: intent.target)
        if plan.isAdopted {
            conclusion.audit.append(
                entry(
                    plan.change,
                    intent.number,
                    .adopted,
                    target: intent.target,
                    fields: found(by: plan),
                    reason: plan.note
                )
            )
        }
        conclusion.audit.append(
            entry(
                plan.change,
                intent.number,
                .wroteBack,
                target: intent.target,
                fields: fields(intent, plan.link?.values ?? JSON.Object()),
                requestID: requestID,
                reason: note
            )
        )
        conclusion.audit += losses(plan, intent, requestID: requestID) + leavings(plan)
        return conclusion
    }

    /// Somebody else changes the record all the time; it is left to its next mark.
    private static let mostSetbacks = 6

    /// `error` says that the source has surely not done it.
    func setback(_ plan: Plan, _ intent: Intent, _ error: any Error) -> Setback {
        let attempts = plan.change.attempts + 1
        guard let error = error as? CallError else { return .stop(later(plan, intent.id, attempts - 1, due: now)) }
        switch error.remedy {
        case .lookAgain where error.kind == .conflict, _ where error.kind == .missing:
            guard attempts < Self.mostSetbacks else {
                return .again(parked(plan.change, intent.number, error, intent: intent.id, attempts))
            }
            // At once, and then a little later each time: 0.2, 0.4, 0.8, 1.6 s.
            let wait: Int64 = attempts == 1 ? 0 : 100 << Int64(attempts - 1)
            return .again(later(plan, intent.id, attempts, due: now + wait))
        case .skipRecord:
            return .refused(later(plan, intent.id, plan.change.attempts, due: now))
        case .retry, .refreshToken, .stopConnection, .lookAgain:
            return .stop(failed(plan, intent, error, due: now))
        }
    }

    /// Both sides hold what they should; what that is may be news to the mirror.
    func agreed(_ plan: Plan) -> Conclusion {
        var conclusion = done(plan.change)
        let link = plan.link(with: JSON.Object())
        if link != plan.link || plan.isAdopted { conclusion.link = link }
        let number = plan.link?.number ?? ""
        conclusion.audit = leavings(plan)
        if plan.isAdopted {
            conclusion.audit.insert(
                entry(
                    plan.change,
                    number,
                    .adopted,
                    target: plan.link?.target,
                    fields: found(by: plan),
                    reason: plan.note
                ),
                at: 0
            )
        } else if conclusion.audit.isEmpty, plan.change.lane.isForeground {
            conclusion.audit = [entry(plan.change, number, .unchanged, target: plan.link?.target)]
        }
        return conclusion
    }

    /// Its record gets another item, unless that goes on and on.
    func lost(_ plan: Plan, _ target: String) -> Conclusion {
        let change = plan.change
        let number = plan.link?.number ?? ""
        let attempts = change.attempts + 1
        guard attempts <= 2 else {
            let error = CallError(.skipRecord, "target", .missing, "its item \(target) is found and cannot be read")
            return parked(change, number, error, intent: nil, attempts)
        }
        var conclusion = done(change)
        conclusion.end = .later(
            dueMilliseconds: now,
            attempts: attempts,
            missingSince: change.missingSinceMilliseconds
        )
        conclusion.unlinks = true
        conclusion.audit = [entry(change, number, .lost, target: target, reason: "the item is not there any more")]
        return conclusion
    }

    // MARK: After a crash

    /// `source` is what the source holds now, nil where that cannot be said.
    func settled(back intent: Intent, source: JSON.Object?, _ link: Link?) -> Conclusion {
        let plan = Plan(of: intent, link)
        let done = source.map { intent.values.saidByTarget.same(as: $0) } ?? JSON.Object()
        guard done.count > 0 else { return later(plan, intent.id, 0, due: now) }
        return wroteBack(plan, intent.only(done), requestID: nil, note: Self.foundDone)
    }

    /// The same of a write to the target that nobody repeats any more: `otherwise`, with what the item holds in mind.
    func settled(_ intent: Intent, _ otherwise: Conclusion, _ link: Link?, held: JSON.Object?) -> Conclusion {
        var conclusion = otherwise
        switch intent.action {
        case .create:
            // The item holds what was sent; what it does not hold, somebody has changed since.
            guard let target = otherwise.link?.target else { return otherwise }
            var plan = Plan(of: intent, link)
            plan.add(Self.foundDone)
            conclusion = succeeded(plan, intent, Written(target: target, requestID: nil))
            conclusion.end = otherwise.end
        case .update:
            guard let held else { return otherwise }
            let done = intent.values.same(as: held)
            guard done.count > 0, let target = intent.target else {
                conclusion.link = nil
                return conclusion
            }
            var plan = Plan(of: intent, link)
            plan.add(Self.foundDone)
            conclusion = succeeded(plan, intent.only(done), Written(target: target, requestID: nil))
            conclusion.end = otherwise.end
        case .archive, .back, .tell: break
        }
        return conclusion
    }

    /// What counts as written of an update that may have been made.
    func link(unsureOf intent: Intent, _ link: Link?, held: JSON.Object?) -> Link? {
        guard intent.action == .update, var link else { return nil }
        guard let held else {
            link.values = link.values.without(intent.values)
            return link
        }
        link.values = intent.values.same(as: held).over(link.values)
        return link
    }

    private static let foundDone = "no answer came; it was found done"

    // MARK: For the audit, and for people

    func fields(_ intent: Intent, _ written: JSON.Object) -> [AuditEntry.Field] {
        intent.values.saidByTarget.members.map { member in
            let before = intent.aside == nil ? written.saidByTarget[member.name] : intent.aside?.before[member.name]
            return AuditEntry.Field(
                name: member.name,
                before: before,
                after: member.value,
                lost: intent.aside?.lost(member.name)
            )
        }
    }

    /// A line for each way in which a value was lost by the write: what both sides agreed on, what counts now, what does
    /// not any more.
    func losses(_ plan: Plan, _ intent: Intent, requestID: String?) -> [AuditEntry] {
        guard let aside = intent.aside else { return [] }
        let agreed = plan.link?.values.saidByTarget
        let written = intent.values.saidByTarget
        let lines: [(AuditEntry.Decision, JSON.Object, String?)] = [
            (.conflict, aside.conflicts, nil),
            (.overwritten, aside.overwritten, nil),
            (.refused, aside.refused, aside.refusal),
        ]
        return lines.compactMap { decision, lost, reason in
            guard lost.count > 0 else { return nil }
            let fields = lost.members.map { member in
                AuditEntry.Field(
                    name: member.name,
                    before: agreed?[member.name],
                    after: written[member.name],
                    lost: member.value
                )
            }
            return entry(
                plan.change,
                intent.number,
                decision,
                target: intent.target,
                fields: fields,
                requestID: requestID,
                reason: reason
            )
        }
    }

    /// What a comparison of both sides has found beside that which is written.
    func leavings(_ plan: Plan) -> [AuditEntry] {
        guard let sides = plan.sides else { return [] }
        let agreed = plan.link?.values ?? JSON.Object()
        let before = agreed.saidByTarget
        // By people, or by a request of ours that came late and was given up. Of an item that is new to us the line of
        // its adoption speaks.
        let same = plan.isAdopted ? JSON.Object() : sides.mirror.differing(from: agreed).without(sides.newlyKept)
        let findings: [(AuditEntry.Decision, JSON.Object, String?)] = [
            (.unchanged, same, "both sides hold the same by now"), (.kept, sides.newlyKept, nil),
        ]
        return findings.compactMap { decision, found, reason in
            guard found.count > 0 else { return nil }
            return entry(
                plan.change,
                plan.link?.number ?? "",
                decision,
                target: plan.link?.target,
                fields: found.members.map { AuditEntry.Field(name: $0.name, before: before[$0.name], after: $0.value) },
                reason: reason
            )
        }
    }

    func tellings(_ intent: Intent, target: String?) -> [Intent] {
        guard let aside = intent.aside, let target, let words = Telling.words(aside, intent.values, title, words) else {
            return []
        }
        var telling = intent
        telling.id = 0
        telling.batch = "\(intent.batch)-\(intent.id)"
        telling.action = .tell
        telling.target = target
        telling.values = Telling.values(words)
        telling.aside = nil
        telling.madeMilliseconds = now
        return [telling]
    }
}

extension Intent {
    fileprivate func only(_ values: JSON.Object) -> Intent {
        var intent = self
        intent.values = values
        intent.aside = aside?.only(values)
        return intent
    }
}

extension JSON.Object {
    /// The members that the other one has with the same value.
    fileprivate func same(as other: JSON.Object) -> JSON.Object {
        var same = JSON.Object()
        for member in members where other[member.name] == member.value { same[member.name] = member.value }
        return same
    }
}
