import Core
import Store
import Testing
import Transport

@testable import Host

@Suite(.onLoop, .timeLimit(.minutes(1))) struct `what a worker is given` {
    static let webhook = #"{ tenant: "acme", name: "c1", flow: "demonstration", webhook: {} }"#

    @Test(
        arguments: [
            (["--public-url", "https://hooks.example.com/ml/"], "https://hooks.example.com/ml/hooks/"),
            (["--listen", "127.0.0.1:1234"], "http://127.0.0.1:1234/hooks/"),
            (["--listen", "[::1]:1234"], "http://[::1]:1234/hooks/"),
            (["--listen", "localhost:1", "--tls-certificate", "c", "--tls-key", "k"], "https://localhost:1/hooks/"),
            (["--listen", "0.0.0.0:1234"], nil),
        ] as [([String], String?)]
    )
    @OnLoop func `holds its connection's secrets and the outside address of its webhooks`(
        flags: [String],
        address: String?
    ) async throws {
        let staged = try await StagedSupervisor(flags)
        let stored = try await staged.add("c1", flow: "demonstration", document: Self.webhook, ["monday.token": "abc"])
        _ = try await staged.worker(1)
        try await staged.until { !staged.assignments.isEmpty }
        let assignment = staged.assignments[0]
        #expect(assignment.secrets.byPlace == ["monday.token": Secret(text: "abc")])
        #expect(assignment.hookURL?.text == address.map { $0 + stored.hookToken.text })
        await staged.end()
    }

    @Test @OnLoop func `has no address where nobody would answer at it`() async throws {
        let staged = try await StagedSupervisor(["--public-url", "https://hooks.example.com"])
        let document = #"{ tenant: "acme", name: "c1", flow: "demonstration" }"#
        _ = try await staged.add("c1", flow: "demonstration", document: document, [:])
        _ = try await staged.worker(1)
        try await staged.until { !staged.assignments.isEmpty }
        #expect(staged.assignments[0].hookURL == nil && staged.assignments[0].secrets.isEmpty)
        await staged.end()
    }

    @Test(arguments: [
        "hooks.example.com", "ftp://x", "https://", "https:///x", "https://a b", "https://u:p@x", "https://x/?a",
    ])
    func `cannot be an address that is none`(url: String) {
        #expect(throws: UsageError.self) {
            try ServeOptions(try Arguments(["--public-url", url], flags: ServeOptions.flags))
        }
    }
}
