import Core

/// What the two sides of a field held when they were last in agreement, where people ask for something by what they choose.
///
/// Such a field shows the source's state, and what people choose there may be a request: "book it". When that is done, the
/// source may be in a state of quite another name, or in the same one as before. So the two rightly hold different things,
/// and both are remembered: (a, a) where they hold the same.
///
///     source   target           agreed on   then
///     a        a                anything    in step
///     a        b                not known   to the target: nothing is done at first sight
///     b        x                (a, x)      to the target
///     a        x                (a, x)      apart, as before
///     a        c, a request     (a, x)      to the source
///     b        c, a request     (a, x)      to the source, although that has changed meanwhile
///     a        c, no request    (a, x)      apart: people's own word, until the source changes
///     b        c, no request    (a, x)      to the target, c lost
///
/// A field that was emptied asks for nothing. What was asked for is remembered once it is done, as (a, c): what the source
/// has come to meanwhile, by the request or otherwise, is then its change, and goes to the target. Until it is known to be
/// done, a crash in between, it is asked for again. What the source refuses is not remembered: the target gets the source's
/// state back.
package struct Asked: Sendable, Equatable {
    package var source: JSON
    package var target: JSON

    package init(source: JSON, target: JSON) {
        self.source = source
        self.target = target
    }

    package static func step(source: JSON, target: JSON, agreed: Asked?, isRequest: Bool) -> TwoSides.Step {
        guard source != target else { return .inStep }
        guard let agreed else { return .toTarget(.unknown) }
        let isSame = source == agreed.source
        guard target != agreed.target else { return isSame ? .apart(isNew: false) : .toTarget(.changed) }
        if isRequest, target != .null { return .toSource(isSame ? .changed : .conflict) }
        return isSame ? .apart(isNew: true) : .toTarget(.conflict)
    }

    // MARK: As it is stored

    private static let names = (source: "said by the source", target: "said by the target")

    package var json: JSON {
        guard source != target else { return source }
        var pair = JSON.Object()
        pair[Self.names.source] = source
        pair[Self.names.target] = target
        return .object(pair)
    }

    /// Any other value is what both hold.
    package init(_ value: JSON) {
        self.init(source: value, target: value)
        guard case .object(let pair) = value, pair.count == 2, let source = pair[Self.names.source],
            let target = pair[Self.names.target]
        else { return }
        self.init(source: source, target: target)
    }

    var isApart: Bool { source != target }
}

extension JSON.Object {
    /// What both sides agreed on, as the source says it.
    package var saidBySource: JSON.Object { mapped { $0.source } }
    /// What both sides agreed on, as people see it on the target.
    package var saidByTarget: JSON.Object { mapped { $0.target } }

    private func mapped(_ side: (Asked) -> JSON) -> JSON.Object {
        var values = self
        for member in members {
            let asked = Asked(member.value)
            if asked.isApart { values[member.name] = side(asked) }
        }
        return values
    }
}
