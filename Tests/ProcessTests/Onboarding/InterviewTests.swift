import Core
import Foundation
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `a connection that is set up by questions` {
        /// The sandbox, and a file that says only what is different there: where its systems are.
        private struct Stage {
            let sync: SyncInstallation
            let start: String
            let file: String

            init(nav: Bool = false) throws {
                sync = try SyncInstallation([])
                start = sync.installation.folder + "/start.json5"
                file = sync.installation.folder + "/made.json5"
                let books = sync.sandbox.description["businessCentral"]
                let own =
                    nav
                    ? ""
                    : """
                    businessCentral: { apiURL: "\(try books["apiURL"].string())",
                                       loginURL: "\(try books["loginURL"].string())" },
                    """
                try """
                { \(own)
                  monday: { apiURL: "\(try sync.sandbox.description["monday"]["apiURL"].string())", webhooks: false },
                  limits: { monday: { mutationsPerMinute: 0, requestsPerMinute: 0, callsPerDay: 0 } },
                }
                """.write(toFile: start, atomically: false, encoding: .utf8)
            }

            func ask(_ answers: [String]) throws -> Ended {
                try sync.installation.command(["connection", "add", "--interactive", start], answers: answers)
            }

            var businessCentral: [String] {
                get throws {
                    let books = sync.sandbox.description["businessCentral"]
                    return try [
                        "acme", "bc-board", "1", books["entraTenant"].string(), books["clientId"].string(),
                        "env:BC_SECRET", books["environment"].string(), books["company"].string(),
                    ]
                }
            }

            var isUntouched: Bool {
                get throws {
                    let there = FileManager.default
                    return try !there.fileExists(atPath: file) && !there.fileExists(atPath: sync.installation.data)
                        && sync.mutations() == 0
                }
            }
        }

        @Test func `gets a new board, and its invoices on it`() throws {
            let stage = try Stage()
            let answers = try stage.businessCentral + ["env:MONDAY_TOKEN", "1", "1", "Books", stage.file, "y"]
            let ended = try stage.ask(answers)
            try #require(ended.code == 0, "\(ended)")
            #expect(ended.output.contains("Monday: sign in: as "))
            #expect(ended.output.contains("acme/bc-board is added"))
            let text = try String(contentsOfFile: stage.file, encoding: .utf8)
            #expect(!text.contains(try #require(stage.sync.installation.secrets["MONDAY_TOKEN"])))
            let board = try JSONField(JSON.parse5(text))["routes"]["purchaseInvoices"]["board"].string()
            try stage.sync.installation.serve()
            try stage.sync.untilInStep(within: 30, on: board)
            #expect(try stage.sync.installation.command("connection", "test", "acme/bc-board").code == 0)
        }

        @Test func `maps a board that there is, as it was proposed and then changed`() throws {
            let stage = try Stage()
            let sync = stage.sync
            let board = try sync.sandbox.control(
                "POST",
                "/control/monday/boards",
                """
                {"name":"Payables","columns":[{"id":"numbers7","title":"Total","type":"numbers"},
                {"id":"date4","title":"Pay by","type":"date"},{"id":"text1","title":"Supplier","type":"text"},
                {"id":"text2","title":"Notes","type":"text"}]}
                """
            )["id"].string()
            let answers =
                try stage.businessCentral + [
                    try #require(sync.installation.secrets["MONDAY_TOKEN"]), "1", "Payables (\(board), 0 items)",
                    "currencyCode=text2", "", "y", stage.file, "y",
                ]
            let ended = try stage.ask(answers)
            try #require(ended.code == 0, "\(ended)")
            let route = JSONField(try JSON.parse5(String(contentsOfFile: stage.file, encoding: .utf8)))["routes"][
                "purchaseInvoices"
            ]
            #expect(try route["board"].string() == board)
            let columns = Dictionary(
                try route["columns"].members().map { ($0.name, try $0.field.string()) }
            ) { first, _ in first }
            #expect(
                columns == [
                    "number": "name", "totalAmountIncludingTax": "numbers7", "dueDate": "date4", "vendorName": "text1",
                    "currencyCode": "text2",
                ]
            )
            // Typed, so it is kept sealed and asked for again with the next change of the file.
            let token = JSONField(try JSON.parse5(String(contentsOfFile: stage.file, encoding: .utf8)))["monday"][
                "token"
            ]
            #expect(try token["prompt"].bool())
            try sync.installation.serve()
            try until("the items are there", within: 30) {
                try sync.items(on: board).count == sync.booked().count && sync.booked().count > 0
            }
            #expect(try sync.items(on: board).allSatisfy { !$0.key.isEmpty })
        }

        @Test func `leaves nothing behind when somebody says no, or leaves`() throws {
            let stage = try Stage()
            let answers = try stage.businessCentral + ["env:MONDAY_TOKEN", "1", "1", "", stage.file, "n"]
            let refused = try stage.ask(answers)
            #expect(refused.code == 1 && refused.errors.contains("nothing was added"), "\(refused)")
            #expect(refused.output.contains("Name: 10"), "no preview: \(refused)")
            #expect(try stage.isUntouched)
            for count in [1, 5, 9, 12] {
                let left = try stage.ask(Array(answers.prefix(count)))
                #expect(left.code == 1 && left.errors.contains("nothing was added"), "\(left)")
            }
            #expect(try stage.isUntouched)
        }

        @Test func `says what is wrong with an answer, and asks again`() throws {
            let stage = try Stage()
            let right = try stage.businessCentral
            var wrong = right
            wrong[5] = "a secret that is none"
            let answers =
                ["Acme Inc."] + wrong.prefix(7) + ["y"] + right[3...] + ["not a token", "y", "env:MONDAY_TOKEN"]
            let ended = try stage.ask(answers)
            #expect(ended.code == 1 && ended.output.contains("lower-case letters"), "\(ended)")
            #expect(ended.output.components(separatedBy: "BROKEN").count == 3, "\(ended)")
            #expect(ended.output.contains("client secret") && ended.output.contains("Monday: sign in: as"), "\(ended)")
            #expect(!(ended.output + ended.errors).contains("a secret that is none"))
            #expect(try stage.isUntouched)
        }

        @Test func `is of NAV on a server, with a company chosen from its own list`() throws {
            let stage = try Stage(nav: true)
            let nav = stage.sync.sandbox.description["nav"]
            stage.sync.installation.secrets["NAV_KEY"] = try nav["key"].string()
            let answers = try [
                "acme", "nav-board", "2", "1", nav["url"].string(), "", "", nav["user"].string(), "env:NAV_KEY", "y",
                nav["company"].string(), "env:MONDAY_TOKEN", "1", "1", "", stage.file, "y",
            ]
            let ended = try stage.ask(answers)
            try #require(ended.code == 0, "\(ended)")
            let document = JSONField(try JSON.parse5(String(contentsOfFile: stage.file, encoding: .utf8)))
            #expect(try document["nav"]["company"].string() == nav["company"].string())
            let board = try document["routes"]["purchaseInvoices"]["board"].string()
            try stage.sync.installation.serve()
            try until("the items are there", within: 40) {
                try stage.sync.items(on: board).count >= 20
            }
            #expect(try stage.sync.items(on: board).allSatisfy { !$0.line.vendor.isEmpty && !$0.line.status.isEmpty })
        }
    }
}
