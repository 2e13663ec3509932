import Core
import Sandbox
import Testing
import Transport

@Suite(.onLoop) struct `Business Central, when it is written to,` {
    private static let wanted = """
        {"vendorNumber":"V00030","invoiceDate":"2026-07-31","postingDate":"2026-07-31","dueDate":"2026-09-15",
         "vendorInvoiceNumber":"NW-1001","purchaseInvoiceLines":[
         {"lineType":"Account","lineObjectNumber":"6110","description":"July rent","quantity":2,"unitCost":600.25},
         {"lineType":"Comment","description":"see contract"}]}
        """

    @OnLoop private func create(_ books: Books, _ body: String = wanted) async throws -> Place.Answer {
        try await books.send(.post, books.company + "/purchaseInvoices", body: body)
    }

    @OnLoop private func address(_ books: Books, _ answer: Place.Answer) throws -> String {
        "\(books.company)/purchaseInvoices(\(try answer["id"].string()))"
    }

    @Test @OnLoop func `makes a draft with its lines, and what follows from its vendor`() async throws {
        let books = try await Books()
        defer { books.close() }
        let made = try await create(books)
        #expect(made.status == 201 && made.headers["Location"] == nil, "\(made.text)")
        #expect(try made["status"].string() == "Draft" && made["number"].string() == "107205")
        #expect(try made["dueDate"].string() == "2026-09-15" && made["currencyCode"].string() == "EUR")
        #expect(try made["payToName"].string() == "Müller & Söhne GmbH" && made["buyFromCity"].string() == "Nürnberg")
        #expect(made.text.contains(#""totalAmountExcludingTax":1200.5,"totalTaxAmount":300.13,"#), "\(made.text)")
        let lines = try await books.get(try address(books, made) + "/purchaseInvoiceLines?$orderby=sequence")
        #expect(lines.column("sequence") == ["10000", "20000"])
    }

    @Test @OnLoop func `applies properties in the order of the body`() async throws {
        let books = try await Books()
        defer { books.close() }
        let after = try await create(
            books,
            #"{"vendorNumber":"V00010","invoiceDate":"2026-01-01","dueDate":"2026-05-05"}"#
        )
        #expect(try after["dueDate"].string() == "2026-05-05")
        // The vendor's terms write over what came before it.
        let before = try await create(
            books,
            #"{"invoiceDate":"2026-01-01","dueDate":"2026-05-05","vendorNumber":"V00010"}"#
        )
        #expect(try before["dueDate"].string() == "2026-01-31" && before["currencyCode"].string() == "USD")
    }

