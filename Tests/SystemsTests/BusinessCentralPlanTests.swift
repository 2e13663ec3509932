import Core
import Systems
import Testing
import Transport

@testable import Flows

private func object(_ text: String) throws -> JSON.Object {
    guard case .object(let object) = try JSON.parse5(text) else { return JSON.Object() }
    return object
}

private let today = Day("2026-11-20") ?? .first
private let id = "5d110000-0000-4000-8000-000000000001"

private func plan(
    _ changes: [BackChange],
    _ fields: String,
    of entitySet: String = "purchaseInvoices"
) throws -> BusinessCentralPlan {
    let route = BusinessCentralRoute(entitySet)
    let record = Record(id: id, etag: "W/1", fields: try object(fields))
    let known = BusinessCentralFields(["dimension.DEPARTMENT", "totalAmountIncludingTax"], of: route.entity)
    return try BusinessCentralPlan(changes, to: record, of: route, known, today: today)
}

private func refusal(_ changes: [BackChange], _ fields: String, of entitySet: String = "purchaseInvoices") -> CallError?
{
    do {
        _ = try plan(changes, fields, of: entitySet)
        return nil
    } catch {
        return error as? CallError
    }
}

@Suite struct `what goes back to Business Central` {
    private let draft = #"{number:"107201",status:"Draft",dueDate:"2026-11-30",purchaser:"JO",discountAmount:5}"#

    @Test func `is what differs, in the order in which it was decided`() throws {
        let changes: [BackChange] = [
            .set(field: "purchaser", to: "MH"), .set(field: "dueDate", to: "2026-12-31"),
            .set(field: "vendorInvoiceNumber", to: "A-1"),
        ]
        #expect(
            try plan(changes, draft).fields
                == object(#"{purchaser:"MH",dueDate:"2026-12-31",vendorInvoiceNumber:"A-1"}"#)
        )
        #expect(try plan([.set(field: "purchaser", to: "JO")], draft).isEmpty)
        #expect(try plan([.set(field: "currencyCode", to: .null)], #"{status:"Draft",currencyCode:""}"#).isEmpty)
    }

    @Test(arguments: [
        ("dueDate", "0001-01-01" as JSON), ("purchaser", ""), ("discountAmount", 0),
        ("vendorId", "00000000-0000-0000-0000-000000000000"),
    ])
    func `is empty in its own way`(field: String, sent: JSON) throws {
        let fields = #"{status:"Draft",dueDate:"2026-11-30",purchaser:"JO",discountAmount:5,vendorId:"x"}"#
        #expect(try plan([.set(field: field, to: .null)], fields).fields[field] == sent)
    }

    @Test func `has the words of enumerations as they are sent`() throws {
        let set = BackChange.set(field: "blocked", to: "Payment")
        #expect(try plan([set], #"{number:"10000",blocked:" "}"#, of: "vendors").fields["blocked"] == "Payment")
        let none = BackChange.set(field: "blocked", to: .null)
        #expect(try plan([none], #"{number:"10000",blocked:"All"}"#, of: "vendors").fields["blocked"] == "_x0020_")
    }

