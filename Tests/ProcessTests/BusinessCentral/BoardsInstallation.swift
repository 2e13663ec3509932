import Core
import Glibc
import Testing

@testable import Host

/// An installation with one connection of as many routes as a test wants, each to a board of its own in the sandbox.
final class BoardsInstallation {
    /// A field of a kind of record, and the column that shows it.
    struct Column {
        var field: String
        var id: String
        var type: String
        var labels: [String] = []

        init(_ field: String, _ id: String, _ type: String = "text", labels: [String] = []) {
            self.field = field
            self.id = id
            self.type = type
            self.labels = labels
        }

        fileprivate var document: String {
            let settings = labels.isEmpty ? "" : #","settings":{"labels":[\#(quoted(labels))]}"#
            return #"{"id":"\#(id)","title":"\#(id)","type":"\#(type)"\#(settings)}"#
        }
    }

    /// A route as a test wants it, and the board that it goes to.
    struct Route {
        var name: String
        /// Of the records that it shows.
        var set: String
        var board: String
        var columns: [Column]
        /// Other members of the route's part of the file.
        var more = ""

        fileprivate func document(poll: String) -> String {
            let columns = columns.map { #""\#($0.field)": "\#($0.id)""# }.joined(separator: ", ")
            let own = more.contains("columns:") ? "" : "columns: { \(columns) },"
            return """
                \(name): {
                    board: "\(board)", \(more.contains("poll:") ? "" : "poll: \"\(poll)\",")
                    \(more.contains("reconcile:") ? "" : "reconcile: { schedule: \"never\" },") \(own) \(more)
                }
                """
        }
    }

    static let title = "acme/bc-boards"
    static let lifted = """
        monday: { mutationsPerMinute: 0, requestsPerMinute: 0, callsPerDay: 0, boardMutationsPerMinute: 0 },
        businessCentral: { requestsPer5Minutes: 0 },
        """

    let sandbox: SandboxProcess
    let installation: Installation
    var routes: [Route] = []
    var lists = ""
    var monday = "webhooks: false"
    var limits = BoardsInstallation.lifted
    var poll = "every 1h"

