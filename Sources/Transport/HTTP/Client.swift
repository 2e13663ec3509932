import CCurl
import Core

/// Asks other systems over HTTP/1.1 and HTTP/2: libcurl on the process's loop.
///
/// Connections are kept and shared, HTTP/2 is used where a server offers it over TLS, bodies are decompressed. Only the
/// origins of its settings are ever connected to, redirects included. An answer of any status is a `Response`; a
/// `Failure` says what went wrong and whether the server may have got the request.
@OnLoop package final class HTTPClient {
    private let settings: Settings
    private let multi: CurlMulti
    private lazy var deadlines = Alarm { [weak self] in self?.checkDeadlines() }
    private var inFlight: [UnsafeMutableRawPointer: Transfer] = [:]
    private var spare: [CurlEasy] = []
    private var isClosed = false

    private static let mostSpare = 16

    package init(_ settings: Settings) {
        self.settings = settings
        multi = CurlMulti(keptConnections: settings.keptConnections)
        multi.finished = { [weak self] easy, code in self?.finished(easy, code) }
    }

    isolated deinit {
        // Whoever waits for a transfer holds the client, so there is none.
        multi.close()
    }

    // MARK: Asking

    /// The whole answer in memory.
    package func send(_ request: Request) async throws(Failure) -> Response {
        try await follow(request) { hop, url, due throws(Failure) in
            let transfer = try start(hop, to: url, by: due, .gather)
            return try await withCancellation(of: transfer) { await transfer.settled() }
        }
    }

    /// Hands a successful answer's body to `consume` as it arrives and keeps none of it; any other body comes with the
    /// response. What `consume` throws ends the transfer.
    package func send(
        _ request: Request,
        into consume: @escaping @OnLoop (Span<UInt8>) throws -> Void
    ) async throws -> Response {
        var thrown: (any Error)?
        do {
            return try await follow(request) { hop, url, due throws(Failure) in
                let transfer = try start(hop, to: url, by: due, .each(consume))
                defer { thrown = transfer.consumerError }
                return try await withCancellation(of: transfer) { await transfer.settled() }
            }
        } catch {
            throw thrown ?? error
        }
    }

    /// The same for a consumer that takes its time: the server is made to wait for it.
    package func send(
        _ request: Request,
        streaming consume: @OnLoop ([UInt8]) async throws -> Void
    ) async throws -> Response {
        var thrown: (any Error)?
        do {
            return try await follow(request) { hop, url, due throws(Failure) in
                let transfer = try start(hop, to: url, by: due, .queue)
                return try await withCancellation(of: transfer) {
                    while let chunk = await transfer.nextChunk(resume: { resume(transfer) }) {
                        do {
                            try await consume(chunk)
                        } catch {
                            thrown = error
                            end(transfer, transfer.failure(.cancelled, "the consumer refused a chunk"))
                        }
                    }
                }
            }
        } catch {
            throw thrown ?? error
        }
    }

    /// Ends what is in flight and every connection. Further requests fail.
    package func close() {
        isClosed = true
        guard !multi.isInside else {
            EpollLoop.process.after(.zero) { self.close() }
            return
        }
        for transfer in inFlight.values { end(transfer, transfer.failure(.closed, "the client was closed")) }
        spare = []
        multi.close()
    }

    // MARK: Redirects

    private func follow(
        _ request: Request,
        exchange: (Request, TargetURL, Instant) async throws(Failure) -> Response
    ) async throws(Failure) -> Response {
        let due = Instant.now + request.deadlines.total
        var hop = request
        var url = try TargetURL(request.url)
        for left in stride(from: request.redirects, through: 0, by: -1) {
            let response: Response
            do {
                response = try await exchange(hop, url, due)
            } catch {
                throw error.after(hops: request.redirects - left)
            }
            guard request.redirects > 0, let target = try redirect(in: response, from: url) else { return response }
            guard left > 0 else {
                throw Failure(
                    .tooManyRedirects,
                    "more than \(request.redirects) redirects",
                    origin: url.origin.description,
                    mayHaveReachedServer: true
                )
            }
            hop = try hop.redirected(status: response.status, leaving: url.origin, for: target.origin)
            url = target
        }
        throw Failure(.badRequest, "the number of redirects to follow is negative")
    }

    private func redirect(in response: Response, from url: TargetURL) throws(Failure) -> TargetURL? {
        guard [301, 302, 303, 307, 308].contains(response.status), let location = response.headers["location"] else {
            return nil
        }
        do {
            return try TargetURL(location, relativeTo: url)
        } catch {
            throw Failure(
                .redirectRefused,
                "redirected to what cannot be followed: \(error.reason)",
                origin: url.origin.description,
                mayHaveReachedServer: true
            )
        }
    }

    // MARK: Transfers

    private func start(
        _ request: Request,
        to url: TargetURL,
        by due: Instant,
        _ delivery: Transfer.Delivery
    ) throws(Failure) -> Transfer {
        let origin = url.origin.description
        guard settings.allowed.allow(url.origin) else {
            throw Failure(.hostNotAllowed, "this connection may not speak to \(origin)", origin: origin)
        }
        for header in request.headers {
            if let fault = header.fault { throw Failure(.badRequest, fault, origin: origin) }
        }
        guard !isClosed else { throw Failure(.closed, "the client was closed", origin: origin) }
        guard !Task.isCancelled else { throw Failure(.cancelled, "cancelled before it was sent", origin: origin) }

        let easy = spare.popLast() ?? CurlEasy()
        easy.prepare(request, to: url, settings)
        let transfer = Transfer(
            request,
            to: url,
            by: due,
            on: easy,
            usesProxy: settings.proxy != nil,
            delivery: delivery
        ) { [weak self] idleDue in
            self?.deadlines.wantAtLatest(idleDue)
        }
        inFlight[easy.handle] = transfer
        deadlines.wantAtLatest(transfer.check(at: .now).next)
        multi.add(easy)
        return transfer
    }

    private func withCancellation(
        of transfer: Transfer,
        _ body: @OnLoop () async -> Void
    ) async throws(Failure) -> Response {
        await withTaskCancellationHandler {
            await body()
        } onCancel: {
            EpollLoop.process.task { self.end(transfer, transfer.failure(.cancelled, "cancelled")) }
        }
        guard let outcome = transfer.outcome else { throw transfer.failure(.other, "the transfer has no outcome") }
        return try outcome.get()
    }

    private func resume(_ transfer: Transfer) {
        guard transfer.outcome == nil else { return }
        let code = multi.resume(transfer.easy)
        guard code != CURLE_OK, transfer.outcome == nil else { return }
        finished(transfer.easy.handle, code)
    }

    private func finished(_ easy: UnsafeMutableRawPointer, _ code: CURLcode) {
        guard let transfer = inFlight[easy] else { return }
        // What it knows of the exchange is asked for before the handle is reset.
        transfer.finish(code)
        release(transfer)
    }

    private func end(_ transfer: Transfer, _ failure: Failure) {
        guard transfer.outcome == nil else { return }
        transfer.fail(failure)
        release(transfer)
    }

    private func release(_ transfer: Transfer) {
        guard inFlight.removeValue(forKey: transfer.easy.handle) != nil else { return }
        multi.remove(transfer.easy)
        transfer.easy.reset()
        if spare.count < Self.mostSpare { spare.append(transfer.easy) }
    }

    private func checkDeadlines() {
        let now = Instant.now
        for transfer in inFlight.values {
            let (failure, next) = transfer.check(at: now)
            if let failure {
                end(transfer, failure)
            } else {
                deadlines.wantAtLatest(next)
            }
        }
    }
}

extension HTTPClient.Request {
    /// What is asked of the place that an answer of `status` points to.
    fileprivate func redirected(
        status: Int,
        leaving old: HTTPClient.Origin,
        for new: HTTPClient.Origin
    ) throws(HTTPClient.Failure) -> HTTPClient.Request {
        var next = self
        // As browsers do it, which is what servers expect: only 307 and 308 repeat a POST.
        if status == 303 && method != .head || [301, 302].contains(status) && method == .post {
            next.method = .get
            next.mayRepeat = true
            next.body = []
            next.headers.removeAll { $0.name.lowercased().hasPrefix("content-") }
        }
        if old != new {
            next.headers.removeAll(where: \.isCredential)
            // A token request carries its secret in the body.
            guard next.body.isEmpty else {
                throw HTTPClient.Failure(
                    .redirectRefused,
                    "redirected to \(new), which must not get the request's body",
                    origin: old.description,
                    mayHaveReachedServer: true
                )
            }
        }
        return next
    }
}
