import Core
import Engine
import Systems
import Transport

/// The board as a whole, to be compared with what the books have.
extension BoardRoute {
    /// A page costs one of the account's calls of the day, whatever its size. One that takes Monday too long is halved.
    static let usualScanSize = 200
    private static let smallestScanSize = 25

    func comparable(_ record: Record) throws(CallError) -> JSON.Object {
        guard let fitted else {
            throw CallError(.lookAgain, Monday.name, .missing, "the board has not been looked at yet")
        }
        return try fitted.comparable { plain($0, of: record) }
    }

    func targets(after: String?, lane: Lane) async throws -> TargetPage {
        try await prepare()
        let company = try await source.company(lane: lane)
        var place = try ScanPlace(after)
        let page: Monday.ItemPage?
        do {
            page = try await scan(place, lane)
        } catch let error as CallError where error.kind == .expired && place.newest != nil {
            // An hour is over. What was seen last was changed when everything before it had been seen.
            place.cursor = nil
            page = try await scan(place, lane)
        } catch let error as CallError where error.kind == .timeout {
            scanSize = max(scanSize / 2, Self.smallestScanSize)
            throw error
        }
        guard let page else { return TargetPage(items: [], next: nil) }
        place.took(page)
        return TargetPage(items: page.items.map { target($0, company) }, next: place.text)
    }

    private func scan(_ place: ScanPlace, _ lane: Lane) async throws -> Monday.ItemPage? {
        try await monday.page(place.step, of: mapping.board, columns: scanned, size: scanSize, lane: lane)
    }

    func targets(_ ids: [String], lane: Lane) async throws -> [Target] {
        guard !ids.isEmpty else { return [] }
        try await prepare()
        let company = try await source.company(lane: lane)
        let items = try await monday.items(ids, columns: scanned, lane: lane)
        return items.values.filter(isOurs).sorted { $0.id < $1.id }.map { target($0, company) }
    }

    private var scanned: [Monday.Column] {
        (keyColumn.map { [$0] } ?? []) + (fitted?.columns.map(\.column).filter { $0.type != .name } ?? [])
    }

    private func target(_ item: Monday.Item, _ company: String) -> Target {
        let external = (item[mapping.keyColumn]?.shown ?? "").lowercased()
        let prefix = externalKey("", company)
        let key = external.hasPrefix(prefix) ? String(external.dropFirst(prefix.count)) : ""
        let (values, unreadable) = fitted?.comparable(item) ?? (JSON.Object(), [])
        return Target(
            id: item.id,
            key: key.isEmpty ? nil : key,
            number: item.name,
            values: values,
            unreadable: unreadable,
            held: fitted?.held(item) ?? JSON.Object()
        )
    }
}

/// Where a walk over the board is: Monday's own word for it, which ends an hour after the first page, and the last change
/// that was seen, from which another walk can go on.
struct ScanPlace: Equatable {
    var cursor: String?
    private(set) var newest: WallTime?

    init(_ text: String?) throws {
        guard let text else { return }
        let field = JSONField(try JSON.parse(text))
        cursor = try field["cursor"].orNil?.string()
        newest = try field["newest"].orNil.flatMap { WallTime(try $0.string()) }
    }

    var step: Monday.Scan.Step {
        cursor.map { .next(cursor: $0) } ?? .begin(since: newest.map { $0 - Monday.Scan.overlap })
    }

    mutating func took(_ page: Monday.ItemPage) {
        cursor = page.cursor
        for case let updated? in page.items.lazy.map(\.updated) { newest = max(newest ?? updated, updated) }
    }

    /// Nil after the last page.
    var text: String? {
        guard let cursor else { return nil }
        var state = JSON.Object()
        state["cursor"] = .string(cursor)
        state["newest"] = newest.map { .string($0.text) }
        return JSON.object(state).text()
    }
}
