import Core
import Engine
import Systems

/// What a route wants to hear of its board.
extension BoardRoute {
    /// The columns whose values are compared with the records': those that the board has, once that is known.
    var watched: Set<String> {
        Set(fitted?.columns.map(\.column.id) ?? mapping.rules.map(\.column))
    }

    /// Whether something that people do there goes to the books, or is asked of them.
    var takesFromBoard: Bool {
        let route: any Route = self
        guard let twoWay = route as? any TwoWayRoute else { return false }
        return mapping.rules.contains { twoWay.owner(of: $0.column) != .source }
    }

    /// Word of an item of ours.
    func mark(_ key: String, lane: Lane, cause: String, heardMilliseconds: Int64) -> Mark {
        Mark(route: name, key: key, lane: lane, cause: cause, heardMilliseconds: heardMilliseconds)
    }
}
