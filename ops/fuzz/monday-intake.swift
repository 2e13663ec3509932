// sources: Core CPosix CCurl CMicrohttpd CExpat Transport Systems
// seed: {"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}
// seed: {"event":{"userId":9603417,"originalTriggerUuid":null,"boardId":1771812698,"pulseId":1772099344,"groupId":"topics","columnId":"status","columnType":"color","value":{"label":{"index":1,"text":"Done"}},"type":"update_column_value","triggerTime":"2026-11-20T07:14:00.000Z","subscriptionId":73759690,"triggerUuid":"b5ed2e17c530f43668de130142445cba","isRetry":true}}
// seed: {"event":{"type":"create_column","boardId":"17","userId":-4,"subscriptionId":"1","triggerUuid":"a"}}
// seed: {"event":{"type":"move_subitem","boardId":17,"itemId":18,"parentItemId":"19","destGroupId":"g","subscriptionId":1,"triggerUuid":"a:b"}}
import Core

@testable import Systems

/// A challenge is answered by itself, and what an event names is short and harmless.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let delivery: Monday.Delivery
    do {
        delivery = try Monday.Delivery(bytes.span)
    } catch {
        precondition(!"\(error)".isEmpty, "refused without a word")
        return 0
    }
    switch delivery {
    case .challenge(let text):
        precondition(1...1_024 ~= text.utf8.count, "a challenge that is none")
        let answer = Monday.answer(toChallenge: text)
        precondition((try? Monday.Delivery(answer.span)) == delivery, "the answer is another text")
    case .event(let event):
        for id in [event.item, event.parent, event.update, event.user, event.board, event.subscription] {
            precondition(id.map { Int($0) != nil && $0.utf8.count <= 20 } ?? true, "an id that is none")
        }
        for id in [event.column, event.group] { precondition(id.map { 1...200 ~= $0.utf8.count } ?? true, "no id") }
        precondition(!event.trigger.isEmpty && event.identity.utf8.count <= 85, "an event without an identity")
        precondition(event.identity.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "an identity that cannot be shown")
    }
    return 0
}
