extension NavSimulator {
    /// The tables of the database that have pages here.
    enum TableName: String, Sendable, CaseIterable {
        case vendors = "Vendor"
        case customers = "Customer"
        case items = "Item"
        case accounts = "G/L Account"
        case purchaseHeaders = "Purchase Header"
        case purchaseLines = "Purchase Line"
        case postedHeaders = "Purch. Inv. Header"
        case postedLines = "Purch. Inv. Line"
        case vendorEntries = "Vendor Ledger Entry"
        case dimensions = "Dimension"
        case dimensionValues = "Dimension Value"
        case setup = "General Ledger Setup"
        case journalBatches = "Gen. Journal Batch"
        case journalLines = "Gen. Journal Line"
        case approvalEntries = "Approval Entry"

        /// The fields that a record is known by; numbers are marked, for they sort otherwise.
        var key: [(name: String, isNumber: Bool)] {
            switch self {
            case .vendors, .customers, .items, .accounts, .postedHeaders: [("No", false)]
            case .purchaseHeaders: [("Document_Type", false), ("No", false)]
            case .purchaseLines: [("Document_Type", false), ("Document_No", false), ("Line_No", true)]
            case .postedLines: [("Document_No", false), ("Line_No", true)]
            case .vendorEntries, .approvalEntries: [("Entry_No", true)]
            case .dimensions: [("Code", false)]
            case .dimensionValues: [("Dimension_Code", false), ("Code", false)]
            case .setup: [("Primary_Key", false)]
            case .journalBatches: [("Journal_Template_Name", false), ("Name", false)]
            case .journalLines: [("Journal_Template_Name", false), ("Journal_Batch_Name", false), ("Line_No", true)]
            }
        }
    }

    /// One control of a page.
    struct Field: Sendable {
        enum Kind: Sendable, Equatable {
            /// Upper-cased by the server.
            case code(most: Int)
            case text(most: Int)
            /// By captions; an empty one is the blank option.
            case option([String])
            case integer
            case decimal
            case flag
            case day
            case time

            var empty: Value {
                switch self {
                case .code, .text: .text("")
                case .option(let members): .text(members.first ?? "")
                case .integer, .decimal: .number(.zero)
                case .flag: .flag(false)
                case .day: .day(.first)
                case .time: .time(.first)
                }
            }
        }

        /// As the service calls it, which is another name where a customer has renamed the control.
        var name: String
        /// As the table calls it.
        let source: String
        let kind: Kind
        let isReadOnly: Bool
        /// Summed up from other tables when it is looked at.
        let isFlow: Bool
        /// Of the page and not of the table: no condition can be put on it.
        let isVariable: Bool
        /// A field of the key that is not on the page: OData shows it all the same.
        let isHiddenKey: Bool
    }

    /// A page as the application has it: what can be published.
    final class Page: Sendable {
        struct Part: Sendable {
            let name: String
            let page: Page

            init(_ name: String, _ page: Page) {
                self.name = name
                self.page = page
            }
        }

        let number: Int
        let name: String
        let table: TableName
        let key: [String]
        /// The document type that it is limited to.
        let documentType: String?
        let inserts: Bool
        let modifies: Bool
        let deletes: Bool
        let part: Part?
        let fields: [Field]
        private let places: [String: Int]

        /// `fields` are names, each followed by its kind: `C20` code and `S20` text of at most 20 characters, `D` day,
        /// `T` time, `N` decimal, `I` integer, `B` true or false, `O(|A|B_C)` one of these captions, whose blanks are
        /// written `_`. After it `!` what clients cannot write, `~` what is summed up, `?` a variable of the page, `^` a
        /// field of the key that is not on the page.
        convenience init(
            _ number: Int,
            _ name: String,
            on table: TableName,
            key: String,
            shows documentType: String? = nil,
            allows: String = "",
            part: Part? = nil,
            _ fields: String
        ) {
            let words = fields.split { $0 == " " || $0 == "\n" }
            self.init(
                number,
                name,
                on: table,
                key: key.split(separator: " ").map(String.init),
                shows: documentType,
                allows: allows,
                part: part,
                fields: stride(from: 0, to: words.count - 1, by: 2).map { Field(words[$0], words[$0 + 1]) }
            )
        }

