import Core
import Sandbox
import Testing
import Transport

/// Books, and somebody who listens.
@OnLoop private final class Telling {
    let books: Books
    let receiver: Receiver

    init(change: (inout BusinessCentralSimulator.Settings) -> Void = { _ in }) async throws {
        receiver = try Receiver()
        books = try await Books { settings in
            settings.handshakeMilliseconds = 100
            change(&settings)
        }
    }

    func close() {
        books.close()
        receiver.close()
    }

    var resource: String { String(books.company.dropFirst(books.simulator.address.count)) + "/purchaseInvoices" }

    func subscribe(
        _ path: String = "bc",
        resource: String? = nil,
        state: String = "between us"
    ) async throws -> Place.Answer {
        let body: JSON = [
            "notificationUrl": .string(receiver.url(path)), "resource": .string(resource ?? self.resource),
            "clientState": .string(state),
        ]
        return try await books.send(.post, books.root + "/subscriptions", body: body.text())
    }

    func advance(_ seconds: Int) {
        books.place.clock.advance(by: .seconds(seconds))
    }

    /// Moves the clock on, and waits until so many requests have been made and answered in all.
    func advance(_ seconds: Int, untilTold requests: Int) async throws {
        advance(seconds)
        try await until { try self.fact("accepted") + self.fact("failed") == requests }
        #expect(receiver.notifications.count == requests)
    }

    func fact(_ name: String) throws -> Int {
        try JSONField(books.simulator.facts)["notifications"][name].int()
    }

    var subscriptions: Int {
        get throws { try JSONField(books.simulator.facts)["subscriptions"].int() }
    }

    func edit(_ count: Int = 1) async throws {
        _ = try await books.control(.patch, "invoices", #"{"count":\#(count)}"#)
    }
}

@Suite(.onLoop) struct `a subscription at Business Central` {
    @Test @OnLoop func `is made after a handshake, for three days`() async throws {
        let telling = try await Telling()
        defer { telling.close() }
        let made = try await telling.subscribe("bc?flow=1")
        #expect(made.status == 201, "\(made.text)")
        #expect(try made["notificationUrl"].string() == telling.receiver.url("bc?flow=1"))
        #expect(try made["clientState"].string() == "between us" && made["resource"].string() == telling.resource)
        let expiration = try #require(WallTime(try made["expirationDateTime"].string()))
        let created = try #require(WallTime(try made["systemCreatedAt"].string()))
        #expect(expiration - created == .seconds(259_200))
        #expect(telling.receiver.handshakes == 1)
        let id = try made["subscriptionId"].string()
        let list = try await telling.books.get(telling.books.root + "/subscriptions")
        #expect(list.column("subscriptionId") == [id] && id.count == 32)
        let one = try await telling.books.get(telling.books.root + "/subscriptions('\(id)')")
        #expect(try one["@odata.etag"].string() == made["@odata.etag"].string())
        #expect(try await telling.books.get(telling.books.root + "/subscriptions(\(id))").status == 400)
        #expect(try await telling.books.get(telling.books.root + "/subscriptions('none')").status == 404)
    }

    @Test(arguments: [
        Receiver.Handshake.wrongToken, .wrongStatus, .wrongType, .silence,
    ]) @OnLoop func `is not made without a right handshake`(handshake: Receiver.Handshake) async throws {
        let telling = try await Telling { $0.handshakeFailureStatus = 422 }
        defer { telling.close() }
        telling.receiver.handshake = handshake
        #expect(try await telling.subscribe().status == 422)
        #expect(try telling.subscriptions == 0 && telling.fact("failedHandshakes") == 1)
    }

    @Test(arguments: [
        ("purchaseOrders", 400), ("purchaseInvoiceLines", 400), ("nonsense", 400), ("purchaseInvoices(1)", 400),
        ("vendors", 201),
    ]) @OnLoop func `is about what webhooks exist for`(set: String, status: Int) async throws {
        let telling = try await Telling()
        defer { telling.close() }
        let company = telling.resource.split(separator: "/").dropLast().joined(separator: "/")
        #expect(try await telling.subscribe(resource: "/\(company)/\(set)").status == status)
        #expect(
            try await telling.subscribe(resource: "\(telling.books.simulator.address)/\(company)/\(set)").status
                == status
        )
    }

