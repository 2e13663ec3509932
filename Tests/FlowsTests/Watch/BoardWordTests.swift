import Core
import Testing

@testable import Engine
@testable import Flows
@testable import Systems

/// An event as Monday words it, with these members beside those that all have.
func boardEvent(_ members: String) throws -> Monday.Event {
    let common = #""subscriptionId":466701570,"triggerUuid":"179d","boardId":1771812698,"userId":7000002"#
    let delivery = try Monday.Delivery(Array(#"{"event":{\#(common),\#(members)}}"#.utf8).span)
    guard case .event(let event) = delivery else { throw CancellationError() }
    return event
}

@Suite struct `word of a board` {
    @Test(
        arguments: [
            (#""type":"update_column_value","pulseId":17,"columnId":"status""#, .item("17", column: "status")),
            // As other types of events have it, and as a text.
            (#""type":"update_column_value","itemId":"17","columnId":"status""#, .item("17", column: "status")),
            (#""type":"update_column_value","pulseId":17,"columnId":"notes""#, .nothing),
            (#""type":"update_column_value","pulseId":17"#, .nothing),
            (#""type":"update_name","pulseId":17"#, .item("17", column: "name")),
            (#""type":"archive_pulse","itemId":17"#, .item("17", column: nil)),
            (#""type":"delete_pulse","itemId":17,"pulseId":17"#, .item("17", column: nil)),
            (#""type":"restore_pulse","itemId":17"#, .item("17", column: nil)),
            (#""type":"create_column","columnId":"new""#, .lookAgain),
            (#""type":"create_pulse","pulseId":17"#, .nothing),
            (#""type":"move_pulse_into_group","pulseId":17,"destGroupId":"posted""#, .nothing),
            (#""type":"create_update","pulseId":17,"updateId":3"#, .nothing),
            (#""type":"delete_pulse","itemId":17,"parentItemId":"16""#, .nothing),
            (#""type":"something_new""#, .nothing),
        ] as [(String, BoardWord)]
    )
    func `is about an item of ours, about the board, or about nothing`(members: String, word: BoardWord) throws {
        #expect(BoardWord(try boardEvent(members), columns: ["name", "status"]) == word)
    }

    @Test func `is about nothing where no column is compared`() throws {
        let event = try boardEvent(#""type":"update_name","pulseId":17"#)
        #expect(BoardWord(event, columns: ["status"]) == .nothing)
    }

    static let status = ##"{"label":{"index":1,"text":"Approved","style":{"color":"#00c875"}},"post_id":null}"##

    @Test(arguments: [
        (status, #"{"label":"Approved"}"#), (status, #"{"index":1}"#),
        (#"{"date":"2026-12-05","icon":null,"time":null,"changed_at":"x"}"#, #"{"date":"2026-12-05"}"#),
        (#"{"date":"2026-12-05","time":"10:00:00"}"#, #"{"date":"2026-12-05","time":"10:00:00"}"#),
        (#"{"value":"ACME \"1\""}"#, #""ACME \"1\"""#), (#""ACME""#, #""ACME""#),
        (#"{"value":1234.5,"unit":null}"#, #""1234.5""#), (#"{"value":"12.5"}"#, "12.5"), ("12", #""12""#),
        (#"{"name":"PI 1"}"#, #""PI 1""#), (#"{"text":"long"}"#, #"{"text":"long"}"#),
        (#"{"chosenValues":[{"id":2,"name":"B"},{"id":1,"name":"A"}]}"#, #"{"labels":["A","B"]}"#),
        (#"{"chosenValues":[{"id":2,"name":"B"},{"id":1,"name":"A"}]}"#, #"{"ids":[1,2]}"#),
        ("null", "null"), ("{}", "null"), (#"{"value":""}"#, "null"),
    ])
    func `of our own writing is known by the value`(told: String, agreed: String) throws {
        let event = try boardEvent(#""type":"update_column_value","pulseId":17,"columnId":"c","value":\#(told)"#)
        #expect(event.echoes(try JSON.parse(agreed)), "\(told)")
    }

    @Test(arguments: [
        (status, #"{"label":"Rejected"}"#), (status, #"{"index":2}"#), (status, "null"), ("null", #""x""#),
        (#"{"date":"2026-12-05"}"#, #"{"date":"2026-12-06"}"#), (#"{"date":"2026-12-05"}"#, "null"),
        (#"{"date":"2026-12-05","time":"10:00:00"}"#, #"{"date":"2026-12-05"}"#), (#"{"value":"1"}"#, #""2""#),
        (#"{"chosenValues":[{"id":2,"name":"B"}]}"#, #"{"labels":["A","B"]}"#), (#"{"something":"new"}"#, "null"),
        (#"{"something":"new"}"#, #"{"something":"new"}"#), ("true", "true"), ("[1]", "[1]"),
        (#"{"value":{"a":1}}"#, #""x""#),
        // What was asked for on the board, beside what its record says.
        (status, #"[{"label":"Approved"},{"label":"Open"}]"#),
    ])
    func `that may be news is taken for news`(told: String, agreed: String) throws {
        let event = try boardEvent(#""type":"update_column_value","pulseId":17,"columnId":"c","value":\#(told)"#)
        #expect(!event.echoes(try JSON.parse(agreed)) && !event.echoes(nil), "\(told)")
    }

    @Test func `is compared with what the item is known to hold`() {
        var link = Link(route: "r", key: "k", target: "17", number: "1", values: JSON.Object(), writtenMilliseconds: 0)
        link.values["sum"] = "5"
        link.values["state"] = Asked(source: ["label": "Open"], target: ["label": "Book it"]).json
        link.values["due"] = ["date": "2026-12-05"]
        link.kept["due"] = ["date": "2026-12-06"]
        #expect(link.held(in: "sum") == "5" && link.held(in: "state") == ["label": "Book it"])
        #expect(link.held(in: "due") == ["date": "2026-12-06"] && link.held(in: "other") == nil)
    }

    @Test func `without a value says nothing of it`() throws {
        let event = try boardEvent(#""type":"update_column_value","pulseId":17,"columnId":"c""#)
        #expect(!event.echoes(.null) && !event.echoes("x"))
    }
}
