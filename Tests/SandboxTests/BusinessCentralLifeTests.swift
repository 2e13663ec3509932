import Core
import Sandbox
import Testing
import Transport

/// What happens to documents and journals beyond their writing.
@Suite(.onLoop) struct `Business Central, when it posts,` {
    @OnLoop private func order(_ books: Books, _ lines: String, vendor: String = "V00030") async throws -> Place.Answer
    {
        let body = #"{"vendorNumber":"\#(vendor)","purchaseOrderLines":[\#(lines)]}"#
        let made = try await books.send(.post, books.company + "/purchaseOrders", body: body)
        #expect(made.status == 201, "\(made.text)")
        return made
    }

    @OnLoop private func url(_ books: Books, _ made: Place.Answer, _ set: String = "purchaseOrders") throws -> String {
        "\(books.company)/\(set)(\(try made["id"].string()))"
    }

    @Test @OnLoop func `loses a price that was named before the quantity`() async throws {
        let books = try await Books()
        defer { books.close() }
        let before = try await order(
            books,
            #"{"lineType":"Item","lineObjectNumber":"1896-S","directUnitCost":5,"quantity":2}"#
        )
        #expect(before.text.contains(#""totalAmountExcludingTax":1561.4,"#), "\(before.text)")
        let after = try await order(
            books,
            #"{"lineType":"Item","lineObjectNumber":"1896-S","quantity":2,"directUnitCost":5}"#
        )
        #expect(after.text.contains(#""totalAmountExcludingTax":10,"#), "\(after.text)")
    }

