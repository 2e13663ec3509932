import Core
import Glibc
import Testing

@testable import Host

/// An installation whose connection keeps the sandbox's NAV and boards of the sandbox's Monday in step.
final class NavInstallation {
    /// The connection as a test wants it.
    struct Wish {
        /// A server without OData V4.
        var isSOAPOnly = false
        var monday = "webhooks: true"
        /// Further members of `nav`.
        var nav = ""
        var company: String?
        var longestCallSeconds = 5
        /// Further routes, and lists.
        var routes = ""
        var lists = ""
        /// Columns of the invoices' route beside the usual ones.
        var columns = ""
    }

    static let title = "acme/nav-board"

    let sandbox: SandboxProcess
    let installation: Installation
    /// The invoices' board.
    let board: String
    var wish: Wish

    init(_ wish: Wish = Wish(), sandbox flags: String...) throws {
        self.wish = wish
        sandbox = try SandboxProcess(flags)
        // The product's own limits are lifted, so that of the vendor has to be.
        try sandbox.control("PATCH", "/control/monday/options", #"{"enforcesPlan":false}"#)
        if wish.isSOAPOnly { try sandbox.control("PATCH", "/control/nav/settings", #"{"isODataOn":false}"#) }
        board = try Self.makeBoard(sandbox, "Invoices", Self.columns)
        installation = try Installation(flags: ["--public-url", "http://127.0.0.1:PORT"])
        installation.secrets["NAV_KEY"] = try sandbox.description["nav"]["key"].string()
        installation.secrets["MONDAY_TOKEN"] = try sandbox.description["monday"]["token"].string()
        installation.secrets["NEWS_SECRET"] = Self.newsSecret
    }

    static let newsSecret = "what the customer's code sends"

    private static let columns = """
        {"id":"erp_key","type":"text"},{"id":"vendor","type":"text"},{"id":"amount","type":"numbers"},
        {"id":"currency","type":"text"},{"id":"due_date","type":"date"},{"id":"dept","type":"dropdown"},
        {"id":"hold","type":"status","settings":{"labels":["Hold","Go"]}},
        {"id":"status","type":"status","settings":{"labels":["Open","Approved","Pending Approval","Pending Prepayment",
        "Posted","Paid","Canceled","Corrective","Rejected","Book it","Approve","Accrue"]}}
        """

    static func makeBoard(_ sandbox: SandboxProcess, _ name: String, _ columns: String) throws -> String {
        let body = #"{"name":"\#(name)","columns":[\#(columns)]}"#.replacing("\n", with: " ")
        return try sandbox.control("POST", "/control/monday/boards", body)["id"].string()
    }

    func makeBoard(_ name: String, _ columns: String) throws -> String {
        try Self.makeBoard(sandbox, name, columns)
    }

    // MARK: The connection

    /// Adds it, or puts it in the place of the one before.
    func add() throws { try installation.add([("nav-board", document())]) }

    /// Until the invoices are on their board, and Monday tells of it.
    func serve(within seconds: Double = 30) throws {
        try add()
        try installation.serve()
        let count = try documents("invoices").count + documents("posted").count
        try wait("the first load", within: seconds) { try items().count == count }
        guard wish.monday == "webhooks: true" else { return }
        // All of them, of which nobody here knows how many there will be: what is done before is not told.
        var before = 0
        try wait("Monday's webhooks") {
            let count = try sandbox.control("GET", "/control/monday/webhooks").elements().count
            defer { before = count }
            usleep(400_000)
            return count > 0 && count == before
        }
    }

    private func document() throws -> String {
        let nav = sandbox.description["nav"]
        return """
            {
                tenant: "acme", name: "nav-board", flow: "nav-monday",
                // A test may kill more workers than a connection is usually allowed to lose.
                process: { crashes: 1000 },
                nav: {
                    url: "\(try nav["url"].string())", soapURL: "\(try nav["soapURL"].string())", privateNetwork: true,
                    company: "\(try wish.company ?? nav["company"].string())", user: "\(try nav["user"].string())",
                    key: { env: "NAV_KEY" },
                    functions: { post: { function: "PostDocument" }, approve: { function: "ApproveDocument" } },
                    \(wish.nav)
                },
                monday: {
                    token: { env: "MONDAY_TOKEN" }, apiURL: "\(try sandbox.description["monday"]["apiURL"].string())",
                    \(wish.monday),
                },
                routes: {
                    purchaseInvoices: {
                        board: "\(board)", poll: "every 1s", reconcile: { schedule: "never" },
                        columns: {
                            number: "name", vendorName: "vendor", amount: "amount", currencyCode: "currency",
                            dueDate: "due_date",
                            status: {
                                column: "status", labels: { Released: "Approved" },
                                actions: {
                                    Approved: { do: "release" }, Rejected: { do: "reopen" }, "Book it": { do: "post" },
                                    Approve: { do: "approve" },
                                    Accrue: {
                                        do: "journalLine", template: "GENERAL", batch: "MLCONN", account: "6110",
                                        balancingAccount: "2910", amount: "amount", text: "{number} {vendorName}",
                                        dimensions: { DEPARTMENT: "ADM" },
                                    },
                                },
                            },
                            \(wish.columns.isEmpty ? Self.backColumns : wish.columns)
                        },
                    },
                    \(wish.routes)
                },
                lists: { \(wish.lists) },
                limits: {
                    nav: { requestsPerSecond: 0 },
                    monday: { mutationsPerMinute: 0, requestsPerMinute: 0, callsPerDay: 0, boardMutationsPerMinute: 0 },
                },
                timing: {
                    confirmDeletedAfterSeconds: 1, longestCallSeconds: \(wish.longestCallSeconds),
                    checkWebhooksSeconds: 2,
                },
            }
            """
    }

    private static let backColumns = """
        dimension1: { column: "dept", back: true },
        On_Hold: {
            column: "hold", labels: { YES: "Hold" }, actions: { Hold: { do: "mark", field: "On_Hold", value: "YES" } },
        },
        """

    // MARK: What people do in NAV

    @discardableResult
    func nav(_ method: String, _ path: String, _ body: String = "") throws -> JSONField {
        try sandbox.control(method, "/control/nav/\(path)", body)
    }

    func documents(_ kind: String) throws -> [JSONField] { try nav("GET", kind).elements() }

    /// A new invoice; its number.
    func makeInvoice(_ amount: String = "12.5") throws -> String {
        let made = try nav("POST", "invoices", #"{"count":1,"vendor":"10000","amount":\#(amount)}"#)
        return try made[0]["No"].string()
    }

    func status(_ number: String) throws -> String { try nav("GET", "invoices/\(number)")["Status"].string() }

    /// The posted invoice's number, once there is one; each time it was posted is one.
    func posted(_ number: String) throws -> [String] {
        try documents("posted").filter { try $0["Pre_Assigned_No"].string() == number }.map { try $0["No"].string() }
    }

    /// The functions that were called with this document and did something.
    func calls(_ number: String) throws -> [String] {
        try nav("GET", "calls").elements().filter {
            try $0["number"].string() == number && $0["refusal"].string() == ""
        }
        .map { try $0["name"].string() }
    }

    /// Lines in the journal about this document.
    func journal(_ number: String) throws -> [JSONField] {
        try documents("journal").filter { try $0["Document_No"].string() == number }
    }

    // MARK: What people see and do on the board

    struct Item {
        var id: String
        var name: String
        var state: String
        var key: String
        private var texts: [String: String]
        var updates: [String]

        init(_ item: JSONField) throws {
            id = try item["id"].string()
            name = try item["name"].string()
            state = try item["state"].string()
            texts = [:]
            for (column, value) in try item["values"].members() { texts[column] = try? value["text"].string() }
            key = texts["erp_key"]?.split(separator: "/").last.map { String($0) } ?? ""
            updates = (try? item["updates"].elements().map { "\($0.value ?? .null)" }) ?? []
        }

        subscript(column: String) -> String { texts[column] ?? "" }
    }

    func items(on board: String? = nil) throws -> [Item] {
        try sandbox.control("GET", "/control/monday/boards/\(board ?? self.board)/items").elements().map(Item.init)
    }

    func item(_ key: String, on board: String? = nil) throws -> Item? {
        try items(on: board).first { $0.key == key.lowercased() }
    }

    func untilItem(
        _ key: String,
        within seconds: Double = 20,
        on board: String? = nil,
        _ isSo: (Item) throws -> Bool = { _ in true }
    ) throws -> Item {
        var found: Item?
        do {
            try until("the item of \(key)", within: seconds, every: 20_000) {
                found = try item(key, on: board)
                return try found.map(isSo) ?? false
            }
        } catch {
            throw Overdue(description: "\(error): \(found.map { "\($0)" } ?? "none")\n\(installation.picture)")
        }
        return try #require(found)
    }

    func edit(_ item: String, _ column: String, _ value: String) throws {
        try sandbox.control("PATCH", "/control/monday/items/\(item)", #"{"values":{"\#(column)":\#(value)}}"#)
    }

    func choose(_ label: String, of item: String, _ column: String = "status") throws {
        try edit(item, column, #"{"label":"\#(label)"}"#)
    }

    // MARK: What an operator sees

    func wait(_ what: String, within seconds: Double = 20, _ isSo: () throws -> Bool) throws {
        do {
            try until(what, within: seconds, every: 20_000, isSo)
        } catch let error as Overdue {
            throw Overdue(description: "\(error)\n\(installation.picture)")
        }
    }

    func trouble() throws -> String { try installation.worker(Self.title).trouble }

    func untilTrouble(_ words: String, within seconds: Double = 20) throws {
        var last = ""
        do {
            try until("status says “\(words)”", within: seconds, every: 20_000) {
                last = (try? trouble()) ?? ""
                return last.contains(words)
            }
        } catch {
            throw Overdue(description: "\(error), but “\(last)”\n\(installation.picture)")
        }
    }

    func untilNoTrouble(within seconds: Double = 20) throws {
        try wait("status says nothing of it", within: seconds) { try trouble().isEmpty }
    }

    func audit(_ record: String) throws -> String {
        try installation.command("audit", "acme", "--record", record, "--json").output
    }

    func requests() throws -> Int {
        try sandbox.facts()["nav"]["requests"].members().reduce(0) { sum, operation in
            try operation.field.members().reduce(sum) { try $0 + $1.field.int() }
        }
    }
}
