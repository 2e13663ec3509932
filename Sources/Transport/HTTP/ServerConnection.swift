import CMicrohttpd
import CPosix
import Core
import Glibc

extension HTTPServer {
    /// One connection, from accept to close, and the request that it carries at the moment.
    ///
    ///     fresh ──▶ head ──▶ body ──▶ handling ──▶ sending ──▶ idle ──▶ head …
    ///       │                             └──▶ waiting ──▲       │
    ///       └──────────── cut: overdue, refused, or the server drains ◀──┘
    ///
    /// Every phase but `handling` has an instant at which it is overdue.
    @OnLoop final class Connection {
        enum Phase {
            /// Accepted, no request line yet.
            case fresh
            /// Waits for the next request line.
            case idle
            /// The request line is here.
            case head
            /// The head is here and the route is known.
            case body
            /// Inside the handler.
            case handling
            /// The handler has returned without an answer; the library has put the connection aside.
            case waiting
            case sending
            /// Shut down; the library is about to notice.
            case cut
        }

        let mhd: OpaquePointer
        nonisolated let descriptor: Int32
        nonisolated let peer: PeerAddress
        /// Its place in the server's list.
        var index = 0
        private(set) var phase = Phase.fresh
        private(set) var due: Instant
        /// Names the request. An exchange with another number belongs to one that is over.
        private(set) var serial: UInt64 = 0

        private unowned let server: HTTPServer
        private var everAsked = false
        /// To be closed with care: the client is still sending what nobody will read.
        private var refusedEarly = false
        private var refusal: Answer?
        private var route: Route?
        private var isTargetMalformed = false
        private var targetLength = 0

        // Valid until the request is over.
        private(set) var method = HTTPMethod.get
        private(set) var path = UnsafeRawBufferPointer(start: nil, count: 0)
        private(set) var segment = 0..<0
        private(set) var guest: AnyObject?
        private var bodyLimit = 0
        private var bodyMemory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        private var bodyCount = 0
        private var announced = 0

        init(_ mhd: OpaquePointer, of server: HTTPServer) {
            self.mhd = mhd
            self.server = server
            descriptor = ml_mhd_descriptor(mhd)
            peer = PeerAddress(ml_mhd_peer(mhd))
            due = server.turn + server.limits.receiving
        }

        var body: UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(start: bodyMemory.baseAddress, count: bodyCount)
        }

        // MARK: What the library tells

        /// A request line has arrived: `target` is its path and query, undecoded.
        func begins(target: UnsafePointer<CChar>) {
            everAsked = true
            guard phase != .cut else { return }
            // The first request's time runs from the connection's start.
            if phase == .idle { due = server.turn + server.limits.receiving }
            phase = .head
            (targetLength, isTargetMalformed) = inspect(target)
        }

        /// The head is complete. Decides before any of the body is read.
        func receivedHead(
            method name: UnsafePointer<CChar>,
            path: UnsafePointer<CChar>,
            version: UnsafePointer<CChar>
        )
            -> MHD_Result
        {
            let headSize = ml_mhd_head_size(mhd)
            server.counters.requests += 1
            server.counters.bytesReceived += headSize
            phase = .body
            let framing = ml_mhd_read_framing(mhd)
            // The version follows the target and one space, unless a NUL byte had ended the target for C.
            let isCut = UnsafeRawPointer(version) - UnsafeRawPointer(path) != targetLength + 1
            announced = framing.lengths > 0 ? Int(framing.length) : 0
            self.path = UnsafeRawBufferPointer(start: path, count: strlen(path))
            if isTargetMalformed || isCut || framing.malformed != 0 || framing.lengths + framing.encodings > 1
                || framing.hosts > 1
            {
                refuse(.malformed, .badRequest)
            } else if framing.encodings > 0, framing.chunked == 0 {
                refuse(.malformed, .notImplemented)
            } else if headSize > server.limits.headBytes {
                refuse(.headTooLarge, .headTooLarge)
            } else {
                findRoute(name)
            }
            guard let refusal, announced > 0 || framing.encodings > 0 else { return .YES }
            // Answered now, the library reads no byte of the body and closes. A request without a body is answered
            // when it is complete, which keeps the connection.
            refusedEarly = true
            return queue(refusal) ? .YES : .NO
        }

        private func findRoute(_ name: UnsafePointer<CChar>) {
            guard let method = HTTPMethod(name) else { return refuse(.unknownMethod, .notImplemented) }
            self.method = method
            switch server.router.match(method, path) {
            case .notFound: refuse(.unknownPath, .notFound)
            case .notAllowed(let answer): refuse(.methodNotAllowed, answer)
            case .found(let route, let segment):
                self.route = route
                self.segment = segment
                admit(to: route)
            }
        }

