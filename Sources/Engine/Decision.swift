import Core

/// What is to be done about one change, decided from what its system says now and what we wrote last.
package enum Decision: Sendable, Equatable {
    /// The target holds it already.
    case unchanged
    case create(Draft)
    /// Only what differs from what was written last.
    case update(target: String, changed: JSON.Object, Draft)
    /// What people changed on the target goes to the source; all else comes after it.
    case back(target: String, changed: JSON.Object, Draft)
    /// Its two sides correct each other all the time, or what it depends on is not there yet: it is tried again then.
    case calm(dueMilliseconds: Int64)
    /// The item was taken away: its record gets another one.
    case lost(target: String)
    case archive(target: String)
    /// Gone, and the item stays: its link ends.
    case leave
    /// Gone, and it never had an item.
    case ignore
    /// It seems to be gone. One answer may be wrong: it is asked again then.
    case confirm(dueMilliseconds: Int64, missingSince: Int64)
    case park(CallError)
}

/// The rule of one route.
package struct Decider: Sendable {
    package var farewell: Farewell
    /// How long a record has to be missing until it counts as deleted.
    package var confirmsAfter: Duration

    package init(farewell: Farewell, confirmsAfter: Duration) {
        self.farewell = farewell
        self.confirmsAfter = confirmsAfter
    }

    /// `found` is nil for a record that its system does not have.
    package func decide(
        _ change: Change,
        found: Result<Draft, CallError>?,
        link: Link?,
        at now: Int64
    ) -> Decision {
        switch found {
        case .failure(let error): decideUndrafted(error, at: now)
        case .success(let draft): decide(draft, link)
        case nil: decideMissing(change, link, at: now)
        }
    }

    private func decide(_ draft: Draft, _ link: Link?) -> Decision {
        guard let link, link.state == .live else { return .create(draft) }
        let changed = draft.values.differing(from: link.values.saidBySource)
        return changed.count == 0 ? .unchanged : .update(target: link.target, changed: changed, draft)
    }

    /// One that waits for something is no matter for a person.
    private func decideUndrafted(_ error: CallError, at now: Int64) -> Decision {
        guard case .retry(let wait) = error.remedy else { return .park(error) }
        return .calm(dueMilliseconds: now + (wait ?? .seconds(60)).milliseconds)
    }

    private func decideMissing(_ change: Change, _ link: Link?, at now: Int64) -> Decision {
        // What lies ahead was written down before the clock was set back.
        let since = min(change.missingSinceMilliseconds ?? now, now)
        let due = since + confirmsAfter.milliseconds
        guard change.missingSinceMilliseconds != nil, now >= due else {
            return .confirm(dueMilliseconds: due, missingSince: since)
        }
        guard let link else { return .ignore }
        guard link.state == .live else { return .unchanged }
        switch farewell {
        case .archive: return .archive(target: link.target)
        case .keep: return .leave
        case .mark(let values):
            let draft = Draft(number: link.number, values: values)
            let changed = values.differing(from: link.values)
            return changed.count == 0 ? .leave : .update(target: link.target, changed: changed, draft)
        }
    }
}

extension JSON.Object {
    /// The members that the other one does not have, or has with another value.
    package func differing(from other: JSON.Object) -> JSON.Object {
        var changed = JSON.Object()
        for member in members where other[member.name] != member.value { changed[member.name] = member.value }
        return changed
    }

    /// These, over those of the other one.
    package func over(_ other: JSON.Object) -> JSON.Object {
        var all = other
        for member in members { all[member.name] = member.value }
        return all
    }

    package func without(_ names: JSON.Object) -> JSON.Object {
        var rest = JSON.Object()
        for member in members where names[member.name] == nil { rest[member.name] = member.value }
        return rest
    }
}
