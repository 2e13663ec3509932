import Core
import Systems
import Transport

@testable import Flows

/// A company in NAV, in memory: what its pages would show, by the properties that NAV 2018 has there. It refuses what is
/// not published, as the client does, and counts what it is asked.
@OnLoop final class NavWorld: NavPages {
    struct Document {
        var fields: JSON.Object
        var lines: [JSON.Object] = []
    }

    struct Call: Equatable {
        var function: Nav.Function
        var key: Nav.Key
        var page: Nav.Page
    }

    var invoices: [String: Document] = [:] { didSet { inOrder[.purchaseInvoice] = nil } }
    var posted: [String: Document] = [:] { didSet { inOrder[.postedPurchaseInvoice] = nil } }
    var orders: [String: Document] = [:] { didSet { inOrder[.purchaseOrder] = nil } }
    private var inOrder: [Nav.Page: [Document]] = [:]
    var vendors: [JSON.Object] = []
    var dimensionValues: [JSON.Object] = []
    var journal: [JSON.Object] = []
    var entries: [JSON.Object] = []
    var approvals: [JSON.Object] = []
    var setup: JSON.Object = object([
        "LCY_Code": "DKK", "Global_Dimension_1_Code": "DEPARTMENT", "Global_Dimension_2_Code": "PROJECT",
        "Shortcut_Dimension_3_Code": "AREA",
    ])
    var published = NavWorld.usual
    var pageSize = 1_000

    private(set) var asked: [Nav.Query] = []
    private(set) var calls: [Call] = []
    private(set) var written: [(Nav.Key, JSON.Object)] = []
    /// Thrown by the next write: once it has been done, or before.
    var fault: (error: CallError, isDone: Bool)?
    /// Done by a function that is called.
    var effect: @OnLoop (NavWorld, Call) -> Void = { _, _ in }

    /// Rows asked for since, in requests.
    func count(_ body: @OnLoop () async throws -> Void) async throws -> Int {
        let before = asked.count
        try await body()
        return asked.count - before
    }

    // MARK: Its life

    func put(_ number: String, _ fields: JSON = [:], lines: [JSON] = []) {
        let usual: JSON = [
            "Document_Type": "Invoice", "No": .string(number), "Buy_from_Vendor_No": "10000",
            "Buy_from_Vendor_Name": "London Postmaster", "Vendor_Invoice_No": .string("V\(number)"),
            "Document_Date": "2018-01-31", "Posting_Date": "2018-01-31", "Due_Date": "2018-02-28",
            "Currency_Code": "", "Status": "Open", "Amount": 100, "Shortcut_Dimension_1_Code": "SALES",
            "Shortcut_Dimension_2_Code": "", "Location_Code": "BLUE",
        ]
        invoices[number] = Document(fields: members(fields).over(members(usual)), lines: lines.map(members))
    }

    func post(_ number: String, as new: String, on day: String = "2018-01-31", remaining: JSON = 125) {
        guard let document = invoices.removeValue(forKey: number) else { return }
        put(posted: new, before: number, on: day, remaining: remaining, .object(document.fields))
    }

    func put(
        posted new: String,
        before: String,
        on day: String = "2018-01-31",
        remaining: JSON = 125,
        _ fields: JSON = [:]
    ) {
        let own: JSON = [
            "No": .string(new), "Pre_Assigned_No": .string(before), "Posting_Date": .string(day),
            "Amount_Including_VAT": 125, "Remaining_Amount": remaining, "Closed": .bool(remaining == 0),
            "Cancelled": false, "Corrective": false,
        ]
        posted[new] = Document(fields: members(own).over(members(fields)))
    }

    func put(order number: String, _ fields: JSON = [:], lines: [JSON] = []) {
        put(number, fields, lines: lines)
        orders[number] = invoices.removeValue(forKey: number)
        orders[number]?.fields["Document_Type"] = "Order"
    }

    // MARK: Its pages

    func fields(of page: Nav.Page, lane: Lane) async throws -> Set<String>? { published[page] }

    func rows(_ query: Nav.Query, lane: Lane) async throws -> Nav.RowPage { try answer(query, from: 0) }

