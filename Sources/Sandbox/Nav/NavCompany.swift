import Core
import Transport

extension NavSimulator {
    /// The books of one company.
    ///
    ///     Open ──release──▶ Released ──┐
    ///      │ ▲                         ├──post──▶ gone, and a posted invoice with an entry in the vendor's ledger
    ///      │ └──reject── Pending ──────┘                                   └─ pay, cancel ─▶ closed
    ///      └──send──▶    Approval ──approve──▶ Released
    @OnLoop final class Company {
        let name: String
        let clock: SandboxClock
        var settings: Settings
        private var tables: [TableName: Table]
        private var version = 0
        /// Entries of the vendors' ledger with something left to pay.
        var openEntries: Set<Int> = []
        /// Vendor, type and the vendor's own number of all that was posted: there is only one of each.
        var externals: Set<String> = []
        var random: SeededGenerator
        var next = Numbers()

        /// The number series.
        struct Numbers {
            var invoice = 1_024
            var order = 106_001
            var posted = 108_001
            var vendor = 10
            var entry = 1
            var approval = 1
        }

        nonisolated init(_ name: String, _ settings: Settings, clock: SandboxClock, random: SeededGenerator) {
            self.name = name
            self.settings = settings
            self.clock = clock
            self.random = random
            tables = Dictionary(uniqueKeysWithValues: TableName.allCases.map { ($0, Table($0)) })
        }

        var today: Day { clock.now.day }

        // MARK: Rows

        func rows(_ name: TableName) -> [Row] { tables[name]?.sorted() ?? [] }

        func count(_ name: TableName) -> Int { tables[name]?.rows.count ?? 0 }

        func row(_ name: TableName, _ key: Value...) -> Row? { row(name, key: key) }

        func row(_ name: TableName, key: [Value]) -> Row? {
            tables[name].flatMap { $0[$0.key(key)] }
        }

        func row(_ name: TableName, keyText: String) -> Row? { tables[name]?[keyText] }

        func keyText(_ name: TableName, _ row: Row) -> String { tables[name]?.key(of: row) ?? "" }

        /// As the server names a record in its messages.
        func shownKey(_ name: TableName, _ row: Row) -> String {
            name.key.map { part in
                let words = part.name.split(separator: "_").joined(separator: " ")
                return "\(words)='\((row[part.name] ?? .text("")).shown)'"
            }.joined(separator: ",")
        }

        private static let searched: Set<String> = ["No", "Pre_Assigned_No"]

        /// Those that a page shows, in the order of their key, or fewer that hold all for which the filter holds.
        func rows(of page: Page, where filter: Filter? = nil) -> [Row] {
            // A hundred thousand documents are not looked through for each number that is asked for.
            let searched = filter?.fixed.flatMap { Self.searched.contains($0.name) ? $0 : nil }
            let rows = searched.map { tables[page.table]?.find($0.name, $0.texts) ?? [] } ?? rows(page.table)
            guard let type = page.documentType else { return rows }
            return rows.filter { $0.text("Document_Type") == type }
        }

        func lines(of page: Page, below header: Row) -> [Row] {
            switch page.table {
            case .purchaseLines: lines(of: header)
            case .postedLines: tables[.postedLines]?.family([.text(header.text("No"))]) ?? []
            default: []
            }
        }

        /// The lines of an order or invoice that is not posted.
        func lines(of header: Row) -> [Row] {
            let key = [header["Document_Type"], header["No"]].compactMap { $0 }
            return tables[.purchaseLines]?.family(key) ?? []
        }

        @discardableResult
        func write(_ name: TableName, _ row: Row) -> Row {
            version += 1
            var row = row
            row.version = version
            tables[name]?.write(row)
            return row
        }

        func remove(_ name: TableName, _ row: Row) {
            version += 1
            tables[name]?.remove(row)
        }

        /// All of it or, where it is refused, none: what SOAP does with one operation.
        func atOnce<Result>(_ body: () throws(Refusal) -> Result) throws(Refusal) -> Result {
            let before = (tables, version, next, openEntries, externals)
            do throws(Refusal) {
                return try body()
            } catch {
                (tables, version, next, openEntries, externals) = before
                throw error
            }
        }

        // MARK: Writing through a page

        func insert(
            _ page: Page,
            _ values: [(field: Field, value: Value)],
            below header: Row? = nil
        ) throws(Refusal) -> Row {
            var row = Row()
            try begin(&row, page, below: header)
            for (field, value) in values { try validate(page.table, field, value, &row) }
            try complete(&row, page)
            guard self.row(page.table, key: page.table.key.map { row[$0.name] ?? .number(.zero) }) == nil else {
                throw .duplicate(page.table, shownKey(page.table, row))
            }
            return write(page.table, row)
        }

