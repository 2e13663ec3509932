import Core

/// An item as the target has it now.
package struct Target: Sendable, Equatable {
    package var id: String
    /// The record that it says it belongs to; nil for an item of somebody else.
    package var key: String?
    /// What people call it.
    package var number: String
    /// Under the names and in the form of `Route.comparable`. An empty field is null, or left out.
    package var values: JSON.Object
    /// Fields that cannot be read, and say nothing.
    package var unreadable: Set<String>
    /// As `TwoWayRoute.items` gives them, on a route that goes both ways.
    package var held: JSON.Object

    package init(
        id: String,
        key: String?,
        number: String,
        values: JSON.Object,
        unreadable: Set<String> = [],
        held: JSON.Object = JSON.Object()
    ) {
        self.id = id
        self.key = key
        self.number = number
        self.values = values
        self.unreadable = unreadable
        self.held = held
    }

    /// The names of those fields in which it holds something else than a record says.
    package func differing(from record: JSON.Object) -> [String] {
        record.members.filter { member in
            !unreadable.contains(member.name) && (values[member.name] ?? .null) != member.value
        }.map(\.name)
    }

    /// Those values of a draft that it holds already.
    package func held(of draft: Draft, _ comparable: JSON.Object) -> JSON.Object {
        var rest = JSON.Object()
        for name in differing(from: comparable) + unreadable { rest[name] = .null }
        return draft.values.without(rest)
    }
}

package struct TargetPage: Sendable, Equatable {
    package var items: [Target]
    /// What to ask with for the next page; nil after the last.
    package var next: String?

    package init(items: [Target], next: String?) {
        self.items = items
        self.next = next
    }
}

extension Route {
    package nonisolated var reconciles: ReconcilePolicy? { nil }

    package func targets(after: String?, lane: Lane) async throws -> TargetPage {
        TargetPage(items: [], next: nil)
    }

    package func targets(_ ids: [String], lane: Lane) async throws -> [Target] { [] }

    package func comparable(_ record: Record) throws(CallError) -> JSON.Object {
        try draft(of: record).values
    }
}
