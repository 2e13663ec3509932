import CMicrohttpd

/// One request and the right to answer it once: at once, or whenever the answer is known.
///
/// Until then the client waits and costs no thread. Head and body can be read until the answer is given; afterwards they
/// are gone. An exchange that nobody holds any more without having answered it is answered 500.
@OnLoop package final class HTTPExchange {
    package nonisolated let method: HTTPMethod
    private nonisolated let connection: HTTPServer.Connection
    private nonisolated let serial: UInt64
    private var isAnswered = false

    init(_ connection: HTTPServer.Connection, _ method: HTTPMethod) {
        self.connection = connection
        self.method = method
        serial = connection.serial
    }

    deinit {
        guard !isAnswered else { return }
        abandon(connection, serial)
    }

    // MARK: The request

    /// Where the request comes from: the client, or a proxy in front of us.
    package nonisolated var peer: PeerAddress { connection.peer }

    /// False once the answer is given, or when it would come too late: the deadline has passed or the server has stopped.
    package var isOpen: Bool { !isAnswered && connection.serial == serial }

    /// As it was sent, without the query.
    package var path: String {
        isOpen ? String(decoding: connection.path, as: UTF8.self) : ""
    }

    /// What stands for the `{segment}` of the route, decoded; empty for an exact path.
    package var segment: String {
        guard isOpen else { return "" }
        return percentDecoded(UnsafeRawBufferPointer(rebasing: connection.path[connection.segment]))
    }

    /// What the route's admission found for the segment.
    package var guest: AnyObject? { isOpen ? connection.guest : nil }

    /// The first value of that name, decoded.
    package func query(_ name: String) -> String? {
        withValue(name, .GET_ARGUMENT_KIND) { $0.map(percentDecoded) }
    }

    /// All of the query in its order, names and values decoded. A name without a value has an empty one.
    package var queryItems: [(name: String, value: String)] {
        guard isOpen else { return [] }
        var items: [(name: String, value: String)] = []
        withUnsafeMutablePointer(to: &items) { items in
            _ = MHD_get_connection_values_n(connection.mhd, .GET_ARGUMENT_KIND, noteQueryItem, items)
        }
        return items
    }

    /// The first header of that name, in whatever case.
    package func header(_ name: String) -> String? {
        withHeader(name) { $0.map { String(decoding: $0, as: UTF8.self) } }
    }

    /// The same without a copy. The bytes are valid inside `body` only.
    package func withHeader<Result>(
        _ name: String,
        _ body: (UnsafeRawBufferPointer?) throws -> Result
    ) rethrows -> Result {
        try withValue(name, .HEADER_KIND, body)
    }

    private func withValue<Result>(
        _ name: String,
        _ kind: MHD_ValueKind,
        _ body: (UnsafeRawBufferPointer?) throws -> Result
    ) rethrows -> Result {
        guard isOpen, !name.isEmpty else { return try body(nil) }
        var name = name
        var value: UnsafePointer<CChar>?
        var count = 0
        let found = name.withUTF8 { name in
            name.withMemoryRebound(to: CChar.self) { name in
                MHD_lookup_connection_value_n(connection.mhd, kind, name.baseAddress, name.count, &value, &count)
            }
        }
        return try body(found == .YES ? UnsafeRawBufferPointer(start: value, count: count) : nil)
    }

    package var bodyCount: Int { isOpen ? connection.body.count : 0 }

    /// The whole body. The bytes are valid inside `read` only.
    package func withBody<Result>(_ read: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try read(isOpen ? connection.body : UnsafeRawBufferPointer(start: nil, count: 0))
    }

    // MARK: The answer

    /// Answers with what was prepared once. False when nobody is left to hear it, which is no error.
    @discardableResult
    package func answer(_ answer: HTTPServer.Answer) -> Bool {
        takeTurn()
        return connection.answer(answer, to: serial)
    }

    @discardableResult
    package func answer(_ status: HTTPStatus, _ headers: [HTTPHeader] = [], body: some Collection<UInt8> = []) -> Bool {
        takeTurn()
        return connection.answer(status, headers, Array(body), to: serial)
    }

    /// Closes the connection without a word, as a server does that dies over a request.
    package func hangUp() {
        takeTurn()
        connection.hangUp(serial)
    }

    private func takeTurn() {
        precondition(!isAnswered, "a request was answered twice")
        isAnswered = true
    }
}

/// The library's callback for each item of a query.
private func noteQueryItem(
    _ items: UnsafeMutableRawPointer?,
    _: MHD_ValueKind,
    _ name: UnsafePointer<CChar>?,
    _ nameCount: Int,
    _ value: UnsafePointer<CChar>?,
    _ valueCount: Int
) -> MHD_Result {
    let name = percentDecoded(UnsafeRawBufferPointer(start: name, count: name == nil ? 0 : nameCount))
    let value = percentDecoded(UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueCount))
    items?.assumingMemoryBound(to: [(name: String, value: String)].self).pointee.append((name, value))
    return .YES
}

/// The last holder may have been on another thread.
private func abandon(_ connection: HTTPServer.Connection, _ serial: UInt64) {
    if EpollLoop.process.isCurrent {
        OnLoop.assumeIsolated { _ = connection.answer(.internalError, to: serial) }
    } else {
        EpollLoop.process.task { _ = connection.answer(.internalError, to: serial) }
    }
}
