import Glibc
import Transport

@testable import Host

/// Asks a running server over its control socket, one question at a time, waiting for each answer.
final class ControlTalk {
    private let socket: Int32
    private var frames = FrameReader()
    private var correlation: UInt32 = 0

    struct Lost: Error, CustomStringConvertible {
        var description: String
    }

    /// Nil when nobody listens there.
    init?(_ path: String) {
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var longest = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &longest, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { room in
            room.copyBytes(from: path.utf8.prefix(room.count - 1))
        }
        let connected = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else { return nil }
        send(Channel.hello)
        guard (try? next()) != nil else { return nil }
    }

    deinit {
        close(socket)
    }

    func ask<Question: Ask>(_ question: Question) throws -> Question.Answer {
        correlation += 1
        var writer = WireWriter()
        question.write(to: &writer)
        send(Frame(tag: Question.tag, purpose: .question, correlation: correlation, message: writer.bytes[...]))
        let frame = try next()
        guard frame.purpose == .answer, frame.correlation == correlation else {
            throw Lost(description: "refused: \(String(decoding: frame.message, as: UTF8.self))")
        }
        var reader = WireReader(frame.message)
        return try Question.Answer(from: &reader)
    }

    private func send(_ frame: Frame) {
        var bytes: [UInt8] = []
        frame.append(to: &bytes)
        _ = Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private func next() throws -> Frame {
        while true {
            if let frame = try frames.next() { return frame }
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let got = recv(socket, &bytes, bytes.count, 0)
            guard got > 0 else { throw Lost(description: "the server is gone") }
            frames.append(bytes[..<got])
        }
    }
}
