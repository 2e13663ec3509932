import Core
import Foundation
import Testing

@testable import Host

extension `the binary` {
    /// Each file in `ops/examples`, as it is but for the names of the systems and the boards, which are the sandbox's.
    @Suite struct `the example of a connection` {
        @Test func `of Business Central brings invoices, orders, lines and vendors to boards`() throws {
            let example = try Example("business-central-monday")
            try example.addressBusinessCentral()
            let vendors = try example.board("vendors", ["number text", "city text"])
            let invoices = try example.board(
                "purchaseInvoices",
                [
                    "amount numbers", "currency text", "due_date date", "vendor dropdown",
                    "status status Draft|In review|Open|Paid|Canceled|Corrective",
                ],
                connectedTo: vendors
            )
            let orders = try example.board(
                "purchaseOrders",
                ["vendor text", "amount numbers", "expected date", "status status Draft|In Review|Open"]
            )
            let lines = try example.subitems(of: orders, ["quantity numbers", "received numbers"])
            example.document.set(["routes", "purchaseOrders", "lines", "board"], lines)
            example.document.set(["lists", "vendors", "board"], invoices)
            try example.serve()

            let sync = example.sync
            try example.untilThere(invoices, try sync.invoices("GET").elements().count)
            try example.untilThere(orders, try sync.count("businessCentral/purchaseOrders"))
            try example.untilThere(vendors, try sync.count("businessCentral/vendors"))
            try example.wait("the orders' lines", within: 20) { try !example.items(on: lines).isEmpty }
            try example.wait("the vendors as items and as labels", within: 20) {
                try example.items(on: invoices).allSatisfy {
                    try $0["vendor_link"]["item_ids"].orNil?.elements().count == 1
                        && $0["vendor"]["text"].orNil?.string().hasSuffix(")") == true
                }
            }
        }

        @Test func `of NAV shows who has to decide, and a label releases`() throws {
            let example = try Example("nav-monday")
            for name in ["url", "soapURL", "company", "user"] { try example.address("nav", name) }
            example.document.set(["nav", "privateNetwork"], true)
            let invoices = try example.board(
                "purchaseInvoices",
                [
                    "vendor text", "vendor_invoice text", "amount numbers", "currency text", "due_date date",
                    "department dropdown", "status status " + Self.decisions,
                ]
            )
            let orders = try example.board(
                "purchaseOrders",
                ["vendor text", "amount numbers", "status text", "long_text long_text"]
            )
            let vendors = try example.board("vendors", ["number text", "city text"])
            example.document.set(["lists", "departments", "board"], invoices)
            try example.serve()

            let sync = example.sync
            let documents = try sync.count("nav/invoices") + sync.count("nav/posted")
            try example.untilThere(invoices, documents)
            try example.untilThere(orders, try sync.count("nav/orders"))
            try example.untilThere(vendors, try sync.count("nav/vendors"))
            try example.untilHeard()
            let open = try #require(
                sync.control("nav/invoices").first { try $0["Status"].string() == "Open" }
            )["No"].string()
            let item = try #require(example.items(on: invoices, named: open).first)
            try sync.sandbox.control(
                "PATCH",
                "/control/monday/items/\(item)",
                #"{"values":{"status":{"label":"Approved"}}}"#
            )
            try example.wait("the release in NAV", within: 20) {
                try sync.sandbox.control("GET", "/control/nav/invoices/\(open)")["Status"].string() == "Released"
            }
        }

        @Test func `of NAV online posts what somebody books`() throws {
            let example = try Example("nav-online-monday")
            try example.addressBusinessCentral()
            let board = try example.board(
                "purchaseInvoices",
                [
                    "vendor text", "amount numbers", "due_date date",
                    "status status Draft|In Review|Open|Paid|Canceled|Corrective|Book it",
                ]
            )
            try example.serve()

            let sync = example.sync
            try example.untilThere(board, try sync.invoices("GET").elements().count)
            try example.untilHeard()
            let draft = try #require(sync.invoices("GET").elements().first { try $0["status"].string() == "Draft" })
            let number = try draft["number"].string()
            let item = try #require(example.items(on: board, named: number).first)
            try sync.sandbox.control(
                "PATCH",
                "/control/monday/items/\(item)",
                #"{"values":{"status":{"label":"Book it"}}}"#
            )
            let id = try draft["id"].string()
            try example.wait("the posting in Business Central", within: 20) {
                try sync.invoices("GET", id)["status"].string() == "Open"
            }
        }

        private static let decisions =
            "Pending review|Approved|Rejected|Pending Approval|Pending Prepayment|Posted|Paid|Canceled|Corrective"
    }
}

/// A file that is being made to fit the sandbox.
private final class Example {
    let sync: SyncInstallation
    var document: JSON
    private let name: String

