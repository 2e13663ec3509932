import Core
import Foundation
import Testing

@testable import Systems

private func delivery(_ text: String) throws -> Monday.Delivery {
    try Monday.Delivery(Array(text.utf8).span)
}

private func event(_ members: String) throws -> Monday.Event {
    let common = #""subscriptionId":466701570,"triggerUuid":"179d9f2b3f2bc19d141f4bc53764cf01","boardId":1771812698"#
    guard case .event(let event) = try delivery(#"{"event":{"app":"monday",\#(common),\#(members)}}"#) else {
        throw CancellationError()
    }
    return event
}

@Suite struct `what Monday delivers` {
    @Test func `may be a challenge, which is answered with itself`() throws {
        #expect(
            try delivery(#"{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}"#)
                == .challenge("3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P")
        )
        #expect(String(decoding: Monday.answer(toChallenge: "a\"b"), as: UTF8.self) == #"{"challenge":"a\"b"}"#)
    }

    @Test(
        arguments: [
            (
                "create_pulse", #""pulseId":1772099344,"groupId":"topics","userId":7000002"#,
                Monday.Event.Kind.itemCreated
            ),
            (
                "update_column_value",
                #""pulseId":1772099344,"columnId":"status","columnType":"color","value":{"label":{"index":1}}"#,
                .columnChanged
            ),
            ("update_name", #""pulseId":1772099344,"value":{"name":"New"}"#, .renamed),
            ("move_pulse_into_group", #""pulseId":1772099344,"sourceGroupId":"topics","destGroupId":"posted""#, .moved),
            ("move_subitem", #""itemId":1772099344"#, .moved),
            ("archive_pulse", #""itemId":1772099344,"itemName":"x""#, .archived),
            (
                "delete_pulse",
                #""itemId":1772099344,"parentBoardId":1,"parentItemId":1772099000,"pulseId":1772099344"#, .deleted
            ),
            ("restore_pulse", #""itemId":1772099344,"value":{"state":1}"#, .restored),
            ("create_update", #""pulseId":1772099344,"updateId":3836364238,"replyId":null"#, .updateCreated),
            ("edit_update", #""pulseId":1772099344,"updateId":3836364238"#, .updateEdited),
            ("delete_update", #""pulseId":1772099344,"updateId":3836364238"#, .updateDeleted),
            ("create_column", #""columnId":"text_mkmw91z2""#, .columnCreated),
            ("something_new", #""x":1"#, .other("something_new")),
        ] as [(String, String, Monday.Event.Kind)]
    )
    func `is read under its old names`(type: String, members: String, kind: Monday.Event.Kind) throws {
        let event = try event(#""type":"\#(type)","triggerTime":"2026-11-20T09:52:53.186Z","isRetry":true,\#(members)"#)
        #expect(event.kind == kind && event.board == "1771812698" && event.isRetry)
        #expect(event.item == (members.contains("1772099344") ? "1772099344" : nil))
        #expect(event.time == WallTime("2026-11-20T09:52:53.186Z"))
        #expect(event.identity == "466701570:179d9f2b3f2bc19d141f4bc53764cf01")
        #expect(event.group == (members.contains("posted") ? "posted" : members.contains("topics") ? "topics" : nil))
        #expect(event.update == (members.contains("updateId") ? "3836364238" : nil))
    }

    @Test func `has the parent as a number or as a text`() throws {
        #expect(try event(#""type":"create_pulse","pulseId":1,"parentItemId":"1772099344""#).parent == "1772099344")
        #expect(try event(#""type":"delete_pulse","itemId":"1","parentItemId":1772099344"#).parent == "1772099344")
        // Larger than a binary float can count.
        #expect(try event(#""type":"delete_pulse","itemId":9007199254740993"#).item == "9007199254740993")
    }

    @Test(arguments: [
        "", "{}", "null", "[]", #"{"event":null}"#, #"{"event":{}}"#, #"{"challenge":5}"#, #"{"challenge":""}"#,
        #"{"event":{"type":"create_pulse"}}"#,
        #"{"event":{"type":"create_pulse","boardId":1,"subscriptionId":2,"triggerUuid":"x"}}"#,
        #"{"event":{"type":"create_pulse","boardId":1.5,"pulseId":1,"subscriptionId":2,"triggerUuid":"x"}}"#,
        #"{"event":{"type":"create_pulse","boardId":"../..","pulseId":1,"subscriptionId":2,"triggerUuid":"x"}}"#,
        #"{"event":{"type":"create_pulse","boardId":1,"pulseId":1e400,"subscriptionId":2,"triggerUuid":"x"}}"#,
        #"{"event":{"type":"create_pulse","boardId":1,"pulseId":{},"subscriptionId":2,"triggerUuid":"x"}}"#,
        #"{"event":{"type":"create_pulse","boardId":1,"pulseId":1,"subscriptionId":2,"triggerUuid":"…"}}"#,
        #"{"event":{"type":"create_pulse","boardId":1,"boardId":2,"pulseId":1,"subscriptionId":2,"triggerUuid":"x"}}"#,
        #"{"event":{"type":7,"boardId":1,"pulseId":1,"subscriptionId":2,"triggerUuid":"x"}}"#,
    ])
    func `is refused when it makes no sense`(text: String) {
        #expect(throws: (any Error).self) { try delivery(text) }
    }

    @Test func `is refused when it is endless`() {
        let deep = #"{"event":"# + String(repeating: "[", count: 100_000)
        #expect(throws: JSONError.self) { try delivery(deep) }
        #expect(throws: JSONField.Wrong.self) {
            try delivery(#"{"challenge":"\#(String(repeating: "x", count: 1_025))"}"#)
        }
    }
}