    /// Without webhooks the server has no address that anybody outside could reach.
    init(hearsWebhooks: Bool = true, settings: String = "") throws {
        sandbox = try SandboxProcess()
        // Half a minute is what the vendor takes; a test has less. The product's own limits are lifted, so those of the
        // vendors have to be.
        try sandbox.control(
            "PATCH",
            "/control/businessCentral/settings",
            #"{"notificationDelayMilliseconds":50,"notificationTimeoutMilliseconds":2000,"requestsPerWindow":1000000\#(settings)}"#
        )
        try sandbox.control("PATCH", "/control/monday/options", #"{"enforcesPlan":false}"#)
        installation = try Installation(flags: hearsWebhooks ? ["--public-url", "http://127.0.0.1:PORT"] : [])
        installation.secrets["BC_SECRET"] = try sandbox.description["businessCentral"]["clientSecret"].string()
        installation.secrets["MONDAY_TOKEN"] = try sandbox.description["monday"]["token"].string()
    }

    func options(_ body: String) throws { try sandbox.control("PATCH", "/control/monday/options", body) }

    /// A board with these columns beside the one for the keys.
    func makeBoard(_ name: String, _ columns: [Column]) throws -> String {
        var seen: Set<String> = ["name"]
        let own = columns.filter { seen.insert($0.id).inserted }.map(\.document)
        let all = [Column("", "erp_key").document] + own
        return try sandbox.control(
            "POST",
            "/control/monday/boards",
            #"{"name":"\#(name)","columns":[\#(all.joined(separator: ","))]}"#
        )["id"].string()
    }

    /// A route to a new board.
    @discardableResult
    func route(_ name: String, of set: String? = nil, _ columns: [Column], more: String = "") throws -> Route {
        let route = Route(
            name: name,
            set: set ?? name,
            board: try makeBoard(name, columns),
            columns: columns,
            more: more
        )
        routes.append(route)
        return route
    }

    /// Adds the connection as it is described by now, or puts it in the place of the one before.
    func add() throws { try installation.add([("bc-boards", try document())]) }

    /// A file that describes it, and is not added.
    func file() throws -> String {
        let path = "\(installation.folder)/preview.json5"
        try document().write(toFile: path, atomically: false, encoding: .utf8)
        return path
    }

    private func document() throws -> String {
        let businessCentral = sandbox.description["businessCentral"]
        func text(_ name: String) throws -> String { try businessCentral[name].string() }
        return """
            {
                tenant: "acme", name: "bc-boards", flow: "business-central-monday",
                businessCentral: {
                    entraTenant: "\(try text("entraTenant"))", clientId: "\(try text("clientId"))",
                    clientSecret: { env: "BC_SECRET" }, environment: "\(try text("environment"))",
                    company: "\(try text("company"))", apiURL: "\(try text("apiURL"))", loginURL: "\(try text("loginURL"))",
                },
                monday: {
                    token: { env: "MONDAY_TOKEN" }, apiURL: "\(try sandbox.description["monday"]["apiURL"].string())",
                    \(monday),
                },
                routes: { \(routes.map { $0.document(poll: poll) }.joined(separator: ",\n")) },
                lists: { \(lists) }, limits: { \(limits) },
                timing: {
                    confirmDeletedAfterSeconds: 1, longestCallSeconds: 10, checkSubscriptionsSeconds: 2,
                    checkWebhooksSeconds: 2,
                },
            }
            """
    }

    func serve(within seconds: Double = 30) throws {
        try add()
        try installation.serve()
        try untilInStep(within: seconds)
    }

    // MARK: What people do

    @discardableResult
    func books(_ method: String, _ path: String, _ body: String = "") throws -> JSONField {
        try sandbox.control(method, "/control/businessCentral/\(path)", body)
    }

    /// Makes one; its id.
    func make(_ set: String, _ fields: String) throws -> String {
        let made = try books("POST", set, fields)
        return try (made.elements().first ?? made)["id"].string()
    }

    @discardableResult
    func board(_ method: String, _ path: String, _ body: String = "") throws -> JSONField {
        try sandbox.control(method, "/control/monday/\(path)", body)
    }

    func mutations() throws -> Int { try sandbox.facts()["monday"]["mutations"]["executed"].int() }

    // MARK: What is where

    struct Item {
        var id: String
        var state: String
        /// Of the record.
        var key: String
        var name: String
        var texts: [String: String]
    }

    /// All that was ever made on a board.
    func items(_ board: String) throws -> [Item] {
        try sandbox.control("GET", "/control/monday/boards/\(board)/items").elements().map { item in
            var texts: [String: String] = [:]
            for (column, value) in try item["values"].members() {
                texts[column] =
                    (try? value["text"].string())
                    ?? (try? value["item_ids"].elements().map(\.words).joined(separator: ","))
            }
            return Item(
                id: try item["id"].string(),
                state: try item["state"].string(),
                key: (texts["erp_key"] ?? "").split(separator: "/").last.map { String($0) } ?? "",
                name: try item["name"].string(),
                texts: texts
            )
        }
    }

    func item(_ key: String, on board: String) throws -> Item? {
        try items(board).first { $0.key == key && $0.state == "active" }
    }

    /// What a board lacks, has too much or has otherwise.
    func differences(_ route: Route, _ belongs: (JSONField) throws -> Bool = { _ in true }) throws -> [String] {
        var wanted: [String: JSONField] = [:]
        for record in try books("GET", route.set).elements() where try belongs(record) {
            wanted[try record["id"].string()] = record
        }
        var differences: [String] = []
        var seen: Set<String> = []
        for item in try items(route.board) where item.state == "active" {
            guard let record = wanted[item.key] else {
                differences.append("\(route.name): left over: \(item.name)")
                continue
            }
            if !seen.insert(item.key).inserted { differences.append("\(route.name): twice: \(item.name)") }
            for column in route.columns {
                let wish = Self.shown(record[column.field].value ?? .null, as: column.type)
                let held = column.id == "name" ? item.name : item.texts[column.id] ?? ""
                let isSame =
                    column.type == "numbers" ? Decimal(wish) == Decimal(held) : wish == held
                if !isSame { differences.append("\(route.name) \(item.name): \(column.id) is \(held), not \(wish)") }
            }
        }
        for (key, record) in wanted where !seen.contains(key) {
            differences.append("\(route.name): missing: \((try? record["number"].string()) ?? key)")
        }
        return differences
    }

    /// As people see a value of Business Central.
    private static func shown(_ value: JSON, as type: String) -> String {
        switch value {
        case .number(let number): return number.text
        case .bool(let flag): return flag ? "v" : ""
        case .string("0001-01-01"): return ""
        case .string(let text):
            let plain = text.replacing("_x0020_", with: " ").replacing("_x002D_", with: "-")
            return plain == " " ? "" : plain
        case .null, .array, .object: return ""
        }
    }

    /// Each record is on its board exactly once, with its last values, and nothing else is.
    @discardableResult
    func untilInStep(within seconds: Double = 20, _ more: () throws -> [String] = { [] }) throws -> Duration {
        var last: [String] = []
        do {
            return try until("both sides are in step", within: seconds, every: 20_000) {
                last = try routes.filter { !$0.more.contains("filter:") }.flatMap { try differences($0) } + more()
                return last.isEmpty
            }
        } catch {
            throw Overdue(
                description: "\(error): \(last.count) differences: \(last.prefix(10).joined(separator: "\n"))\n"
                    + installation.picture
            )
        }
    }

    /// As `until`, with all that may explain it when it takes too long.
    func wait(_ what: String, within seconds: Double = 15, _ isSo: () throws -> Bool) throws {
        do {
            try until(what, within: seconds, every: 20_000, isSo)
        } catch let error as Overdue {
            throw Overdue(description: "\(error)\n\(installation.picture)")
        }
    }

    func untilQuiet(within seconds: Double = 20) throws {
        try installation.untilSettled(within: seconds)
        try wait("nothing is queued", within: seconds) { try installation.metric("queue_changes") == 0 }
    }

    func untilSubscribed(to count: Int) throws {
        try wait("\(count) subscriptions") { try books("GET", "subscriptions").elements().count == count }
    }

    func trouble() throws -> String { try installation.worker(Self.title).trouble }

    func audit() throws -> [Substring] {
        try installation.command("audit", Self.title, "--json").output.split(separator: "\n")
    }

    /// Nobody ever changed a line of it, and each item was made once.
    func expectWhole() throws {
        let audit = try installation.command("audit", "verify", "acme")
        #expect(audit.code == 0 && audit.output.contains("whole"), "\(audit)")
        for route in routes {
            let keys = try items(route.board).filter { $0.state != "deleted" }.map(\.key)
            #expect(Set(keys).count == keys.count, "\(route.name): an item was made twice")
        }
    }
}

private func quoted(_ words: [String]) -> String { words.map { "\"\($0)\"" }.joined(separator: ",") }

extension JSONField {
    /// Of a number or a text.
    fileprivate var words: String {
        if case .number(let number) = value { number.text } else { (try? string()) ?? "" }
    }
}