        func modify(_ page: Page, _ row: Row, _ values: [(field: Field, value: Value)]) throws(Refusal) -> Row {
            var changed = row
            for (field, value) in values {
                guard !page.key.contains(field.source) || changed[field.source] == value else {
                    throw .badRequest("A record cannot be renamed through '\(field.name)'.", rule: "rename")
                }
                try validate(page.table, field, value, &changed)
            }
            if page.table == .vendors { changed.set("Last_Date_Modified", today) }
            return write(page.table, changed)
        }

        func delete(_ page: Page, _ row: Row) throws(Refusal) {
            switch page.table {
            case .purchaseHeaders:
                for line in lines(of: row) { remove(.purchaseLines, line) }
                cancelApprovals(of: row)
            case .purchaseLines: try demandOpen(try header(of: row))
            case .postedHeaders:
                throw .dialog("You must print the document before you can delete it.", rule: "posted document deleted")
            case .vendors:
                let number = row.text("No")
                guard !rows(.purchaseHeaders).contains(where: { $0.text("Buy_from_Vendor_No") == number }) else {
                    throw .dialog(
                        "You cannot delete Vendor \(number) because there is at least one outstanding Purchase document "
                            + "for this vendor.",
                        rule: "vendor in use"
                    )
                }
            case .customers, .items, .accounts, .postedLines, .vendorEntries, .dimensions, .dimensionValues, .setup,
                .journalBatches, .journalLines, .approvalEntries:
                break
            }
            remove(page.table, row)
        }

        private func begin(_ row: inout Row, _ page: Page, below header: Row?) throws(Refusal) {
            switch page.table {
            case .purchaseHeaders:
                row.set("Document_Type", page.documentType ?? "Invoice")
                row.set("Status", "Open")
                for name in ["Posting_Date", "Document_Date", "Order_Date", "Due_Date"] { row.set(name, today) }
            case .purchaseLines:
                guard let header else { throw .notAllowed("POST", page.name) }
                try demandOpen(header)
                row["Document_Type"] = header["Document_Type"]
                row["Document_No"] = header["No"]
                let last = lines(of: header).last?.number("Line_No").int ?? 0
                row.set("Line_No", Decimal(last + 10_000))
                row["VAT_Percent"] = header["VAT_Percent"]
                for name in ["Shortcut_Dimension_1_Code", "Shortcut_Dimension_2_Code", "Location_Code"] {
                    row[name] = header[name]
                }
                row["Expected_Receipt_Date"] = header["Expected_Receipt_Date"]
                row.set("Allow_Invoice_Disc", true)
            case .vendors: row.set("Last_Date_Modified", today)
            case .customers, .items, .accounts, .postedHeaders, .postedLines, .vendorEntries, .dimensions,
                .dimensionValues, .setup, .journalBatches, .journalLines, .approvalEntries:
                break
            }
        }

        private func complete(_ row: inout Row, _ page: Page) throws(Refusal) {
            switch page.table {
            case .purchaseHeaders:
                guard row.text("No").isEmpty else {
                    throw .dialog(
                        "You may not enter numbers manually. If you want to enter numbers manually, please activate "
                            + "Manual Nos. in Number Series P-INV.",
                        rule: "number given by hand"
                    )
                }
                if row.text("Document_Type") == "Order" {
                    row.set("No", "\(next.order)")
                    next.order += 1
                } else {
                    row.set("No", "\(next.invoice)")
                    next.invoice += 1
                }
            case .vendors where row.text("No").isEmpty:
                row.set("No", "V\(String("0000\(next.vendor)".suffix(5)))")
                next.vendor += 10
            case .journalLines: try completeJournalLine(row)
            case .purchaseLines: break
            default:
                for part in page.table.key where row[part.name]?.isEmpty ?? true {
                    throw .testField("\(part.name) must be filled in. Enter a value.", rule: "key is empty")
                }
            }
        }

        /// One field, with all that follows from it.
        private func validate(_ table: TableName, _ field: Field, _ value: Value, _ row: inout Row) throws(Refusal) {
            let name = field.source
            switch table {
            case .purchaseHeaders: try validateHeader(name, value, &row)
            case .purchaseLines: try validateLine(name, value, &row)
            case .journalLines: try validateJournalLine(name, value, &row)
            case .vendors: try validateVendor(name, value, &row)
            case .dimensionValues where name == "Dimension_Code":
                guard self.row(.dimensions, value) != nil else { throw .relation(name, value.shown, "Dimension") }
                row[name] = value
            case .customers, .items, .accounts, .postedHeaders, .postedLines, .vendorEntries, .dimensions,
                .dimensionValues, .setup, .journalBatches, .approvalEntries:
                row[name] = value
            }
        }
    }
}