    @Test @OnLoop func `receives a part of an order, then the rest, and the order vanishes`() async throws {
        let books = try await Books()
        defer { books.close() }
        let made = try await order(books, #"{"lineType":"Item","lineObjectNumber":"1900-S","quantity":10}"#)
        let url = try url(books, made)
        let action = url + "/Microsoft.NAV.receiveAndInvoice"
        #expect(try await books.send(.post, url + "/Microsoft.NAV.ReceiveAndInvoice").status == 404)
        // Nobody has typed what the vendor calls it.
        #expect(try await books.send(.post, action).code == "Application_FieldValidationException")
        let number = try made["number"].string()
        _ = try await books.control(.patch, "purchaseOrders/\(number)", #"{"vendorInvoiceNumber":"M-1"}"#)
        let line = try await books.get(url + "/purchaseOrderLines").rows[0]
        let lineURL = url + "/purchaseOrderLines(\(try line["id"].string()))"
        let tooMuch = try await books.send(.patch, lineURL, [("If-Match", "*")], body: #"{"receiveQuantity":11}"#)
        #expect(tooMuch.code == "Application_DialogException")
        let some = #"{"receiveQuantity":4,"invoiceQuantity":4}"#
        #expect(try await books.send(.patch, lineURL, [("If-Match", "*")], body: some).status == 200)
        #expect(try await books.send(.post, action).status == 204)
        let half = try await books.get(lineURL)
        #expect(try half["receivedQuantity"].int() == 4 && half["invoicedQuantity"].int() == 4)
        #expect(try await books.get(url)["fullyReceived"].bool() == false)
        let invoices = try await books.invoices("?$filter=orderNumber eq '\(number)'")
        #expect(invoices.column("status") == ["Open"] && invoices.column("totalAmountExcludingTax") == ["602.4"])
        _ = try await books.control(.patch, "purchaseOrders/\(number)", #"{"vendorInvoiceNumber":"M-2"}"#)
        #expect(try await books.send(.post, action).status == 204)
        #expect(try await books.get(url).status == 404)
    }

    @Test @OnLoop func `may have received an order although it says that it failed`() async throws {
        let books = try await Books { $0.losesInvoices = true }
        defer { books.close() }
        let made = try await order(books, #"{"lineType":"Item","lineObjectNumber":"1900-S","quantity":1}"#)
        let number = try made["number"].string()
        _ = try await books.control(.patch, "purchaseOrders/\(number)", #"{"vendorInvoiceNumber":"M-1"}"#)
        let answer = try await books.send(.post, try url(books, made) + "/Microsoft.NAV.receiveAndInvoice")
        #expect(answer.status == 400 && answer.code == "Internal_DataNotFoundFilter")
        #expect(try await books.get(try url(books, made))["fullyReceived"].bool())
    }

    @Test @OnLoop func `keeps a released order as it is until it is reopened`() async throws {
        let books = try await Books()
        defer { books.close() }
        let made = try await order(books, #"{"lineType":"Item","lineObjectNumber":"1900-S","quantity":1}"#)
        let path = "purchaseOrders/\(try made["number"].string())"
        #expect(try await books.control(.post, path + "/release")["status"].string() == "Open")
        let change = #"{"requestedReceiptDate":"2027-01-01"}"#
        let url = try url(books, made)
        #expect(try await books.send(.patch, url, [("If-Match", "*")], body: change).status == 400)
        #expect(try await books.send(.post, url + "/purchaseOrderLines", body: "{}").status == 400)
        #expect(try await books.control(.post, path + "/review")["status"].string() == "In_x0020_Review")
        let reviewed = try await books.get(books.company + "/purchaseOrders?$filter=status%20eq%20'In_x0020_Review'")
        #expect(reviewed.rows.count == 2)
        #expect(try await books.control(.post, path + "/reopen")["status"].string() == "Draft")
        #expect(try await books.send(.patch, url, [("If-Match", "*")], body: change).status == 200)
    }

    @Test @OnLoop func `writes entries that balance, with the dimensions of their lines`() async throws {
        let books = try await Books()
        defer { books.close() }
        let lines =
            #"[{"lineType":"Account","lineObjectNumber":"8110","quantity":1,"unitCost":200,"dimensionSetLines":[{"code":"DEPARTMENT","valueCode":"ADM"}]}]"#
        let made = try await books.send(
            .post,
            books.company + "/purchaseInvoices",
            body: #"{"vendorNumber":"V00030","vendorInvoiceNumber":"E-1","purchaseInvoiceLines":\#(lines)}"#
        )
        let url = try url(books, made, "purchaseInvoices")
        #expect(try await books.send(.post, url + "/Microsoft.NAV.post").status == 204)
        let number = try await books.get(url)["number"].string()
        let entries = try await books.get(
            books.company + "/generalLedgerEntries?$filter=documentNumber%20eq%20'\(number)'&$expand=dimensionSetLines"
        )
        #expect(entries.column("accountNumber") == ["8110", "5630", "5410"])
        #expect(
            entries.column("debitAmount") == ["200", "50", "0"] && entries.column("creditAmount") == ["0", "0", "250"]
        )
        #expect(try entries.rows[0]["dimensionSetLines"][0]["valueCode"].string() == "ADM")
        let numbers = entries.column("entryNumber").compactMap { Int($0) }
        #expect(numbers == numbers.sorted() && Set(numbers).count == 3)
    }

    @Test(arguments: [
        (#"{"lineType":"Account","lineObjectNumber":"1000","quantity":1}"#, "account without posting"),
        (#"{"lineType":"Account","lineObjectNumber":"5410","quantity":1}"#, "account without posting"),
        (#"{"lineType":"Account","lineObjectNumber":"8999","quantity":1}"#, "account without posting"),
        (#"{"lineType":"Account","lineObjectNumber":"1","quantity":1}"#, "not in the related table"),
        (#"{"lineType":"Item","lineObjectNumber":"1","quantity":1}"#, "not in the related table"),
    ]) @OnLoop func `takes lines on accounts and items that are there`(line: String, rule: String) async throws {
        let books = try await Books()
        defer { books.close() }
        let body = #"{"vendorNumber":"V00030","purchaseInvoiceLines":[\#(line)]}"#
        #expect(try await books.send(.post, books.company + "/purchaseInvoices", body: body).status == 400)
        #expect(try await books.refusals(rule) == 1)
    }

    @Test @OnLoop func `assigns a value of each dimension once, and while a document is open`() async throws {
        let books = try await Books()
        defer { books.close() }
        let draft = try await books.draft(#"{"vendorNumber":"V00030","amount":5,"vendorInvoiceNumber":"D-1"}"#)
        let invoice = try books.address(of: draft)
        let url = invoice + "/dimensionSetLines"
        let stamp = try await books.get(invoice)["lastModifiedDateTime"].string()
        books.place.clock.advance(by: .seconds(5))
        let made = try await books.send(.post, url, body: #"{"code":"DEPARTMENT","valueCode":"SALES"}"#)
        #expect(try made.status == 201 && made["valueDisplayName"].string() == "Sales", "\(made.text)")
        let header = try await books.get(invoice)
        #expect(try header["shortcutDimension1Code"].string() == "SALES")
        #expect(try header["lastModifiedDateTime"].string() > stamp)
        let twice = try await books.send(.post, url, body: #"{"code":"DEPARTMENT","valueCode":"ADM"}"#)
        #expect(twice.code == "Internal_EntityWithSameKeyExists")
        for body in [
            #"{"code":"DEPARTMENT"}"#, #"{"valueCode":"ADM"}"#, #"{"code":"NONE","valueCode":"ADM"}"#,
            #"{"code":"PROJECT","valueCode":"ADM"}"#,
        ] {
            let answer = try await books.send(.post, url, body: body)
            #expect(answer.status == 400 || answer.status == 404, "\(body): \(answer.text)")
        }
        let line = "\(url)(\(try made["id"].string()))"
        #expect(try await books.send(.patch, line, body: #"{"valueCode":"ADM"}"#).code == "BadRequest_InvalidToken")
        let changed = try await books.send(.patch, line, [("If-Match", "*")], body: #"{"valueCode":"ADM"}"#)
        #expect(try changed["valueDisplayName"].string() == "Administration")
        let moved = try await books.send(.patch, line, [("If-Match", "*")], body: #"{"code":"PROJECT"}"#)
        #expect(moved.status == 400)
        #expect(try await books.send(.post, invoice + "/Microsoft.NAV.post").status == 204)
        let late = try await books.send(.patch, line, [("If-Match", "*")], body: #"{"valueCode":"PROD"}"#)
        #expect(late.status == 400)
        #expect(try await books.send(.post, books.company + "/dimensionValues", body: "{}").status == 405)
    }

    @Test @OnLoop func `posts a journal of its own, whole and in balance`() async throws {
        let books = try await Books()
        defer { books.close() }
        let journals = try await books.get(books.company + "/journals?$filter=code%20eq%20'MLCONN'")
        #expect(try await books.get(books.company + "/journals").column("code") == ["DEFAULT", "MLCONN", "MONTHLY"])
        let assets = try await books.get(books.company + "/journals?$filter=templateDisplayName%20eq%20'ASSETS'")
        #expect(assets.column("code") == ["ASSETS"])
        let journal = "\(books.company)/journals(\(journals.column("id")[0]))"
        let post = journal + "/Microsoft.NAV.post"
        #expect(try await books.send(.post, post).code == "Application_DialogException")
        let line =
            #"{"accountType":"Vendor","accountNumber":"V00010","externalDocumentNumber":"x:1","amount":120.50,"description":"Paid""#
        let single = try await books.send(.post, journal + "/journalLines", body: line + "}")
        #expect(
            try single.status == 201 && single["lineNumber"].int() == 10_000
                && single["documentNumber"].string() == "G02001",
            "\(single.text)"
        )
        #expect(try await books.send(.post, post).code == "Application_DialogException")
        #expect(try await books.refusals("out of balance") == 1)
        let url = "\(journal)/journalLines(\(try single["id"].string()))"
        let balance = #"{"balanceAccountType":"Bank_x0020_Account","balancingAccountNumber":"CHECKING"}"#
        #expect(try await books.send(.patch, url, [("If-Match", "*")], body: balance).status == 200)
        let found = try await books.get(journal + "/journalLines?$filter=externalDocumentNumber%20eq%20'x:1'")
        #expect(found.rows.count == 1)
        for bad in [
            #"{"accountType":"Employee"}"#, #"{"accountType":"Vendor","accountNumber":"none"}"#,
            #"{"accountNumber":"1000"}"#, #"{"journalDisplayName":"OTHER"}"#,
            #"{"accountId":"00000000-0000-0000-0000-000000000009"}"#, #"{"documentType":"Payment"}"#,
        ] {
            #expect(try await books.send(.post, journal + "/journalLines", body: bad).status == 400, "\(bad)")
        }
        _ = try await books.control(.patch, "settings", #"{"demandsJournalApproval":true}"#)
        #expect(try await books.send(.post, post).code == "Application_DialogException")
        _ = try await books.control(.patch, "settings", #"{"demandsJournalApproval":false}"#)
        #expect(try await books.send(.post, post).status == 204)
        #expect(try await books.get(journal + "/journalLines").rows.isEmpty)
        let entries = try await books.get(
            books.company + "/generalLedgerEntries?$filter=documentNumber%20eq%20'G02001'"
        )
        #expect(entries.column("accountNumber") == ["5410", "2920"])
        #expect(entries.column("debitAmount") == ["120.5", "0"])
    }

    @Test @OnLoop func `balances a line by its batch`() async throws {
        let books = try await Books()
        defer { books.close() }
        let account = try await books.get(books.company + "/accounts?$filter=number%20eq%20'8110'").column("id")[0]
        let made = try await books.send(
            .post,
            books.company + "/journals",
            body: #"{"code":"MINE","displayName":"Mine"}"#
        )
        #expect(try made["templateDisplayName"].string() == "GENERAL", "\(made.text)")
        let journal = try url(books, made, "journals")
        let changed = try await books.send(
            .patch,
            journal,
            [("If-Match", "*")],
            body: #"{"balancingAccountId":"\#(account)"}"#
        )
        #expect(try changed["balancingAccountNumber"].string() == "8110")
        let line = #"{"accountNumber":"2920","amount":-10,"documentNumber":"B-1"}"#
        #expect(try await books.send(.post, journal + "/journalLines", body: line).status == 201)
        #expect(try await books.send(.post, journal + "/Microsoft.NAV.post").status == 204)
        let entries = try await books.get(books.company + "/generalLedgerEntries?$filter=documentNumber%20eq%20'B-1'")
        #expect(entries.column("accountNumber") == ["2920", "8110"])
        let unknown = #"{"balancingAccountId":"00000000-0000-0000-0000-000000000009"}"#
        #expect(try await books.send(.patch, journal, [("If-Match", "*")], body: unknown).status == 400)
    }

    @Test @OnLoop func `closes the invoice that a payment is applied to`() async throws {
        let books = try await Books()
        defer { books.close() }
        let open = JSONField(
            try await books.control(.post, "invoices", #"{"vendorNumber":"V00010","amount":90,"status":"Open"}"#).json
        )[0]
        let batch = try await books.get(books.company + "/vendorPaymentJournals").column("id")[0]
        let payments = "\(books.company)/vendorPaymentJournals(\(batch))/vendorPayments"
        let draft = try await books.draft()
        let unposted = #"{"vendorNumber":"V00010","amount":90,"appliesToInvoiceId":"\#(try draft["id"].string())"}"#
        #expect(try await books.send(.post, payments, body: unposted).code == "Internal_InvalidTableRelation")
        let body = #"{"vendorNumber":"V00010","amount":90,"appliesToInvoiceNumber":"\#(try open["number"].string())"}"#
        let made = try await books.send(.post, payments, body: body)
        #expect(try made.status == 201 && made["appliesToInvoiceId"].string() == open["id"].string(), "\(made.text)")
        #expect(
            try await books.send(.post, "\(books.company)/vendorPaymentJournals(\(batch))/Microsoft.NAV.post").status
                == 404
        )
        #expect(try await books.send(.post, "\(books.company)/journals(\(batch))/Microsoft.NAV.post").status == 204)
        #expect(try await books.get(try books.address(of: open))["status"].string() == "Paid")
    }

    @Test @OnLoop func `shows what is left of a sales invoice, and cancels it`() async throws {
        let books = try await Books()
        defer { books.close() }
        let made = JSONField(
            try await books.control(
                .post,
                "salesInvoices",
                #"{"customerNumber":"C00030","amount":300,"status":"Open"}"#
            ).json
        )[0]
        let number = try made["number"].string()
        #expect(try made["remainingAmount"].int() == 300)
        let part = try await books.control(.post, "salesInvoices/\(number)/pay", #"{"amount":100}"#)
        #expect(try part["remainingAmount"].int() == 200 && part["status"].string() == "Open")
        let url = "\(books.company)/salesInvoices(\(try made["id"].string()))"
        #expect(try await books.send(.post, url + "/Microsoft.NAV.cancel").status == 204)
        let canceled = try await books.get(url)
        #expect(try canceled["status"].string() == "Canceled" && canceled["remainingAmount"].int() == 0)
        let orders = try await books.get(books.company + "/salesOrders?$filter=status%20eq%20'Open'&$top=1")
        let order = "\(books.company)/salesOrders(\(orders.column("id")[0]))"
        #expect(try await books.send(.post, order + "/Microsoft.NAV.shipAndInvoice").status == 204)
        #expect(try await books.get(order).status == 404)
    }

    @Test @OnLoop func `refuses days on which nothing may be posted`() async throws {
        let books = try await Books()
        defer { books.close() }
        let setup = try await books.get(books.company + "/generalLedgerSetup").rows[0]
        _ = try await books.control(
            .patch,
            "generalLedgerSetup/\(try setup["id"].string())",
            #"{"allowPostingTo":"2020-01-01"}"#
        )
        let draft = try await books.draft(#"{"amount":1,"vendorInvoiceNumber":"P-1"}"#)
        #expect(try await books.send(.post, try books.address(of: draft) + "/Microsoft.NAV.post").status == 400)
        #expect(try await books.refusals("posting date") == 1)
    }
}