    func rows(next: String, of query: Nav.Query, lane: Lane) async throws -> Nav.RowPage {
        guard let from = Int(next) else { throw CallError(.lookAgain, Nav.name, .expired, "no such page") }
        return try answer(query, from: from)
    }

    func count(_ query: Nav.Query, lane: Lane) async throws -> Int? { try matching(query).count }

    func row(_ page: Nav.Page, key: Nav.Key, withLines: Bool, lane: Lane) async throws -> Nav.Row? {
        var query = Nav.Query(page, filter: .all(key.parts.map { .equals($0.field, $0.value) }))
        query.withLines = withLines
        return try answer(query, from: 0).rows.first
    }

    private func answer(_ query: Nav.Query, from: Int) throws -> Nav.RowPage {
        asked.append(query)
        let all = try matching(query)
        let some = all.dropFirst(from).prefix(pageSize)
        let shown = try properties(of: query)
        let rows = some.map { document in
            var fields = JSON.Object()
            for member in document.fields.members where shown.contains(member.name) {
                fields[member.name] = member.value
            }
            var row = Nav.Row(fields: fields, etag: "W/\"\(fields.members.count)\"")
            row.lines = query.withLines ? document.lines : []
            return row
        }
        return Nav.RowPage(rows: rows, next: from + pageSize < all.count ? "\(from + pageSize)" : nil)
    }

    private func properties(of query: Nav.Query) throws -> Set<String> {
        guard let known = published[query.page] else { throw refusal("\(query.page.rawValue) is not published") }
        for name in query.select + query.order where !known.contains(name) {
            throw refusal("\(query.page.rawValue) has no \(name)")
        }
        return query.select.isEmpty ? known : Set(query.select).union(["Document_Type", "No"])
    }

    private func matching(_ query: Nav.Query) throws -> ArraySlice<Document> {
        let known = published[query.page] ?? []
        let all = documents(query.page)
        // A hundred thousand rows are not gone through for each page of them.
        if case .atLeast("No", .string(let first)) = query.filter { return all[all.place(of: first)...] }
        return try all.filter { try query.filter?.fits($0.fields, known) ?? true }[...]
    }

    private func documents(_ page: Nav.Page) -> [Document] {
        switch page {
        case .purchaseInvoice, .purchaseInvoices: return sorted(.purchaseInvoice, invoices)
        case .postedPurchaseInvoice, .postedPurchaseInvoices: return sorted(.postedPurchaseInvoice, posted)
        case .purchaseOrder, .purchaseOrders: return sorted(.purchaseOrder, orders)
        case .vendorCard: return vendors.map { Document(fields: $0) }
        case .dimensionValues: return dimensionValues.map { Document(fields: $0) }
        case .journal: return journal.map { Document(fields: $0) }
        case .vendorLedgerEntries: return entries.map { Document(fields: $0) }
        case .setup: return [Document(fields: setup)]
        case .approvalEntries: return approvals.map { Document(fields: $0) }
        case .customerCard, .itemCard, .accounts, .dimensions, .journalBatches: return []
        }
    }

    private func sorted(_ page: Nav.Page, _ table: [String: Document]) -> [Document] {
        if let known = inOrder[page] { return known }
        let all = table.sorted { $0.key < $1.key }.map(\.value)
        inOrder[page] = all
        return all
    }

    // MARK: Writing

    func insert(_ page: Nav.Page, _ fields: JSON.Object, lane: Lane) async throws -> Nav.Row {
        try write {
            journal.append(fields)
        }
        return Nav.Row(fields: fields)
    }

    func insertLine(_ page: Nav.Page, of key: Nav.Key, _ fields: JSON.Object, lane: Lane) async throws {
        throw refusal("nobody inserts lines here")
    }

    func modify(_ page: Nav.Page, key: Nav.Key, _ row: Nav.Row, _ fields: JSON.Object, lane: Lane) async throws {
        guard row.etag != nil else { throw refusal("no etag") }
        try write {
            written.append((key, fields))
            let number = key.parts.last?.value ?? .null
            guard case .string(let number) = number else { return }
            if let held = invoices[number]?.fields { invoices[number]?.fields = fields.over(held) }
        }
    }

