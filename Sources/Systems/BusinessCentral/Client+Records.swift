import Core
import Transport

extension BusinessCentral.Client {
    /// Those of the records that there are, each once, in the order of the ids. One that is missing may have been deleted
    /// or be hidden from the application: ask for it alone before believing either.
    package func records(
        _ entitySet: String,
        ids: [String],
        select: [String] = [],
        expand: [BusinessCentral.Expansion] = [],
        lane: Lane
    ) async throws -> [Record] {
        var seen: Set<String> = []
        let wanted = try ids.map(checked).filter { seen.insert($0).inserted }
        guard !wanted.isEmpty else { return [] }
        let fields = try self.fields(select, of: entitySet)
        let expand = try checked(expand)
        let base = try await collection(entitySet, lane: lane)
        let size = BusinessCentral.Limits.pageSize(expand)
        var found: [String: Record] = [:]
        for question in BusinessCentral.Question.questions(for: wanted, select: fields, expand: expand, at: base) {
            var page = try await page(at: question.url, size: size, lane: lane)
            for record in page.records { found[record.id] = record }
            // A server with small pages.
            for _ in question.ids {
                guard let next = page.next else { break }
                page = try await self.page(next: next, pageSize: size, lane: lane)
                for record in page.records { found[record.id] = record }
            }
        }
        return wanted.compactMap { found[$0] }
    }

    /// The record, or nil when Business Central says that there is none. A record that is being posted is away for a
    /// moment: somebody who is about to delete something asks again after half a minute.
    package func record(
        _ entitySet: String,
        id: String,
        select: [String] = [],
        expand: [BusinessCentral.Expansion] = [],
        lane: Lane
    ) async throws -> Record? {
        let id = try checked(id)
        let expand = try checked(expand)
        let fields = try self.fields(select, of: entitySet)
        let base = try await collection(entitySet, lane: lane)
        let url = BusinessCentral.Question(select: fields, expand: expand).url(at: "\(base)(\(id))")
        let exchange = try await exchange(BusinessCentral.Call(url: url, lane: lane))
        if exchange.refusal?.saysRecordIsMissing == true { return nil }
        let body = try success(of: exchange).body
        let record: Record
        do {
            record = try BusinessCentral.PageReader.record(body)
        } catch {
            throw exchange.garbage("\(error)")
        }
        guard record.id == id else { throw exchange.garbage("it is about another record") }
        return record
    }

    /// The first page of those that changed since then (at that very instant, too), oldest change first; of all where nil.
    /// A copy of the database, where the vendor has one, answers without slowing down people at work. It is some seconds
    /// behind, so it is for nobody who has just heard of a change.
    package func page(
        _ entitySet: String,
        changedSince: WallTime?,
        filter: BusinessCentral.Filter? = nil,
        select: [String] = [],
        expand: [BusinessCentral.Expansion] = [],
        pageSize: Int = BusinessCentral.Limits.usualPage,
        fromCopy: Bool = false,
        lane: Lane
    ) async throws -> RecordPage {
        let fields = try self.fields(select, of: entitySet)
        let since = changedSince.map { "lastModifiedDateTime ge \($0.text(fractionDigits: 3))" }
        let conditions = [since, filter?.text(of: entity(entitySet))].compactMap(\.self)
        let question = BusinessCentral.Question(
            filter: conditions.isEmpty ? nil : conditions.joined(separator: " and "),
            select: fields,
            expand: try checked(expand),
            order: "lastModifiedDateTime asc,id asc"
        )
        let url = question.url(at: try await collection(entitySet, lane: lane))
        return try await page(at: url, size: pageSize, lane: lane, fromCopy: fromCopy)
    }

    /// How many records there are, or nil where the server does not say: a page of the customer's own may have reasons, and
    /// nobody should be kept from reading it by that.
    package func count(
        _ entitySet: String,
        filter: BusinessCentral.Filter? = nil,
        lane: Lane
    ) async throws -> Int? {
        let question = BusinessCentral.Question(
            filter: filter?.text(of: entity(entitySet)),
            select: ["id"],
            countsAll: true
        )
        let url = question.url(at: try await collection(entitySet, lane: lane))
        let exchange = try await exchange(BusinessCentral.Call(url: url, lane: lane))
        if let refusal = exchange.refusal, [400, 404, 405, 501].contains(refusal.status) { return nil }
        let body = try success(of: exchange).body
        guard let document = try? JSON.parse(body.span) else { throw exchange.garbage("it is no JSON") }
        return try? JSONField(document)["@odata.count"].int(in: 0...1_000_000_000)
    }

