import CPosix
import Foundation
import Glibc
import Transport

/// A server on a free port of the loopback, and what a test needs to get at it.
@OnLoop final class Site {
    let listener: Int32
    let port: Int
    let server: HTTPServer

    init(
        limits: HTTPServer.Limits = .init(),
        tls: HTTPServer.TLS? = nil,
        routes: (inout HTTPServer.Router) -> Void
    ) throws {
        var why: UnsafePointer<CChar>?
        listener = ml_tcp_listen("127.0.0.1", "0", 4_096, &why)
        port = Int(ml_local_port(listener))
        var router = HTTPServer.Router()
        routes(&router)
        server = try HTTPServer(listener: listener, router: router, limits: limits, tls: tls)
    }

    func close() {
        server.stop()
        Glibc.close(listener)
    }

    /// Until the server has seen what a client did.
    func until(_ fact: () -> Bool) async throws {
        for _ in 0..<2_000 where !fact() { try await EpollLoop.process.sleep(for: .milliseconds(2)) }
        guard fact() else { throw Never5s() }
    }

    struct Never5s: Error {}
}

/// Runs a blocking client beside the loop.
func aside<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Swift.Result(catching: body)) }
    }
}

/// A client that sends exactly what it is told to, right or wrong.
final class RawClient: Sendable {
    let socket: Int32

    init(_ port: Int, receiveBuffer: Int32? = nil) {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var longest = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &longest, socklen_t(MemoryLayout<timeval>.size))
        if var receiveBuffer { setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, 4) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        withUnsafePointer(to: address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit { Glibc.close(socket) }

    func close() { shutdown(socket, Int32(SHUT_RDWR)) }

    /// False when the server has ended the connection.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(socket, UnsafeRawBufferPointer(rebasing: $0[sent...]).baseAddress, $0.count - sent, 0x4000)
            }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    struct Answer: Sendable {
        var status = 0
        var head = ""
        var body = ""
    }

    /// The next answer; status 0 when the connection ended without one.
    func answer(bodyless: Bool = false) -> Answer {
        var bytes: [UInt8] = []
        var answer = Answer()
        while !bytes.ends(with: "\r\n\r\n") {
            guard let byte = receive(1).first else { return answer }
            bytes.append(byte)
        }
        answer.head = String(decoding: bytes, as: UTF8.self)
        answer.status = Int(answer.head.dropFirst(9).prefix(3)) ?? 0
        let length = answer.head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        var left = bodyless ? 0 : length.flatMap { Int($0.dropFirst(15).filter(\.isNumber)) } ?? 0
        while left > 0 {
            let part = receive(left)
            if part.isEmpty { break }
            left -= part.count
            answer.body += String(decoding: part, as: UTF8.self)
        }
        return answer
    }

    /// Empty at the end of the connection.
    func receive(_ most: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
            count = max(0, recv(socket, buffer.baseAddress, most, 0))
        }
    }

    var isEnded: Bool { receive(1).isEmpty }
}

extension [UInt8] {
    fileprivate func ends(with text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}

func ask(_ port: Int, _ text: String) async throws -> RawClient.Answer {
    try await aside {
        let client = RawClient(port)
        client.send(text)
        return client.answer()
    }
}

func post(_ path: String, _ body: String = "", _ headers: String = "") -> String {
    "POST \(path) HTTP/1.1\r\nHost: here\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
}

func get(_ path: String, _ headers: String = "") -> String {
    "GET \(path) HTTP/1.1\r\nHost: here\r\n\(headers)\r\n"
}
