import Core
import Store

/// One change with what is to be done about it.
struct Plan {
    let change: Change
    private(set) var link: Link?
    private(set) var decision: Decision
    private(set) var isAdopted = false
    /// For the audit.
    private(set) var note: String?

    init(_ change: Change, _ link: Link?, _ decision: Decision) {
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
    }

    /// The target has an item with this key: it is ours, whatever happened to our link, and is written in full.
    mutating func adopt(_ item: String, others: [String], of route: String, at now: Int64) {
        guard case .create(let draft) = decision else { return }
        link = Link(
            route: route,
            key: change.key,
            target: item,
            number: draft.number,
            values: JSON.Object(),
            writtenMilliseconds: now
        )
        decision = .update(target: item, changed: draft.values, draft)
        isAdopted = true
        guard !others.isEmpty else { return }
        note = "items with the same key: \(others.prefix(20).joined(separator: ", ")); the oldest one is kept in step"
    }

    /// Nil where nothing is written.
    func intent(at now: Int64) -> Intent? {
        switch decision {
        case .create(let draft): intent(.create, nil, draft.number, draft.values, at: now)
        case .update(let target, let changed, let draft): intent(.update, target, draft.number, changed, at: now)
        case .archive(let target): intent(.archive, target, link?.number ?? "", JSON.Object(), at: now)
        case .unchanged, .leave, .ignore, .confirm, .park: nil
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
            cause: change.cause,
            version: change.version,
            sinceMilliseconds: change.sinceMilliseconds,
            madeMilliseconds: now
        )
    }
}

extension Intent {
    var write: Write { Write(action: action, key: key, target: target, values: values) }

    func `in`(batch: String) -> Intent {
        var intent = self
        intent.batch = batch
        return intent
    }
}

/// The key under which a request is known to the target: stored before the request is sent, and never used for another.
enum IdempotencyKey {
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
