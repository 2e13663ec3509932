import Core
import Engine
import Store
import Testing
import Transport

@testable import Host

@Suite(.onLoop) struct `the secret of a flow's own webhooks` {
    @Test @OnLoop func `is made once, and kept when the connection is added again`() async throws {
        let staged = try await StagedSupervisor()
        let document = #"{ tenant: "acme", name: "board", flow: "business-central-monday" }"#
        _ = try await staged.add("board", flow: "business-central-monday", document: document, [:])
        let control = staged.supervisor.control
        let tenant = try #require(try await control.tenant(try Name("acme")))
        let key = try staged.supervisor.masterKey.unwrap(tenant.wrappedKey, for: tenant.name)
        let file = try ConnectionFile(text: document)

        let first = try await ConnectionCommand.hookSecret(of: file, key, control)
        var draft = ConnectionDraft(tenant: file.tenant, name: file.name, flow: file.flow, document: document)
        draft.sealedSecrets[FlowHook.secretPlace] = first
        let stored = try await control.put(draft)
        let secret = try stored.open(first, at: FlowHook.secretPlace, with: key)
        #expect(secret.count == 64 && secret.text.allSatisfy(\.isHexDigit))
        #expect(try await ConnectionCommand.hookSecret(of: file, key, control) == first)
        // Sealed for somebody else it is of no use.
        draft.sealedSecrets[FlowHook.secretPlace] = [1, 2, 3]
        _ = try await control.put(draft)
        let second = try await ConnectionCommand.hookSecret(of: file, key, control)
        #expect(try stored.open(second, at: FlowHook.secretPlace, with: key) != secret)

        draft.sealedSecrets[FlowHook.secretPlace] = first
        _ = try await control.put(draft)
        let hook = try #require(try await staged.supervisor.readConnections().first?.hook)
        #expect(hook.faces.map(\.rules.dialect) == [.clientState, .challenge] && hook.faces[0].secret == secret)
        // Monday's are proven by their names, which are made with the same secret.
        #expect(hook.faces[0].nameKey == nil && hook.faces[1].nameKey == secret && hook.faces[1].secret == nil)
        await staged.end()
    }
}
