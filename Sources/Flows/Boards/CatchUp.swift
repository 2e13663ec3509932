import Core
import Systems

/// Looks for what people changed on a board while nobody could be told: from the newest change back to what is known.
///
/// That way round it takes one call for each two hundred items that changed, one where nothing did, and needs no overlap
/// of days on account of a filter that may count in days. Nobody learns of items that were put away meanwhile: those the
/// nightly comparison finds.
struct CatchUp: Sendable, Equatable {
    /// All that was changed before it is known.
    let since: WallTime
    /// The newest change seen: what is known from then on.
    private(set) var newest: WallTime?
    private(set) var pages = 0
    private(set) var isDone = false
    /// There was more than anybody may ask for at once.
    private(set) var isCut = false

    /// A change shows up a little after it was made.
    static let overlap = Duration.seconds(60)
    /// Five thousand items, or five times as many lines of a log. More than that is a matter for a comparison.
    static let mostPages = 25
    static let pageSize = 200

    init(knownUntil: WallTime) {
        since = knownUntil - Self.overlap
    }

    /// What is known when all of it has been marked.
    var watermark: WallTime { max(newest ?? since + Self.overlap, since + Self.overlap) }

    /// The page's items that changed since.
    mutating func took(_ page: Monday.ItemPage) -> [Monday.Item] {
        let recent = page.items.filter { $0.updated.map { $0 >= since } ?? true }
        took(times: page.items.compactMap(\.updated), hasMore: page.cursor != nil && recent.count == page.items.count)
        return recent
    }

    /// The page's items, each with the last that is known of it.
    mutating func took(_ page: Monday.ActivityPage) -> [String: Monday.Activity] {
        took(times: page.lines.compactMap(\.time), hasMore: page.isFull)
        var latest: [String: Monday.Activity] = [:]
        for line in page.lines {
            guard let item = line.item else { continue }
            if let known = latest[item], let then = known.time, line.time.map({ $0 <= then }) ?? true { continue }
            latest[item] = line
        }
        return latest
    }

    private mutating func took(times: [WallTime], hasMore: Bool) {
        for time in times { newest = max(newest ?? time, time) }
        pages += 1
        isCut = hasMore && pages >= Self.mostPages
        isDone = !hasMore || isCut
    }

    /// Whether an item was changed by somebody else than us, who wrote to it last at that time. Both clocks are believed:
    /// what people do in the second of our own write is left to the next comparison.
    static func isNews(changed: WallTime?, writtenMilliseconds: Int64) -> Bool {
        changed.map { Int64($0.millisecondsSince1970) > writtenMilliseconds } ?? true
    }
}

/// How far a board is known, kept with the marks that come of it.
extension CatchUp {
    /// Routes' names hold no space, so no route's own progress is kept there.
    static func place(of board: String) -> String { "catch-up of \(board)" }

    static func known(_ state: JSON?) -> WallTime? {
        state.flatMap { try? JSONField($0)["known"].string() }.flatMap { WallTime($0) }
    }

    static func state(knownUntil time: WallTime) -> JSON { ["known": .string(time.text)] }
}
