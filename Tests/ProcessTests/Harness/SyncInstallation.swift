import Core
import Testing

@testable import Host

/// An installation whose connections bring the sandbox's invoices to the sandbox's boards.
final class SyncInstallation {
    /// A connection as a test wants it. All of them have the same company and, where nothing is said, the same board.
    struct Connection {
        var tenant = "acme"
        var name = "bc-board"
        var board: String?
        /// The sandbox's first one, where nothing is said.
        var company: String?
        var poll = "every 1h"
        /// Members of `limits`.
        var limits = liftedLimits
        var longestCallSeconds = 5
        var checkSubscriptionsSeconds = 2
        var whenDeleted = "archive"
        /// Members of the route's `reconcile`. None begins one while another thing is tested.
        var reconcile = #"schedule: "never""#
        /// Members of `monday`. Nobody tells of the board while another thing is tested.
        var monday = "webhooks: false"
        /// Those of the sandbox's board.
        var columns = """
            number: "name", vendorName: "vendor", totalAmountIncludingTax: "amount", currencyCode: "currency",
            dueDate: "due_date", status: "status",
            """

        var title: String { tenant + "/" + name }

        static let liftedLimits = """
            monday: { mutationsPerMinute: 0, requestsPerMinute: 0, callsPerDay: 0 },
            businessCentral: { requestsPer5Minutes: 0 },
            """
    }

    let sandbox: SandboxProcess
    let installation: Installation
    let board: String

