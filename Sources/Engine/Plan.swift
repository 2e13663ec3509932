import Core
import Store
import Transport

/// One change with what is to be done about it.
struct Plan {
    let change: Change
    private(set) var link: Link?
    private(set) var decision: Decision
    /// As its system has it; nil where it is gone.
    private(set) var record: Record?
    /// What its target is to hold of the record; nil where it is gone or cannot be drafted.
    private(set) var draft: Draft?
    private(set) var isAdopted = false
    /// On a route that goes both ways, once both have been read.
    private(set) var sides: TwoSides?
    /// For the audit.
    private(set) var note: String?

    init(_ change: Change, _ link: Link?, _ decision: Decision, record: Record? = nil, draft: Draft? = nil) {
        self.record = record
        self.draft = draft
        self.change = change
        self.link = link
        self.decision = decision
    }

    /// As it was when the intent was stored.
    init(of intent: Intent, _ link: Link?) {
        change = Change(
            route: intent.route,
            key: intent.key,
            lane: .live,
            cause: intent.cause,
            sinceMilliseconds: intent.sinceMilliseconds,
            version: intent.version
        )
        self.link = link
        decision = .unchanged
        // An item that was found to be ours, and was written to before that was stored.
        isAdopted = intent.action == .update && link?.target != intent.target
    }

    mutating func add(_ note: String) {
        self.note = self.note.map { "\($0); \(note)" } ?? note
    }

    /// The target has an item with this key: it is ours, whatever happened to our link. All is written that it is not known
    /// to hold.
    mutating func adopt(
        _ item: String,
        others: [String],
        holding held: JSON.Object,
        of route: String,
        at now: Int64
    ) {
        guard case .create(let draft) = decision else { return }
        link = Link(
            route: route,
            key: change.key,
            target: item,
            number: draft.number,
            values: held,
            writtenMilliseconds: now
        )
        let changed = draft.values.differing(from: held)
        decision = changed.count == 0 ? .unchanged : .update(target: item, changed: changed, draft)
        isAdopted = true
        guard !others.isEmpty else { return }
        note = "items with the same key: \(others.prefix(20).joined(separator: ", ")); the oldest one is kept in step"
    }

    /// The record is gone, and the target has an item with its key all the same: it was made, and our link to it was lost
    /// or never stored.
    mutating func takeLeave(of item: String, _ farewell: Farewell, of route: String, at now: Int64) {
        guard case .ignore = decision else { return }
        let found = Link(
            route: route,
            key: change.key,
            target: item,
            number: "",
            values: JSON.Object(),
            writtenMilliseconds: now
        )
        link = found
        decision = Decider(farewell: farewell, confirmsAfter: .zero).decide(change, found: nil, link: found, at: now)
    }

    // MARK: Both ways

    /// There is a record here and an item there, to be compared.
    var isLinked: Bool {
        switch decision {
        case .update, .unchanged: link?.state == .live
        case .create, .archive, .back, .calm, .lost, .leave, .ignore, .confirm, .park: false
        }
    }

    /// Whether its item has to be read: people may have changed it. Where it is only a view, nobody has heard so, and no
    /// word of theirs that was kept is written over, it costs a call to learn nothing.
    func needsItem(on route: any TwoWayRoute) -> Bool {
        guard isLinked, let draft, let link else { return false }
        guard !route.goesBack, !change.isOfTarget else { return true }
        return draft.values.differing(from: link.values).members.contains { link.kept[$0.name] != nil }
    }

    /// `item` is what its item holds, nil for one that is gone.
    @OnLoop mutating func weigh(_ draft: Draft, against item: JSON.Object?, on route: any TwoWayRoute) {
        guard let link else { return }
        guard let item else {
            decision = .lost(target: link.target)
            return
        }
        var sides = TwoSides(
            source: draft.values,
            target: route.likened(item, to: draft.values),
            mirror: link.values,
            kept: link.kept,
            handEdits: route.handEdits,
            owner: route.owner,
            asks: route.asks
        )
        // Whoever approves an amount approves the one that the item shows, not the one that it has become.
        if !sides.requests.isEmpty, !sides.unseen.isEmpty {
            let titles = sides.unseen.map(route.title).joined(separator: ", ")
            sides.refuse(
                "the record has changed since it was shown here (\(titles)): look at it again, and then ask again",
                only: sides.requests
            )
        }
        follow(sides, draft)
    }

