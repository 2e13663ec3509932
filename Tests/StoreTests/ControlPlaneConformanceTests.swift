import Core
import Store
import Testing

@Suite struct `a control plane` {
    let acme: Name
    let zenith: Name
    let board: Name

    init() throws {
        acme = try Name("acme")
        zenith = try Name("zenith")
        board = try Name("bc-board")
    }

    @Test(arguments: controlPlanes) func `gives each tenant a number of its own, for good`(
        kind: Kind<ControlPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let plane = try await place.open()
        let first = try await plane.add(tenant: zenith, wrappedKey: [1, 2, 3])
        #expect(try await plane.remove(tenant: zenith))
        #expect(try await !plane.remove(tenant: zenith))
        let second = try await plane.add(tenant: zenith, wrappedKey: [4])
        let third = try await plane.add(tenant: acme, wrappedKey: [5])
        #expect(Set([first.number, second.number, third.number]).count == 3)
        await plane.close()

        let reopened = try await place.open()
        #expect(try await reopened.tenants() == [third, second])
        #expect(try await reopened.tenant(zenith) == second)
        #expect(try await reopened.tenant(board) == nil)
        await #expect(throws: StoreError.self) { try await reopened.add(tenant: acme, wrappedKey: []) }
    }

    @Test(arguments: controlPlanes) func `replaces a wrapped key only where it is still the old one`(
        kind: Kind<ControlPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let plane = try await place.open()
        _ = try await plane.add(tenant: acme, wrappedKey: [1])
        #expect(try await plane.rewrap(tenant: acme, from: [1], to: [2]))
        #expect(try await !plane.rewrap(tenant: acme, from: [1], to: [3]))
        #expect(try await plane.tenant(acme)?.wrappedKey == [2])
    }

    @Test(arguments: controlPlanes) func `keeps a connection's number, token and pause through its edits`(
        kind: Kind<ControlPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let plane = try await place.open()
        _ = try await plane.add(tenant: acme, wrappedKey: [1])
        var draft = ConnectionDraft(
            tenant: acme,
            name: board,
            flow: "business-central-monday",
            document: "{ // as given\n}",
            sealedSecrets: ["token": [1, 2], "signing": [3]]
        )
        let made = try await plane.put(draft)
        #expect(made.draft == draft && made.revision == 1 && !made.isPaused && made.hookToken.count == 32)
        #expect(try await plane.setPaused(true, connection: board, of: acme))
        #expect(try await !plane.setPaused(true, connection: board, of: acme))

        draft.document = "{}"
        draft.sealedSecrets = ["token": [9]]
        let edited = try await plane.put(draft)
        #expect(edited.number == made.number && edited.hookToken == made.hookToken && edited.isPaused)
        #expect(edited.revision > made.revision && edited.draft == draft)
        await plane.close()
        let reopened = try await place.open()
        #expect(try await reopened.connection(board, of: acme) == edited)
    }

    @Test(arguments: controlPlanes) func `lists and removes connections`(kind: Kind<ControlPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let plane = try await place.open()
        let draft = ConnectionDraft(tenant: acme, name: board, flow: "f", document: "{}", sealedSecrets: ["s": [1]])
        await #expect(throws: StoreError.self) { try await plane.put(draft) }
        for tenant in [zenith, acme] {
            _ = try await plane.add(tenant: tenant, wrappedKey: [1])
            for name in ["nav-bill", "bc-board"] {
                var draft = draft
                draft.tenant = tenant
                draft.name = try Name(name)
                _ = try await plane.put(draft)
            }
        }
        let all = try await plane.connections(of: nil)
        #expect(
            all.map { "\($0.draft.tenant)/\($0.draft.name)" } == [
                "acme/bc-board", "acme/nav-bill", "zenith/bc-board", "zenith/nav-bill",
            ]
        )
        #expect(Set(all.map(\.hookToken.text)).count == 4 && Set(all.map(\.number)).count == 4)
        #expect(try await plane.connections(of: zenith) == Array(all[2...]))

        await #expect(throws: StoreError.self) { try await plane.remove(tenant: acme) }
        #expect(try await plane.remove(connection: board, of: acme))
        #expect(try await !plane.remove(connection: board, of: acme))
        #expect(try await plane.connection(board, of: acme) == nil)
        #expect(try await plane.connections(of: acme).map(\.number) == [all[1].number])
        #expect(try await plane.put(draft).number > all.map(\.number).max() ?? 0)
    }

    @Test(arguments: controlPlanes) func `tells every edit, whoever made it, and nothing else`(
        kind: Kind<ControlPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let plane = try await place.open()
        let other = try await place.open()
        var seen = try await plane.changeCounter()
        func changed() async throws -> Bool {
            let now = try await plane.changeCounter()
            defer { seen = now }
            return now > seen
        }
        _ = try await other.add(tenant: acme, wrappedKey: [1])
        #expect(try await changed())
        _ = try await other.put(ConnectionDraft(tenant: acme, name: board, flow: "f", document: "{}"))
        #expect(try await changed())
        _ = try await other.setPaused(true, connection: board, of: acme)
        #expect(try await changed())
        _ = try await other.setPaused(true, connection: board, of: acme)
        _ = try await other.connections(of: nil)
        _ = try await other.remove(connection: try Name("none"), of: acme)
        #expect(try await !changed())
        _ = try await plane.remove(connection: board, of: acme)
        #expect(try await changed())
    }
}

@Suite struct `a name` {
    @Test(arguments: ["a", "bc-board", "0", "9-a-", String(repeating: "x", count: 40)])
    func `may be`(text: String) throws {
        #expect(try Name(text).text == text)
    }

    @Test(arguments: ["", "-a", "A", "a b", "a/b", "..", "a.b", "ä", "a\u{0}", String(repeating: "x", count: 41)])
    func `may not be`(text: String) {
        #expect(throws: StoreError.self) { try Name(text) }
    }
}
