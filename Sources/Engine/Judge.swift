import Core
import Store

/// What is to be said and done about one record whose sides did not match, decided from a fresh look at both.
struct Judge: Sendable {
    let route: String
    /// The connection's name, for the audit.
    let connection: String
    let policy: ReconcilePolicy
    let farewell: Farewell
    /// Whether the writer reads items for itself: then its mirror is what both sides agreed on, and is left alone.
    let isTwoWay: Bool
    let reconciliation: Reconciliation
    let now: Int64

    struct Case: Sendable {
        var key: String
        /// Nil for a record that its system does not have.
        var record: Result<(draft: Draft, comparable: JSON.Object), CallError>?
        var link: Link?
        var standing: Standing
        /// Those that carry the key, and the one that the link names, as far as they are there.
        var items: [Target]
        /// Whose items these are by their links.
        var owners: [String: String]
    }

    struct Judgement: Sendable, Equatable {
        var drifts: [Drift] = []
        var relink: Relink?
        var mark: Mark?
        /// Items to be put away, because the record has another one.
        var spares: [Target] = []
        var isWaiting = false
        var isParked = false
    }

    func judge(_ subject: Case) -> Judgement {
        var judgement = Judgement()
        // What is being written says itself what became of it; the next comparison sees the rest.
        guard !subject.standing.isWriting else {
            judgement.isWaiting = true
            return judgement
        }
        let linked = subject.link.flatMap { link in subject.items.first { $0.id == link.target } }
        let carrying = subject.items.filter { item in
            item.key == subject.key && (subject.owners[item.id] ?? subject.key) == subject.key
        }.sorted { ($0.id.utf8.count, $0.id) < ($1.id.utf8.count, $1.id) }
        let kept = linked ?? carrying.first
        switch subject.record {
        case .failure: judgeUnwritable(subject, kept, &judgement)
        case .success(let record):
            if let kept {
                compare(subject, record.draft, record.comparable, kept, &judgement)
            } else {
                judgeMissing(subject, record.draft, &judgement)
            }
        case nil: if let kept { judgeExtra(subject, kept, &judgement) }
        }
        for spare in carrying where spare.id != kept?.id {
            let isRepaired = repairs(.duplicate)
            judgement.drifts.append(
                Drift(.duplicate, key: subject.key, number: spare.number, item: spare.id, isRepaired: isRepaired)
            )
            if isRepaired { judgement.spares.append(spare) }
        }
        return judgement
    }

    private func repairs(_ kind: Drift.Kind) -> Bool {
        !reconciliation.wish.reportsOnly && policy.choice(for: kind) == .repair
            && !(kind == .extra && reconciliation.holdsExtrasBack)
    }

    // MARK: The cases

    /// Where it was parked, it waits for a person, and comparing it again does not help.
    private func judgeUnwritable(_ subject: Case, _ kept: Target?, _ judgement: inout Judgement) {
        guard !stands(subject, &judgement), kept == nil else { return }
        judgement.drifts = [Drift(.missing, key: subject.key, number: "", isRepaired: repairs(.missing))]
        if repairs(.missing) { judgement.mark = mark(subject.key) }
    }

    private func judgeMissing(_ subject: Case, _ draft: Draft, _ judgement: inout Judgement) {
        let isLost = subject.link?.state == .live
        guard isLost || !stands(subject, &judgement) else { return }
        judgement.drifts = [
            Drift(
                .missing,
                key: subject.key,
                number: draft.number,
                item: subject.link?.target,
                isRepaired: repairs(.missing)
            )
        ]
        guard repairs(.missing) else { return }
        judgement.mark = mark(subject.key)
        guard isLost, let link = subject.link else { return }
        judgement.relink = Relink(
            key: subject.key,
            before: link,
            after: nil,
            audit: [entry(subject.key, draft.number, .lost, link.target, "the item is not there any more")]
        )
    }

