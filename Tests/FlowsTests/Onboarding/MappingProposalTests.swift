import Testing

@testable import Flows
@testable import Systems

@Suite struct `a proposal of what goes where` {
    private let template = BoardTemplate.of("purchaseInvoices", in: .businessCentral)

    private func propose(_ columns: [Monday.Column]) throws -> MappingProposal {
        MappingProposal(try #require(template), among: [.name] + columns)
    }

    private func columns(_ proposal: MappingProposal) -> [String: String] {
        Dictionary(proposal.pairs.map { ($0.field, $0.column) }) { first, _ in first }
    }

    @Test func `goes by what columns are called, in any spelling`() throws {
        let proposal = try propose([
            Monday.Column(id: "numbers_1", title: "Total amount", typeName: "numbers"),
            Monday.Column(id: "date4", title: "DUE-DATE", typeName: "date"),
            Monday.Column(id: "dropdown", title: "Supplier", typeName: "dropdown"),
            Monday.Column(id: "text9", title: "Curency", typeName: "text"),
            Monday.Column(id: "erp_key", title: "ERP key", typeName: "text"),
        ])
        #expect(
            columns(proposal) == [
                "number": "name", "totalAmountIncludingTax": "numbers_1", "dueDate": "date4", "vendorName": "dropdown",
                "currencyCode": "text9",
            ]
        )
        #expect(proposal.keyColumn == "erp_key")
        #expect(Set(proposal.fields) == ["vendorInvoiceNumber", "invoiceDate", "status"])
    }

    @Test func `gives each column to the field that suits it best, and each field one`() throws {
        let proposal = try propose([
            Monday.Column(id: "a", title: "Date of invoice", typeName: "date"),
            Monday.Column(id: "b", title: "Invoice date", typeName: "date"),
        ])
        #expect(columns(proposal)["invoiceDate"] == "b")
        #expect(!columns(proposal).values.contains("a"))
    }

    @Test func `leaves out columns that cannot hold the values, whatever they are called`() throws {
        let proposal = try propose([
            Monday.Column(id: "people", title: "Vendor", typeName: "people"),
            Monday.Column(id: "formula", title: "Amount", typeName: "formula"),
            Monday.Column(id: "status", title: "Due date", typeName: "status"),
            Monday.Column(id: "old", title: "Currency", typeName: "text", isArchived: true),
        ])
        #expect(columns(proposal) == ["number": "name"])
    }

    @Test func `only guesses where nothing but the type fits, and says nothing of texts`() throws {
        let proposal = try propose([
            Monday.Column(id: "wave", title: "Where it is", typeName: "status"),
            Monday.Column(id: "note", title: "Notes", typeName: "text"),
            Monday.Column(id: "one", title: "First", typeName: "date"),
            Monday.Column(id: "two", title: "Second", typeName: "date"),
        ])
        #expect(proposal.pairs.map(\.field) == ["number"])
        #expect(proposal.guesses.map(\.column) == ["wave"] && proposal.guesses.map(\.field) == ["status"])
    }

    @Test func `says which states a status column cannot show yet`() throws {
        let labels = ["draft", "Open"].enumerated().map { Monday.Label(id: $0, text: $1) }
        let proposal = try propose([Monday.Column(id: "s", title: "State", typeName: "status", labels: labels)])
        #expect(proposal.pairs.last?.missingLabels == ["In Review", "Paid", "Canceled", "Corrective"])
    }

    @Test func `finds a key column of another id by its title, and never maps it`() throws {
        let key = Monday.Column(id: "text_mk2x", title: "ERP ID", typeName: "text")
        #expect(try propose([key]).keyColumn == "text_mk2x")
        #expect(try !columns(propose([key])).values.contains("text_mk2x"))
        #expect(try propose([Monday.Column(id: "erp_key", title: "ERP key", typeName: "numbers")]).keyColumn == nil)
    }

    @Test(arguments: BoardTemplate.BooksKind.allCases)
    func `maps a board made from a template back to that template`(books: BoardTemplate.BooksKind) throws {
        for kind in BoardTemplate.kinds(of: books) {
            let template = try #require(BoardTemplate.of(kind, in: books))
            let made = template.columns.map { column in
                Monday.Column(
                    id: column.id,
                    title: column.title,
                    typeName: column.type.rawValue,
                    labels: column.labels.enumerated().map { Monday.Label(id: $0, text: $1) }
                )
            }
            let proposal = MappingProposal(template, among: made)
            let expected = Dictionary(template.columns.map { ($0.field, $0.id) }) { first, _ in first }
            #expect(columns(proposal) == expected, "\(books) \(kind)")
            #expect(proposal.pairs.allSatisfy(\.missingLabels.isEmpty) && proposal.fields.isEmpty)
        }
    }

    @Test(arguments: [
        ("totalAmountIncludingTax", ["total", "amount", "including", "tax"]), ("due_date", ["due", "date"]),
        ("Vendor invoice no.", ["vendor", "invoice", "no"]), ("dimension1", ["dimension1"]), ("", []),
    ])
    func `reads a name as words`(name: String, words: [String]) {
        #expect(ColumnLikeness.words(name) == words)
    }
}

@Suite struct `a template of a board` {
    @Test(arguments: BoardTemplate.BooksKind.allCases)
    func `can be made at Monday, and names each column and field once`(books: BoardTemplate.BooksKind) throws {
        for kind in BoardTemplate.kinds(of: books) {
            let columns = try #require(BoardTemplate.of(kind, in: books)).columns
            #expect(columns.first?.id == "name" && columns.count(where: { $0.id == "name" }) == 1)
            #expect(Set(columns.map(\.id)).count == columns.count && Set(columns.map(\.field)).count == columns.count)
            for column in columns {
                #expect(column.id.utf8.count <= Monday.Limits.longestColumnID && column.id != "erp_key")
                #expect(column.type.refusal == nil && column.labels.count <= Monday.Column.mostStatusLabels)
            }
        }
    }

    @Test func `is of fields that the books have`() throws {
        for kind in BoardTemplate.kinds(of: .businessCentral) {
            #expect(BusinessCentral.Entity.named(kind) != nil)
        }
        for kind in BoardTemplate.kinds(of: .nav) { #expect(NavFile.routes.contains(kind)) }
        for kind in ["purchaseInvoices", "purchaseOrders"] {
            for column in try #require(BoardTemplate.of(kind, in: .nav)).columns {
                let isKnown = NavWords.documents[column.field] != nil || ["status", "lines"].contains(column.field)
                #expect(isKnown, "\(kind) \(column.field)")
            }
        }
    }
}
