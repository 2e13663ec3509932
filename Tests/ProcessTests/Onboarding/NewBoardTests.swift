import Core
import Foundation
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `a board that is made for a route` {
        private func file(_ sync: SyncInstallation, board: String, columns: String? = nil) throws -> String {
            let path = try sync.file(SyncInstallation.Connection())
            var text = try String(contentsOfFile: path, encoding: .utf8)
            let whole = SyncInstallation.Connection().columns
            text = text.replacing("board: \"\(sync.board)\"", with: "board: \(board) /* ours */")
            text = text.replacing(
                "columns: { \(whole) },",
                with: columns.map { "columns: { \($0) }," } ?? ""
            )
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            return path
        }

        private func number(in path: String) throws -> String {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.contains("/* ours */"))
            return try JSONField(JSON.parse5(text))["routes"]["purchaseInvoices"]["board"].string()
        }

        private func boards(_ sync: SyncInstallation, called name: String) throws -> Int {
            try sync.sandbox.control("GET", "/control/monday/boards").elements()
                .count { try $0["name"].string() == name }
        }

        @Test func `has all columns, and its number comes into the file`() throws {
            let sync = try SyncInstallation([])
            let path = try file(sync, board: #""new""#)
            let early = try sync.installation.command("connection", "add", path)
            #expect(early.code == 78 && early.errors.contains("--create-board"), "\(early)")
            let ended = try sync.installation.command("connection", "add", "--create-board", path)
            try #require(ended.code == 0, "\(ended)")
            let board = try number(in: path)
            try sync.installation.serve()
            try sync.untilInStep(within: 30, on: board)
            // The file names its board now, so nothing more is made.
            let again = try sync.installation.command("connection", "add", "--create-board", path)
            #expect(again.code == 0, "\(again)")
            #expect(try number(in: path) == board)
        }

        @Test(arguments: [1, 2, 4, 7])
        func `is finished by the next try, where a call went unanswered`(call: Int) throws {
            let sync = try SyncInstallation([])
            let path = try file(sync, board: #"{ new: "Ours" }"#)
            try sync.sandbox.fault("monday", on: "create_*", #""hangUpAfter""#, #","skip":\#(call - 1),"times":1"#)
            let broken = try sync.installation.command("connection", "add", "--create-board", path)
            #expect(broken.code == 1, "\(broken)")
            let ended = try sync.installation.command("connection", "add", "--create-board", path)
            try #require(ended.code == 0, "\(ended)")
            #expect(try boards(sync, called: "Ours") == 1)
            try sync.installation.serve()
            try sync.untilInStep(within: 30, on: try number(in: path))
        }

        @Test func `is not made in the place of somebody else's of that name`() throws {
            let sync = try SyncInstallation([])
            let path = try file(sync, board: #"{ new: "AP invoices" }"#)
            let refused = try sync.installation.command("connection", "add", "--create-board", path)
            #expect(refused.code == 1 && refused.errors.contains(sync.board), "\(refused)")
            #expect(refused.errors.contains("another name"))
            #expect(try sync.mutations() == 0)
            #expect(try sync.installation.command("connection", "list").output.contains("no connections yet"))
        }

        @Test func `is not begun for a file with another mistake`() throws {
            let sync = try SyncInstallation([])
            let path = try file(
                sync,
                board: #""new""#,
                columns: #"number: "name", dueDate: { column: "d", lables: {} }"#
            )
            let refused = try sync.installation.command("connection", "add", "--create-board", path)
            #expect(refused.code == 78 && refused.errors.contains("lables"), "\(refused)")
            #expect(try sync.mutations() == 0)
        }
    }
}
