import Foundation
import Glibc
import Synchronization

/// A server that answers what a test's script says, right or wrong, on threads of its own.
final class BusinessCentralServer: Sendable {
    struct Request: Sendable {
        /// How many came before it.
        var index: Int
        var method: String
        var target: String
        /// Names in lower case.
        var headers: [String: String]
        var body: String

        /// Without percent signs.
        var plainTarget: String { target.removingPercentEncoding ?? target }
        var path: String { String(target.prefix { $0 != "?" }) }
    }

    enum Answer: Sendable {
        case reply(Int, [String: String] = [:], String = "")
        /// These bytes, then the end of the connection.
        case raw(String)
        /// The end of the connection without a byte.
        case hangUp
        /// Nothing, until the test ends.
        case silence
    }

    private struct State {
        var requests: [Request] = []
        var open: Set<Int32> = []
        var threads = 0
        var stopping = false
    }
    private let state = Mutex(State())
    private let listener: Int32
    let port: Int

    init(_ script: @escaping @Sendable (Request) -> Answer) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let ready = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        precondition(ready, "no listener: \(errno)")
        self.listener = listener
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

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { state.withLock { $0.requests } }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        while state.withLock({ state in
            state.stopping = true
            for socket in state.open { shutdown(socket, Int32(SHUT_RDWR)) }
            return state.threads > 0
        }) { usleep(500) }
        close(listener)
    }

    private func serve(_ socket: Int32, _ script: (Request) -> Answer) {
        while let request = read(socket) {
            switch script(request) {
            case .reply(let status, let headers, let body):
                let lines = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
                // A 204 has no body, not even an empty one.
                let length = status == 204 ? "" : "Content-Length: \(body.utf8.count)\r\n"
                guard say(socket, "HTTP/1.1 \(status) So\r\n\(length)\(lines)\r\n\(body)") else { return }
            case .raw(let text):
                say(socket, text)
                return
            case .hangUp: return
            case .silence:
                while !state.withLock({ $0.stopping }) { usleep(500) }
                return
            }
        }
    }

    private func read(_ socket: Int32) -> Request? {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard let byte = receive(socket, 1).first else { return nil }
            head.append(byte)
        }
        let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")
        let first = lines[0].split(separator: " ")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces
            )
        }
        var body: [UInt8] = []
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        while body.count < length {
            let part = receive(socket, length - body.count)
            guard !part.isEmpty else { return nil }
            body += part
        }
        return state.withLock { state in
            let request = Request(
                index: state.requests.count,
                method: String(first[0]),
                target: String(first[1]),
                headers: headers,
                body: String(decoding: body, as: UTF8.self)
            )
            state.requests.append(request)
            return request
        }
    }

    private func receive(_ socket: Int32, _ most: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
            count = max(0, recv(socket, buffer.baseAddress, most, 0))
        }
    }

    @discardableResult
    private func say(_ socket: Int32, _ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
