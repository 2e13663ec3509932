import Core
import Engine
import Systems
import Transport

/// What documents refer to: vendors, customers, items, and the values of dimensions.
///
/// Most of them have a date of their last change, without a time and by the server's own work date: so each reading begins
/// a day early. Renamed and deleted ones are found when everything is compared.
final class NavMasterSource: RecordSource {
    struct Kind: Sendable, Equatable {
        var page: Nav.Page
        /// The fields of its key, as the page names them.
        var key: [String]
        /// Only those of one dimension; nil for all.
        var dimension: String?

        static let vendors = Kind(page: .vendorCard, key: ["No"])
        static let customers = Kind(page: .customerCard, key: ["No"])
        static let items = Kind(page: .itemCard, key: ["No"])
        static let accounts = Kind(page: .accounts, key: ["No"])

        static func dimensionValues(of dimension: String? = nil) -> Kind {
            Kind(page: .dimensionValues, key: ["Dimension_Code", "Code"], dimension: dimension)
        }
    }

    nonisolated let system = Nav.name
    nonisolated let rules: String
    private let kind: Kind
    private let words: [String]
    private let desk: NavDesk
    private var select: [String]?
    private var isStamped = false

    private static let stamp = "Last_Date_Modified"
    /// Whether nobody should choose it any more, whatever the table calls that.
    static let blocked = "isBlocked"

    init(_ kind: Kind, words: [String], desk: NavDesk) {
        self.kind = kind
        self.words = words
        self.desk = desk
        rules = desk.place + (kind.dimension.map { " \($0)" } ?? "")
    }

    func company(lane: Lane) async throws -> String { desk.key }

    func lookAgain() async throws {
        desk.lookAgain()
        select = nil
    }

    private func prepare(lane: Lane) async throws -> [String] {
        if let select { return select }
        guard let published = try await desk.fields(of: kind.page, lane: lane) else {
            throw NavDemand.unpublished(kind.page)
        }
        var names = kind.key
        for word in words {
            guard word != Self.blocked else {
                names += ["Blocked", "Dimension_Value_Type"].filter { published.contains($0) && !names.contains($0) }
                continue
            }
            guard let name = (NavWords.masters[word] ?? [word]).first(where: published.contains) else {
                throw CallError(
                    .stopConnection,
                    Nav.name,
                    .configuration,
                    "\(kind.page.inWords) has no \(word): compare the names in the connection's file with its fields"
                )
            }
            if !names.contains(name) { names.append(name) }
        }
        isStamped = published.contains(Self.stamp)
        select = names
        return names
    }

    // MARK: Some

    func read(_ keys: [String], lane: Lane) async throws -> [Record] {
        let select = try await prepare(lane: lane)
        let parts = keys.compactMap { Self.parts(of: $0, count: kind.key.count) }
        guard let last = kind.key.last else { return [] }
        // One dimension at a time: NAV knows no "or" between different fields.
        var records: [Record] = []
        for (dimension, some) in Dictionary(grouping: parts, by: { $0.dropLast().first }).sorted(by: {
            ($0.key ?? "") < ($1.key ?? "")
        }) {
            let codes = some.compactMap(\.last)
            var rows = try await desk.rows(
                Nav.Query(kind.page, select: select),
                where: last,
                isOneOf: codes,
                lane: lane
            )
            if let dimension { rows.removeAll { $0.fields.text(kind.key[0]).uppercased() != dimension.uppercased() } }
            records += rows.compactMap(record)
        }
        return records
    }

    // MARK: All

    func page(changedSince: WallTime?, lane: Lane) async throws -> RecordPage {
        // The day goes with the way to the next page, so that all of them answer one question.
        let since = try await isStamped(lane) ? changedSince?.day.adding(days: -1) : nil
        return try await page(since: since, next: nil, lane)
    }

    func page(next: String, lane: Lane) async throws -> RecordPage {
        let parts = next.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw CallError(.lookAgain, Nav.name, .expired, "this way to the next page is none of ours")
        }
        return try await page(since: Day(String(parts[0])), next: String(parts[1]), lane)
    }

    private func isStamped(_ lane: Lane) async throws -> Bool {
        _ = try await prepare(lane: lane)
        return isStamped
    }

    private func page(since: Day?, next: String?, _ lane: Lane) async throws -> RecordPage {
        var query = Nav.Query(kind.page, select: try await prepare(lane: lane))
        query.filter = filter(since: since)
        let rows = try await desk.page(query, next: next, lane: lane)
        var page = RecordPage(
            records: rows.rows.compactMap(record),
            next: rows.next.map { "\(since?.text ?? "") \($0)" }
        )
        page.isUnstamped = true
        return page
    }

    private func filter(since: Day?) -> Nav.Filter? {
        let stamp = since.map { Nav.Filter.atLeast(Self.stamp, .string($0.text)) }
        guard let dimension = kind.dimension else { return stamp }
        let one = Nav.Filter.equals("Dimension_Code", .string(dimension))
        return stamp.map { .all([one, $0]) } ?? one
    }

    func count(lane: Lane) async throws -> Int? {
        try await desk.pages.count(Nav.Query(kind.page, filter: filter(since: nil)), lane: lane)
    }

    // MARK: In words

    private func record(of row: Nav.Row) -> Record? {
        let parts = kind.key.map { row.fields.text($0) }
        guard parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        var fields = row.fields
        for word in words where fields[word] == nil {
            fields[word] = NavWords.masters[word]?.lazy.compactMap { row.fields[$0] }.first
        }
        fields[Self.blocked] = .bool(Self.isBlocked(row.fields))
        // Where all are of one dimension, a document names the code alone.
        let number = kind.dimension == nil ? parts.joined(separator: " ") : parts.last ?? ""
        fields[NavDocument.numberField] = .string(number)
        return Record(id: parts.map { NavIdentity.folded($0) }.joined(separator: ":"), fields: fields)
    }

    /// A vendor may be blocked for payments alone; and a heading or a sum is nothing that a document could have.
    private static func isBlocked(_ row: JSON.Object) -> Bool {
        let type = row.text("Dimension_Value_Type")
        return row["Blocked"] == true || row.text("Blocked") == "All" || !(type.isEmpty || type == "Standard")
    }

    /// Of a key such as `department:sales`.
    private static func parts(of key: String, count: Int) -> [String]? {
        let parts = key.split(separator: ":", omittingEmptySubsequences: false)
            .compactMap { NavIdentity.unfolded($0) }
        return parts.count == count && parts.allSatisfy { !$0.isEmpty } ? parts : nil
    }

    nonisolated func plain(_ field: String, of record: Record) -> JSON {
        guard let value = record[field], !Nav.isEmpty(value) else { return .null }
        return value
    }

    nonisolated func number(of record: Record) -> String {
        if case .string(let number) = record[NavDocument.numberField] { number } else { "" }
    }
}
