import Core
import Store
import Testing
import Transport

@testable import Engine
@testable import Host

/// A connection between Business Central and Monday: both tell of changes, each in its own way.
@Suite(.onLoop) struct `a connection with two kinds of webhooks` {
    static let key = Secret(text: "the connection's own")

    @OnLoop static func hooks() throws -> PreparedHooks {
        let faces = [FlowHook.clientState, .challenge].map { hook in
            Hook.Face(rules: HookRules(hook), secret: Self.key, nameKey: hook.names.isEmpty ? nil : Self.key)
        }
        return try PreparedHooks(Hook(connection: 5, token: Secret(text: "t"), faces: faces))
    }

    @Test @OnLoop func `knows them apart by what their addresses are called`() throws {
        let hooks = try Self.hooks()
        for name in [nil, "purchaseInvoices", "vendors", "monday", "mondays"] {
            #expect(hooks.face(at: name)?.rules.dialect == .clientState, "\(name ?? "no name")")
        }
        let name = try HookName.make(.challenge, slot: "7d1f03aa", key: Self.key)
        #expect(hooks.face(at: name)?.rules.dialect == .challenge)
        #expect(hooks.largestBody == 3 << 20 && hooks.hasGetHandshake)
    }

    @Test @OnLoop func `has no address of Monday's that it has not given out`() throws {
        let hooks = try Self.hooks()
        let name = try HookName.make(.challenge, slot: "7d1f03aa", key: Self.key)
        let others = [
            "monday-", "monday-7d1f03aa", String(name.dropLast()), name + "0", name.replacing("7d1f", with: "7d1e"),
            try HookName.make(.challenge, slot: "7d1f03aa", key: Secret(text: "guessed")),
            "monday-" + String(repeating: "0", count: 32), "monday-7d1f03aa-" + String(repeating: "é", count: 32),
        ]
        for other in others { #expect(hooks.face(at: other) == nil, "\(other)") }
        // Without the key it cannot be known, so there is none.
        let keyless = try PreparedHook(Hook.Face(rules: HookRules(.challenge), secret: nil), of: 5)
        #expect(!keyless.gaveOut(name))
    }

    @Test func `finds in a name which of its subscriptions it is for`() throws {
        let name = try HookName.make(.challenge, slot: "7d1f03aa", key: Self.key)
        #expect(name.utf8.count <= 64 && HookName.slot(in: name, of: .challenge) == "7d1f03aa")
        for other in ["purchaseInvoices", "monday-", "monday-x", "monday--x", "monday-a-b-c", "webhook", ""] {
            #expect(HookName.slot(in: other, of: .challenge) == nil, "\(other)")
        }
    }

    @Test @OnLoop func `finds no address where it has only Monday's`() throws {
        let face = Hook.Face(rules: HookRules(.challenge), secret: nil, nameKey: Self.key)
        let hooks = try PreparedHooks(Hook(connection: 5, token: Secret(text: "t"), faces: [face]))
        #expect(hooks.face(at: nil) == nil && hooks.face(at: "purchaseInvoices") == nil && !hooks.hasGetHandshake)
    }

    /// A body without an id of its own would be taken for the one before it.
    @Test @OnLoop func `takes from NAV's own code what has the secret and an id`() throws {
        let face = Hook.Face(rules: HookRules(.news), secret: Self.key)
        let hooks = try PreparedHooks(Hook(connection: 5, token: Secret(text: "t"), faces: [face]))
        let hook = try #require(hooks.face(at: nil))
        func key(_ body: String) throws -> EventKey? {
            let hasher = SHA256()
            return Array(body.utf8).withUnsafeBytes { hook.key(identity: nil, body: $0, hasher: hasher) }
        }
        func verdict(_ proof: String?) -> PreparedHook.Verdict {
            guard let proof else {
                return hook.check(proof: nil, body: UnsafeRawBufferPointer(start: nil, count: 0))
            }
            return Array(proof.utf8).withUnsafeBytes {
                hook.check(proof: $0, body: UnsafeRawBufferPointer(start: nil, count: 0))
            }
        }
        #expect(verdict("the connection's own") == .genuine)
        #expect(verdict("guessed") == .forged && verdict("") == .forged && verdict(nil) == .forged)
        #expect(try key(#"{"source":"nav","key":"1"}"#) == nil)
        let first = try key(#"{"source":"nav","id":"a","key":"1"}"#)
        let second = try key(#"{"source":"nav","id":"b","key":"1"}"#)
        #expect(try first != nil && first != second && first == key(#"{"id":"a"}"#))
    }
}
