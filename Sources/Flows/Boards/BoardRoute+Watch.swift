import Core
import Engine
import Systems

/// What a route wants to hear of its board.
extension BoardRoute {
    /// The columns whose values are compared with the records': those that the board has, once that is known.
    var watched: Set<String> {
        Set(fitted?.columns.map(\.column.id) ?? mapping.rules.map(\.column))
    }

    /// Word of an item of ours: it may hold something else than was written.
    func mark(_ key: String, lane: Lane, cause: String, heardMilliseconds: Int64) -> Mark {
        Mark(
            route: name,
            key: key,
            lane: lane,
            cause: cause,
            heardMilliseconds: heardMilliseconds,
            isOfTarget: true
        )
    }
}

extension Link {
    /// What the item is known to hold in a column: what was agreed on last, what people asked for there, or what they have
    /// put there and keep.
    func held(in column: String) -> JSON? {
        kept[column] ?? values[column].map { Asked($0).target }
    }
}
