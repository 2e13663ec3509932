import CMicrohttpd

extension HTTPServer {
    /// An answer made once and given any number of times, without another allocation.
    package final class Answer: @unchecked Sendable {  // Immutable, and the library counts references under a lock.
        package let status: HTTPStatus
        let bodyCount: Int
        private let staying: OpaquePointer?
        private let closing: OpaquePointer?

        package init(_ status: HTTPStatus, _ headers: [HTTPHeader] = [], body: some Collection<UInt8> = []) {
            let body = Array(body)
            self.status = status
            bodyCount = body.count
            staying = makeResponse(headers, body, closing: false)
            closing = makeResponse(headers, body, closing: true)
        }

        package convenience init(_ status: HTTPStatus, _ headers: [HTTPHeader] = [], text: String) {
            self.init(status, headers + [HTTPHeader("Content-Type", "text/plain; charset=utf-8")], body: text.utf8)
        }

        deinit {
            if let staying { MHD_destroy_response(staying) }
            if let closing { MHD_destroy_response(closing) }
        }

        /// Nil when memory has run out.
        func response(closing isClosing: Bool) -> OpaquePointer? {
            isClosing ? closing : staying
        }
    }
}

extension HTTPServer.Answer {
    package static let accepted = HTTPServer.Answer(.accepted)
    static let badRequest = HTTPServer.Answer(.badRequest)
    static let notFound = HTTPServer.Answer(.notFound)
    static let contentTooLarge = HTTPServer.Answer(.contentTooLarge)
    static let headTooLarge = HTTPServer.Answer(.headTooLarge)
    static let internalError = HTTPServer.Answer(.internalError)
    static let notImplemented = HTTPServer.Answer(.notImplemented)
    static let unavailable = HTTPServer.Answer(.unavailable, [HTTPHeader("Retry-After", "5")])
}

/// A header that libmicrohttpd refuses (a line break in it, above all) is a broken promise of ours, not of the client's.
func makeResponse(_ headers: [HTTPHeader], _ body: [UInt8], closing: Bool) -> OpaquePointer? {
    let response = body.withUnsafeBytes { bytes in
        // Copied, hence never written to; C has no other way to say it.
        MHD_create_response_from_buffer(
            bytes.count,
            UnsafeMutableRawPointer(mutating: bytes.baseAddress),
            .RESPMEM_MUST_COPY
        )
    }
    guard let response else { return nil }
    for header in headers {
        let added = MHD_add_response_header(response, header.name, header.value)
        precondition(added == .YES, "\(header.name) is no header that an answer can have")
    }
    if closing { MHD_add_response_header(response, "Connection", "close") }
    return response
}