    @Test func `assigns dimensions, and takes them off`() throws {
        let present = #"{status:"Draft",dimensionSetLines:[{code:"DEPARTMENT",valueCode:"SALES"}]}"#
        let field = "dimension.DEPARTMENT"
        #expect(
            try plan([.set(field: field, to: "ADM")], present).dimensions == [
                .init(dimension: "DEPARTMENT", value: "ADM")
            ]
        )
        #expect(
            try plan([.set(field: field, to: .null)], present).dimensions == [
                .init(dimension: "DEPARTMENT", value: nil)
            ]
        )
        #expect(try plan([.set(field: field, to: "SALES")], present).isEmpty)
    }

    @Test(arguments: ["Open", "Paid", "Canceled", "Corrective"])
    func `never touches what is posted`(status: String) {
        let posted = #"{number:"108042",status:"\#(status)",purchaser:"JO"}"#
        let changes: [BackChange] = [
            .set(field: "purchaser", to: "MH"), .set(field: "dimension.DEPARTMENT", to: "ADM"),
            .act(.mark(field: "purchaser", value: "MH"), label: "OK"),
        ]
        for change in changes {
            let refusal = refusal([change], posted)
            #expect(refusal?.remedy == .skipRecord && refusal?.kind == .validation)
            #expect(refusal?.reason.contains("108042 is posted (\(status))") == true)
        }
    }

    @Test(arguments: [
        ("purchaseOrders", "Open", nil), ("purchaseOrders", "Draft", nil), ("salesOrders", "In Review", "approval"),
        ("purchaseInvoices", "Strange", "Strange"), ("salesInvoices", "Open", "posted"), ("vendors", "", nil),
        ("purchaseInvoices", "In Review", "approval"), ("accounts", "", "read-only"), ("dimensions", "", "read-only"),
    ])
    func `is refused by the state of the document, which each kind words in its own way`(
        entitySet: String,
        status: String,
        word: String?
    ) {
        let field = ["salesOrders": "salesperson", "salesInvoices": "salesperson", "vendors": "city"][entitySet]
        let set = BackChange.set(field: field ?? "purchaser", to: "MH")
        let reason = refusal([set], #"{number:"1",status:"\#(status)"}"#, of: entitySet)?.reason
        #expect((reason == nil) == (word == nil), "\(reason ?? "")")
        if let word { #expect(reason?.contains(word) == true, "\(reason ?? "")") }
    }

    @Test(arguments: ["status", "number", "vendorName", "totalAmountIncludingTax"])
    func `is refused where the API only shows a field`(field: String) {
        #expect(
            refusal([.set(field: field, to: "x")], draft)?.reason.contains("\(field) of purchaseInvoices is read-only")
                == true
        )
    }

    @Test func `posts a draft, and what is posted is posted`() throws {
        let post = BackChange.act(.post, label: "Book it")
        #expect(try plan([post], draft).posts)
        #expect(try plan([post], #"{number:"108042",status:"Open"}"#).isEmpty)
        #expect(refusal([post], #"{number:"1",status:"In Review"}"#)?.reason.contains("approval") == true)
        #expect(
            refusal([post], #"{number:"1",status:"Draft"}"#, of: "purchaseOrders")?.reason.contains("post it there")
                == true
        )
        #expect(refusal([post], "{}", of: "vendors")?.reason.contains("no such action") == true)
    }

    @Test(arguments: [BookAction.release, .reopen, .approve(service: "a", function: "b")])
    func `has no action that the API lacks`(action: BookAction) {
        #expect(
            refusal([.act(action, label: "OK")], draft)?.reason.contains("Business Central's API has no such action")
                == true
        )
    }
}