    @Test @OnLoop func `wants a resource, an address and room`() async throws {
        let telling = try await Telling { $0.subscriptionLimit = 2 }
        defer { telling.close() }
        let url = telling.books.root + "/subscriptions"
        #expect(
            try await telling.books.send(.post, url, body: #"{"resource":"x"}"#).code
                == "BadRequest_RequiredParamNotProvided"
        )
        #expect(try await telling.subscribe(resource: "nonsense").code == "BadRequest")
        let other = telling.resource.split(separator: "(")[0] + "(00000000-0000-0000-0000-000000000009)/vendors"
        #expect(try await telling.subscribe(resource: String(other)).code == "Internal_CompanyNotFound")
        let odd = #"{"notificationUrl":"ftp://a","resource":"\#(telling.resource)"}"#
        #expect(try await telling.books.send(.post, url, body: odd).status == 400)
        #expect(try await telling.subscribe(state: String(repeating: "x", count: 2_049)).status == 400)
        #expect(try await telling.subscribe("a").status == 201)
        #expect(try await telling.subscribe("b").status == 201)
        let third = try await telling.subscribe("c")
        #expect(third.status == 400)
        _ = try await telling.books.control(.patch, "settings", #"{"subscriptionLimitStatus":429}"#)
        #expect(try await telling.subscribe("c").status == 429)
        _ = try await telling.books.control(.patch, "settings", #"{"demandsHTTPS":true,"subscriptionLimit":9}"#)
        #expect(try await telling.subscribe("c").status == 400)
    }

    @Test @OnLoop func `is renewed with its etag and another handshake`() async throws {
        let telling = try await Telling()
        defer { telling.close() }
        let made = try await telling.subscribe()
        let url = telling.books.root + "/subscriptions('\(try made["subscriptionId"].string())')"
        let tag = try made["@odata.etag"].string()
        let body = #"{"notificationUrl":"\#(telling.receiver.url("new"))","clientState":"other"}"#
        telling.advance(172_800)
        try await telling.books.renewToken()
        #expect(try await telling.books.send(.patch, url, body: body).code == "BadRequest_InvalidToken")
        telling.receiver.handshake = .wrongToken
        #expect(try await telling.books.send(.patch, url, [("If-Match", tag)], body: body).status == 400)
        telling.receiver.handshake = .right
        let renewed = try await telling.books.send(.patch, url, [("If-Match", tag)], body: body)
        #expect(try renewed.status == 200 && renewed["clientState"].string() == "other")
        let before = try #require(WallTime(try made["expirationDateTime"].string()))
        let after = try #require(WallTime(try renewed["expirationDateTime"].string()))
        #expect(after - before >= .seconds(172_800))
        #expect(try await telling.books.send(.patch, url, [("If-Match", tag)], body: body).status == 409)
        #expect(telling.receiver.handshakes == 3)
        telling.advance(172_800)
        try await telling.books.renewToken()
        #expect(try await telling.books.send(.delete, url).status == 400)
        #expect(try await telling.books.send(.delete, url, [("If-Match", "*")]).status == 204)
        #expect(try await telling.books.get(url).status == 404)
    }

    @Test @OnLoop func `is gone after three days, with what it was to be told`() async throws {
        let telling = try await Telling { $0.notificationDelayMilliseconds = 86_400_000 }
        defer { telling.close() }
        let made = try await telling.subscribe()
        telling.advance(259_190)
        try await telling.edit()
        telling.advance(11)
        try await telling.books.renewToken()
        let url = telling.books.root + "/subscriptions('\(try made["subscriptionId"].string())')"
        #expect(try await telling.books.send(.patch, url, [("If-Match", "*")], body: "{}").status == 404)
        telling.advance(86_400)
        #expect(try telling.fact("requests") == 0 && telling.fact("expired") == 1)
    }

    @Test @OnLoop func `hears of an order until it vanishes, and of a customer's own entities`() async throws {
        let telling = try await Telling { $0.offersPurchaseOrders = true }
        defer { telling.close() }
        let books = telling.books
        let orders = telling.resource.split(separator: "/purchaseInvoices").joined() + "/purchaseOrders"
        #expect(try await telling.subscribe("orders", resource: orders).status == 201)
        let custom =
            orders.split(separator: "/api/v2.0").joined(separator: "/api/contoso/approvals/v1.0")
            .split(separator: "/purchaseOrders").joined() + "/approvalRequests"
        // A resource of another API belongs to that API's own subscriptions.
        #expect(try await telling.subscribe("own", resource: "/" + custom).status == 400)
        let root = books.root.split(separator: "/api/v2.0").joined() + "/api/contoso/approvals/v1.0"
        let body: JSON = ["notificationUrl": .string(telling.receiver.url("own")), "resource": .string("/" + custom)]
        #expect(try await books.send(.post, root + "/subscriptions", body: body.text()).status == 201)

        _ = try await books.control(.post, "purchaseOrders/106003/receive")
        try await telling.advance(31, untilTold: 1)
        _ = try await books.control(.post, "purchaseOrders/106003/invoice")
        _ = try await books.control(.patch, "approvalRequests/AR1001", #"{"decision":"Approved"}"#)
        try await telling.advance(31, untilTold: 3)
        let kinds = try telling.receiver.items.filter { try $0["resource"].string().contains("purchaseOrders") }
            .map { try $0["changeType"].string() }
        #expect(kinds == ["updated", "deleted"])
        let own = try telling.receiver.items.map { try $0["resource"].string() }.filter { $0.contains("contoso") }
        #expect(own.count == 1 && own[0].hasPrefix("api/contoso/approvals/v1.0/companies("), "\(own)")
    }

    @Test(arguments: [(false, 22), (true, 23)])
    @OnLoop func `can be had for what the runtime lists`(offersOrders: Bool, count: Int) async throws {
        let telling = try await Telling { $0.offersPurchaseOrders = offersOrders }
        defer { telling.close() }
        let runtime = telling.books.company.split(separator: "/api/v2.0").joined(
            separator: "/api/microsoft/runtime/beta"
        )
        let url = runtime + "/webhookSupportedResources"
        let filtered = try await telling.books.get(url + "?$filter=resource%20eq%20%27v2.0*%27")
        #expect(filtered.rows.count == count)
        // The customer's own API has one more.
        #expect(try await telling.books.get(url).rows.count == count + 1)
        #expect(filtered.column("resource").contains("v2.0/purchaseInvoices"))
        #expect(filtered.column("resource").contains("v2.0/purchaseOrders") == offersOrders)
        #expect(try await telling.books.get(url + "?$filter=resource%20eq%20%27v1.0*%27").rows.isEmpty)
    }
}

@Suite(.onLoop) struct `Business Central's notifications` {
    @Test @OnLoop func `come half a minute after the first change, all in one request`() async throws {
        let telling = try await Telling()
        defer { telling.close() }
        let first = try await telling.subscribe()
        _ = try await telling.subscribe(state: "second")
        let made = try await telling.books.draft()
        telling.advance(20)
        try await telling.edit(3)
        telling.advance(9)
        #expect(telling.receiver.notifications.isEmpty)
        try await telling.advance(2, untilTold: 1)
        let items = telling.receiver.items
        #expect(items.count == 8)
        let creation = try #require(items.first { (try? $0["changeType"].string()) == "created" })
        #expect(try creation["subscriptionId"].string() == first["subscriptionId"].string())
        #expect(try creation["clientState"].string() == "between us")
        let resource = try creation["resource"].string()
        #expect(resource == "\(telling.resource.split(separator: "/production/")[1])(\(try made["id"].string()))")
        #expect(WallTime(try creation["lastModifiedDateTime"].string()) != nil)
        #expect(WallTime(try creation["expirationDateTime"].string()) != nil)
        #expect(telling.receiver.heads[0].type == "application/json" && telling.receiver.heads[0].number.count == 36)
        #expect(try telling.fact("items") == 8 && telling.fact("requests") == 1)
    }

    @Test @OnLoop func `merge updates of one record, and drop those that change nothing`() async throws {
        let telling = try await Telling()
        defer { telling.close() }
        _ = try await telling.subscribe()
        let draft = try await telling.books.draft()
        let url = try telling.books.address(of: draft)
        for text in ["a", "b", "b"] {
            _ = try await telling.books.send(.patch, url, [("If-Match", "*")], body: #"{"purchaser":"\#(text)"}"#)
        }
        let number = try draft["number"].string()
        _ = try await telling.books.control(.delete, "invoices/\(number)")
        try await telling.advance(31, untilTold: 1)
        #expect(try telling.receiver.items.map { try $0["changeType"].string() } == ["created", "updated", "deleted"])
        let again = telling.receiver.items.count
        let other = try await telling.books.draft()
        try await telling.advance(31, untilTold: 2)
        _ = try await telling.books.send(.patch, try telling.books.address(of: other), [("If-Match", "*")], body: "{}")
        telling.advance(31)
        #expect(telling.receiver.items.count == again + 1)
        #expect(try telling.fact("requests") == 2)
    }

    @Test @OnLoop func `of a posting speak of one id three times, in any order`() async throws {
        let telling = try await Telling()
        defer { telling.close() }
        _ = try await telling.subscribe()
        var orders: Set<String> = []
        for round in 1...12 {
            let draft = try await telling.books.draft()
            try await telling.advance(31, untilTold: 2 * round - 1)
            let before = telling.receiver.items.count
            _ = try await telling.books.control(.post, "invoices/\(try draft["id"].string())/post")
            try await telling.advance(31, untilTold: 2 * round)
            let items = telling.receiver.items[before...]
            let kinds = try items.map { try $0["changeType"].string() }
            #expect(kinds.sorted() == ["created", "deleted", "updated"])
            #expect(Set(try items.map { try $0["resource"].string() }).count == 1)
            orders.insert(kinds.joined(separator: " "))
        }
        #expect(orders.count > 1)
    }

    @Test @OnLoop func `collapse into one collection above the limit, with a filter`() async throws {
        let telling = try await Telling { $0.collectionLimit = 3 }
        defer { telling.close() }
        _ = try await telling.subscribe()
        telling.advance(1_000)
        try await telling.edit(4)
        try await telling.advance(31, untilTold: 1)
        #expect(telling.receiver.items.count == 1)
        let item = try #require(telling.receiver.items.first)
        #expect(try item["changeType"].string() == "collection")
        let parts = try item["resource"].string().split(separator: "?$filter=lastModifiedDateTime%20gt%20")
        #expect(parts.count == 2 && parts[0] == telling.resource.split(separator: "/production/")[1])
        let since = try #require(WallTime(String(parts[1])))
        let newest = try #require(WallTime(try item["lastModifiedDateTime"].string()))
        #expect(newest - since == .milliseconds(50))
        #expect(try telling.fact("collections") == 1)
    }

    @Test @OnLoop func `of a collection with a deletion in it have no filter`() async throws {
        let telling = try await Telling { $0.collectionLimit = 3 }
        defer { telling.close() }
        _ = try await telling.subscribe()
        _ = try await telling.books.control(.delete, "invoices/107201")
        _ = try await telling.books.control(.post, "invoices", #"{"count":5}"#)
        try await telling.advance(31, untilTold: 1)
        #expect(try telling.receiver.items.map { try $0["changeType"].string() } == ["collection"])
        #expect(
            try telling.receiver.items[0]["resource"].string() == telling.resource.split(separator: "/production/")[1]
        )
    }

    @Test(arguments: [408, 429, 500, 503, 0])
    @OnLoop func `are tried again, later each time, and then no more`(status: UInt16) async throws {
        let telling = try await Telling { $0.notificationTimeoutMilliseconds = 50 }
        defer { telling.close() }
        telling.receiver.isSilent = status == 0
        telling.receiver.status = HTTPStatus(rawValue: status)
        _ = try await telling.subscribe()
        try await telling.edit()
        var failures = 0
        for wait in [30, 60, 60, 600, 6_000, 60_000] {
            telling.advance(wait - 1)
            #expect(telling.receiver.notifications.count == failures)
            #expect(try telling.subscriptions == 1)
            telling.advance(2)
            failures += 1
            try await until { try telling.fact("failed") == failures }
            #expect(telling.receiver.notifications.count == failures)
        }
        #expect(try telling.subscriptions == 0 && telling.fact("deletedByFailures") == 1)
        telling.advance(200_000)
        #expect(telling.receiver.notifications.count == 6)
    }

    @Test @OnLoop func `that came back are told with what has come since`() async throws {
        let telling = try await Telling { $0.collectionLimit = 3 }
        defer { telling.close() }
        _ = try await telling.subscribe()
        telling.receiver.status = .unavailable
        try await telling.edit(2)
        telling.advance(31)
        try await until { try telling.fact("failed") == 1 }
        telling.receiver.status = .ok
        try await telling.edit(1)
        telling.advance(31)
        // What became due joins what waits for its next try in a task of its own.
        for _ in 0..<50 { await Task.yield() }
        #expect(telling.receiver.notifications.count == 1)
        try await telling.advance(30, untilTold: 2)
        #expect(try JSONField(telling.receiver.notifications[1])["value"].elements().count == 3)
        telling.receiver.status = .unavailable
        try await telling.edit(4)
        telling.advance(31)
        try await until { try telling.fact("failed") == 2 }
        try await telling.edit(1)
        telling.receiver.status = .ok
        try await telling.advance(61, untilTold: 4)
        #expect(try telling.receiver.items.last?["changeType"].string() == "collection")
        #expect(try telling.subscriptions == 1)
    }

    @Test(arguments: [301, 400, 401, 404, 410])
    @OnLoop func `end with all subscriptions of an address that answers otherwise`(status: UInt16) async throws {
        let telling = try await Telling()
        defer { telling.close() }
        _ = try await telling.subscribe("one")
        _ = try await telling.subscribe("one", state: "again")
        _ = try await telling.subscribe("other")
        telling.receiver.status = HTTPStatus(rawValue: status)
        _ = try await telling.books.control(.patch, "settings", #"{"notificationDelayMilliseconds":30000}"#)
        let vendors = telling.resource.split(separator: "/").dropLast().joined(separator: "/") + "/vendors"
        _ = try await telling.subscribe("one", resource: vendors)
        #expect(try telling.subscriptions == 4)
        // The last one has nothing to be told, and goes all the same.
        try await telling.edit()
        telling.advance(31)
        try await until { try telling.fact("deletedByAnswer") == 4 }
        #expect(try telling.subscriptions == 0)
        telling.advance(600)
        #expect(telling.receiver.notifications.count == 2)
    }

    @Test @OnLoop func `are not sent for a subscription that was dropped without a word`() async throws {
        let telling = try await Telling()
        defer { telling.close() }
        let made = try await telling.subscribe()
        try await telling.edit()
        _ = try await telling.books.control(.delete, "subscriptions/\(try made["subscriptionId"].string())")
        telling.advance(31)
        #expect(try telling.fact("requests") == 0 && telling.subscriptions == 0)
    }

    @Test @OnLoop func `follow a subscription to its new address`() async throws {
        let telling = try await Telling()
        defer { telling.close() }
        let made = try await telling.subscribe("old")
        try await telling.edit()
        let url = telling.books.root + "/subscriptions('\(try made["subscriptionId"].string())')"
        let body = #"{"notificationUrl":"\#(telling.receiver.url("new"))"}"#
        #expect(try await telling.books.send(.patch, url, [("If-Match", "*")], body: body).status == 200)
        try await telling.advance(31, untilTold: 1)
        #expect(telling.receiver.paths == ["/new"])
    }

    @Test @OnLoop func `may come twice where that is wanted`() async throws {
        let telling = try await Telling { $0.duplicateChance = 1 }
        defer { telling.close() }
        _ = try await telling.subscribe()
        try await telling.edit(2)
        try await telling.advance(31, untilTold: 1)
        #expect(telling.receiver.items.count == 4)
        #expect(Set(telling.receiver.items.map { "\(String(describing: $0.value))" }).count == 2)
    }

    @Test @OnLoop func `go to each company's own subscribers`() async throws {
        let telling = try await Telling()
        defer { telling.close() }
        _ = try await telling.subscribe()
        _ = try await telling.books.control(.post, "invoices", #"{"company":"CRONUS Nordic"}"#)
        telling.advance(31)
        #expect(try telling.fact("requests") == 0)
    }
}
