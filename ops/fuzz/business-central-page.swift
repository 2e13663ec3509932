// sources: Core CPosix CCurl CMicrohttpd CExpat Transport Systems
// seed: {"@odata.context":"x","value":[{"@odata.etag":"W/\"1\"","id":"5D115C9C-44E3-EA11-BB43-000D3A2FEB6B","number":"A-1","status":"In_x0020_Review","lastModifiedDateTime":"2026-11-20T07:14:00.123Z","amount":-0.10,"lines":[{"id":"x","a":null}]}],"@odata.nextLink":"https://api.example.com/v2.0/t/Production/api/v2.0/companies(5d115c9c-44e3-ea11-bb43-000d3a2feb6b)/vendors?$skiptoken=1"}
// seed: {"error":{"code":"Internal_RecordNotFound","message":"No such record.\r\n  CorrelationId:  5d115c9c-44e3-ea11-bb43-000d3a2feb6b."}}
// seed: {"error":{"code":"Unknown","message":"the token correct-horse-battery is wrong"}}
// seed: {"value":[],"@odata.nextLink":""}
import Core

@testable import Systems

/// What is read of a page is what stands in it, and what is shown of a refusal is one line without the secret.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let document = try? JSON.parse(bytes.span)
    do {
        let page = try BusinessCentral.PageReader.page(bytes)
        if let document { compare(page, JSONField(document)) }
        for record in page.records { precondition(1...200 ~= record.id.utf8.count, "a record without an id") }
        if let next = page.next { follow(next) }
    } catch {
        precondition(!"\(error)".isEmpty, "refused without a word")
    }
    if let record = try? BusinessCentral.PageReader.record(bytes), let document {
        compare(record, JSONField(document))
    }
    let said = BusinessCentral.VendorError(body: bytes, hiding: Secret(text: secret))
    if let words = said.words {
        precondition(!words.utf8.contains(0x0A) && words.count <= 300, "more than one line")
        precondition(!contains(words), "the secret is shown")
    }
    if let code = said.code { precondition(BusinessCentral.VendorError.isWord(code), "a code that is none") }
    precondition(said.correlation.map(BusinessCentral.isGUID) ?? true, "an id that is none")
    _ = BusinessCentral.httpDate(String(decoding: bytes, as: UTF8.self))
    return 0
}

private let secret = "correct-horse-battery"

private let settings = BusinessCentral.Settings(
    entraTenant: "t",
    clientID: "c",
    environment: "Production",
    company: .name("CRONUS")
)

private func compare(_ page: RecordPage, _ document: JSONField) {
    let rows = (try? document["value"].elements()) ?? []
    precondition(rows.count == page.records.count, "there are other records in the page")
    for (record, row) in zip(page.records, rows) { compare(record, row) }
    precondition((try? document["@odata.nextLink"].string()) ?? "" == page.next ?? "", "another next page")
}

private func compare(_ record: Record, _ row: JSONField) {
    precondition((try? row["id"].string().lowercased()) == record.id, "another id")
    precondition((try? row["@odata.etag"].string()) == record.etag, "another tag")
    for (name, field) in (try? row.members()) ?? [] where !name.hasPrefix("@odata.") {
        if name == "id" || name == "lastModifiedDateTime" { continue }
        guard let value = record[name] else { preconditionFailure("a field is lost") }
        precondition(value == field.value || isDecoded(value, field.value), "a field has another value")
    }
}

/// Only texts are changed, which holds within lists and objects as well.
private func isDecoded(_ value: JSON, _ written: JSON?) -> Bool {
    switch (value, written) {
    case (.string(let text), .string(let written)): text == BusinessCentral.decodedMember(written)
    case (.array, .array), (.object, .object): true
    default: false
    }
}

/// Whoever is led somewhere stays with the origin that the settings name.
private func follow(_ link: String) {
    var settings = settings
    settings.apiURL = "https://api.example.com"
    guard settings.leads(link, toCompany: "5d115c9c-44e3-ea11-bb43-000d3a2feb6b") else { return }
    let lower = link.lowercased()
    precondition(
        lower.hasPrefix("https://api.example.com/") || lower.hasPrefix("https://api.example.com:443/"),
        "led to somebody else"
    )
}

private func contains(_ words: String) -> Bool {
    let (words, secret) = (Array(words.utf8), Array(secret.utf8))
    return words.indices.contains { words[$0...].starts(with: secret) }
}
