import Core

/// What to do about a request that was sent, perhaps, and never answered, as far as we know.
package enum Aftermath: Sendable, Equatable {
    case conclude([Conclusion])
    /// Send it again, exactly as it was, under its own key.
    case repeatAll

    /// `found` are the items that carry the keys of the records that were to be created; a new one may take as long as
    /// `searchDelay` to show up among them.
    package static func decide(
        _ batch: [Intent],
        found: [String: [String]],
        links: [String: Link],
        keyLife: Duration,
        searchDelay: Duration,
        at now: Int64
    ) -> Aftermath {
        let creating = batch.filter { $0.action == .create }
        let isYoung = batch.allSatisfy { now - $0.madeMilliseconds < keyLife.milliseconds }
        // The request may still be on its way to the target, or be waiting there. Sent again under its own key it is made
        // once, whichever of the two comes first; and what is written after that cannot be undone by it any more.
        if isYoung, creating.allSatisfy({ found[$0.key, default: []].isEmpty }) { return .repeatAll }
        return .conclude(
            batch.map { intent in
                var conclusion = conclude(intent, item: found[intent.key]?.first, link: links[intent.key], at: now)
                if intent.action == .create, conclusion.link == nil {
                    // Looked for once more before it is made.
                    conclusion.end = .later(
                        dueMilliseconds: now + searchDelay.milliseconds,
                        attempts: 0,
                        missingSince: nil
                    )
                }
                return conclusion
            }
        )
    }

    private static func conclude(_ intent: Intent, item: String?, link: Link?, at now: Int64) -> Conclusion {
        var conclusion = Conclusion(
            route: intent.route,
            key: intent.key,
            version: intent.version,
            end: .later(dueMilliseconds: now, attempts: 0, missingSince: nil),
            intent: intent.id
        )
        switch (intent.action, item) {
        case (.create, let item?):
            // It is there. What it holds may be what we sent or not: all of it is written again.
            conclusion.link = Link(
                route: intent.route,
                key: intent.key,
                target: item,
                number: intent.number,
                values: JSON.Object(),
                writtenMilliseconds: now
            )
        case (.create, nil): break
        case (.update, _):
            // These fields may hold the old value or the new one: neither counts as written.
            conclusion.link = link
            conclusion.link?.values = (link?.values ?? JSON.Object()).without(intent.values)
        case (.archive, _), (.back, _), (.tell, _): break
        }
        return conclusion
    }
}
