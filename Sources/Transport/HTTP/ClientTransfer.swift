import CCurl
import Core
import Glibc

/// One request and its answer on their way: what libcurl's callbacks tell, until there is an outcome.
@OnLoop final class Transfer {
    /// Where the bytes of a successful answer go. Those of any other are gathered: they explain the refusal.
    enum Delivery {
        case gather
        case each(@OnLoop (Span<UInt8>) throws -> Void)
        /// Handed out by `nextChunk()`; the server is made to wait while too many lie here.
        case queue
    }

    let request: HTTPClient.Request
    let url: TargetURL
    let easy: CurlEasy
    private let usesProxy: Bool
    private let delivery: Delivery
    private let connectDue: Instant
    private let totalDue: Instant
    private let connected: @OnLoop (Instant) -> Void

    private(set) var outcome: Result<HTTPClient.Response, HTTPClient.Failure>?
    /// What the consumer threw, which its caller gets instead of a failure of ours.
    private(set) var consumerError: (any Error)?
    private var failure: HTTPClient.Failure?

    private var head = ResponseHead()
    private var headerBytes = 0
    private var bodyBytes = 0
    private var body: [UInt8] = []

    private var timesSent = 0
    private var answered = false
    private(set) var isPaused = false
    private var lastByte: Instant
    private var sentBytes = 0
    private var waiter: CheckedContinuation<Void, Never>?

    // Enough for the next reads while the consumer works.
    private static let mostQueuedBytes = 256 << 10

    init(
        _ request: HTTPClient.Request,
        to url: TargetURL,
        by totalDue: Instant,
        on easy: CurlEasy,
        usesProxy: Bool,
        delivery: Delivery,
        connected: @escaping @OnLoop (Instant) -> Void
    ) {
        self.request = request
        self.url = url
        self.easy = easy
        self.usesProxy = usesProxy
        self.delivery = delivery
        self.totalDue = totalDue
        self.connected = connected
        lastByte = .now
        connectDue = lastByte + request.deadlines.connect
        let context = Unmanaged.passUnretained(self).toOpaque()
        ml_curl_set_write(easy.handle, CURLOPT_WRITEFUNCTION, gotBody)
        ml_curl_set_pointer(easy.handle, CURLOPT_WRITEDATA, context)
        ml_curl_set_write(easy.handle, CURLOPT_HEADERFUNCTION, gotHeader)
        ml_curl_set_pointer(easy.handle, CURLOPT_HEADERDATA, context)
        ml_curl_set_before_request(easy.handle, aboutToSend)
        ml_curl_set_pointer(easy.handle, CURLOPT_PREREQDATA, context)
    }

    // MARK: Waiting

    func settled() async {
        await news { self.outcome != nil }
    }

    /// The bytes that have come since the last call, or nil at the end. `resume` is called when the server was made to
    /// wait and may go on.
    func nextChunk(resume: @OnLoop () -> Void) async -> [UInt8]? {
        guard case .queue = delivery else { return nil }
        await news { self.outcome != nil || self.isQueueing && !self.body.isEmpty }
        guard !body.isEmpty else { return nil }
        let chunk = body
        body = []
        if isPaused {
            isPaused = false
            lastByte = .now
            resume()
        }
        return chunk
    }

    private var isQueueing: Bool {
        if case .queue = delivery { isSuccess } else { false }
    }

    /// Returns when `come` is true, which is asked after every wake.
    private func news(_ come: @OnLoop () -> Bool) async {
        while !come() {
            await withCheckedContinuation { continuation in
                // Asked again here: a caller from outside the loop may have been let in late, after the wake.
                if come() { continuation.resume() } else { waiter = continuation }
            }
        }
    }

    private func wake() {
        waiter?.resume()
        waiter = nil
    }

    // MARK: The end

    func finish(_ code: CURLcode) {
        if failure != nil || code != CURLE_OK && !(cameAfterAnswer(code) && isWhole) {
            fail(failure ?? failure(for: code))
        } else if !head.hasEnded {
            // libcurl takes the end of the connection for the end of the headers.
            fail(failure(.connectionLost, "the answer ended within its headers"))
        } else {
            // What a slow consumer has not taken yet stays for it.
            let gathered = isQueueing ? [] : body
            if !isQueueing { body = [] }
            outcome = .success(response(body: gathered))
            wake()
        }
    }

    /// A server that answers before it has read the whole request takes the stream back after its answer, as it may.
    /// This version of libcurl then calls the transfer failed, in one of several ways, and a 429 or a 202 would be lost.
    private func cameAfterAnswer(_ code: CURLcode) -> Bool {
        [CURLE_HTTP2_STREAM, CURLE_HTTP2, CURLE_PARTIAL_FILE, CURLE_SEND_ERROR, CURLE_RECV_ERROR].contains(code)
    }

    private var isWhole: Bool {
        guard head.hasEnded, head.status >= 200 else { return false }
        let declared = head.status == 204 ? 0 : head.headers["Content-Length"].flatMap { Int($0) }
        return declared == easy.receivedBytes
    }