    init(_ name: String) throws {
        self.name = name
        sync = try SyncInstallation([])
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "ops/examples/\(name).json5").path
        document = try JSON.parse5(String(contentsOfFile: path, encoding: .utf8))
        sync.installation.secrets["ACME_BC_SECRET"] = sync.installation.secrets["BC_SECRET"]
        sync.installation.secrets["ACME_MONDAY_TOKEN"] = sync.installation.secrets["MONDAY_TOKEN"]
        sync.installation.secrets["ACME_NAV_KEY"] = try sync.sandbox.description["nav"]["key"].string()
        try address("monday", "apiURL")
        // Twenty at a time, and nobody waits for the first load.
        document.set(["limits", "monday", "mutationsPerMinute"], 600)
    }

    func addressBusinessCentral() throws {
        for name in ["entraTenant", "clientId", "environment", "company", "apiURL", "loginURL"] {
            try address("businessCentral", name)
        }
    }

    func address(_ system: String, _ name: String) throws {
        document.set([system, name], .string(try sync.sandbox.description[system][name].string()))
    }

    // MARK: Boards

    /// Columns as `id type`, and the labels of a status.
    func board(_ route: String, _ columns: [String], connectedTo other: JSON? = nil) throws -> JSON {
        let relation = try other.map { other in
            [#"{"id":"vendor_link","title":"V","type":"board_relation","settings":{"boardIds":[\#(try other.word)]}}"#]
        }
        let all = ["erp_key text"] + columns
        let body = #"{"name":"\#(route)","columns":[\#((all.map(column) + (relation ?? [])).joined(separator: ","))]}"#
        let id = JSON.string(try sync.sandbox.control("POST", "/control/monday/boards", body)["id"].string())
        document.set(["routes", route, "board"], id)
        return id
    }

    /// Monday makes the board of subitems with the first one.
    func subitems(of board: JSON, _ columns: [String]) throws -> JSON {
        let monday = "/control/monday"
        let item = try sync.sandbox.control("POST", "\(monday)/boards/\(board.word)/items", #"{"name":"first"}"#)["id"]
            .string()
        let line = try sync.sandbox.control("POST", "\(monday)/items/\(item)/subitems", #"{"name":"line"}"#)
        let id = try line["board"].string()
        for text in columns { try sync.sandbox.control("POST", "\(monday)/boards/\(id)/columns", column(text)) }
        try sync.sandbox.control("POST", "\(monday)/items/\(item)/delete")
        return .string(id)
    }

    private func column(_ text: String) -> String {
        let parts = text.split(separator: " ", maxSplits: 2).map(String.init)
        let labels = parts.count < 3 ? [] : parts[2].split(separator: "|").map { #""\#($0)""# }
        let settings = labels.isEmpty ? "" : #","settings":{"labels":[\#(labels.joined(separator: ","))]}"#
        return #"{"id":"\#(parts[0])","title":"\#(parts[0])","type":"\#(parts[1])"\#(settings)}"#
    }

    // MARK: Running

    /// As a new user would: test it, add it, run it.
    func serve() throws {
        let file = sync.installation.folder + "/example.json5"
        try document.text().write(toFile: file, atomically: false, encoding: .utf8)
        let tested = try sync.installation.command("connection", "test", file)
        #expect(tested.code == 0, "\(tested.output)\(tested.errors)")
        #expect(!tested.output.contains("broken"), "\(tested.output)")
        let added = try sync.installation.command("connection", "add", file)
        #expect(added.code == 0, "\(added.errors)")
        try sync.installation.serve()
    }

    func untilThere(_ board: JSON, _ count: Int) throws {
        try wait("\(count) items", within: 60) { try items(on: board).count == count }
    }

    /// Until somebody's choice on a board is told of: one in the second of our own write is left to the night.
    func untilHeard() throws {
        try wait("Monday's webhooks", within: 20) {
            try sync.sandbox.control("GET", "/control/monday/webhooks").elements().contains {
                try $0["event"].string() == "change_column_value"
            }
        }
    }

    /// Of those that carry a record's key, their columns.
    func items(on board: JSON) throws -> [JSONField] {
        try all(on: board).map { $0["values"] }
    }

    /// Their ids.
    func items(on board: JSON, named name: String) throws -> [String] {
        try all(on: board).filter { try $0["name"].string() == name }.map { try $0["id"].string() }
    }

    private func all(on board: JSON) throws -> [JSONField] {
        try sync.sandbox.control("GET", "/control/monday/boards/\(board.word)/items").elements().filter {
            try $0["state"].string() == "active" && $0["values"]["erp_key"].orNil != nil
        }
    }

    func wait(_ what: String, within seconds: Double, _ condition: () throws -> Bool) throws {
        try sync.wait("\(what) of \(name)", within: seconds, condition)
    }
}

extension SyncInstallation {
    fileprivate func control(_ path: String) throws -> [JSONField] {
        try sandbox.control("GET", "/control/\(path)").elements()
    }

    fileprivate func count(_ path: String) throws -> Int { try control(path).count }
}

extension JSON {
    fileprivate mutating func set(_ path: [String], _ value: JSON) {
        guard case .object(var object) = self, let name = path.first else { return }
        if path.count == 1 {
            object[name] = value
        } else {
            var inner = object[name] ?? .object(JSON.Object())
            inner.set(Array(path.dropFirst()), value)
            object[name] = inner
        }
        self = .object(object)
    }

    fileprivate var word: String {
        get throws { try JSONField(self).string() }
    }
}
