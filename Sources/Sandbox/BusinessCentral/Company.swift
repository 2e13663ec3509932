import Core
import Transport

extension BusinessCentralSimulator {
    /// What happened to a record, as webhooks tell it.
    struct Event: Sendable, Equatable {
        enum Kind: String, Sendable {
            case created, updated, deleted
        }
        var kind: Kind
        var company: String
        var set: String
        var id: String
        var modified: WallTime
    }

    /// The books of one company: vendors, and purchase invoices with their lines and their life.
    ///
    ///     draft ──post──▶ open ──pay──▶ paid
    ///       │               └──cancel──▶ canceled
    ///       └──delete──▶ gone
    ///
    /// Posting gives a new number and keeps the id.
    @OnLoop final class Company {
        let id: String
        let name: String
        var vendors = Table(.vendors)
        var invoices = Table(.purchaseInvoices)
        var lines = Table(.purchaseInvoiceLines)
        /// By invoice, in their sequence.
        var linesOfInvoice: [String: [String]] = [:]
        var random: SeededGenerator
        let clock: SandboxClock
        let changed: @OnLoop (Event) -> Void
        /// Vendor and vendor's invoice number of all that was posted: there is only one of each.
        private var postedNumbers: Set<String> = []
        private var nextDraft = 107_201
        private var nextPosted = 108_001

        static let localCurrency = "EUR"
        static let currencies: Set<String> = ["", "EUR", "USD", "GBP", "NOK", "SEK", "DKK", "CHF", "PLN", "CZK", "JPY"]
        private static let termDays = 30

        nonisolated init(
            id: String,
            name: String,
            random: SeededGenerator,
            clock: SandboxClock,
            changed: @escaping @OnLoop (Event) -> Void
        ) {
            self.id = id
            self.name = name
            self.random = random
            self.clock = clock
            self.changed = changed
        }

        /// The database keeps 0, 3 and 7 of each ten milliseconds, so that changes in a row share an instant.
        var stamp: WallTime {
            let milliseconds = clock.now.millisecondsSince1970
            let rounded = [0, 0, 0, 3, 3, 3, 3, 7, 7, 7][milliseconds % 10]
            return WallTime(millisecondsSince1970: milliseconds - milliseconds % 10 + rounded)
        }

        func vendor(number: String) -> Row? {
            vendors.rows.values.first { $0.text("number") == number }
        }

        func invoice(number: String) -> Row? {
            invoices.rows.values.first { $0.text("number") == number }
        }

        // MARK: The life of an invoice

        func createInvoice(_ body: WriteBody) throws(Refusal) -> Row {
            var row = invoices.makeRow(id: random.guid())
            row["status"] = .string("Draft")
            row["discountAppliedBeforeTax"] = .flag(true)
            let today = clock.now.day
            for name in ["postingDate", "invoiceDate", "dueDate"] { row[name] = .day(today) }
            row["currencyCode"] = .string(Self.localCurrency)
            try apply(body, to: &row)
            guard !row.text("vendorNumber").isEmpty else {
                throw .dialog("A vendorNumber or a vendorId must be provided.", rule: "invoice without vendor")
            }
            row["number"] = .string("\(nextDraft)")
            var made: [Row] = []
            for line in body.lines { made.append(try makeLine(line, of: row, sequence: 10_000 * (made.count + 1))) }
            try total(&row, made)
            nextDraft += 1
            for line in made { keep(line) }
            return write(row, .created)
        }

        func changeInvoice(_ row: Row, _ body: WriteBody) throws(Refusal) -> Row {
            var row = row
            try demandDraft(row)
            try apply(body, to: &row)
            try total(&row, lines(of: row.id))
            return write(row, .updated)
        }

        func deleteInvoice(_ row: Row) {
            for line in lines(of: row.id) { lines.remove(line.id, at: clock.instant) }
            linesOfInvoice[row.id] = nil
            if row.text("status") != "Draft" {
                postedNumbers.remove("\(row.text("vendorNumber"))|\(row.text("vendorInvoiceNumber"))")
            }
            invoices.remove(row.id, at: clock.instant)
            tell(.deleted, row.id, stamp)
        }

        /// The posted document takes the draft's place, and both are told, in whatever order.
        func post(_ row: Row) throws(Refusal) -> Row {
            guard row.text("status") == "Draft" else {
                throw .dialog("The document is already posted.", rule: "posted twice")
            }
            let lines = lines(of: row.id)
            guard lines.contains(where: { $0.text("lineType") != "Comment" && $0.number("quantity") != .zero }) else {
                throw .dialog("There is nothing to post.", rule: "nothing to post")
            }
            let theirs = row.text("vendorInvoiceNumber")
            guard !theirs.isEmpty else {
                throw Refusal(
                    400,
                    "Application_FieldValidationException",
                    "You need to enter the document number of the document from the vendor in Vendor Invoice No.",
                    rule: "posted without vendor invoice number"
                )
            }
            guard postedNumbers.insert("\(row.text("vendorNumber"))|\(theirs)").inserted else {
                throw .dialog("Purchase Invoice \(theirs) already exists for this vendor.", rule: "posted a duplicate")
            }
            var row = row
            row["number"] = .string("\(nextPosted)")
            row["status"] = .string("Open")
            nextPosted += 1
            let stamp = stamp
            row["lastModifiedDateTime"] = .time(stamp)
            row = invoices.write(row, at: clock.instant)
            var kinds: [Event.Kind] = [.created, .updated, .deleted]
            kinds.shuffle(using: &random)
            for kind in kinds { tell(kind, row.id, stamp) }
            return row
        }

