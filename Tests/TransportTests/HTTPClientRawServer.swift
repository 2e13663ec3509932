import CPosix
import Foundation
import Glibc
import Synchronization
import Transport

/// A server that says exactly what a test tells it to, byte by byte, on threads of its own.
final class RawServer: Sendable {
    struct Connection: Sendable {
        fileprivate let socket: Int32
        /// How many connections came before this one.
        let index: Int
        let server: RawServer

        /// The next request with its body, or nil when there is none any more.
        func request() -> String? {
            var text = ""
            var byte: UInt8 = 0
            while !text.hasSuffix("\r\n\r\n") {
                guard recv(socket, &byte, 1, 0) == 1 else { return nil }
                text.append(Character(UnicodeScalar(byte)))
            }
            let field = text.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            for _ in 0..<(field.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0) {
                guard recv(socket, &byte, 1, 0) == 1 else { return nil }
                text.append(Character(UnicodeScalar(byte)))
            }
            server.state.withLock { state in
                // Enough for any test to look at, and a bound for those that ask ten thousand times.
                if state.requests.count < 100 { state.requests.append(text) }
            }
            return text
        }

        @discardableResult
        func say(_ bytes: [UInt8]) -> Bool {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }

        @discardableResult
        func say(_ text: String) -> Bool { say(Array(text.utf8)) }

        /// Returns when the client has closed its end.
        func waitForEnd() {
            var byte: UInt8 = 0
            while recv(socket, &byte, 1, 0) == 1 {}
            server.state.withLock { $0.endsSeen += 1 }
        }

        /// Reads nothing, until the test ends.
        func waitToBeStopped() {
            while !server.state.withLock({ $0.stopping }) { usleep(500) }
        }

        /// Makes the coming close a reset.
        func reset() {
            var hard = linger(l_onoff: 1, l_linger: 0)
            setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
        }
    }

    private struct State {
        var open: Set<Int32> = []
        var requests: [String] = []
        var connections = 0
        var endsSeen = 0
        var threads = 0
        var stopping = false
    }
    private let state = Mutex(State())
    private let listener: Int32
    let port: Int

    /// Runs `script` for every connection, and closes it when the script returns.
    init(_ script: @escaping @Sendable (Connection) -> Void) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let bound = withLoopbackAddress(port: 0) { bind(listener, $0, $1) }
        precondition(bound == 0 && listen(listener, 64) == 0, "no listener: \(errno)")
        self.listener = listener
        port = Int(ml_local_port(listener))
        state.withLock { $0.threads += 1 }
        Thread.detachNewThread { [self] in
            while case let socket = accept(listener, nil, nil), socket >= 0 {
                let index = state.withLock { state in
                    state.open.insert(socket)
                    state.threads += 1
                    state.connections += 1
                    return state.connections - 1
                }
                Thread.detachNewThread { [self] in
                    script(Connection(socket: socket, index: index, server: self))
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

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [String] { state.withLock { $0.requests } }
    var connections: Int { state.withLock { $0.connections } }
    /// How many connections were seen to be closed by the client.
    var endsSeen: Int { state.withLock { $0.endsSeen } }

    /// Whether it still holds more connections than that.
    func isBusy(beyond count: Int) -> Bool { state.withLock { $0.open.count > count } }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        while state.withLock({ state in
            state.stopping = true
            for socket in state.open { shutdown(socket, Int32(SHUT_RDWR)) }
            return state.threads > 0
        }) { usleep(500) }
        close(listener)
    }
}

func withLoopbackAddress<Result>(
    port: Int,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}

/// Gives the body a server, and ends it whatever happens.
@OnLoop func withServer<Result>(
    _ script: @escaping @Sendable (RawServer.Connection) -> Void,
    _ body: @OnLoop (RawServer) async throws -> Result
) async rethrows -> Result {
    let server = RawServer(script)
    defer { server.stop() }
    return try await body(server)
}