    /// The first page of the ids of all records, without their fields.
    package func idPage(
        _ entitySet: String,
        pageSize: Int = BusinessCentral.Limits.largestPage,
        lane: Lane
    ) async throws -> RecordPage {
        let question = BusinessCentral.Question(select: ["id"], order: "id asc")
        return try await page(
            at: question.url(at: try await collection(entitySet, lane: lane)),
            size: pageSize,
            lane: lane
        )
    }

    /// The page that another one named as its next.
    package func page(
        next: String,
        pageSize: Int = BusinessCentral.Limits.usualPage,
        lane: Lane
    ) async throws -> RecordPage {
        let company = try await companyID(lane: lane)
        let fromCopy = next.hasPrefix(Self.copyMark)
        let next = fromCopy ? String(next.dropFirst(Self.copyMark.count)) : next
        guard settings.leads(next, toCompany: company) else {
            throw CallError(
                .retry(after: nil),
                BusinessCentral.name,
                .garbage,
                "the link to the next page leads away from this connection's company, and is not followed"
            )
        }
        return try await page(at: next, size: pageSize, lane: lane, isNext: true, fromCopy: fromCopy)
    }

    // MARK: Pages

    /// Stands before the link to a next page of the copy: all of a list comes from the same place.
    private static let copyMark = "copy "

    func page(
        at url: String,
        size: Int,
        lane: Lane,
        isNext: Bool = false,
        fromCopy: Bool = false
    ) async throws -> RecordPage {
        let place = fromCopy ? [HTTPClient.Header("Data-Access-Intent", "ReadOnly")] : []
        while true {
            let size = min(max(size, 1), largestPage)
            let call = BusinessCentral.Call(
                url: url,
                headers: [HTTPClient.Header("Prefer", "odata.maxpagesize=\(size)")] + place,
                lane: lane,
                mostBytes: BusinessCentral.Limits.pageBytes
            )
            let exchange = try await exchange(call)
            if exchange.wasTooMuch, size > BusinessCentral.Limits.smallestPage {
                largestPage = max(size / 2, BusinessCentral.Limits.smallestPage)
                pagesSinceChange = 0
                // One that took too long is left to the caller's patience; it comes back to smaller pages.
                if exchange.isAboutSize { continue }
            }
            if isNext, let refusal = exchange.refusal, refusal.saysPlaceIsLost { throw refusal.lostPlace }
            let body = try success(of: exchange).body
            grow()
            do {
                var page = try BusinessCentral.PageReader.page(body)
                if fromCopy { page.next = page.next.map { Self.copyMark + $0 } }
                return page
            } catch {
                throw exchange.garbage("\(error)")
            }
        }
    }

    private func grow() {
        guard largestPage < BusinessCentral.Limits.largestPage else { return }
        pagesSinceChange += 1
        guard pagesSinceChange >= BusinessCentral.Limits.pagesBeforeGrowing else { return }
        largestPage = min(2 * largestPage, BusinessCentral.Limits.largestPage)
        pagesSinceChange = 0
    }

    // MARK: Names

    private func collection(_ entitySet: String, lane: Lane) async throws -> String {
        "\(settings.root)/companies(\(try await companyID(lane: lane)))/\(try named(entitySet))"
    }

    /// With what every record is known by.
    private func fields(_ select: [String], of entitySet: String) throws -> [String] {
        guard !select.isEmpty else { return [] }
        let always = BusinessCentral.unstamped.contains(entitySet) ? ["id"] : ["id", "lastModifiedDateTime"]
        return try always + select.map(named).filter { !always.contains($0) }
    }

    /// What an extension calls by the name of a standard one is another thing.
    private func entity(_ entitySet: String) -> BusinessCentral.Entity? {
        if case .standard = settings.route { BusinessCentral.Entity.named(entitySet) } else { nil }
    }

    private func checked(_ expand: [BusinessCentral.Expansion]) throws -> [BusinessCentral.Expansion] {
        try expand.map { BusinessCentral.Expansion(try named($0.name), select: try $0.select.map(named)) }
    }

    func named(_ name: String) throws -> String {
        guard BusinessCentral.isIdentifier(name) else {
            throw CallError(
                .stopConnection,
                BusinessCentral.name,
                .configuration,
                "the connection names a field or an entity that no API page can have: it must be letters and digits"
            )
        }
        return name
    }

    private func checked(_ id: String) throws -> String {
        guard BusinessCentral.isGUID(id) else {
            throw CallError(.skipRecord, BusinessCentral.name, .defect, "what is asked for is no id of a record")
        }
        return id.lowercased()
    }
}
