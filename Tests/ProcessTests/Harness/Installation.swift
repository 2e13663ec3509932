import Core
import Foundation
import Glibc
import Store
import Testing

@testable import Host

/// One installation of the product in a folder of its own, served by the real binary. Everything ends with it.
final class Installation {
    /// A connection as a test wants it.
    struct Connection {
        var tenant: String
        var name: String
        var rehearses = true
        var more = ""

        var title: String { tenant + "/" + name }

        var document: String {
            """
            {
                tenant: "\(tenant)", name: "\(name)", flow: "demonstration", rehearsals: \(rehearses),
                webhook: {
                    check: "hmac-sha256", header: "X-Signature", secret: { env: "HOOK_SECRET" },
                    identity: { member: "id" },
                },
                \(more)
            }
            """
        }
    }

    static let hookSecret = "a secret of the tests"
    /// Built beside the program that runs the tests.
    static let builtBinary = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "ml-connector").path

    let folder: String
    let binary: String
    let port: Int
    /// The addresses of webhooks, by connection.
    private(set) var hooks: [String: Hook] = [:]
    private(set) var server: Program?
    private var talk: ControlTalk?
    private let flags: [String]
    /// What its commands find in their environment, and the server does not.
    var secrets = ["HOOK_SECRET": hookSecret]
    /// Whom its programs run as; nil for the user of the tests.
    private let user: UInt32?

    struct Hook: Sendable {
        /// The connection's number.
        var number: Int64
        var path: String
    }

    /// With `ownCopy` the binary can be replaced without touching the one that is built.
    convenience init(
        _ connections: [Connection],
        _ flags: String...,
        ownCopy: Bool = false,
        user: UInt32? = nil
    ) throws {
        try self.init(flags: flags, ownCopy: ownCopy, user: user)
        try add(connections)
    }

    /// Without connections. `PORT` in a flag stands for the port that it listens on.
    init(flags: [String], ownCopy: Bool = false, user: UInt32? = nil) throws {
        self.user = user
        folder = FileManager.default.temporaryDirectory.appending(path: "ml-process-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // Tenants have users of their own, who must be able to get there.
        chmod(folder, user == nil ? 0o711 : 0o777)
        port = freePort()
        let port = port
        self.flags = flags.map { $0.replacing("PORT", with: "\(port)") }
        binary = ownCopy ? folder + "/ml-connector" : Self.builtBinary
        if ownCopy { try FileManager.default.copyItem(atPath: Self.builtBinary, toPath: binary) }
    }

    deinit {
        let children = server.map { ProcessTable.children(of: $0.pid) } ?? []
        server?.kill()
        // They end with their supervisor; a stopped one, too.
        for child in children {
            _ = try? until("the end of \(child.name)", within: 2) { !ProcessTable.isRunning(child.pid) }
        }
        if ProcessInfo.processInfo.environment["ML_KEEP"] == nil { try? FileManager.default.removeItem(atPath: folder) }
    }

    var data: String { folder + "/data" }

    func add(_ connections: [Connection]) throws {
        guard !connections.isEmpty else { return }
        try add(connections.map { ("\($0.tenant)-\($0.name)", $0.document) })
    }

    func add(_ documents: [(file: String, text: String)]) throws {
        let files = try documents.map { document in
            let path = "\(folder)/\(document.file).json5"
            try document.text.write(toFile: path, atomically: false, encoding: .utf8)
            return path
        }
        let ended = try command(["connection", "add", "--json"] + files)
        try #require(ended.code == 0, "\(ended.errors)")
        struct Added: Decodable {
            var connection: Int64
            var tenant: String
            var name: String
            var webhookPath: String
        }
        for line in ended.output.split(separator: "\n") {
            let added = try JSONDecoder().decode(Added.self, from: Data(line.utf8))
            hooks[added.tenant + "/" + added.name] = Hook(number: added.connection, path: added.webhookPath)
        }
    }

    // MARK: Commands

    /// `answers` are what it reads, line by line, instead of asking a person.
    func command(_ words: [String], answers: [String] = [], within seconds: Double = 60) throws -> Ended {
        let output = folder + "/output-\(UUID().uuidString)"
        let input = answers.isEmpty ? "/dev/null" : output + "-answers"
        if !answers.isEmpty {
            try answers.map { $0 + "\n" }.joined().write(toFile: input, atomically: false, encoding: .utf8)
        }
        let program = try Program(
            [binary] + words,
            environment: secrets.merging(["ML_DATA": data]) { $1 },
            user: user,
            input: input,
            output: output,
            errors: output + "-errors"
        )
        let exit = try program.wait(within: seconds)
        defer {
            unlink(program.output)
            unlink(program.errors)
            if !answers.isEmpty { unlink(input) }
        }
        guard case .code(let code) = exit else { throw Overdue(description: "\(words) ended by \(exit)") }
        return Ended(
            code: code,
            output: try String(contentsOfFile: program.output, encoding: .utf8),
            errors: try String(contentsOfFile: program.errors, encoding: .utf8)
        )
    }

    func command(_ words: String...) throws -> Ended { try command(words) }

    // MARK: The server

    /// Starts it and returns when every process is ready.
    func serve(through wrapper: [String] = []) throws {
        start(through: wrapper)
        try untilReady()
    }

    /// `wrapper` is a program that starts another, with its arguments.
    func start(through wrapper: [String] = []) {
        talk = nil
        server = try? Program(
            wrapper + [binary, "serve", "--data", data, "--listen", "127.0.0.1:\(port)"] + flags,
            environment: ["HOOK_SECRET": Self.hookSecret],
            user: user,
            output: folder + "/out",
            errors: folder + "/log"
        )
    }

    func untilReady(within seconds: Double = 20) throws {
        do {
            try until("everything is up", within: seconds) { isReady }
        } catch {
            throw Overdue(description: "\(error)\n\(picture)")
        }
    }

    var isReady: Bool {
        guard server?.hasEnded == false, let status = try? status() else { return false }
        return status.replacing == 0 && status.gateway.state == "up" && status.workers.allSatisfy { $0.state == "up" }
    }

    /// The server must be running.
    var pid: Int32 { server?.pid ?? -1 }

    func status() throws -> Status {
        // The one that was asked before may have ended, or become another.
        if let status = try? talk?.ask(StatusQuestion()) { return status }
        talk = ControlTalk(data + "/control.sock")
        guard let talk else { throw ControlTalk.Lost(description: "nobody listens at the control socket") }
        return try talk.ask(StatusQuestion())
    }

    func worker(_ title: String) throws -> Status.Process {
        // Thrown, not required: who asks again and again gets it for as long as no connection is read yet.
        guard let worker = try status().workers.first(where: { $0.tenant + "/" + $0.name == title }) else {
            throw Overdue(description: "there is no worker \(title)")
        }
        return worker
    }

    /// As no command would.
    func edit(_ statement: String) throws {
        let schema = Schema(kind: 0x6d6c_6370, title: "a control plane", steps: [""])
        try Database(path: data + "/control.db", schema: schema).execute(statement)
    }

    var workerPids: [String: Int32] {
        get throws {
            Dictionary(
                uniqueKeysWithValues: try status().workers.map { ($0.tenant + "/" + $0.name, $0.pid ?? -1) }
            )
        }
    }

    /// SIGTERM; the exit code.
    @discardableResult
    func stop(within seconds: Double = 15) throws -> Program.Exit {
        let server = try #require(server)
        server.send(SIGTERM)
        return try server.wait(within: seconds)
    }

    // MARK: What it says and holds

    /// All that may explain why something takes long.
    var picture: String {
        let family = [ProcessTable.entry(pid)].compactMap { $0 } + ProcessTable.children(of: pid)
        let processes = family.map { "\($0.pid) \($0.name) \($0.state) \(ProcessTable.waits(of: $0.pid))" }
        let pids = Set(family.map { "\($0.pid)" })
        let locks = (try? String(contentsOfFile: "/proc/locks", encoding: .utf8))?.split(separator: "\n").filter {
            $0.split(separator: " ").contains { pids.contains(String($0)) }
        }
        let states = (try? status()).map { status in
            ([status.gateway] + status.workers).map { "\($0.tenant)/\($0.name) \($0.state) \($0.pid ?? 0)" }
        }
        let parts = [processes, (locks ?? []).map { String($0) }, states ?? ["no status"], [String(log.suffix(4_000))]]
        return parts.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    var log: String {
        guard let bytes = FileManager.default.contents(atPath: folder + "/log") else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    func logLines(containing text: String) -> [String] {
        log.split(separator: "\n").filter { $0.contains(text) }.map { String($0) }
    }

    func metrics() throws -> String {
        guard let answer = Caller(port).get("/metrics") else { throw Overdue(description: "no answer to /metrics") }
        return answer.body
    }

    /// The sum over all samples that begin so.
    func metric(_ prefix: String) throws -> Double {
        let samples = try metrics().split(separator: "\n").filter { $0.hasPrefix("ml_connector_" + prefix) }
        guard !samples.isEmpty else { throw Overdue(description: "no metric \(prefix)") }
        return samples.reduce(0) { $0 + (Double($1.split(separator: " ").last ?? "") ?? .nan) }
    }

    /// Posts `{"id": …}` with a genuine signature.
    func post(_ title: String, id: String, _ members: String = "", by caller: Caller? = nil) throws -> Caller.Answer {
        let body = members.isEmpty ? #"{"id":"\#(id)"}"# : #"{"id":"\#(id)",\#(members)}"#
        let hook = try #require(hooks[title])
        return try #require(
            (caller ?? Caller(port)).post(hook.path, body, [signatureHeader(of: body)]),
            "no answer to the webhook \(id)"
        )
    }
}

func signatureHeader(of body: String, with secret: String = Installation.hookSecret) -> String {
    guard let authenticator = try? MessageAuthenticator(key: Secret(text: secret)) else { return "" }
    return "X-Signature: " + Array(body.utf8).withUnsafeBytes { authenticator.digest($0).hexadecimal }
}