    private func compare(
        _ subject: Case,
        _ draft: Draft,
        _ comparable: JSON.Object,
        _ kept: Target,
        _ judgement: inout Judgement
    ) {
        let rightly = subject.link.map { kept.rightlyHeld(by: $0, draft) } ?? []
        let differing = kept.differing(from: comparable).filter { !rightly.contains($0) }
        let hasKey = kept.key == subject.key
        let isLinked = subject.link?.target == kept.id && subject.link?.state == .live
        let isDifferent = !differing.isEmpty || !hasKey
        let rewrites = isDifferent && repairs(.different)
        if isDifferent {
            judgement.drifts.append(
                Drift(
                    .different,
                    key: subject.key,
                    number: draft.number,
                    item: kept.id,
                    fields: (hasKey ? [] : ["key"]) + differing,
                    isRepaired: rewrites
                )
            )
        }
        if !isLinked {
            judgement.drifts.append(
                Drift(
                    .unlinked,
                    key: subject.key,
                    number: draft.number,
                    item: kept.id,
                    isRepaired: repairs(.unlinked)
                )
            )
        }
        guard isLinked ? rewrites : repairs(.unlinked) else { return }
        if isLinked, isTwoWay, hasKey {
            judgement.mark = mark(subject.key, isOfTarget: true)
            return
        }
        let link = Link(
            route: route,
            key: subject.key,
            target: kept.id,
            number: draft.number,
            // Without its key, all of the item is written: that brings the key back.
            values: hasKey ? held(by: kept, draft, differing) : JSON.Object(),
            writtenMilliseconds: now
        )
        judgement.relink = Relink(
            key: subject.key,
            before: subject.link,
            after: link,
            audit: isLinked ? [] : [entry(subject.key, draft.number, .adopted, kept.id)]
        )
        if rewrites { judgement.mark = mark(subject.key) }
    }

    private func judgeExtra(_ subject: Case, _ kept: Target, _ judgement: inout Judgement) {
        let isLinked = subject.link?.target == kept.id
        // It was left as it is when its record went.
        if isLinked, subject.link?.state == .archived, farewell != .archive { return }
        // What could not be written of it was parked; now that it is gone, that waits for nobody.
        judgement.drifts = [
            Drift(.extra, key: subject.key, number: kept.number, item: kept.id, isRepaired: repairs(.extra))
        ]
        guard repairs(.extra) else { return }
        judgement.mark = mark(subject.key)
        guard !isLinked || subject.link?.state != .live else { return }
        // What is put away is what a link names.
        judgement.relink = Relink(
            key: subject.key,
            before: subject.link,
            after: Link(
                route: route,
                key: subject.key,
                target: kept.id,
                number: kept.number,
                values: JSON.Object(),
                writtenMilliseconds: now
            )
        )
    }

    /// Something is done about the record anyway, or a person has to do it.
    private func stands(_ subject: Case, _ judgement: inout Judgement) -> Bool {
        judgement.isWaiting = subject.standing.isWaiting
        judgement.isParked = subject.standing.isParked
        return judgement.isWaiting || judgement.isParked
    }

    /// What the item holds, in the words of the draft where they say the same. Where people may ask for something by what
    /// they choose, no more than that is said: what stands on an item that is new to us was asked of somebody else.
    private func held(by item: Target, _ draft: Draft, _ differing: [String]) -> JSON.Object {
        var values = draft.values
        for name in differing {
            guard !isTwoWay else {
                values[name] = nil
                continue
            }
            let seen = item.values[name] ?? .null
            // The same text can mean something else in the form in which it is written.
            values[name] = seen == draft.values[name] ? ["seen": seen] : seen
        }
        return values
    }

    private func mark(_ key: String, isOfTarget: Bool = false) -> Mark {
        Mark(
            route: route,
            key: key,
            lane: .background,
            cause: reconciliation.cause,
            heardMilliseconds: now,
            isOfTarget: isOfTarget
        )
    }

    func entry(
        _ key: String,
        _ number: String,
        _ decision: AuditEntry.Decision,
        _ item: String?,
        _ reason: String? = nil
    ) -> AuditEntry {
        AuditEntry(
            atMilliseconds: now,
            connection: connection,
            route: route,
            key: key,
            number: number,
            target: item,
            decision: decision,
            cause: reconciliation.cause,
            reason: reason
        )
    }
}

extension Target {
    /// The names of those fields in which it rightly holds something else than its record: what people have put there is
    /// kept, or asked for something that is done, and the record has not changed since.
    fileprivate func rightlyHeld(by link: Link, _ draft: Draft) -> Set<String> {
        Set(
            draft.values.members.map(\.name).filter { name in
                guard link.target == id, let here = held[name], let agreed = link.values[name].map(Asked.init),
                    agreed.source == draft.values[name]
                else { return false }
                return agreed.isApart ? agreed.target == here : link.kept[name] == here
            }
        )
    }
}