    init(_ connections: [Connection] = [Connection()], _ flags: String...) throws {
        sandbox = try SandboxProcess()
        board = try sandbox.description["monday"]["board"].string()
        // Half a minute is what the vendor takes; a test has less.
        try sandbox.control(
            "PATCH",
            "/control/businessCentral/settings",
            #"{"notificationDelayMilliseconds":50,"notificationTimeoutMilliseconds":2000}"#
        )
        // The product's own limits are lifted, so those of the vendors have to be.
        try sandbox.control("PATCH", "/control/monday/options", #"{"enforcesPlan":false}"#)
        try sandbox.control("PATCH", "/control/businessCentral/settings", #"{"requestsPerWindow":1000000}"#)
        installation = try Installation(
            flags: ["--public-url", "http://127.0.0.1:PORT"] + flags
        )
        installation.secrets["BC_SECRET"] = try sandbox.description["businessCentral"]["clientSecret"].string()
        installation.secrets["MONDAY_TOKEN"] = try sandbox.description["monday"]["token"].string()
        try add(connections)
    }

    /// Adds them, or puts them in the place of those with the same names.
    func add(_ connections: [Connection]) throws {
        guard !connections.isEmpty else { return }
        try installation.add(connections.map { ("\($0.tenant)-\($0.name)", try document($0)) })
    }

    /// A file that describes the connection, and is not added.
    func file(_ connection: Connection) throws -> String {
        let path = "\(installation.folder)/\(connection.tenant)-\(connection.name)-preview.json5"
        try document(connection).write(toFile: path, atomically: false, encoding: .utf8)
        return path
    }

    /// Until the webhook is subscribed to and all invoices are on the board.
    func serve(within seconds: Double = 20) throws {
        try installation.serve()
        try untilSubscribed(within: seconds)
        try untilInStep(within: seconds)
    }

    func untilSubscribed(within seconds: Double = 20) throws {
        try wait("a subscription", within: seconds) {
            try !sandbox.control("GET", "/control/businessCentral/subscriptions").elements().isEmpty
        }
    }

    private func document(_ connection: Connection) throws -> String {
        let businessCentral = sandbox.description["businessCentral"]
        return """
            {
                tenant: "\(connection.tenant)", name: "\(connection.name)", flow: "business-central-monday",
                businessCentral: {
                    entraTenant: "\(try businessCentral["entraTenant"].string())",
                    clientId: "\(try businessCentral["clientId"].string())",
                    clientSecret: { env: "BC_SECRET" },
                    environment: "\(try businessCentral["environment"].string())",
                    company: "\(try connection.company ?? businessCentral["company"].string())",
                    apiURL: "\(try businessCentral["apiURL"].string())",
                    loginURL: "\(try businessCentral["loginURL"].string())",
                },
                monday: {
                    token: { env: "MONDAY_TOKEN" }, apiURL: "\(try sandbox.description["monday"]["apiURL"].string())",
                    \(connection.monday),
                },
                routes: { purchaseInvoices: {
                    board: "\(connection.board ?? board)", poll: "\(connection.poll)",
                    whenDeleted: "\(connection.whenDeleted)", reconcile: { \(connection.reconcile) },
                    columns: { \(connection.columns) },
                } },
                limits: { \(connection.limits) },
                timing: {
                    confirmDeletedAfterSeconds: 1, longestCallSeconds: \(connection.longestCallSeconds),
                    checkSubscriptionsSeconds: \(connection.checkSubscriptionsSeconds), checkWebhooksSeconds: 2,
                },
            }
            """
    }

    // MARK: What people do in Business Central

    @discardableResult
    func invoices(_ method: String, _ key: String = "", _ body: String = "") throws -> JSONField {
        try sandbox.control(method, "/control/businessCentral/invoices\(key.isEmpty ? "" : "/" + key)", body)
    }

    // MARK: What is where

    /// What of an invoice has to be the same on both sides.
    struct Line: Hashable, CustomStringConvertible {
        var number: String
        var vendor: String
        var amount: String
        var currency: String
        var dueDate: String
        var status: String

        var description: String {
            [number, vendor, amount, currency, dueDate, status].joined(separator: " | ")
        }
    }

    struct Item {
        var id: String
        var state: String
        var key: String
        var line: Line
    }

    /// By their ids.
    func booked() throws -> [String: Line] {
        var lines: [String: Line] = [:]
        for invoice in try invoices("GET").elements() {
            lines[try invoice["id"].string()] = Line(
                number: try invoice["number"].string(),
                vendor: try invoice["vendorName"].string(),
                amount: Self.plain(try invoice["totalAmountIncludingTax"].decimal()),
                currency: try invoice["currencyCode"].string(),
                // The first of all days is how Business Central says that there is none.
                dueDate: try invoice["dueDate"].string().replacing("0001-01-01", with: ""),
                status: try invoice["status"].string()
            )
        }
        return lines
    }

    /// All that was ever made on the board, in whatever state it is.
    func items(on board: String? = nil) throws -> [Item] {
        try sandbox.control("GET", "/control/monday/boards/\(board ?? self.board)/items").elements().map { item in
            let values = item["values"]
            func text(_ column: String) -> String { (try? values[column]["text"].string()) ?? "" }
            return Item(
                id: try item["id"].string(),
                state: try item["state"].string(),
                // purchaseinvoices/COMPANY/INVOICE
                key: text("erp_key").split(separator: "/").last.map { String($0) } ?? "",
                line: Line(
                    number: try item["name"].string(),
                    vendor: text("vendor"),
                    amount: Decimal(text("amount")).map(Self.plain) ?? text("amount"),
                    currency: text("currency"),
                    dueDate: text("due_date"),
                    status: text("status")
                )
            )
        }
    }

    private static func plain(_ amount: Decimal) -> String {
        var text = amount.text
        guard text.contains(".") else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }

    /// What the board lacks, has too much or has otherwise; empty when both sides are in step.
    func differences(on board: String? = nil) throws -> [String] {
        let booked = try booked()
        let items = try items(on: board)
        var differences: [String] = []
        var active: [String: Item] = [:]
        for item in items where item.state == "active" {
            if active.updateValue(item, forKey: item.key) != nil { differences.append("twice: \(item.line)") }
            if booked[item.key] == nil { differences.append("left over: \(item.line)") }
        }
        for (key, line) in booked {
            switch active[key]?.line {
            case line: break
            case nil: differences.append("missing: \(line)")
            case let other?: differences.append("is \(other), should be \(line)")
            }
        }
        return differences
    }

    /// Every invoice is on the board exactly once, with its last values, and nothing else is.
    @discardableResult
    func untilInStep(within seconds: Double = 20, on board: String? = nil) throws -> Duration {
        var last: [String] = []
        do {
            return try until("both sides are in step", within: seconds, every: 5_000) {
                last = try differences(on: board)
                return last.isEmpty
            }
        } catch {
            throw Overdue(
                description: "\(error): \(last.count) differences: \(last.prefix(10).joined(separator: "\n"))\n"
                    + installation.picture
            )
        }
    }

    /// How many times each key was ever given to an item.
    func timesMade(on board: String? = nil) throws -> [String: Int] {
        Dictionary(try items(on: board).map { ($0.key, 1) }, uniquingKeysWith: +)
    }

    /// As `until`, with all that may explain it when it takes too long.
    func wait(
        _ what: String,
        within seconds: Double = 15,
        every microseconds: UInt32 = 5_000,
        _ isSo: () throws -> Bool
    ) throws {
        do {
            try until(what, within: seconds, every: microseconds, isSo)
        } catch let error as Overdue {
            throw Overdue(description: "\(error)\n\(installation.picture)")
        }
    }

    // MARK: What was counted

    /// Mutations that Monday has carried out.
    func mutations() throws -> Int { try sandbox.facts()["monday"]["mutations"]["executed"].int() }

    func businessCentralNotifications(_ name: String) throws -> Int {
        try sandbox.facts()["businessCentral"]["notifications"][name].int()
    }

    /// Nothing waits anywhere: not in the inbox, not for a worker, not to be looked at.
    func untilQuiet(within seconds: Double = 20) throws {
        try installation.untilSettled(within: seconds)
        try wait("nothing is queued", within: seconds, every: 20_000) {
            try installation.metric("queue_changes") == 0
        }
    }

    // MARK: What an operator sees

    /// Until `status` says so of the connection.
    @discardableResult
    func untilTrouble(
        _ title: String = "acme/bc-board",
        says words: String,
        within seconds: Double = 15
    ) throws -> String {
        var trouble = ""
        do {
            try until("status says “\(words)”", within: seconds, every: 20_000) {
                trouble = (try? installation.worker(title).trouble) ?? ""
                return trouble.contains(words)
            }
        } catch {
            throw Overdue(description: "\(error), but “\(trouble)”\n\(installation.picture)")
        }
        return trouble
    }

    func untilNoTrouble(_ title: String = "acme/bc-board", within seconds: Double = 15) throws {
        var trouble = ""
        do {
            try until("status says nothing of \(title)", within: seconds, every: 20_000) {
                trouble = try installation.worker(title).trouble
                return trouble.isEmpty
            }
        } catch {
            throw Overdue(description: "\(error), but “\(trouble)”\n\(installation.picture)")
        }
    }
}