    func fail(_ failure: HTTPClient.Failure) {
        outcome = .failure(failure)
        body = []
        wake()
    }

    func failure(_ kind: HTTPClient.Failure.Kind, _ reason: String) -> HTTPClient.Failure {
        HTTPClient.Failure(
            kind,
            reason,
            origin: url.origin.description,
            mayHaveReachedServer: timesSent > 0
        )
    }

    private func failure(for code: CURLcode) -> HTTPClient.Failure {
        let (kind, reason) = HTTPClient.Failure.of(
            code,
            words: easy.explanation,
            sent: timesSent > 0,
            throughProxy: usesProxy
        )
        return failure(kind, kind == .notConnected ? "\(reason): \(easy.systemError)" : reason)
    }

    private func response(body: [UInt8]) -> HTTPClient.Response {
        HTTPClient.Response(
            status: head.status,
            headers: head.headers,
            body: body,
            url: url.text,
            timing: easy.timing
        )
    }

    // MARK: Deadlines

    /// The failure when one has passed, else when to ask again.
    func check(at now: Instant) -> (failure: HTTPClient.Failure?, next: Instant) {
        if now >= totalDue {
            return (failure(.deadline(.total), "no whole answer before the total deadline"), now)
        }
        if timesSent == 0 {
            guard now < connectDue else {
                return (failure(.deadline(.connect), "no connection within \(request.deadlines.connect)"), now)
            }
            return (nil, min(connectDue, totalDue))
        }
        if isPaused { return (nil, min(now + request.deadlines.idle, totalDue)) }
        if case let sent = easy.sentBytes, sent != sentBytes {
            sentBytes = sent
            lastByte = now
        }
        let idleDue = lastByte + request.deadlines.idle
        guard now < idleDue else {
            return (failure(.deadline(.idle), "no byte for \(request.deadlines.idle)"), now)
        }
        return (nil, min(idleDue, totalDue))
    }

    // MARK: What libcurl tells

    /// False stops the transfer.
    fileprivate func willSend() -> Bool {
        // libcurl would send any request again when a kept connection breaks before an answer. A server may have done
        // by then what it was asked.
        if timesSent > 0, !answered, !request.mayRepeat {
            failure = failure(.connectionLost, "the connection broke before the first byte of an answer")
            return false
        }
        timesSent += 1
        answered = false
        lastByte = .now
        connected(lastByte + request.deadlines.idle)
        return true
    }

    fileprivate func receivedHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        lastByte = .now
        answered = true
        headerBytes += line.count
        guard headerBytes <= request.limits.headerBytes else {
            failure = failure(
                .headersTooLarge,
                "the answer's headers are larger than \(request.limits.headerBytes) bytes"
            )
            return false
        }
        // With a body under way, only trailers can come.
        if bodyBytes == 0 { head.take(line) }
        return true
    }

    fileprivate enum Taken {
        case all
        case later
        case never
    }

    fileprivate func receivedBody(_ bytes: UnsafeRawBufferPointer) -> Taken {
        lastByte = .now
        if isQueueing, body.count >= Self.mostQueuedBytes {
            isPaused = true
            return .later
        }
        bodyBytes += bytes.count
        guard bodyBytes <= request.limits.bodyBytes else {
            failure = failure(.bodyTooLarge, "the answer's body is larger than \(request.limits.bodyBytes) bytes")
            return .never
        }
        guard isSuccess, case .each(let consume) = delivery else {
            body.append(contentsOf: bytes)
            if isQueueing { wake() }
            return .all
        }
        do {
            try consume(bytes.assumingMemoryBound(to: UInt8.self).span)
            return .all
        } catch {
            consumerError = error
            failure = failure(.cancelled, "the consumer refused a chunk")
            return .never
        }
    }

    private var isSuccess: Bool { (200..<300).contains(head.status) }
}

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}

private func gotBody(
    bytes: UnsafeMutablePointer<CChar>?,
    size: Int,
    count: Int,
    context: UnsafeMutableRawPointer?
) -> Int {
    let transfer = transfer(context)
    nonisolated(unsafe) let chunk = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return switch OnLoop.assumeIsolated({ transfer?.receivedBody(chunk) }) {
    case .all: chunk.count
    case .later: Int(CURL_WRITEFUNC_PAUSE)
    // Any other number than that of the bytes ends the transfer, and an empty chunk does not come.
    case .never, nil: 0
    }
}

private func gotHeader(
    bytes: UnsafeMutablePointer<CChar>?,
    size: Int,
    count: Int,
    context: UnsafeMutableRawPointer?
) -> Int {
    let transfer = transfer(context)
    nonisolated(unsafe) let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return OnLoop.assumeIsolated { transfer?.receivedHeader(line) } == true ? line.count : 0
}

private func aboutToSend(
    context: UnsafeMutableRawPointer?,
    theirAddress: UnsafeMutablePointer<CChar>?,
    ourAddress: UnsafeMutablePointer<CChar>?,
    theirPort: Int32,
    ourPort: Int32
) -> Int32 {
    let transfer = transfer(context)
    return OnLoop.assumeIsolated { transfer?.willSend() } == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}
