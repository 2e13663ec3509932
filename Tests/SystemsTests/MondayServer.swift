import Core
import Foundation
import Glibc
import Synchronization
import Transport

@testable import Systems

/// Says what a test tells it to, in answer to each request, on threads of its own.
final class MondayServer: Sendable {
    struct Request: Sendable {
        var head: String
        var body: String

        var json: JSONField { JSONField((try? JSON.parse(body)) ?? .null) }
        var variables: JSONField { json["variables"] }
        var operation: String { (try? json["operationName"].string()) ?? "" }

        /// All values of that header.
        func headers(_ name: String) -> [String] {
            head.split(separator: "\r\n").dropFirst().compactMap { line in
                let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
                return parts.count == 2 && parts[0].lowercased() == name.lowercased() ? parts[1] : nil
            }
        }
    }

    enum Reply: Sendable {
        case answer(Int, [String], String)
        /// These bytes and then the end of the connection.
        case raw(String)
        /// Nothing, until the client goes.
        case silence

        static func json(_ body: String, status: Int = 200, _ headers: String...) -> Reply {
            .answer(status, headers, body)
        }
    }

    private struct State {
        var requests: [Request] = []
        var open: Set<Int32> = []
        var threads = 0
        var inHand = 0
        var mostInHand = 0
        var stopping = false
    }
    private let state = Mutex(State())
    private let listener: Int32
    let port: Int

    /// `script` is told the request and how many came before it.
    init(_ script: @escaping @Sendable (Request, Int) -> Reply) {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let ready = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        precondition(ready, "no listener: \(errno)")
        port = Int(UInt16(bigEndian: address.sin_port))
        state.withLock { $0.threads += 1 }
        Thread.detachNewThread { [self] in
            while case let socket = accept(listener, nil, nil), socket >= 0 {
                state.withLock { state in
                    state.open.insert(socket)
                    state.threads += 1
                }
                Thread.detachNewThread { [self] in
                    serve(socket, script)
                    state.withLock { state in
                        state.open.remove(socket)
                        close(socket)
                        state.threads -= 1
                    }
                }
            }
            state.withLock { $0.threads -= 1 }
        }
    }

    var url: String { "http://127.0.0.1:\(port)/v2" }
    var requests: [Request] { state.withLock { $0.requests } }
    /// The most requests that were being answered at once.
    var mostInHand: Int { state.withLock { $0.mostInHand } }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        while state.withLock({ state in
            state.stopping = true
            for socket in state.open { shutdown(socket, Int32(SHUT_RDWR)) }
            return state.threads > 0
        }) { usleep(500) }
        close(listener)
    }

    private func serve(_ socket: Int32, _ script: (Request, Int) -> Reply) {
        while let request = read(socket) {
            let number = state.withLock { state in
                state.requests.append(request)
                state.inHand += 1
                state.mostInHand = max(state.mostInHand, state.inHand)
                return state.requests.count - 1
            }
            let reply = script(request, number)
            state.withLock { $0.inHand -= 1 }
            switch reply {
            case .answer(let status, let headers, let body):
                let lines = headers.map { "\($0)\r\n" }.joined()
                say("HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\(lines)\r\n\(body)", to: socket)
            case .raw(let text):
                say(text, to: socket)
                return
            case .silence:
                var byte: UInt8 = 0
                while recv(socket, &byte, 1, 0) == 1 {}
                return
            }
        }
    }

    private func read(_ socket: Int32) -> Request? {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard recv(socket, &byte, 1, 0) == 1 else { return nil }
            head.append(byte)
        }
        var request = Request(head: String(decoding: head, as: UTF8.self), body: "")
        var body: [UInt8] = []
        for _ in 0..<(request.headers("content-length").first.flatMap { Int($0) } ?? 0) {
            guard recv(socket, &byte, 1, 0) == 1 else { return nil }
            body.append(byte)
        }
        request.body = String(decoding: body, as: UTF8.self)
        return request
    }

    private func say(_ text: String, to socket: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// Lets everybody in, and remembers what it was asked and told.
@OnLoop final class MondayGate: CallGate, LimitsListener {
    var charges: [Charge] = []
    var lanes: [Lane] = []
    var outcomes: [CallOutcome] = []
    var learned: [String] = []
    /// How many passes were given and not come back.
    var inside = 0
    /// While true nobody of the background comes in.
    var isFull = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    var waitingCount: Int { waiting.count }

    nonisolated init() {}

    @OnLoop func enter(_ charge: Charge, lane: Lane, longest: Duration) async throws -> CallPass {
        if isFull, lane == .background { await withCheckedContinuation { waiting.append($0) } }
        try Task.checkCancellation()
        charges.append(charge)
        lanes.append(lane)
        inside += 1
        return CallPass(number: Int64(charges.count))
    }

    @OnLoop func leave(_ pass: CallPass, _ outcome: CallOutcome) async {
        inside -= 1
        outcomes.append(outcome)
    }

    @OnLoop func learned(_ window: String, limit: Int, per period: Duration) async {
        learned.append("\(window) \(limit) per \(period.nanoseconds / 1_000_000_000)")
    }

    func open() {
        isFull = false
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}

/// A client, its gate and the server it speaks to, ended whatever happens.
@OnLoop func withMonday<Result>(
    token: String = "t0ken-that-nobody-may-see",
    _ given: Monday.Client.Settings = .init(),
    _ script: @escaping @Sendable (MondayServer.Request, Int) -> MondayServer.Reply,
    _ body: @OnLoop (Monday.Client, MondayServer, MondayGate) async throws -> Result
) async throws -> Result {
    let server = MondayServer(script)
    defer { server.stop() }
    var settings = given
    if settings.apiURL == Monday.apiURL { settings.apiURL = server.url }
    let http = HTTPClient(.init(allowed: try .init(["http://127.0.0.1:\(server.port)"])))
    defer { http.close() }
    let gate = MondayGate()
    let client = Monday.Client(
        token: Secret(text: token),
        settings: settings,
        http: http,
        gate: gate,
        listener: gate,
        log: Log(role: "test")
    )
    return try await body(client, server, gate)
}

/// The error of a call that must not succeed.
@OnLoop func mondayError(_ body: @OnLoop () async throws -> Void) async -> CallError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? CallError
    }
}

/// Lets nobody go on before so many have come.
final class Rendezvous: Sendable {
    private let left: Mutex<Int>

    init(_ count: Int) {
        left = Mutex(count)
    }

    func meet() {
        left.withLock { $0 -= 1 }
        while left.withLock({ $0 > 0 }) { usleep(200) }
    }
}

/// Long enough that another request could come in meanwhile.
func usleepABit() {
    usleep(3_000)
}