        private func admit(to route: Route) {
            switch route.admit(UnsafeRawBufferPointer(rebasing: path[segment])) {
            case .refused(let answer): refuse(.notAdmitted, answer)
            case .admitted(let limit, _) where announced > limit: refuse(.bodyTooLarge, .contentTooLarge)
            case .admitted(let limit, let guest):
                bodyLimit = limit
                self.guest = guest
            }
        }

        private func refuse(_ reason: Refusal, _ answer: Answer) {
            server.counters[reason] += 1
            refusal = answer
        }

        func received(_ bytes: UnsafeRawBufferPointer) -> MHD_Result {
            server.counters.bytesReceived += bytes.count
            guard refusal == nil, route != nil else { return .YES }
            let total = bodyCount + bytes.count
            // Only a chunked body gets beyond its limit here.
            guard total <= bodyLimit else { return giveUp(.bodyTooLarge, "413 Content Too Large") }
            if total > bodyMemory.count, !makeRoom(for: total) {
                return giveUp(.outOfMemory, "503 Service Unavailable")
            }
            bodyMemory.baseAddress.map {
                _ = memcpy($0 + bodyCount, bytes.baseAddress ?? UnsafeRawPointer($0), bytes.count)
            }
            bodyCount = total
            return .YES
        }

        /// In the middle of a body the library takes no answer, so it goes out behind its back.
        private func giveUp(_ reason: Refusal, _ status: StaticString) -> MHD_Result {
            server.counters[reason] += 1
            refusedEarly = true
            sayGoodbye(status)
            phase = .cut
            return .NO
        }

        /// What a client announces is believed up to 64 KiB; beyond that, memory follows what has really arrived. False
        /// when all bodies together take as much as they may.
        private func makeRoom(for total: Int) -> Bool {
            let expected = min(max(announced, 1_024), 65_536)
            let capacity = max(total, min(max(expected, total * 2), max(announced, bodyLimit)))
            guard server.bodyBytes + capacity - bodyMemory.count <= server.limits.bodyBytes else { return false }
            server.bodyBytes += capacity - bodyMemory.count
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
            memory.copyMemory(from: body)
            bodyMemory.deallocate()
            bodyMemory = memory
            return true
        }

        /// All is here: the handler's turn.
        func receivedAll() -> MHD_Result {
            if phase == .cut { return .NO }
            if let refusal { return queue(refusal) ? .YES : .NO }
            guard let route else { return .NO }
            phase = .handling
            route.handler(HTTPExchange(self, method))
            if phase == .handling {
                phase = .waiting
                due = server.turn + server.limits.answering
                MHD_suspend_connection(mhd)
            }
            return phase == .cut ? .NO : .YES
        }

        /// The request is over, one way or the other; the connection may go on to the next.
        func completed(_ reason: MHD_RequestTerminationCode) {
            if phase == .head || phase == .body, refusal == nil, reason != .REQUEST_TERMINATED_CLIENT_ABORT,
                reason != .REQUEST_TERMINATED_DAEMON_SHUTDOWN
            {
                countRefusalByLibrary()
            }
            serial &+= 1
            if phase != .cut {
                phase = .idle
                due = server.turn + server.limits.idle
            }
            refusal = nil
            route = nil
            guest = nil
            path = UnsafeRawBufferPointer(start: nil, count: 0)
            bodyCount = 0
            // A webhook's body is small: its memory stays for the next one.
            if bodyMemory.count > 4_096 { forgetBody() }
        }

        private func forgetBody() {
            server.bodyBytes -= bodyMemory.count
            bodyMemory.deallocate()
            bodyMemory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
            bodyCount = 0
        }

        private func countRefusalByLibrary() {
            switch ml_mhd_status(mhd) {
            case 0: break  // It went away in the middle.
            case 413: server.counters[.bodyTooLarge] += 1
            case 414, 431: server.counters[.headTooLarge] += 1
            default: server.counters[.malformed] += 1
            }
        }

        func closed() {
            if !everAsked { server.counters.silent += 1 }
            let isUnread = phase != .cut && ml_socket_has_bytes(descriptor) != 0
            if refusedEarly || isUnread { server.linger(descriptor) }
            forgetBody()
        }

        // MARK: Answers