        private init(
            _ number: Int,
            _ name: String,
            on table: TableName,
            key: [String],
            shows documentType: String?,
            allows: String,
            part: Part?,
            fields: [Field]
        ) {
            self.number = number
            self.name = name
            self.table = table
            self.key = key
            self.documentType = documentType
            inserts = allows.contains("I")
            modifies = allows.contains("M")
            deletes = allows.contains("D")
            self.part = part
            self.fields = fields
            places = Dictionary(fields.enumerated().map { ($1.name, $0) }) { first, _ in first }
        }

        func field(_ name: some StringProtocol) -> Field? { places[String(name)].map { fields[$0] } }

        /// What the rows of a sub-page are called in SOAP: after its object.
        var rowName: String {
            switch table {
            case .purchaseLines: documentType == "Order" ? "Purchase_Order_Line" : "Purch_Invoice_Line"
            case .postedLines: "Posted_Purch_Invoice_Line"
            default: name.split { !$0.isLetter }.joined(separator: "_")
            }
        }

        /// As a customer has changed it: controls taken away, and others renamed.
        func changed(hiding hidden: Set<String>, renaming renamed: [String: String]) -> Page {
            guard !hidden.isEmpty || !renamed.isEmpty else { return self }
            var kept = fields.filter { !hidden.contains($0.name) || key.contains($0.name) }
            for index in kept.indices { kept[index].name = renamed[kept[index].name] ?? kept[index].name }
            return Page(
                number,
                name,
                on: table,
                key: key,
                shows: documentType,
                allows: (inserts ? "I" : "") + (modifies ? "M" : "") + (deletes ? "D" : ""),
                part: part,
                fields: kept
            )
        }
    }
}

extension NavSimulator.Page {
    /// All that can be published here, with the service name that is usual for it.
    static let all: [(service: String, page: NavSimulator.Page)] = [
        ("VendorCard", vendorCard), ("CustomerCard", customerCard), ("ItemCard", itemCard),
        ("PurchaseOrder", purchaseOrder), ("PurchaseOrders", purchaseOrders), ("PurchaseInvoice", purchaseInvoice),
        ("PurchaseInvoices", purchaseInvoices), ("PostedPurchaseInvoice", postedPurchaseInvoice),
        ("PostedPurchaseInvoices", postedPurchaseInvoices), ("GLAccountCard", accounts),
        ("VendorLedgerEntries", vendorEntries), ("Dimensions", dimensions), ("DimensionValues", dimensionValueList),
        ("DimensionValueCard", dimensionValueCard), ("GLSetup", setup), ("GeneralJournal", journal),
        ("GeneralJournalBatches", journalBatches), ("ApprovalEntries", approvalEntries),
    ]
}

extension NavSimulator.Field {
    fileprivate init(_ name: Substring, _ spec: Substring) {
        self.name = String(name)
        source = String(name)
        var spec = spec
        var marks: Set<Character> = []
        while let last = spec.last, "!~?^".contains(last) { marks.insert(spec.removeLast()) }
        isReadOnly = marks.contains("!")
        isFlow = marks.contains("~")
        isVariable = marks.contains("?")
        isHiddenKey = marks.contains("^")
        let rest = spec.dropFirst()
        switch spec.first {
        case "C": kind = .code(most: Int(rest) ?? 250)
        case "S": kind = .text(most: Int(rest) ?? 250)
        case "N": kind = .decimal
        case "I": kind = .integer
        case "B": kind = .flag
        case "D": kind = .day
        case "T": kind = .time
        case "O":
            let captions = rest.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
            kind = .option(captions.map { $0.split(separator: "_").joined(separator: " ") })
        default: preconditionFailure("\(name) has the unknown kind \(spec)")
        }
    }
}
