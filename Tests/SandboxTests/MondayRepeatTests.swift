import Core
import Sandbox
import Testing
import Transport

@Suite(.onLoop) struct `repeating a mutation at Monday` {
    private let create = "mutation($b: ID!, $n: String!) { create_item(board_id: $b, item_name: $n) { id } }"

    @OnLoop private func send(_ place: MondayPlace, _ name: String, _ key: String?) async throws -> Place.Answer {
        try await place.ask(create, ["b": .string(place.board), "n": .string(name)], key: key)
    }

    @Test @OnLoop func `with its key has one effect for half an hour`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let first = try await send(place, "a", "k1")
        let again = try await send(place, "a", "k1")
        #expect(again.text == first.text && again.headers["Idempotency-Replayed"] == "true")
        #expect(first.headers["Idempotency-Replayed"] == nil)
        #expect(try await send(place, "a", "k2").text != first.text)
        place.clock.advance(by: .seconds(1_799))
        #expect(try await send(place, "a", "k1").text == first.text)
        place.clock.advance(by: .seconds(2))
        let late = try await send(place, "a", "k1")
        #expect(late.text != first.text && late.headers["Idempotency-Replayed"] == nil)
        #expect(try await place.fact("idempotentReplays").int() == 2)
        // On a query the key says nothing.
        let query = try await place.ask("{ me { id } }", key: "k9")
        #expect(try await place.ask("{ me { id } }", key: "k9").text != query.text)
    }

    @Test(arguments: [("replay", 200), ("execute", 200), ("refuse", 422)])
    @OnLoop func `with another body is whatever was chosen`(choice: String, status: Int) async throws {
        let place = try MondayPlace()
        defer { place.close() }
        try await place.option(#"{"reusedKey":"\#(choice)"}"#)
        let first = try await send(place, "a", "k")
        let other = try await send(place, "b", "k")
        #expect(other.status == status)
        #expect((other.text == first.text) == (choice == "replay"))
    }

    @Test(arguments: [false, true])
    @OnLoop func `that failed is tried again unless errors are kept`(keeps: Bool) async throws {
        let place = try MondayPlace { $0.keepsErrors = keeps }
        defer { place.close() }
        let failed = try await send(place, "", "k")
        #expect(failed.mondayCode == "ItemNameTooLongException")
        let again = try await send(place, "", "k")
        #expect((again.headers["Idempotency-Replayed"] == "true") == keeps)
    }

    @Test @OnLoop func `while the first is under way is a conflict`() async throws {
        let place = try MondayPlace { $0.mutationMilliseconds = 300 }
        defer { place.close() }
        try await place.warm()
        async let first = send(place, "a", "k")
        try await until { try await place.fact("requests")["create_item"].value == 1 }
        let second = try await send(place, "a", "k")
        #expect(second.status == 409 && second.mondayCode == "IDEMPOTENCY_CONFLICT")
        #expect(second.headers["Retry-After"] == "1")
        let text = try await first.text
        #expect(try await send(place, "a", "k").text == text)
    }

    @Test @OnLoop func `whose answer was lost finds the first effect`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let before = try await place.fact("items").int()
        let fault = #"{"system":"monday","on":"create_item","effect":"hangUpAfter","times":1}"#
        #expect(try await place.place.control(.post, "/faults", fault).status == 200)
        let failure = await #expect(throws: HTTPClient.Failure.self) { try await send(place, "a", "k") }
        #expect(failure?.kind == .connectionLost)
        let again = try await send(place, "a", "k")
        #expect(again.status == 200 && again.headers["Idempotency-Replayed"] == "true")
        #expect(try await place.fact("items").int() == before + 1)
    }

    @Test @OnLoop func `beside another one on its board is refused, on other boards not`() async throws {
        let place = try MondayPlace { $0.mutationMilliseconds = 300 }
        defer { place.close() }
        try await place.warm()
        async let first = send(place, "a", nil)
        try await until { try await place.fact("requests")["create_item"].value == 1 }
        async let elsewhere = place.ask(create, ["b": .string(place.vendors), "n": "v"])
        let second = try await send(place, "b", nil)
        #expect(second.status == 423 && second.message.hasPrefix("Resource is currently locked"))
        let statuses = try await [first.status, elsewhere.status]
        #expect(statuses == [200, 200])
        #expect(try await send(place, "b", nil).status == 200)
        try await place.option(#"{"lockChance":0}"#)
        async let third = send(place, "c", nil)
        async let fourth = send(place, "d", nil)
        let both = try await [third.status, fourth.status]
        #expect(both == [200, 200])
    }

    @Test(arguments: [
        (#""garbage""#, 200, 0), (#""truncated""#, 200, 1), (#"{"status":502}"#, 502, 0),
        (#"{"status":504,"processed":true}"#, 504, 1), (#"{"delayMilliseconds":5}"#, 200, 1),
    ])
    @OnLoop func `may have been done whatever the answer was`(effect: String, status: Int, done: Int) async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let before = try await place.fact("items").int()
        let fault = #"{"system":"monday","on":"create_*","effect":\#(effect),"times":1}"#
        #expect(try await place.place.control(.post, "/faults", fault).status == 200)
        #expect(try await send(place, "a", nil).status == status)
        #expect(try await place.fact("items").int() == before + done)
    }
}