@Suite struct `a journal line of Business Central` {
    private func template(_ change: (inout JournalTemplate) -> Void = { _ in }) throws -> JournalTemplate {
        var template = JournalTemplate(
            template: "GENERAL",
            batch: "MLCONN",
            accountType: "G/L Account",
            account: try #require(TextTemplate("6110")),
            balancingAccountType: "vendor",
            balancingAccount: TextTemplate("{vendorNumber}"),
            amountField: "totalAmountIncludingTax",
            isNegative: false,
            text: try #require(TextTemplate("{number} approved")),
            dimensions: ["department": try #require(TextTemplate("{dimension.DEPARTMENT}"))]
        )
        change(&template)
        return template
    }

    private let invoice = #"""
        {number:"107201",status:"Open",vendorNumber:"10000",totalAmountIncludingTax:1200.10,
         dimensionSetLines:[{code:"DEPARTMENT",valueCode:"ADM"}]}
        """#

    private func line(
        _ template: JournalTemplate,
        label: String = "Accrue",
        _ fields: String? = nil
    ) throws -> BusinessCentralJournalLine {
        try #require(try plan([.act(.journalLine(template), label: label)], fields ?? invoice).journalLines.first)
    }

    @Test func `is filled in from account to balancing account, also for what is posted`() throws {
        let line = try line(try template())
        #expect(
            line.fields.members.map(\.name) == [
                "accountType", "accountNumber", "postingDate", "documentNumber", "externalDocumentNumber", "amount",
                "description", "balanceAccountType", "balancingAccountNumber",
            ]
        )
        #expect(line.fields["accountType"] == "G_x002F_L_x0020_Account" && line.fields["accountNumber"] == "6110")
        #expect(line.fields["amount"]?.text() == "1200.10" && line.fields["description"] == "107201 approved")
        #expect(line.fields["balanceAccountType"] == "Vendor" && line.fields["balancingAccountNumber"] == "10000")
        #expect(line.fields["postingDate"] == "2026-11-20")
        #expect(line.dimensions == [.init(dimension: "DEPARTMENT", value: "ADM")])
        #expect(line.documentNumber.utf8.count <= 20 && line.externalDocumentNumber.utf8.count <= 35)
    }

    @Test func `is the same for the same record and label, and another for another`() throws {
        let one = try line(try template())
        let later = invoice.replacing("107201", with: "108042")
        #expect(try line(try template(), later).externalDocumentNumber == one.externalDocumentNumber)
        #expect(try line(try template(), label: "Again").externalDocumentNumber != one.externalDocumentNumber)
        #expect(try line(try template { $0.batch = "OTHER" }).documentNumber != one.documentNumber)
    }

    @Test func `may be negative`() throws {
        #expect(try line(try template { $0.isNegative = true }).fields["amount"]?.text() == "-1200.10")
    }

    @Test func `is refused without an account or an amount, or of a strange type`() throws {
        for (template, fields, word) in [
            (try template(), invoice.replacing("1200.10", with: "0"), "amount"),
            (try template(), invoice.replacing("1200.10", with: #""x""#), "amount"),
            (try template(), invoice.replacing(#"vendorNumber:"10000","#, with: ""), "balancing account"),
            (try template { $0.account = TextTemplate(parts: [.field("none")]) }, invoice, "account"),
            (try template { $0.accountType = "Fixed Asset" }, invoice, "Bank Account"),
        ] {
            let refusal = refusal([.act(.journalLine(template), label: "Accrue")], fields)
            #expect(
                refusal?.remedy == .skipRecord && refusal?.reason.contains(word) == true,
                "\(refusal?.reason ?? "")"
            )
        }
    }
}

@Suite(.onLoop) struct `a route's part of a file` {
    private func route(_ name: String, _ text: String, isStandard: Bool = true) throws -> BusinessCentralRoute {
        try BusinessCentralRoute(name, JSONField(JSON.parse5(text)), isStandard: isStandard)
    }

    @Test func `names an entity, its own name otherwise`() throws {
        #expect(try route("vendors", "{}").entitySet == "vendors")
        let drafts = try route("drafts", #"{entity:"purchaseInvoices",filter:{status:"Draft"}}"#)
        #expect(drafts.entitySet == "purchaseInvoices" && drafts.entity?.lines != nil && drafts.filter != nil)
        #expect(drafts.usualPoll == .seconds(3_600))
        #expect(try route("purchaseOrders", "{}").usualPoll == .seconds(300))
        let machines = try route("machines", #"{api:{publisher:"acme",group:"plant",version:"v1.0"}}"#)
        #expect(machines.entity == nil && machines.api == .custom(publisher: "acme", group: "plant", version: "v1.0"))
        #expect(try route("machines", "{}", isStandard: false).entity == nil)
    }

    @Test(arguments: [
        ("machines", "{}", "the document"), ("a", #"{entity:"machines"}"#, "entity"),
        ("a b", #"{entity:"vendors"}"#, "the document"),
        ("a", #"{entity:"../x"}"#, "entity"), ("9", #"{entity:"vendors"}"#, "the document"),
        ("vendors", #"{filter:{}}"#, "filter"), ("a", #"{api:{publisher:"x"}}"#, "api.group"),
    ])
    func `is refused with the place that is wrong`(name: String, text: String, path: String) {
        let thrown = #expect(throws: JSONField.Wrong.self) { _ = try route(name, text) }
        #expect(thrown?.path == path)
    }

    @Test @OnLoop func `may name the same entity twice in a file`() throws {
        let text = #"""
            {tenant:"acme",name:"a",flow:"business-central-monday",
             businessCentral:{entraTenant:"a.com",clientId:"81aa",clientSecret:{env:"X"},environment:"e",company:"C"},
             monday:{token:{env:"Y"}},
             routes:{
               purchaseInvoices:{board:"1",columns:{number:"name"}},
               drafts:{entity:"purchaseInvoices",filter:{status:"Draft"},board:"2",columns:{number:"name",lines:"long_text"}},
             }}
            """#
        _ = try FlowCatalog.make("business-central-monday", document: JSON.parse5(text))
        let wrong = text.replacing(#"filter:{status:"Draft"},"#, with: #"filtre:{status:"Draft"},"#)
        var path = ""
        do {
            _ = try FlowCatalog.make("business-central-monday", document: JSON.parse5(wrong))
        } catch let error as JSONField.Wrong {
            path = error.path
        }
        #expect(path == "routes.drafts.filtre")
    }
}
