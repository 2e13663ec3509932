import Core
import Transport

/// Single writes. None of them is repeated here: what is not known of a write's outcome, the caller finds out by looking.
extension BusinessCentral.Client {
    /// All rows of a set that is known to be small: a document's dimensions, the lines of a journal.
    package func rows(
        at address: BusinessCentral.Address,
        filter: BusinessCentral.Filter? = nil,
        select: [String] = [],
        lane: Lane
    ) async throws -> [Record] {
        // Without its id a row is nobody.
        let fields = select.isEmpty ? [] : ["id"] + select.filter { $0 != "id" }
        let question = BusinessCentral.Question(filter: filter?.text(of: nil), select: try fields.map(named))
        let size = BusinessCentral.Limits.expandedPage
        var page = try await page(at: question.url(at: try await url(of: address, lane)), size: size, lane: lane)
        var rows = page.records
        for _ in 1..<BusinessCentral.Limits.mostRowPages {
            guard let next = page.next else { break }
            page = try await self.page(next: next, pageSize: size, lane: lane)
            rows += page.records
        }
        return rows
    }

    /// Fields in the order in which Business Central is to fill them in: each has rules of its own, which may overwrite
    /// what came before.
    package func create(
        at address: BusinessCentral.Address,
        _ fields: JSON.Object,
        lane: Lane
    ) async throws -> Record {
        let exchange = try await write(.post, address, fields, tag: nil, lane)
        return try record(of: exchange, try success(of: exchange).body)
    }

    /// Only as long as the record is as it was when the tag was given; otherwise throws `lookAgain` of the kind `conflict`.
    /// Answers with the record as it is now, where the server shows it.
    package func change(
        at address: BusinessCentral.Address,
        tag: String,
        _ fields: JSON.Object,
        lane: Lane
    ) async throws -> Record? {
        let exchange = try await write(.patch, address, fields, tag: tag, lane)
        let response = try success(of: exchange)
        return response.body.isEmpty ? nil : try record(of: exchange, response.body)
    }

    package func delete(at address: BusinessCentral.Address, tag: String, lane: Lane) async throws {
        let exchange = try await write(.delete, address, nil, tag: tag, lane)
        if exchange.refusal?.saysRecordIsMissing == true { return }
        _ = try success(of: exchange)
    }

    /// `post` and its like, which Business Central does to exactly this record.
    package func act(_ action: String, on address: BusinessCentral.Address, lane: Lane) async throws {
        let call = BusinessCentral.Call(
            method: .post,
            url: try await url(of: address, lane) + "/Microsoft.NAV." + (try named(action)),
            effect: .write,
            lane: lane
        )
        _ = try success(of: try await exchange(call))
    }

    private func write(
        _ method: HTTPClient.Method,
        _ address: BusinessCentral.Address,
        _ fields: JSON.Object?,
        tag: String?,
        _ lane: Lane
    ) async throws -> BusinessCentral.Exchange {
        var headers: [HTTPClient.Header] = []
        if fields != nil { headers.append(.init("Content-Type", "application/json")) }
        if let tag { headers.append(.init("If-Match", tag)) }
        let call = BusinessCentral.Call(
            method: method,
            url: try await url(of: address, lane),
            headers: headers,
            body: fields.map { JSON.object($0).bytes() } ?? [],
            effect: .write,
            lane: lane
        )
        return try await exchange(call)
    }

    private func record(of exchange: BusinessCentral.Exchange, _ body: [UInt8]) throws -> Record {
        do {
            return try BusinessCentral.PageReader.record(body)
        } catch {
            throw exchange.garbage("\(error)")
        }
    }

    private func url(of address: BusinessCentral.Address, _ lane: Lane) async throws -> String {
        guard let path = address.path else {
            throw CallError(.skipRecord, BusinessCentral.name, .defect, "what is asked for is no address of a record")
        }
        return "\(settings.root)/companies(\(try await companyID(lane: lane)))/\(path)"
    }
}