    func call(_ function: Nav.Function, on key: Nav.Key, of page: Nav.Page, lane: Lane) async throws {
        let call = Call(function: function, key: key, page: page)
        calls.append(call)
        try write { effect(self, call) }
    }

    private func write(_ body: () -> Void) throws {
        guard let fault else { return body() }
        self.fault = nil
        if fault.isDone { body() }
        throw fault.error
    }

    private func refusal(_ words: String) -> CallError { CallError(.stopConnection, Nav.name, .configuration, words) }
}

extension [NavWorld.Document] {
    fileprivate func place(of number: String) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if case .string(let held) = self[middle].fields["No"], held < number {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}

extension Nav.Filter {
    fileprivate func fits(_ row: JSON.Object, _ known: Set<String>) throws -> Bool {
        func checked(_ name: String) throws -> JSON {
            guard known.contains(name) || name == "Document_Type" else {
                throw CallError(.stopConnection, Nav.name, .configuration, "no field \(name) to filter by")
            }
            return row[name] ?? .null
        }
        switch self {
        case .equals(let name, let value): return try checked(name) == value
        case .anyOf(let name, let values): return values.contains(try checked(name))
        case .atLeast(let name, let value):
            guard case .string(let held) = try checked(name), case .string(let least) = value else { return false }
            return held >= least
        case .moreThan(let name, let value):
            guard case .number(let held) = try checked(name), case .number(let least) = value,
                let one = held.decimal, let other = least.decimal
            else { return false }
            return one > other
        case .all(let filters): return try filters.allSatisfy { try $0.fits(row, known) }
        }
    }
}

extension NavWorld {
    /// What NAV 2018 shows, as far as it matters here.
    static let usual: [Nav.Page: Set<String>] = [
        .purchaseInvoices: Set(listed + ["Amount", "Status"]),
        .purchaseInvoice: Set(listed + ["Vendor_Invoice_No", "Status", "On_Hold", "Expected_Receipt_Date"]),
        .purchaseOrders: Set(listed + ["Amount", "Amount_Including_VAT", "Status"]),
        .purchaseOrder: Set(listed + ["Vendor_Invoice_No", "Status", "Order_Date", "Expected_Receipt_Date"]),
        .postedPurchaseInvoices: Set(
            listed + [
                "Vendor_Invoice_No", "Amount", "Amount_Including_VAT", "Remaining_Amount", "Closed", "Cancelled",
                "Corrective",
            ]
        ),
        .postedPurchaseInvoice: Set(
            listed + ["Vendor_Invoice_No", "Pre_Assigned_No", "Order_No", "Cancelled", "Corrective"]
        ),
        .vendorCard: ["No", "Name", "City", "Blocked", "Last_Date_Modified", "Balance_LCY"],
        .dimensionValues: ["Dimension_Code", "Code", "Name", "Dimension_Value_Type", "Blocked"],
        .setup: [
            "LCY_Code", "Global_Dimension_1_Code", "Global_Dimension_2_Code", "Shortcut_Dimension_3_Code",
        ],
        .journal: [
            "Journal_Template_Name", "Journal_Batch_Name", "Line_No", "External_Document_No", "Amount",
        ],
        .vendorLedgerEntries: ["Entry_No", "External_Document_No"],
        .approvalEntries: ["Entry_No", "Document_Type", "Document_No", "Status"],
    ]

    private static let listed = [
        "Document_Type", "No", "Buy_from_Vendor_No", "Buy_from_Vendor_Name", "Document_Date", "Posting_Date",
        "Due_Date",
        "Currency_Code", "Shortcut_Dimension_1_Code", "Shortcut_Dimension_2_Code", "Location_Code",
    ]
}

func members(_ json: JSON) -> JSON.Object {
    if case .object(let object) = json { object } else { JSON.Object() }
}

func object(_ values: [String: String]) -> JSON.Object {
    var object = JSON.Object()
    for (name, value) in values.sorted(by: { $0.key < $1.key }) { object[name] = .string(value) }
    return object
}