        /// False when there is nobody left to answer.
        func answer(_ answer: Answer, to serial: UInt64) -> Bool {
            guard serial == self.serial, phase == .handling || phase == .waiting else { return false }
            return send(answer.response(closing: server.isDraining), answer.status, answer.bodyCount)
        }

        func answer(_ status: HTTPStatus, _ headers: [HTTPHeader], _ body: [UInt8], to serial: UInt64) -> Bool {
            guard serial == self.serial, phase == .handling || phase == .waiting else { return false }
            let response = makeResponse(headers, body, closing: server.isDraining)
            defer { if let response { MHD_destroy_response(response) } }
            return send(response, status, body.count)
        }

        /// The handler's way to end the connection instead of answering.
        func hangUp(_ serial: UInt64) {
            guard serial == self.serial, phase == .handling || phase == .waiting else { return }
            cut()
            server.runSoon()
        }

        private func queue(_ answer: Answer) -> Bool {
            send(answer.response(closing: server.isDraining), answer.status, answer.bodyCount)
        }

        private func send(_ response: OpaquePointer?, _ status: HTTPStatus, _ bodyCount: Int) -> Bool {
            let wasWaiting = phase == .waiting
            if MHD_queue_response(mhd, UInt32(status.rawValue), response) == .YES {
                phase = .sending
                due = (wasWaiting ? Instant.now : server.turn) + server.limits.sending
                server.counters.bytesSent += bodyCount
            } else {
                phase = .cut
            }
            if wasWaiting {
                MHD_resume_connection(mhd)
                server.runSoon()
            }
            return phase == .sending
        }

        /// Straight into the socket, where the library will not answer any more. Inside TLS nothing can be said so.
        private func sayGoodbye(_ status: StaticString) {
            guard !server.hasTLS else { return }
            let text = "HTTP/1.1 \(status)\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            _ = Array(text.utf8).withUnsafeBytes { bytes in
                ml_socket_write(descriptor, bytes.baseAddress, bytes.count)
            }
        }

        // MARK: Ends

        /// The phase has taken longer than it may.
        func overdue() {
            switch phase {
            case .fresh, .head, .body:
                server.counters[.slowRequest] += 1
                sayGoodbye("408 Request Timeout")
                cut()
            case .waiting:
                server.counters[.unanswered] += 1
                serial &+= 1
                _ = queue(.unavailable)
            case .sending:
                server.counters[.slowReader] += 1
                cut()
            case .idle, .handling, .cut: cut()
            }
        }

        /// While draining: nobody will miss a connection on which nothing is asked. True when it was such a one.
        func closeIfIdle(youngest: Instant) {
            let isIdle = phase == .idle || phase == .fresh && due < youngest + server.limits.receiving
            // A request may have arrived that the library has not read.
            guard isIdle, ml_socket_has_bytes(descriptor) == 0 else { return }
            cut()
        }

        /// The library sees the socket end at its next turn, and closes it.
        func cut() {
            let wasWaiting = phase == .waiting
            phase = .cut
            serial &+= 1
            due = Instant(nanoseconds: .max)
            shutdown(descriptor, Int32(SHUT_RDWR))
            if wasWaiting { MHD_resume_connection(mhd) }
        }
    }
}

/// How long a request's target is, and whether it holds what no client may send: control bytes, bytes that are not
/// ASCII, or a percent sign without two hexadecimal digits that mean something other than NUL.
private func inspect(_ target: UnsafePointer<CChar>) -> (length: Int, isMalformed: Bool) {
    var length = 0
    var isMalformed = false
    while target[length] != 0 {
        let byte = UInt8(bitPattern: target[length])
        if byte <= 0x20 || byte >= 0x7f {
            isMalformed = true
        } else if byte == UInt8(ascii: "%") {
            let high = hexadecimal(UInt8(bitPattern: target[length + 1]))
            let low = high == nil ? nil : hexadecimal(UInt8(bitPattern: target[length + 2]))
            if let high, let low, high | low != 0 {} else { isMalformed = true }
        }
        length += 1
    }
    return (length, isMalformed)
}

private func hexadecimal(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
}

/// Percent signs resolved, in a text that has been inspected.
func percentDecoded(_ text: UnsafeRawBufferPointer) -> String {
    guard text.contains(UInt8(ascii: "%")) else { return String(decoding: text, as: UTF8.self) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
        if text[index] == UInt8(ascii: "%"), index + 2 < text.count, let high = hexadecimal(text[index + 1]),
            let low = hexadecimal(text[index + 2])
        {
            bytes.append(high << 4 | low)
            index += 3
        } else {
            bytes.append(text[index])
            index += 1
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
