import Core
import Store
import Testing
import Transport

@testable import Engine
@testable import Flows
@testable import Systems

@Suite(.onLoop, .timeLimit(.minutes(2))) struct `a watch over a board` {
    static let wanted = [
        "change_name", "change_specific_column_value", "change_specific_column_value", "create_column", "item_archived",
        "item_deleted", "item_restored",
    ]

    @OnLoop private func withPlace(_ place: WatchPlace, _ body: @OnLoop (WatchPlace) async throws -> Void) async throws
    {
        do {
            try await body(place)
            await place.end()
        } catch {
            await place.end()
            throw error
        }
    }

    @Test @OnLoop func `registers what it has to hear of, once`() async throws {
        try await withPlace(try await WatchPlace()) { place in
            place.run()
            try await place.until("all are there") { try await place.webhooks() == Self.wanted }
            #expect(place.gateway.challenges == 7)
            let addresses = try await place.control(.get, "webhooks").elements().map { try $0["url"].string() }
            #expect(Set(addresses).count == 7 && addresses.allSatisfy { $0.utf8.count <= 255 })
            try await place.until("all are known") {
                BoardHooks(try await place.store.setting(BoardHooks.place(of: 1))).kept.allSatisfy { $0.id != nil }
            }
            // The next life knows them.
            let again = place.another()
            try await again.load()
            #expect(again.hooks.covers(again.wishes, at: again.address?.digest ?? ""))
            // Nothing of the address is in the store.
            let kept = try await place.store.setting(BoardHooks.place(of: 1)) ?? ""
            #expect(!kept.contains("hooks/token") && kept.contains("change_name"))

            #expect(await again.retire().isEmpty)
            #expect(try await place.webhooks().isEmpty)
            #expect(try await place.store.setting(BoardHooks.place(of: 1)) == nil)
        }
    }

    @Test @OnLoop func `makes again what people have switched off, and looks for what it missed`() async throws {
        try await withPlace(try await WatchPlace()) { place in
            let item = try await place.linked("a", members(("status", ["label": "Open"])), written: .first)
            place.run()
            try await place.until("all are there") { try await place.webhooks() == Self.wanted }
            try await place.until("the board is known") {
                try await place.store.progress(of: CatchUp.place(of: place.board), for: 1) != nil
            }
            let gone = try await place.control(.get, "webhooks").elements().filter {
                try $0["event"].string().hasPrefix("change")
            }
            for webhook in gone { try await place.control(.delete, "webhooks/\(try webhook["id"].string())") }
            try await place.control(.patch, "items/\(item)", ["values": ["amount": "7"]])

            let next = place.another()
            try await next.load()
            next.hooks.checked = nil
            place.watch.drain()
            place.run(next)
            try await place.until("all are there again") { try await place.webhooks() == Self.wanted }
            try await place.until("the change is known") { try await !place.changes(.background).isEmpty }
            let change = try #require(try await place.changes(.background).first)
            #expect(change.key == "a" && change.cause == "monday catch-up" && change.isOfTarget)
            next.drain()
        }
    }

    @Test @OnLoop func `hears what people do, and who it was`() async throws {
        try await withPlace(try await WatchPlace()) { place in
            let item = try await place.linked("a", members(("amount", "5"), ("name", "a")))
            let other = try await place.control(.post, "boards/\(place.board)/items", ["name": "nobody's"])["id"]
                .string()
            place.run()
            try await place.until("all are there") { try await place.webhooks() == Self.wanted }
            var seen = 0
            @OnLoop func heard(_ what: String) async throws -> [Heard] {
                try await place.until("word of \(what)") { place.gateway.events.count > seen }
                let events = place.gateway.events[seen...]
                seen += events.count
                var all: [Heard] = []
                for event in events { all.append(try #require(try await place.watch.take(event))) }
                return all
            }
            try await place.control(.patch, "items/\(item)", ["values": ["amount": "6"]])
            let mark = try #require(try await heard("an amount").first?.marks.first)
            #expect(mark.route == "invoices" && mark.key == "a" && mark.lane == .live && mark.heardMilliseconds == 7)
            #expect(mark.isOfTarget)
            let user = try #require(mark.cause.split(separator: " ").last)
            #expect(mark.cause == "monday 1 by user \(user)" && Int(user) != nil)

            try await place.control(.patch, "items/\(item)", ["name": "renamed"])
            #expect(try await heard("a name").flatMap(\.marks).map(\.key) == ["a"])
            try await place.control(.patch, "items/\(item)", ["values": ["amount": "5"]])
            #expect(try await heard("what both sides agreed on").flatMap(\.marks).isEmpty)
            try await place.control(.patch, "items/\(other)", ["values": ["amount": "5"]])
            #expect(try await heard("an item of nobody's").flatMap(\.marks).isEmpty)
            for what in ["archive", "restore", "delete"] {
                try await place.control(.post, "items/\(item)/\(what)")
                #expect(try await heard(what).flatMap(\.marks).map(\.key) == ["a"], "\(what)")
            }
        }
    }

    @Test @OnLoop func `takes nothing for genuine that came to another board's address`() async throws {
        try await withPlace(try await WatchPlace()) { place in
            try await place.watch.load()
            _ = place.watch.hooks.plan(BoardHooks.wishes(place.board, columns: ["name"]), at: "x")
            func event(_ name: String, board: String, _ body: String? = nil) -> WaitingEvent {
                let text =
                    body
                    ?? #"{"event":{"type":"update_name","pulseId":"17","boardId":"\#(board)","subscriptionId":"9","triggerUuid":"x"}}"#
                let key = EventKey(high: 0, low: 0)
                let arrival = Arrival(
                    connection: 1,
                    key: key,
                    kind: name,
                    receivedMilliseconds: 0,
                    body: Array(text.utf8)
                )
                return WaitingEvent(id: 1, arrival: arrival)
            }
            let slot = place.watch.hooks.kept[0].slot
            let name = try HookName.make(.challenge, slot: slot, key: Secret(text: "key"))
            let late = try HookName.make(.challenge, slot: "99", key: Secret(text: "key"))
            #expect(try await place.watch.take(event(name, board: place.board)) == Heard())
            #expect(try await place.watch.take(event(name, board: "1")) == Heard(forged: 1))
            // For a webhook that was taken back.
            #expect(try await place.watch.take(event(late, board: place.board)) == Heard())
            for body in ["", "{}", #"{"challenge":"x"}"#, #"{"event":{"type":"update_name"}}"#] {
                #expect(try await place.watch.take(event(name, board: place.board, body)) == nil)
            }
        }
    }

    @Test @OnLoop func `says which address could not be reached, and tries no other`() async throws {
        try await withPlace(try await WatchPlace()) { place in
            place.gateway.isBlocked = true
            place.run()
            try await place.until("there is trouble") { !place.watch.trouble.isEmpty }
            #expect(place.watch.trouble.contains("could not reach this server at http://127.0.0.1:"))
            #expect(!place.watch.trouble.contains("hooks/token"))
            #expect(try await place.webhooks().isEmpty)
            let tried = try await place.control(.get, "webhooks").elements().count
            #expect(tried == 0 && place.gateway.challenges == 0)
            // It is asked for again under the same slots.
            #expect(
                BoardHooks(try await place.store.setting(BoardHooks.place(of: 1))).kept.map(\.id)
                    == Array(repeating: nil, count: 7)
            )
        }
    }

    @Test(arguments: [false, true])
    @OnLoop func `registers nothing where nothing could come`(isWanted: Bool) async throws {
        let section = members(("webhooks", .bool(isWanted)))
        try await withPlace(try await WatchPlace(hasAddress: !isWanted, section)) { place in
            place.run()
            try await place.until("the board is known") {
                try await place.store.progress(of: CatchUp.place(of: place.board), for: 1) != nil
            }
            try await place.until("it has been thought of") {
                try await place.store.setting(BoardHooks.place(of: 1)) != nil
            }
            #expect(try await place.webhooks().isEmpty && place.gateway.challenges == 0 && place.watch.trouble.isEmpty)
        }
    }

    @Test(arguments: [false, true])
    @OnLoop func `finds what was changed while nobody listened`(byLog: Bool) async throws {
        let section = members(("activityLogs", .bool(byLog)))
        try await withPlace(try await WatchPlace(section)) { place in
            let changed = try await place.linked("changed", JSON.Object(), written: .first)
            _ = try await place.linked("our own", JSON.Object(), written: .now + .seconds(60))
            #expect(try await !place.watch.catchUp(place.board))
            #expect(try await place.changes(.background).isEmpty)
            try await place.control(.patch, "items/\(changed)", ["values": ["amount": "6"]])
            #expect(try await place.watch.catchUp(place.board))
            let change = try #require(try await place.changes(.background).first)
            #expect(
                change.key == "changed"
                    && change.cause.hasPrefix(byLog ? "monday activity by user " : "monday catch-up")
            )
            #expect(try await place.changes(.background).count == 1)
            let known = CatchUp.known(try await place.store.progress(of: CatchUp.place(of: place.board), for: 1))
            #expect(try #require(known) > .now - .seconds(60))
        }
    }
}
