import Core
import Sandbox
import Testing
import Transport

@Suite(.onLoop) struct `Business Central, when it is read,` {
    @Test @OnLoop func `shows companies, and takes both forms of its address`() async throws {
        let books = try await Books()
        defer { books.close() }
        let companies = try await books.get(books.root + "/companies")
        #expect(companies.column("name") == ["CRONUS International", "CRONUS Nordic"])
        #expect(try companies["@odata.context"].string() == books.root + "/$metadata#companies")
        let short = "\(books.simulator.address)/v2.0/production/api/v2.0/companies"
        #expect(try await books.get(short).column("id") == companies.column("id"))
        #expect(try await books.get(short + "/$count").text == "2")
        #expect(try await books.get(books.company)["name"].string() == "CRONUS International")
        let byName = try await books.get(books.root + "/purchaseInvoices?company=CRONUS%20International")
        let byPath = try await books.invoices()
        #expect(byName.rows.count == 4 && byName.column("id") == byPath.column("id"))
    }

    @Test @OnLoop func `shows all fields of an invoice, each in its kind's form`() async throws {
        let books = try await Books()
        defer { books.close() }
        let draft = try await books.draft(#"{"vendorNumber":"V00030","amount":100.10,"dueDate":"2026-12-24"}"#)
        let answer = try await books.get(try books.address(of: draft))
        #expect(answer.status == 200 && answer.headers["ms-correlation-x"]?.count == 36)
        #expect(answer.headers["Content-Type"]?.hasPrefix("application/json") == true)
        let members = try JSONField(answer.json).members()
        #expect(members.count == 50 && members[0].name == "@odata.context" && members[1].name == "@odata.etag")
        #expect(try answer["@odata.context"].string().hasSuffix("/purchaseInvoices/$entity"))
        #expect(try answer["vendorName"].string() == "Müller & Söhne GmbH")
        #expect(try answer["dueDate"].string() == "2026-12-24")
        #expect(try answer["status"].string() == "Draft")
        #expect(answer["totalAmountExcludingTax"].value == .number(try #require(Decimal("100.1"))))
        #expect(answer.text.contains(#""totalAmountExcludingTax":100.1,"totalTaxAmount":25.03,"#))
        #expect(try answer["orderId"].string() == "00000000-0000-0000-0000-000000000000")
        #expect(try answer["orderNumber"].string() == "" && answer["discountAmount"].int() == 0)
        let tag = try answer["@odata.etag"].string()
        let inside = try #require(Base64.bytes(of: String(tag.dropFirst(3).dropLast())))
        let text = String(decoding: inside, as: UTF8.self)
        #expect(tag.hasPrefix("W/\"") && text.hasSuffix("1;00;'") && text.hasPrefix("'"), "\(text)")
        let lines = try await books.get(
            try books.address(of: draft) + "/purchaseInvoiceLines?$select=sequence,lineType"
        )
        #expect(lines.column("sequence") == ["10000"] && lines.column("lineType") == ["Account"])
    }

    @Test(arguments: [
        ("number eq '107205'", 1), ("status eq 'Draft'", 3), ("status ne 'Draft'", 2),
        ("status eq 'In_x0020_Review'", 0),
        ("status eq 'Open' or status eq 'Paid'", 2), ("not (status eq 'Draft')", 2), ("startswith(number,'1072')", 3),
        ("contains(vendorName,'O''B') and dueDate ge 2030-01-01", 1),
        ("vendorName eq 'O''Brien \"Quick\" Haulage Ltd' and dueDate ge 2030-01-01", 1),
        ("endswith(number,'5')", 1),
        ("tolower(vendorInvoiceNumber) eq 'x-é1'", 1), ("substring(number,0,4) eq '1072'", 3),
        ("totalAmountExcludingTax eq 77.7", 1), ("totalAmountExcludingTax gt 77.69 and dueDate ge 2030-01-01", 1),
        ("dueDate ge 2030-01-01", 1), ("dueDate lt 2030-01-01 and (status eq 'Draft')", 2),
        ("lastModifiedDateTime ge 2020-01-01T00:00:00Z", 5), ("lastModifiedDateTime lt 2020-01-01T00:00:00.123Z", 0),
        ("pricesIncludeTax eq false", 5), ("id eq 00000000-0000-0000-0000-000000000000", 0),
        ("discountAmount le 0 and pricesIncludeTax ne true and status eq 'Paid'", 1),
    ]) @OnLoop func `finds what a filter asks for`(filter: String, count: Int) async throws {
        let books = try await Books()
        defer { books.close() }
        _ = try await books.draft(
            #"{"vendorNumber":"V00090","amount":77.70,"dueDate":"2030-01-01","vendorInvoiceNumber":"X-É1"}"#
        )
        let answer = try await books.invoices("?$filter=\(filter)&$count=true")
        #expect(answer.status == 200 && answer.rows.count == count, "\(answer.text)")
        #expect(try answer["@odata.count"].int() == count)
        let counted = try await books.get(
            "\(books.company)/purchaseInvoices/$count\(books.encoded("?$filter=\(filter)"))"
        )
        #expect(counted.text == "\(count)")
    }

    @Test(arguments: [
        ("?$filter=status eq 'Open' or number eq '1'", "or over two properties"),
        ("?$filter=(status eq 'Open') or (status eq 'Paid' and number eq '1')", "or over two properties"),
        ("?$filter=id eq '00000000-0000-0000-0000-000000000000'", "literal of the wrong kind"),
        ("?$filter=number eq 107201", "literal of the wrong kind"),
        ("?$filter=number eq null", "literal of the wrong kind"),
        ("?$filter=dueDate ge '2026-01-01'", "literal of the wrong kind"),
        ("?$filter=dueDate ge 2026-01-01T00:00:00Z", "literal of the wrong kind"),
        ("?$filter=lastModifiedDateTime gt 2026-01-01", "literal of the wrong kind"),
        ("?$filter=totalTaxAmount gt '1'", "literal of the wrong kind"),
        ("?$filter=contains(totalTaxAmount,'1')", "literal of the wrong kind"),
        ("?$filter=pricesIncludeTax eq 1", "literal of the wrong kind"),
        ("?$filter=status eq 'In Review'", "unknown enum member"),
        ("?$filter=status eq open", "literal of the wrong kind"),
        ("?$filter=Number eq '1'", "unknown property in URL"), ("?$filter=amount gt 1", "unknown property in URL"),
        ("?$filter=number in ('1','2')", "unknown operator"), ("?$filter=length(number) eq 1", "unknown function"),
        ("?$filter=number eq 'open", "filter syntax"), ("?$filter=number eq", "filter syntax"),
        ("?$filter=", "filter syntax"),
        ("?$filter=(number eq '1'", "filter syntax"), ("?$filter=number eq '1' number eq '2'", "filter syntax"),
        ("?$filter=number eq '1')", "filter syntax"),
        ("?$filter=purchaseInvoiceLines/any(l:l/quantity gt 1)", "unknown property in URL"),
        ("?$select=number,amount", "unknown property in URL"), ("?$select=", "unknown property in URL"),
        ("?$orderby=amount", "unknown property in URL"), ("?$orderby=number up", "orderby syntax"),
        ("?$orderby=number asc desc", "orderby syntax"), ("?$expand=dimensions", "unknown property in URL"),
        ("?$expand=vendor($filter=number eq '1')", "unknown query option"), ("?$expand=vendor(", "expand syntax"),
        ("?$expand=vendor($select=nothing)", "unknown property in URL"), ("?$top=-1", "bad option value"),
        ("?$top=five", "bad option value"), ("?$skip=x", "bad option value"), ("?$count=yes", "bad option value"),
        ("?$search=x", "unknown query option"), ("?$deltatoken=1", "unknown query option"),
        ("?filter=x", "unknown query option"),
        ("?$top=1&$top=2", "option given twice"), ("?$skiptoken=nonsense", "bad skiptoken"),
    ]) @OnLoop func `refuses what the vendor refuses`(query: String, rule: String) async throws {
        let books = try await Books()
        defer { books.close() }
        let answer = try await books.invoices(query)
        #expect(answer.status == 400 && answer.code.hasPrefix("BadRequest"), "\(answer.text)")
        let message = try answer["error"]["message"].string()
        let correlation = try #require(answer.headers["ms-correlation-x"])
        #expect(message.hasSuffix("  CorrelationId:  \(correlation)."))
        let refusals = try await books.refusals(rule)
        #expect(refusals == 1, "\(books.simulator.facts)")
    }

    @Test @OnLoop func `refuses a filter that is too long or too deep`() async throws {
        let books = try await Books()
        defer { books.close() }
        for (filter, rule) in [
            (
                String(repeating: "(", count: 40) + "number eq '1'" + String(repeating: ")", count: 40),
                "filter too deep"
            ),
            (String(repeating: "not ", count: 40) + "number eq '1'", "filter too deep"),
            ("number eq '" + String(repeating: "x", count: 17_000) + "'", "filter too long"),
        ] {
            #expect(try await books.invoices("?$filter=\(filter)").status == 400)
            let refusals = try await books.refusals(rule)
            #expect(refusals > 0)
        }
    }

    @Test @OnLoop func `sorts, selects, skips and expands`() async throws {
        let books = try await Books()
        defer { books.close() }
        _ = try await books.draft(#"{"vendorNumber":"V00010","amount":0.5}"#)
        let sorted = try await books.invoices(
            "?$orderby=totalAmountExcludingTax desc,number asc&$select=totalAmountExcludingTax"
        )
        let amounts = sorted.column("totalAmountExcludingTax").compactMap { Decimal($0) }
        #expect(amounts.count == 5 && amounts == amounts.sorted(by: >) && amounts.last == Decimal("0.5"))
        #expect(try sorted.rows[0].members().map(\.name) == ["@odata.etag", "totalAmountExcludingTax"])
        let some = try await books.invoices("?$orderby=number&$skip=1&$top=2&$select=number")
        let all = try await books.invoices("?$orderby=number&$select=number")
        #expect(some.column("number") == Array(all.column("number")[1...2]))
        let expanded = try await books.invoices(
            "?$filter=totalAmountExcludingTax eq 0.5&$expand=purchaseInvoiceLines($select=description,quantity),vendor($select=number)"
        )
        #expect(try expanded.rows[0]["purchaseInvoiceLines"][0]["quantity"].int() == 1)
        #expect(try expanded.rows[0]["vendor"]["number"].string() == "V00010")
        #expect(try expanded.rows[0]["vendor"].members().count == 2)
        let bare = try await books.invoices("?$top=1", [("Accept", "application/json;odata.metadata=none")])
        #expect(!bare.text.contains("@odata"))
    }

    @Test @OnLoop func `gives pages with absolute links, and none beyond $top`() async throws {
        let books = try await Books()
        defer { books.close() }
        _ = try await books.control(.post, "invoices", #"{"count":7}"#)
        let query = "?$orderby=lastModifiedDateTime asc&$select=number&$filter=status ne 'Canceled'"
        let whole = try await books.invoices(query)
        #expect(whole.rows.count == 11 && whole["@odata.nextLink"].value == nil)
        var page = try await books.invoices(query, [("Prefer", "odata.maxpagesize=4")])
        #expect(page.headers["Preference-Applied"] == "odata.maxpagesize=4")
        var numbers = page.column("number")
        var links = 0
        while let link = try page["@odata.nextLink"].orNil?.string() {
            #expect(link.hasPrefix(books.company + "/purchaseInvoices?") && link.contains("$skiptoken="))
            page = try await books.get(link, [("Prefer", "odata.maxpagesize=4")])
            numbers += page.column("number")
            links += 1
        }
        #expect(links == 2 && numbers == whole.column("number"))
        let top = try await books.invoices("?$top=6", [("Prefer", "odata.maxpagesize=4")])
        #expect(top.rows.count == 4 && top["@odata.nextLink"].value == nil)
        #expect(try await books.invoices("", [("Prefer", "odata.maxpagesize=0")]).status == 400)
        #expect(try await books.invoices("", [("Prefer", "odata.maxpagesize=30000")]).status == 200)
        _ = try await books.control(.patch, "settings", #"{"refusesLargerPages":true}"#)
        #expect(try await books.invoices("", [("Prefer", "odata.maxpagesize=30000")]).status == 413)
    }

    @Test @OnLoop func `shows a row twice that moves while it is paged through`() async throws {
        let books = try await Books()
        defer { books.close() }
        let query = "?$orderby=lastModifiedDateTime asc"
        let first = try await books.invoices(query, [("Prefer", "odata.maxpagesize=2")])
        books.place.clock.advance(by: .seconds(1))
        _ = try await books.control(.patch, "invoices/\(first.column("id")[0])", #"{"shipToContact":"moved"}"#)
        let second = try await books.get(try first["@odata.nextLink"].string())
        #expect(second.rows.count == 3 && second.column("id").last == first.column("id")[0])
    }

    @Test(arguments: [
        ("/purchaseInvoices(1)", 400, "BadRequest_NotFound"), ("/purchaseInvoices('a')", 400, "BadRequest_NotFound"),
        ("/purchaseInvoices(00000000-0000-0000-0000-000000000009)", 404, "Internal_RecordNotFound"),
        ("/purchaseinvoices", 404, "BadRequest_ResourceNotFound"), ("/nonsense", 404, "BadRequest_ResourceNotFound"),
        ("/purchaseInvoices/nonsense", 404, "BadRequest_ResourceNotFound"),
        ("/vendors(1", 400, "BadRequest_InvalidRequestUrl"),
        ("/purchaseInvoiceLines", 400, "BadRequest_InvalidRequestUrl"),
        ("/purchaseInvoiceLines?$filter=quantity%20gt%201", 400, "BadRequest_InvalidRequestUrl"),
        ("/purchaseInvoiceLines/$count", 400, "BadRequest_InvalidRequestUrl"),
        ("/vendors?$top=1&$filter=number%20eq%20%27V00010%27", 200, ""),
    ]) @OnLoop func `answers addresses that lead nowhere`(path: String, status: Int, code: String) async throws {
        let books = try await Books()
        defer { books.close() }
        let answer = try await books.get(books.company + path)
        #expect(answer.status == status && answer.code == code, "\(answer.text)")
    }

    @Test @OnLoop func `knows no other company, environment, tenant or route`() async throws {
        let books = try await Books()
        defer { books.close() }
        let address = books.simulator.address
        let tenant = books.simulator.settings.entraTenant
        let cases = [
            (books.root + "/companies(00000000-0000-0000-0000-000000000009)", 404, "Internal_CompanyNotFound"),
            (books.root + "/purchaseInvoices", 404, "Internal_CompanyNotFound"),
            ("\(address)/v2.0/\(tenant)/sandbox/api/v2.0/companies", 404, "NoEnvironment"),
            ("\(address)/v2.0/other.example/production/api/v2.0/companies", 401, "Authentication_InvalidCredentials"),
            ("\(address)/v2.0/production/api/v1.0/companies", 404, "BadRequest_ResourceNotFound"),
            ("\(address)/anything", 404, "BadRequest_ResourceNotFound"),
            ("\(address)/", 404, "BadRequest_ResourceNotFound"),
        ]
        for (url, status, code) in cases {
            let answer = try await books.get(url)
            #expect(answer.status == status && answer.code == code, "\(url): \(answer.text)")
        }
        #expect(
            try await books.get("\(address)/v2.0/\(tenant.uppercased())/PRODUCTION/api/v2.0/companies").status == 200
        )
    }

    @Test @OnLoop func `shows lines that are asked for by their document or themselves`() async throws {
        let books = try await Books()
        defer { books.close() }
        let draft = try await books.draft(#"{"amount":5}"#)
        let id = try draft["id"].string()
        let lines = try await books.get("\(books.company)/purchaseInvoiceLines?$filter=documentId%20eq%20\(id)")
        #expect(lines.column("documentId") == [id])
        let line = try #require(lines.column("id").first)
        #expect(try await books.get("\(books.company)/purchaseInvoiceLines(\(line))")["quantity"].int() == 1)
        #expect(try await books.get(try books.address(of: draft) + "/purchaseInvoiceLines(\(line))").status == 200)
        #expect(try await books.get(try books.address(of: draft) + "/vendor").status == 200)
    }

    @Test @OnLoop func `lies behind on a replica, and takes no write there`() async throws {
        let books = try await Books { $0.replicaLagSeconds = 30 }
        defer { books.close() }
        let replica = [("Data-Access-Intent", "ReadOnly")]
        books.place.clock.advance(by: .seconds(60))
        let draft = try await books.draft()
        #expect(try await books.get(try books.address(of: draft)).status == 200)
        #expect(try await books.get(try books.address(of: draft), replica).status == 404)
        #expect(try await books.invoices("", replica).rows.count == 4)
        books.place.clock.advance(by: .seconds(31))
        #expect(try await books.invoices("", replica).rows.count == 5)
        let write = try await books.send(.delete, try books.address(of: draft), replica + [("If-Match", "*")])
        #expect(write.status == 405 && write.code == "BadRequest_MethodNotAllowed")
    }

    @Test @OnLoop func `survives addresses that make no sense`() async throws {
        let books = try await Books()
        defer { books.close() }
        let pieces = [
            "(", ")", "'", ",", ";", "=", " ", "eq", "or", "and", "not", "number", "status", "'Open'", "1e999",
            "substring", "tolower",
            "contains", "-1", "$", "é", "/", "purchaseInvoiceLines", "vendor", "$select", "desc",
            "99999999999999999999", "W/",
        ]
        var random = SeededGenerator(seed: 7)
        var statuses: [Int: Int] = [:]
        for _ in 0..<400 {
            let junk = (0..<Int.random(in: 1...9, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined(separator: Bool.random(using: &random) ? " " : "")
            let text = books.encoded(junk).split(separator: "&").joined(separator: "%26")
            let option =
                ["$filter", "$orderby", "$select", "$expand", "$top", "$skiptoken"].randomElement(using: &random) ?? ""
            let isPath = Bool.random(using: &random)
            let url =
                books.company + (isPath ? "/purchaseInvoices(\(text))/\(text)" : "/purchaseInvoices?\(option)=\(text)")
            statuses[try await books.get(url).status, default: 0] += 1
        }
        #expect(Set(statuses.keys).isSubset(of: [200, 400, 404]), "\(statuses)")
        #expect(try await books.get(books.company).status == 200)
    }
}