        /// What follows from entries in the vendor's ledger: the row is written only when the status differs.
        func setStatus(_ status: String, of row: Row) throws(Refusal) -> Row {
            guard row.text("status") != "Draft" else {
                throw .dialog("The document is not posted.", rule: "not posted")
            }
            guard row.text("status") != status else { return row }
            var row = row
            row["status"] = .string(status)
            return write(row, .updated)
        }

        /// An update that changes nothing moves the stamp, and is not told to anybody.
        @discardableResult
        func write(_ row: Row, _ kind: Event.Kind, stamp given: WallTime? = nil) -> Row {
            let isReal = kind != .updated || invoices[row.id]?.values != row.values
            var row = row
            let stamp = given ?? stamp
            row["lastModifiedDateTime"] = .time(stamp)
            row = invoices.write(row, at: clock.instant)
            if isReal { tell(kind, row.id, stamp) }
            return row
        }

        private func tell(_ kind: Event.Kind, _ id: String, _ stamp: WallTime) {
            changed(Event(kind: kind, company: self.id, set: "purchaseInvoices", id: id, modified: stamp))
        }

        func demandDraft(_ row: Row) throws(Refusal) {
            guard row.text("status") == "Draft" else {
                throw .dialog("A posted document cannot be changed.", rule: "change of a posted invoice")
            }
        }

        // MARK: Fields with consequences

        func apply(_ body: WriteBody, to row: inout Row) throws(Refusal) {
            for (place, value) in body.values {
                switch (EntityType.purchaseInvoices.fields[place].name, value) {
                case ("vendorId", .guid(let id)): try setVendor(vendors[id], of: &row)
                case ("vendorNumber", .string(let number)): try setVendor(vendor(number: number), of: &row)
                case ("payToVendorId", .guid(let id)): try setPayTo(vendors[id], of: &row)
                case ("payToVendorNumber", .string(let number)): try setPayTo(vendor(number: number), of: &row)
                case ("currencyCode", .string(let code)):
                    guard Self.currencies.contains(code) else { throw Self.notInTable("Currency", code) }
                    row["currencyCode"] = .string(code.isEmpty ? Self.localCurrency : code)
                default: row.values[place] = value
                }
            }
        }

        private func setVendor(_ vendor: Row?, of row: inout Row) throws(Refusal) {
            guard let vendor else { throw Self.notInTable("Vendor", "") }
            guard vendor.text("blocked") != "All" else {
                throw .dialog("Vendor \(vendor.text("number")) is blocked.", rule: "vendor blocked")
            }
            row["vendorId"] = .guid(vendor.id)
            row["vendorNumber"] = vendor["number"]
            row["vendorName"] = vendor["displayName"]
            row["currencyCode"] =
                vendor.text("currencyCode").isEmpty ? .string(Self.localCurrency) : vendor["currencyCode"]
            Self.copyAddress(of: vendor, to: &row, "buyFrom")
            if case .day(let day) = row["invoiceDate"] { row["dueDate"] = .day(day.adding(days: Self.termDays)) }
            try setPayTo(vendor, of: &row)
        }

        private func setPayTo(_ vendor: Row?, of row: inout Row) throws(Refusal) {
            guard let vendor else { throw Self.notInTable("Vendor", "") }
            row["payToVendorId"] = .guid(vendor.id)
            row["payToVendorNumber"] = vendor["number"]
            row["payToName"] = vendor["displayName"]
            Self.copyAddress(of: vendor, to: &row, "payTo")
        }

        private static func copyAddress(of vendor: Row, to row: inout Row, _ prefix: String) {
            for (theirs, ours) in [
                ("addressLine1", "AddressLine1"), ("addressLine2", "AddressLine2"), ("city", "City"),
                ("country", "Country"), ("state", "State"), ("postalCode", "PostCode"),
            ] {
                row[prefix + ours] = vendor[theirs]
            }
        }

        static func notInTable(_ table: String, _ value: String) -> Refusal {
            Refusal(
                400,
                "Internal_InvalidTableRelation",
                "The field cannot be found in the related table (\(table)). Value: '\(value)'",
                rule: "not in the related table"
            )
        }
    }
}