    /// Waits where its two sides have corrected each other too often.
    mutating func calm(_ quarrels: inout Quarrels, at now: Int64) {
        switch decision {
        case .back:
            if let due = quarrels.admit(change.key, .writeBack, at: now) { decision = .calm(dueMilliseconds: due) }
        case .update(_, _, let draft):
            guard var sides, sides.toTarget.aside.overwritten.count > 0,
                let due = quarrels.admit(change.key, .overwriting, at: now)
            else { return }
            sides.leaveByHand()
            follow(sides, draft)
            if case .unchanged = decision { decision = .calm(dueMilliseconds: due) }
        case .create, .archive, .unchanged, .calm, .lost, .leave, .ignore, .confirm, .park: break
        }
    }

    /// The source does not take the change: so the target is told what it holds.
    mutating func refuse(_ error: CallError) {
        guard case .back(_, _, let draft) = decision, var sides else { return }
        sides.refuse(error.reason)
        follow(sides, draft)
    }

    private mutating func follow(_ sides: TwoSides, _ draft: Draft) {
        self.sides = sides
        guard let target = link?.target else { return }
        decision =
            if sides.toSource.values.count > 0 {
                .back(target: target, changed: sides.toSource.values, draft)
            } else if sides.toTarget.values.count > 0 {
                .update(target: target, changed: sides.toTarget.values, draft)
            } else if link?.values.count == 0, !isAdopted, draft.values.count > 0 {
                // Its key was taken from it: all of it is written, and the key with that.
                .update(target: target, changed: draft.values, draft)
            } else {
                .unchanged
            }
    }

    /// The record's link with what both sides agree on, once these are written.
    func link(with written: JSON.Object) -> Link? {
        guard var link else { return nil }
        if let sides {
            link.values = sides.mirror
            link.kept = sides.kept
        }
        link.values = written.over(link.values)
        return link
    }

    // MARK: Intents

    /// Nil where nothing is written.
    func intent(at now: Int64) -> Intent? {
        switch decision {
        case .back(let target, let changed, let draft): intent(.back, target, draft.number, changed, at: now)
        case .create(let draft): intent(.create, nil, draft.number, draft.values, at: now)
        case .update(let target, let changed, let draft): intent(.update, target, draft.number, changed, at: now)
        case .archive(let target): intent(.archive, target, link?.number ?? "", JSON.Object(), at: now)
        case .unchanged, .calm, .lost, .leave, .ignore, .confirm, .park: nil
        }
    }

    private func intent(
        _ action: Intent.Action,
        _ target: String?,
        _ number: String,
        _ values: JSON.Object,
        at now: Int64
    ) -> Intent {
        Intent(
            batch: "",
            route: change.route,
            key: change.key,
            action: action,
            target: target,
            number: number,
            values: values,
            aside: action == .back ? sides?.toSource.aside : action == .update ? sides?.toTarget.aside : nil,
            cause: change.cause,
            version: change.version,
            sinceMilliseconds: change.sinceMilliseconds,
            madeMilliseconds: now
        )
    }
}

extension Intent {
    /// Nil for what does not go to the target's fields.
    var write: Write? {
        switch action {
        case .create: Write(action: .create, key: key, target: target, values: values)
        case .update: Write(action: .update, key: key, target: target, values: values)
        case .archive: Write(action: .archive, key: key, target: target, values: values)
        case .back, .tell: nil
        }
    }

    func `in`(batch: String) -> Intent {
        var intent = self
        intent.batch = batch
        return intent
    }
}

/// The key under which a request is known to the target: stored before the request is sent, and never used for another.
enum IdempotencyKey {
    static func make(_ context: FlowContext, _ route: String, _ rows: [ImportRow], at now: Int64) -> String {
        let digest = SHA256().digest { hash in
            for text in [context.tenant, "\(context.connection)", route, "\(now)"] { hash.add(text) }
            for row in rows { hash.add(row.key) }
        }
        return "ml1-\(digest.hexadecimal.prefix(40))"
    }

    static func make(_ context: FlowContext, _ route: String, _ intents: [Intent]) -> String {
        let digest = SHA256().digest { hash in
            for text in [context.tenant, "\(context.connection)", route] { hash.add(text) }
            // What is sent, so that no two requests share a key; and when, because the same values may be right again.
            for intent in intents {
                for text in [intent.key, intent.action.rawValue, intent.target ?? "", "\(intent.madeMilliseconds)"] {
                    hash.add(text)
                }
                hash.add(JSON.object(intent.values).text())
            }
        }
        return "ml1-\(digest.hexadecimal.prefix(40))"
    }
}

extension SHA256 {
    /// With its length, so that two texts cannot be taken for two others.
    fileprivate func add(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { add($0) }
            add(UnsafeRawBufferPointer(bytes))
        }
    }
}
