// sources: Core CPosix CCurl CMicrohttpd CExpat Transport Systems
// longest: 8192
// seed: 0{"data":{"w0":{"id":"17","updated_at":"2026-11-20T07:14:00Z"},"w1":null},"errors":[{"message":"no value","path":["w1"],"extensions":{"code":"ColumnValueException","status_code":200,"error_data":{"column_id":"date4","column_type":"date"}}}],"extensions":{"request_id":"5d1-e"}}
// seed: 5{"error_code":"ComplexityException","status_code":429,"error_message":"Complexity budget exhausted, reset in 16 seconds","error_data":{"retry_in_seconds":30}}
// seed: 1{"errors":["Not Authenticated: correct-horse-battery"]}
// seed: 9{"errors":["a",""]}
// seed: 7{"error":"Internal\nServer Error","status":500}
// seed: 0{"data":[],"errors":[{"message":"x","extensions":{"problems":[{"explanation":"y"}],"retry_in_seconds":"1.5"}}]}
// seed: 0{"data":{"boards":[{"id":"1","name":"Invoices","state":"active","hierarchy_type":"classic","items_count":2,"groups":[{"id":"topics","title":"G","archived":false}],"columns":[{"id":"status","title":"S","type":"status","revision":"r","settings":{"labels":[{"id":1,"label":"Paid","index":1,"color":"done_green","is_done":true}]}},{"id":"d","title":"D","type":"dropdown","settings":"{\"labels\":{\"1\":\"a\"},\"limit_select\":true,\"label_limit_count\":2}"}]}]}}
// seed: 0{"data":{"next_items_page":{"cursor":"c","items":[{"id":17,"name":"A-1","state":"active","updated_at":"2026-11-20T07:14:00Z","board":{"id":"1"},"group":{"id":"g"},"column_values":[{"id":"n","type":"numbers","__typename":"NumbersValue","text":"1,000.50 kr","value":"\"1000.50\""},{"id":"d","type":"date","__typename":"DateValue","text":"","value":"{\"date\":\"2026-11-20\",\"time\":\"07:14:00\"}"},{"id":"t","type":"timeline","__typename":"TimelineValue","from":"2026-11-20","to":"2026-11-21"},{"id":"h","type":"hour","__typename":"HourValue","hour":7,"minute":5},{"id":"p","type":"people","__typename":"PeopleValue","persons_and_teams":[{"id":"4","kind":"team"}]},{"id":"b","type":"board_relation","__typename":"BoardRelationValue","linked_item_ids":["2","1"]},{"id":"x","type":"dropdown","__typename":"DropdownValue","values":[{"id":"2","label":"b"}]}]}]}}}
import Core

@testable import Systems

/// An answer has data or an error, and no error shows the token, whatever Monday says and in whichever envelope.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    let status = [200, 401, 403, 404, 400, 429, 423, 500, 503, 302][Int(start[0] & 15) % 10]
    let body = Array(UnsafeBufferPointer(start: start + 1, count: count - 1))
    var circumstances = circumstances
    circumstances.isMutation = start[0] & 16 != 0
    do {
        let answer = try Monday.Answer(body, status: status, circumstances: circumstances)
        check(answer)
        read(answer)
    } catch {
        check(error)
    }
    let text = String(decoding: body, as: UTF8.self)
    let quotas = Monday.Quotas(policy: text, state: text)
    precondition(quotas == Monday.Quotas(policy: text, state: text), "read twice, other limits")
    return 0
}

private let secret = "correct-horse-battery"

private let circumstances = Monday.Fault.Circumstances(
    isMutation: false,
    requestID: nil,
    retryAfter: nil,
    tokenCanBeRefreshed: false,
    now: WallTime(millisecondsSince1970: 1_795_000_000_000),
    cleaned: { Monday.cleaned($0, hiding: Secret(text: secret)) }
)

private func check(_ answer: Monday.Answer) {
    precondition(answer.hasData || answer.worst != nil, "neither data nor an error")
    for fault in answer.faults {
        let error = fault.callError(answer.circumstances)
        check(error)
        if let wait = fault.wait(answer.circumstances) {
            precondition(wait >= .zero && wait <= .seconds(86_400), "nobody waits as long")
        }
    }
}

private func check(_ error: CallError) {
    let words = Array(error.reason.utf8)
    precondition(!words.isEmpty && words.allSatisfy { $0 >= 0x20 }, "not one line of words")
    precondition(error.reason.count < 1_500, "more words than anybody reads")
    let secret = Array(secret.utf8)
    precondition(!words.indices.contains { words[$0...].starts(with: secret) }, "the token is shown")
    if let id = error.requestID { precondition(id.utf8.count <= 64 && id.utf8.allSatisfy { $0 > 0x20 }, "no id") }
}

/// As everything that Monday can be asked for.
private func read(_ answer: Monday.Answer) {
    let data = answer.data
    if let board = try? data["boards"][0].orNil.map(Monday.Board.init) {
        for column in board.columns { check(column, data) }
        _ = board.refusal
    }
    for list in [data["next_items_page"]["items"], data["boards"][0]["items_page"]["items"], data["items"]] {
        guard let items = try? list.each(Monday.Item.init) else { continue }
        for item in items { check(item) }
        var scan = Monday.Scan()
        _ = scan.step(at: Instant(nanoseconds: 0))
        let page = Monday.ItemPage(items: items, cursor: nil)
        precondition(scan.took(page).count <= items.count && scan.took(page).isEmpty, "one item is given twice")
    }
    _ = try? data["items"].each(Monday.FoundItem.init)
    _ = try? data["webhooks"].each(Monday.Webhook.init)
    _ = try? data["users"].each(Monday.User.init)
    _ = try? data["versions"].each(Monday.Version.init)
    _ = try? data["account"].orNil.map(Monday.Account.init)
}

private func check(_ item: Monday.Item) {
    for cell in item.cells {
        precondition(cell.canonical != "" && (cell.isReadable || cell.canonical == nil), "a cell that is not empty is")
    }
}

/// Labels as Monday tells them can be asked for again: the list with one more is a list that can be sent.
private func check(_ column: Monday.Column, _ data: JSONField) {
    _ = column.refusal
    if let labels = try? column.labels(adding: ["Blå", "7"]) {
        precondition(labels.count >= column.labels.count, "a label is lost")
        _ = try? column.settings(for: labels)
    }
    for plain in [data["plain"].value ?? .null, .string(column.title), .string("2026-11-20")] {
        do {
            let fitted = try column.value(from: plain, mayMakeLabels: true)
            if let value = fitted.value { _ = (value.json.text(), value.canonical) }
        } catch {
            precondition(!error.reason.isEmpty, "refused without a word")
        }
    }
}