    @Test(arguments: [
        ("{}", "Application_DialogException", "invoice without vendor"),
        (#"{"vendorNumber":"none"}"#, "Internal_InvalidTableRelation", "not in the related table"),
        (
            #"{"vendorNumber":"V00010","currencyCode":"XXX"}"#, "Internal_InvalidTableRelation",
            "not in the related table"
        ),
        (#"{"vendorNumber":"V00010","number":"1"}"#, "BadRequest", "read-only property"),
        (#"{"vendorNumber":"V00010","vendorName":"x"}"#, "BadRequest", "read-only property"),
        (#"{"vendorNumber":"V00010","status":"Open"}"#, "BadRequest", "read-only property"),
        (#"{"id":"00000000-0000-0000-0000-000000000009","vendorNumber":"V00010"}"#, "BadRequest", "read-only property"),
        (#"{"vendorNumber":"V00010","amount":1}"#, "BadRequest", "unknown property"),
        (#"{"vendorNumber":1}"#, "BadRequest", "value of the wrong kind"),
        (#"{"vendorNumber":"V00010","dueDate":"31.01.2026"}"#, "BadRequest", "value of the wrong kind"),
        (#"{"vendorNumber":"V00010","discountAmount":"1"}"#, "BadRequest", "value of the wrong kind"),
        (#"{"vendorNumber":"V00010","dueDate":null}"#, "BadRequest_RequiredParamNotProvided", "null"),
        (
            #"{"vendorNumber":"V00010","vendorInvoiceNumber":"123456789012345678901234567890123456"}"#,
            "Application_StringExceededLength", "string too long"
        ),
        (#"{"vendorNumber":"V00010","purchaseInvoiceLines":[{"lineType":"Rent"}]}"#, "Unknown", "unknown enum member"),
        (#"{"vendorNumber":"V00010","purchaseInvoiceLines":{}}"#, "BadRequest", "malformed body"),
        (#"{"vendorNumber":"V00010","purchaseInvoiceLines":[{"taxPercent":1}]}"#, "BadRequest", "read-only property"),
        (
            #"{"vendorNumber":"V00010","purchaseInvoiceLines":[{"quantity":1e30,"unitCost":1e30}]}"#,
            "Application_DialogException", "amount too large"
        ),
        ("[]", "BadRequest", "malformed body"), ("{", "BadRequest", "malformed body"),
        (#"{"vendorNumber":"V00010","vendorNumber":"V00010"}"#, "BadRequest", "malformed body"),
    ]) @OnLoop func `refuses a body that the vendor refuses`(body: String, code: String, rule: String) async throws {
        let books = try await Books()
        defer { books.close() }
        let answer = try await create(books, body)
        #expect(answer.status == 400 && answer.code == code, "\(answer.text)")
        let refusals = try await books.refusals(rule)
        let count = try await books.invoices().rows.count
        #expect(refusals == 1 && count == 4)
    }

    @Test @OnLoop func `names the read-only property, and wants JSON`() async throws {
        let books = try await Books()
        defer { books.close() }
        let readOnly = try await create(books, #"{"vendorName":"x"}"#)
        #expect(try readOnly["error"]["message"].string().hasPrefix("Control 'vendorName' is read-only."))
        let text = try await books.send(
            .post,
            books.company + "/purchaseInvoices",
            [("Content-Type", "text/plain")],
            body: Self.wanted
        )
        #expect(text.status == 400)
        #expect(try await books.refusals("content type") == 1)
    }

    @Test @OnLoop func `wants to be shown the etag it gave last`() async throws {
        let books = try await Books()
        defer { books.close() }
        let made = try await create(books)
        let url = try address(books, made)
        let first = try made["@odata.etag"].string()
        let body = #"{"dueDate":"2026-10-10","@odata.etag":"*"}"#
        for (headers, code) in [([], "missing"), ([("If-Match", "nonsense")], "unusable")]
            as [([(String, String)], String)]
        {
            let answer = try await books.send(.patch, url, headers, body: body)
            #expect(answer.status == 400 && answer.code == "BadRequest_InvalidToken")
            #expect(try await books.refusals("If-Match \(code)") == 1)
        }
        let changed = try await books.send(.patch, url, [("If-Match", first)], body: body)
        #expect(try changed.status == 200 && changed["dueDate"].string() == "2026-10-10")
        #expect(try changed["@odata.etag"].string() != first)
        let stale = try await books.send(.patch, url, [("If-Match", first)], body: body)
        #expect(stale.status == 409 && stale.code == "Request_EntityChanged")
        #expect(try await books.send(.delete, url, [("If-Match", first)]).status == 409)
        _ = try await books.control(.patch, "settings", #"{"staleStatus":412}"#)
        #expect(try await books.send(.delete, url, [("If-Match", first)]).status == 412)
        #expect(try await books.send(.delete, url).status == 400)
        #expect(try await books.send(.patch, url, [("If-Match", "*")], body: #"{"purchaser":"A"}"#).status == 200)
        #expect(
            try await books.send(.patch, url, [("If-Match", "*")], body: #"{"purchaseInvoiceLines":[]}"#).status == 400
        )
        #expect(try await books.send(.delete, url, [("If-Match", "*")]).status == 204)
        #expect(try await books.get(url).status == 404)
    }

    @Test @OnLoop func `posts a draft under a new number and the same id, once`() async throws {
        let books = try await Books()
        defer { books.close() }
        let made = try await create(books)
        let url = try address(books, made)
        #expect(try await books.send(.post, url + "/Microsoft.NAV.Post").status == 404)
        #expect(try await books.send(.post, url + "/Microsoft.NAV.post", body: #"{"a":1}"#).status == 400)
        let posted = try await books.send(.post, url + "/Microsoft.NAV.post", body: "{}")
        #expect(posted.status == 204 && posted.body.isEmpty)
        let read = try await books.get(url)
        #expect(try read["status"].string() == "Open" && read["number"].string() == "108003")
        #expect(try read["id"].string() == made["id"].string())
        #expect(try await books.send(.post, url + "/Microsoft.NAV.post").code == "Application_DialogException")
        let change = try await books.send(.patch, url, [("If-Match", "*")], body: #"{"dueDate":"2026-10-10"}"#)
        #expect(change.status == 400 && change.code == "Application_DialogException")
        #expect(try await books.send(.delete, url, [("If-Match", "*")]).status == 400)

        let twin = try await create(books)
        let duplicate = try await books.send(.post, try address(books, twin) + "/Microsoft.NAV.post")
        #expect(duplicate.code == "Application_DialogException")
        let nameless = try await create(
            books,
            #"{"vendorNumber":"V00010","purchaseInvoiceLines":[{"lineType":"Account","quantity":1,"unitCost":1}]}"#
        )
        let refused = try await books.send(.post, try address(books, nameless) + "/Microsoft.NAV.post")
        #expect(refused.code == "Application_FieldValidationException")
        let empty = try await create(books, #"{"vendorNumber":"V00010","vendorInvoiceNumber":"1"}"#)
        #expect(try await books.send(.post, try address(books, empty) + "/Microsoft.NAV.post").status == 400)
        #expect(try await books.refusals("nothing to post") == 1)
    }

    @Test @OnLoop func `changes a draft by its lines`() async throws {
        let books = try await Books()
        defer { books.close() }
        let made = try await create(books)
        let url = try address(books, made)
        let line = try await books.send(
            .post,
            url + "/purchaseInvoiceLines",
            body: #"{"lineType":"Account","quantity":1,"unitCost":99.5,"discountPercent":10}"#
        )
        #expect(line.status == 201 && line.text.contains(#""amountExcludingTax":89.55"#), "\(line.text)")
        #expect(try line["sequence"].int() == 30_000)
        let header = try await books.get(url)
        #expect(header.text.contains(#""totalAmountExcludingTax":1290.05"#))
        #expect(try header["@odata.etag"].string() != made["@odata.etag"].string())
        let lineURL = url + "/purchaseInvoiceLines(\(try line["id"].string()))"
        let moved = try await books.send(.patch, lineURL, [("If-Match", "*")], body: #"{"sequence":5}"#)
        #expect(moved.status == 400)
        let changed = try await books.send(.patch, lineURL, [("If-Match", "*")], body: #"{"quantity":2}"#)
        #expect(changed.status == 200 && changed.text.contains(#""amountExcludingTax":179.1"#), "\(changed.text)")
        #expect(try await books.send(.delete, lineURL).status == 400)
        #expect(try await books.send(.delete, lineURL, [("If-Match", "*")]).status == 204)
        #expect(try await books.get(url).text.contains(#""totalAmountExcludingTax":1200.5"#))
        let both =
            #"{"itemId":"00000000-0000-0000-0000-000000000001","accountId":"00000000-0000-0000-0000-000000000002"}"#
        #expect(try await books.send(.post, url + "/purchaseInvoiceLines", body: both).status == 400)
    }

    @Test(arguments: [
        (HTTPClient.Method.patch, "", 405), (.delete, "", 405), (.put, "", 405), (.post, "/purchaseInvoices(ID)", 405),
        (.put, "/purchaseInvoices(ID)", 405), (.get, "/purchaseInvoices(ID)/Microsoft.NAV.post", 405),
        (.post, "/purchaseInvoices?$top=1", 400), (.post, "/vendors", 201), (.post, "/purchaseInvoiceLines", 405),
        (.post, "/purchaseInvoices(ID)/vendor", 405), (.post, "/purchaseInvoices/$count", 405),
    ]) @OnLoop func `knows which verb belongs where`(method: HTTPClient.Method, path: String, status: Int) async throws
    {
        let books = try await Books()
        defer { books.close() }
        let id = try #require(try await books.invoices().column("id").first)
        let parts = path.split(separator: "ID", omittingEmptySubsequences: false)
        let answer = try await books.send(
            method,
            books.company + parts.joined(separator: id),
            [("If-Match", "*")],
            body: method == .get ? "" : "{}"
        )
        #expect(answer.status == status, "\(answer.text)")
        #expect(status != 405 || answer.code == "BadRequest_MethodNotAllowed")
    }

    @Test @OnLoop func `takes no write to what is read-only`() async throws {
        let books = try await Books()
        defer { books.close() }
        for (method, url) in [
            (HTTPClient.Method.post, books.root + "/companies"), (.patch, books.company), (.delete, books.company),
        ] {
            let answer = try await books.send(method, url, [("If-Match", "*")], body: "{}")
            #expect(answer.status == 405 && answer.code == "BadRequest_MethodNotAllowed")
        }
    }

    @Test @OnLoop func `moves the stamp with each change, and several may share one`() async throws {
        let books = try await Books()
        defer { books.close() }
        _ = try await books.control(.post, "invoices", #"{"count":20}"#)
        books.place.clock.advance(by: .seconds(10))
        let edited = JSONField(try await books.control(.patch, "invoices", #"{"count":10,"purchaser":"JO"}"#).json)
        let stamps = try edited.elements().map { try $0["lastModifiedDateTime"].string() }
        #expect(stamps.count == 10 && Set(stamps).count == 1)
        let since = try await books.invoices("?$filter=lastModifiedDateTime ge \(stamps[0])")
        #expect(since.rows.count == 10)
        let milliseconds = try #require(WallTime(stamps[0])).millisecondsSince1970 % 10
        #expect([0, 3, 7].contains(milliseconds))
        let late = try await books.control(.patch, "invoices/107201", #"{"stampSecondsAgo":60}"#)
        let lateStamp = try #require(WallTime(try late["lastModifiedDateTime"].string()))
        #expect(lateStamp < books.place.clock.now - .seconds(59))
    }

    @Test @OnLoop func `lets people pay, cancel, edit and delete`() async throws {
        let books = try await Books()
        defer { books.close() }
        let draft = try await books.draft(#"{"amount":10,"vendorNumber":"V00010","vendorInvoiceNumber":"A"}"#)
        let id = try draft["id"].string()
        #expect(try await books.place.control(.post, "/control/businessCentral/invoices/\(id)/pay").status == 400)
        let edited = try await books.control(.patch, "invoices/\(id)", #"{"amount":12.5,"dueDate":"2027-01-01"}"#)
        #expect(edited.text.contains(#""totalAmountIncludingTax":12.5"#), "\(edited.text)")
        let posted = try await books.control(.post, "invoices/\(id)/post")
        let number = try posted["number"].string()
        let paid = try await books.control(.post, "invoices/\(number)/pay")
        #expect(try paid["status"].string() == "Paid" && paid["id"].string() == id)
        let again = try await books.control(.post, "invoices/\(number)/pay")
        #expect(try again["@odata.etag"].string() == paid["@odata.etag"].string())
        #expect(try await books.control(.post, "invoices/\(id)/cancel")["status"].string() == "Canceled")
        _ = try await books.control(.delete, "invoices/\(id)")
        #expect(try await books.place.control(.get, "/control/businessCentral/invoices/\(id)").status == 404)
        #expect(try await books.invoices().rows.count == 4)
    }

    @Test @OnLoop func `names what it made where it is told to`() async throws {
        let books = try await Books { $0.sendsLocation = true }
        defer { books.close() }
        let made = try await create(books)
        let location = try #require(made.headers["Location"])
        #expect(try await books.get(location)["id"].string() == made["id"].string())
    }
}
