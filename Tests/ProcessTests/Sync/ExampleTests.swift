import Core
import Foundation
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `the example of a connection` {
        private static let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "ops/examples/business-central-monday.json5").path

        /// As it is, but for the names of the systems, which are the sandbox's.
        @Test func `works`() throws {
            let sync = try SyncInstallation([])
            sync.installation.secrets["ACME_BC_SECRET"] = sync.installation.secrets["BC_SECRET"]
            sync.installation.secrets["ACME_MONDAY_TOKEN"] = sync.installation.secrets["MONDAY_TOKEN"]
            let file = sync.installation.folder + "/example.json5"
            try text(for: sync.sandbox.description).write(toFile: file, atomically: false, encoding: .utf8)

            let tested = try sync.installation.command("connection", "test", file)
            #expect(tested.code == 0, "\(tested.output)\(tested.errors)")
            #expect(!tested.output.contains("broken"))
            let added = try sync.installation.command("connection", "add", file)
            #expect(added.code == 0, "\(added.errors)")
            try sync.serve(within: 60)
            #expect(try sync.items().contains { $0.state == "active" && $0.line.status == "Draft" })
        }

        private func text(for sandbox: JSONField) throws -> String {
            var document = try JSON.parse5(String(contentsOfFile: Self.path, encoding: .utf8))
            for name in ["entraTenant", "clientId", "environment", "company", "apiURL", "loginURL"] {
                document.set(["businessCentral", name], try sandbox["businessCentral"][name].string())
            }
            document.set(["monday", "apiURL"], try sandbox["monday"]["apiURL"].string())
            document.set(["routes", "purchaseInvoices", "board"], try sandbox["monday"]["board"].string())
            return document.text()
        }
    }
}

extension JSON {
    fileprivate mutating func set(_ path: [String], _ text: String) {
        guard case .object(var object) = self, let name = path.first else { return }
        if path.count == 1 {
            object[name] = .string(text)
        } else {
            var inner = object[name] ?? .null
            inner.set(Array(path.dropFirst()), text)
            object[name] = inner
        }
        self = .object(object)
    }
}
