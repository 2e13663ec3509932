/// What a write goes over: what its side held before, and the values that lose by it.
///
/// Stored with the intent, because a process that dies after the write must not take the only copy of them with it.
package struct Aside: Sendable, Equatable {
    /// Of the fields written, what the side that is written to held.
    package var before = JSON.Object()
    /// The loser of a field that was changed on both sides.
    package var conflicts = JSON.Object()
    /// What somebody had put by hand into a field that the source owns.
    package var overwritten = JSON.Object()
    /// What the source does not take, and why.
    package var refused = JSON.Object()
    package var refusal: String?

    package init() {}

    /// What nobody has any more once the field is written.
    package func lost(_ field: String) -> JSON? {
        conflicts[field] ?? overwritten[field] ?? refused[field]
    }

    /// Of these fields alone.
    package func only(_ fields: JSON.Object) -> Aside {
        var some = self
        for part in [\Aside.before, \.conflicts, \.overwritten, \.refused] {
            var values = JSON.Object()
            for member in self[keyPath: part].members where fields[member.name] != nil {
                values[member.name] = member.value
            }
            some[keyPath: part] = values
        }
        return some
    }

    // MARK: As it is stored

    package init(_ state: JSON.Object) {
        func values(_ name: String) -> JSON.Object {
            if case .object(let values) = state[name] { values } else { JSON.Object() }
        }
        before = values("before")
        conflicts = values("conflicts")
        overwritten = values("overwritten")
        refused = values("refused")
        if case .string(let words) = state["refusal"] { refusal = words }
    }

    package var state: JSON.Object {
        var state = JSON.Object()
        for (name, values) in [
            ("before", before), ("conflicts", conflicts), ("overwritten", overwritten), ("refused", refused),
        ] where values.count > 0 {
            state[name] = .object(values)
        }
        state["refusal"] = refusal.map { .string($0) }
        return state
    }
}
