/// Who waits for one window of an account, and whose turn it is there, whichever of the account's workers they belong to.
///
/// A caller that was told when to ask again has a place until shortly after that time: if its process dies, nobody waits
/// for it longer. Days have no line: what is left of a day is there for all, and then for nobody.
package struct WindowLine: Sendable, Equatable {
    package struct Place: Sendable, Equatable {
        /// What it wants to take.
        package var units: Int
        package var until: Int64

        package init(units: Int, until: Int64) {
            self.units = units
            self.until = until
        }
    }

    /// So much longer than it waits a caller keeps its place, in milliseconds.
    package static let patience: Int64 = 500

    package var turns: LaneTurns
    package var places: [Lane: Place]

    package init(turns: LaneTurns = LaneTurns(), places: [Lane: Place] = [:]) {
        self.turns = turns
        self.places = places
    }

    /// The lanes that wait, but for one's own.
    package func others(than lane: Lane, at now: Int64) -> Set<Lane> {
        Set(places.lazy.filter { $0.key != lane && $0.value.until > now }.map(\.key))
    }

    /// Who goes before that lane; nil when it is its turn.
    package func first(before lane: Lane, at now: Int64) -> Lane? {
        let others = others(than: lane, at: now)
        guard !others.isEmpty, let first = turns.first(of: others.union([lane])), first != lane else { return nil }
        return first
    }

    package mutating func waits(_ lane: Lane, for units: Int, until: Int64) {
        places[lane] = Place(units: units, until: until + Self.patience)
    }

    package mutating func entered(_ lane: Lane, with units: Int, at now: Int64) {
        places[lane] = nil
        let others = others(than: lane, at: now)
        if others.isEmpty { turns.restart() } else { turns.took(units, lane, while: others) }
    }
}
