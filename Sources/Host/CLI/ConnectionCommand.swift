import Core
import Engine
import Flows
import Store
import Transport

/// `connection`: the connections of an installation. They are written to the control plane, and a running server is told
/// to read it again.
enum ConnectionCommand {
    static let command = Command(
        name: "connection",
        arguments:
            "add FILE | add --interactive [FILE] | list | show NAME | test NAME|FILE | preview NAME|FILE | pause NAME | resume NAME | remove NAME",
        summary: "add, change, list, show, test, preview, pause or remove connections; NAME is TENANT/NAME",
        flags: [CommandTable.data, CommandTable.json] + addingFlags + ConnectionPreview.flags + MasterKeySource.flags
    ) { arguments in
        if arguments.words.first == "add", arguments.has("interactive") {
            return try await ConnectionInterview(arguments.words.dropFirst().first, arguments).run()
        }
        let folder = try DataFolder(arguments.data, firstUser: nil)
        let words = arguments.words
        switch words.first {
        case "show":
            try await ConnectionShow.run(words.dropFirst().first, arguments, folder)
            return .done
        case "test": return try await ConnectionTest.run(words.dropFirst().first, arguments, folder)
        case "preview": return try await ConnectionPreview.run(words.dropFirst().first, arguments, folder)
        case "add":
            try await add(words.dropFirst(), arguments)
            return .done
        case "remove":
            try await remove(words.dropFirst().first, arguments, folder)
            return .done
        default: break
        }
        let control = try await SQLiteControlPlane.open(folder.control)
        switch words.first {
        case "list", nil: try await list(arguments, control)
        case "pause", "resume":
            let (tenant, name) = try names(words.dropFirst().first)
            let pauses = words.first == "pause"
            _ = try await control.known(tenant, name)
            _ = try await control.setPaused(pauses, connection: name, of: tenant)
            Terminal.print("\(tenant)/\(name) is \(pauses ? "paused" : "resumed")")
        case let other?: throw UsageError("there is no 'connection \(other)'; see ml-connector connection --help")
        }
        await control.close()
        if words.first != nil, words.first != "list" { try await tellServer(folder) }
        return .done
    }

    private static let addingFlags = [
        Flag("interactive", nil, "add: ask for everything, try it, show a preview, and only then add it"),
        Flag(
            "create-board",
            nil,
            "add: make the boards of routes that say board: \"new\", and write their numbers there"
        ),
    ]

    static func names(_ word: String?) throws -> (tenant: Name, name: Name) {
        let parts = (word ?? "").split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw UsageError("a connection is named TENANT/NAME, such as acme/orders") }
        return (try Name(String(parts[0])), try Name(String(parts[1])))
    }

    // MARK: Removing

    /// First here, where it counts; then at the vendors, who may not answer. What is left there ends at our address.
    @OnLoop private static func remove(_ word: String?, _ arguments: Arguments, _ folder: DataFolder) async throws {
        let (tenant, name) = try names(word)
        let control = try await SQLiteControlPlane.open(folder.control)
        _ = try await control.known(tenant, name)
        // Without its secrets nothing can be taken back, and that must not keep it.
        let subject = try? await ConnectionSubject("\(tenant)/\(name)", arguments, folder)
        _ = try await control.remove(connection: name, of: tenant)
        await control.close()
        try await tellServer(folder)
        Terminal.print("\(tenant)/\(name) is removed; what it stored stays in its tenant's folder")
        let left = try? await subject?.ask(within: .seconds(60), folder) { flow, context in
            await flow.retire(in: context)
        }
        for finding in left ?? [] { Terminal.print(ConnectionTest.text(finding)) }
    }

    // MARK: Adding

    @OnLoop private static func add(_ files: ArraySlice<String>, _ arguments: Arguments) async throws {
        guard !files.isEmpty else {
            throw UsageError(
                "connection add needs the file that describes it, or --interactive to be asked for everything"
            )
        }
        try await ConnectionAdding.run(arguments) { adding in
            for path in files {
                guard arguments.has("create-board") else {
                    try await adding.add(try ConnectionSource(path: path))
                    continue
                }
                let (source, secrets) = try await ConnectionBoards.make(for: path)
                try await adding.add(source, typed: secrets)
            }
        }
    }

    /// The one that the connection has, for its subscriptions carry it; a new one otherwise. Nobody needs to know it.
    @OnLoop static func hookSecret(
        of file: ConnectionFile,
        _ key: DataKey,
        _ control: any ControlPlane
    ) async throws -> [UInt8] {
        let place = FlowHook.secretPlace
        if let known = try await control.connection(file.name, of: file.tenant),
            let sealed = known.draft.sealedSecrets[place], (try? known.open(sealed, at: place, with: key)) != nil
        {
            return sealed
        }
        let secret = Secret(text: try Random.hexadecimal(byteCount: 32))
        return try key.seal(secret, context: .secret(place, of: file.name, tenant: file.tenant))
    }

    // MARK: Listing

    @OnLoop private static func list(_ arguments: Arguments, _ control: any ControlPlane) async throws {
        let connections = try await control.connections(of: nil)
        if arguments.has("json") {
            let list = connections.map { JSON.object(members(of: $0, address: $0.hookPath)) }
            return Terminal.print(JSON.array(list).text(.pretty))
        }
        guard !connections.isEmpty else { return Terminal.print("no connections yet; add one: connection add FILE") }
        let rows = connections.map { connection in
            [
                "\(connection.draft.tenant)/\(connection.draft.name)", connection.draft.flow,
                connection.isPaused ? "paused" : "active", connection.hookPath,
            ]
        }
        Terminal.print(Terminal.table([["CONNECTION", "FLOW", "STATE", "WEBHOOKS AT"]] + rows))
    }

    static func members(of stored: StoredConnection, address: String) -> JSON.Object {
        var object = JSON.Object()
        object["connection"] = .number(Int(stored.number))
        object["tenant"] = .string(stored.draft.tenant.text)
        object["name"] = .string(stored.draft.name.text)
        object["flow"] = .string(stored.draft.flow)
        object["paused"] = .bool(stored.isPaused)
        object["webhookPath"] = .string(address)
        return object
    }

    @OnLoop static func tellServer(_ folder: DataFolder) async throws {
        guard let talk = ServerTalk(data: folder.path) else { return }
        _ = try await talk.ask(ReloadQuestion())
    }
}
