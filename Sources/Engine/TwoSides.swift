import Core

/// What each side of a record has to take from the other one, field by field, decided from what both hold now and what
/// they last agreed on.
///
///     source   target   mirror             the source's field     the target's field
///     a        a        anything           in step                in step
///     b        a        a                  to the target          to the target
///     a        b        a                  over it, or kept       to the source
///     b        c        a                  to the target, c lost  to the source, b lost
///     a        b        not known          to the target          to the source
///     a        nothing  not known          to the target          to the target
///
/// How a field is decided on by which people ask for something: `Asked`. There a value that was kept before the field
/// became one of those is people's own word, and asks for nothing. A field that the item says nothing of holds what was
/// agreed on: one that was emptied says that it is null. A write of our own that comes back is in step, however often it
/// does; a field that is in step is agreed on, whoever changed it.
package struct TwoSides: Sendable, Equatable {
    package enum Step: Sendable, Equatable {
        case inStep
        case toTarget(Why)
        case toSource(Why)
        /// The target's value stays, although the source owns the field.
        case keep
        /// Each side holds something else, and rightly so, from now on or still.
        case apart(isNew: Bool)
    }

    package enum Why: Sendable, Equatable {
        case changed
        /// On both sides.
        case conflict
        /// By people, on the side that does not own it.
        case byHand
        /// They were never compared before.
        case unknown
    }

    /// Values for one side, and what they go over there.
    package struct Crossing: Sendable, Equatable {
        package fileprivate(set) var values = JSON.Object()
        package fileprivate(set) var aside = Aside()
    }

    package private(set) var toTarget = Crossing()
    package private(set) var toSource = Crossing()
    /// What both sides agree on, as far as that is known.
    package private(set) var mirror: JSON.Object
    /// What stays on the target against the source's word.
    package private(set) var kept = JSON.Object()
    /// Of that, what was not there before.
    package private(set) var newlyKept = JSON.Object()
    /// Fields by which people ask for something.
    package private(set) var requests: [String] = []
    /// Fields that the source has changed since the item showed them.
    package private(set) var unseen: [String] = []

    package init(
        source: JSON.Object,
        target: JSON.Object,
        mirror: JSON.Object,
        kept before: JSON.Object = JSON.Object(),
        handEdits: HandEdits = .overwrite,
        owner: (String) -> FieldOwner,
        asks: (String, JSON) -> Bool = { _, _ in false }
    ) {
        self.mirror = mirror
        for member in source.members {
            let (field, here) = (member.name, member.value)
            let agreed = mirror[field].map(Asked.init)
            guard let there = target[field] else {
                if agreed?.source != here {
                    toTarget.take(field, here, over: agreed?.target, .changed)
                    if agreed != nil { unseen.append(field) }
                }
                continue
            }
            let owner = owner(field)
            let step =
                switch owner {
                case .source, .target:
                    Self.step(
                        source: here,
                        target: there,
                        mirror: agreed?.source,
                        owner: owner,
                        handEdits: handEdits
                    )
                case .asked:
                    Asked.step(
                        source: here,
                        target: there,
                        agreed: agreed.map { Asked(source: $0.source, target: before[field] ?? $0.target) },
                        isRequest: asks(field, there)
                    )
                }
            switch step {
            case .inStep: self.mirror[field] = here
            case .toTarget(let why):
                toTarget.take(field, here, over: there, why)
                if why == .changed || why == .conflict { unseen.append(field) }
            case .toSource(let why):
                toSource.take(field, there, over: here, why)
                if owner == .asked {
                    requests.append(field)
                    toSource.values[field] = Asked(source: agreed?.source ?? here, target: there).json
                }
            case .keep:
                kept[field] = there
                if before[field] != there { newlyKept[field] = there }
            case .apart(let isNew):
                self.mirror[field] = Asked(source: here, target: there).json
                if isNew { newlyKept[field] = there }
            }
        }
    }

    package static func step(
        source: JSON,
        target: JSON,
        mirror: JSON?,
        owner: FieldOwner,
        handEdits: HandEdits
    ) -> Step {
        guard source != target else { return .inStep }
        let toOwner: (Why) -> Step = { owner == .source ? .toTarget($0) : .toSource($0) }
        switch mirror {
        // An owner that holds nothing has not been asked yet: the column is new, or its item was made by hand.
        case nil: return target == .null ? .toTarget(.unknown) : toOwner(.unknown)
        case target?: return .toTarget(.changed)
        case source? where owner == .target: return .toSource(.changed)
        case source?: return handEdits == .keep ? .keep : .toTarget(.byHand)
        case _?: return toOwner(.conflict)
        }
    }

    /// What people have put into the source's fields is left for now.
    package mutating func leaveByHand() {
        toTarget.values = toTarget.values.without(toTarget.aside.overwritten)
        toTarget.aside = toTarget.aside.only(toTarget.values)
    }

    /// The source does not take what was to go there, or these fields of it: the target gets the source's values back.
    package mutating func refuse(_ reason: String, only fields: [String]? = nil) {
        var refused = toSource
        toSource = Crossing()
        if let fields {
            var those = JSON.Object()
            for field in fields { those[field] = .null }
            toSource.values = refused.values.without(those)
            toSource.aside = refused.aside.only(toSource.values)
            refused.values = refused.values.without(toSource.values)
        }
        for member in refused.values.saidByTarget.members {
            toTarget.values[member.name] = refused.aside.before[member.name] ?? .null
            toTarget.aside.before[member.name] = member.value
            toTarget.aside.refused[member.name] = member.value
        }
        toTarget.aside.refusal = reason
    }
}

extension TwoSides.Crossing {
    fileprivate mutating func take(_ field: String, _ value: JSON, over before: JSON?, _ why: TwoSides.Why) {
        values[field] = value
        aside.before[field] = before
        switch why {
        case .changed, .unknown: break
        case .conflict: aside.conflicts[field] = before
        case .byHand: aside.overwritten[field] = before
        }
    }
}
