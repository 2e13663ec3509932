import Glibc

/// A client over one connection that is kept, and made anew after every trouble. It sends exactly what it is told to.
final class Caller {
    struct Answer {
        var status = 0
        var head = ""
        var body = ""

        func header(_ name: String) -> String? {
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { $0.dropFirst(name.utf8.count + 1).trimming(" ") }
        }
    }

    private let port: Int
    private let patienceSeconds: Int
    private var socket: Int32 = -1
    private var received: [UInt8] = []

    init(_ port: Int, patienceSeconds: Int = 10) {
        self.port = port
        self.patienceSeconds = patienceSeconds
    }

    deinit { hangUp() }

    func hangUp() {
        if socket >= 0 { close(socket) }
        socket = -1
        received = []
    }

    /// Nil when the connection could not be made or ended before the answer was whole.
    func post(_ path: String, _ body: String, _ headers: [String] = []) -> Answer? {
        let lines = headers.map { $0 + "\r\n" }.joined()
        return ask("POST \(path) HTTP/1.1\r\nHost: here\r\nContent-Length: \(body.utf8.count)\r\n\(lines)\r\n\(body)")
    }

    func get(_ path: String) -> Answer? {
        ask("GET \(path) HTTP/1.1\r\nHost: here\r\n\r\n")
    }

    func ask(_ request: String) -> Answer? {
        guard send(request), let answer = answer() else {
            hangUp()
            return nil
        }
        if answer.header("Connection")?.lowercased() == "close" { hangUp() }
        return answer
    }

    /// Connects when there is no connection; false when that or the sending failed.
    func send(_ text: String) -> Bool {
        guard socket >= 0 || dial() else { return false }
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    func answer() -> Answer? {
        var answer = Answer()
        var searched = 0
        while true {
            if let end = headEnd(from: searched) {
                answer.head = String(decoding: received[..<end], as: UTF8.self)
                received.removeSubrange(..<(end + 4))
                break
            }
            searched = max(0, received.count - 3)
            guard receive() else { return nil }
        }
        guard let status = Int(answer.head.dropFirst(9).prefix(3)) else { return nil }
        answer.status = status
        let length = answer.header("Content-Length").flatMap { Int($0) } ?? 0
        while received.count < length { guard receive() else { return nil } }
        answer.body = String(decoding: received[..<length], as: UTF8.self)
        received.removeSubrange(..<length)
        return answer
    }

    /// True when the other end closed the connection within our patience.
    var isEnded: Bool {
        while receive() {}
        return errno != EAGAIN
    }

    private func headEnd(from start: Int) -> Int? {
        guard received.count >= start + 4 else { return nil }
        return (start...received.count - 4).first {
            received[$0] == 13 && received[$0 + 1] == 10 && received[$0 + 2] == 13 && received[$0 + 3] == 10
        }
    }

    private func receive() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 16_384)
        errno = 0
        let got = recv(socket, &bytes, bytes.count, 0)
        if got > 0 { received += bytes[..<got] }
        return got > 0
    }

    private func dial() -> Bool {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var longest = timeval(tv_sec: patienceSeconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(socket, SOL_SOCKET, option, &longest, socklen_t(MemoryLayout<timeval>.size))
        }
        var on: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
        let address = loopback(port)
        let connected = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if connected != 0 { hangUp() }
        return connected == 0
    }
}

extension StringProtocol {
    fileprivate func trimming(_ character: Character) -> String {
        String(drop { $0 == character }.reversed().drop { $0 == character }.reversed())
    }
}

private func loopback(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
}

/// A port that nobody listens on.
func freePort() -> Int {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(socket) }
    var address = loopback(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            _ = bind(socket, $0, length)
            _ = getsockname(socket, $0, &length)
        }
    }
    return Int(in_port_t(bigEndian: address.sin_port))
}
