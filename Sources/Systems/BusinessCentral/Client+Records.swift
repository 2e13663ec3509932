import Core
import Transport

extension BusinessCentral.Client {
    /// Those of the records that there are, each once, in the order of the ids. One that is missing may have been deleted
    /// or be hidden from the application: ask for it alone before believing either.
    package func records(
        _ entitySet: String,
        ids: [String],
        select: [String] = [],
        lane: Lane
    ) async throws -> [Record] {
        var seen: Set<String> = []
        let wanted = try ids.map(checked).filter { seen.insert($0).inserted }
        guard !wanted.isEmpty else { return [] }
        let fields = try self.fields(select, of: entitySet)
        let base = try await collection(entitySet, lane: lane)
        var found: [String: Record] = [:]
        for question in BusinessCentral.Question.questions(for: wanted, select: fields, at: base) {
            var page = try await page(at: question.url, size: BusinessCentral.Limits.usualPage, lane: lane)
            for record in page.records { found[record.id] = record }
            // A server with small pages.
            for _ in question.ids {
                guard let next = page.next else { break }
                page = try await self.page(next: next, pageSize: BusinessCentral.Limits.usualPage, lane: lane)
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
        lane: Lane
    ) async throws -> Record? {
        let id = try checked(id)
        let fields = try self.fields(select, of: entitySet)
        let base = try await collection(entitySet, lane: lane)
        let url = BusinessCentral.Question(select: fields).url(at: "\(base)(\(id))")
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
    package func page(
        _ entitySet: String,
        changedSince: WallTime?,
        select: [String] = [],
        pageSize: Int = BusinessCentral.Limits.usualPage,
        lane: Lane
    ) async throws -> RecordPage {
        let fields = try self.fields(select, of: entitySet)
        let question = BusinessCentral.Question(
            filter: changedSince.map { "lastModifiedDateTime ge \($0.text(fractionDigits: 3))" },
            select: fields,
            order: "lastModifiedDateTime asc,id asc"
        )
        return try await page(
            at: question.url(at: try await collection(entitySet, lane: lane)),
            size: pageSize,
            lane: lane
        )
    }

    /// How many records there are, or nil where the server does not say: a page of the customer's own may have reasons, and
    /// nobody should be kept from reading it by that.
    package func count(_ entitySet: String, lane: Lane) async throws -> Int? {
        let question = BusinessCentral.Question(select: ["id"], countsAll: true)
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
        guard settings.leads(next, toCompany: company) else {
            throw CallError(
                .retry(after: nil),
                BusinessCentral.name,
                .garbage,
                "the link to the next page leads away from this connection's company, and is not followed"
            )
        }
        return try await page(at: next, size: pageSize, lane: lane, isNext: true)
    }

    // MARK: Pages

    private func page(at url: String, size: Int, lane: Lane, isNext: Bool = false) async throws -> RecordPage {
        while true {
            let size = min(max(size, 1), largestPage)
            let call = BusinessCentral.Call(
                url: url,
                headers: [HTTPClient.Header("Prefer", "odata.maxpagesize=\(size)")],
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
                return try BusinessCentral.PageReader.page(body)
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
