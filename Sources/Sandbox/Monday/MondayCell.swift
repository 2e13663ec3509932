import Core

/// What one cell holds. An empty cell has none.
enum MondayCell: Sendable, Equatable {
    case text(String)
    case number(Decimal)
    case status(Int)
    case dropdown([Int])
    case date(Day, time: String?)
    case timeline(Day, Day)
    case week(Day, Day)
    case hour(Int, Int)
    case people([Person])
    /// Items of other boards, or of this one for a dependency.
    case items([Int])
    case link(url: String, text: String)
    case email(String, text: String)
    case phone(String, country: String)
    case country(code: String, name: String)
    case checked
    case rating(Int)
    case tags([Int])
    case location(latitude: String, longitude: String, address: String)

    struct Person: Sendable, Equatable {
        var id: Int
        var kind: String
    }

    /// A cell, and when it was last changed.
    struct Entry: Sendable {
        var cell: MondayCell
        var changed: WallTime
    }
}
