import Core
import Transport

/// An answer that is not sent yet, so that something can still happen to it.
package struct Reply: Sendable {
    package var status: HTTPStatus
    package var headers: [HTTPHeader]
    package var body: [UInt8]

    package init(_ status: HTTPStatus, _ headers: [HTTPHeader] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package init(_ status: HTTPStatus, _ headers: [HTTPHeader] = [], json: JSON, type: String = "application/json") {
        self.init(status, [HTTPHeader("Content-Type", type)] + headers, body: json.bytes())
    }
}

extension HTTPExchange {
    /// The whole body; a copy, which stays when the exchange is over.
    package var bodyBytes: [UInt8] { withBody { Array($0) } }

    /// Answers with what `process` makes of the request, as far as the fault lets it; `process` is called at most once.
    ///
    /// A fault that only one vendor has is the vendor's affair: here it changes nothing.
    package func reply(spoiledBy effect: Fault.Effect?, _ process: @escaping @OnLoop () async -> Reply) {
        EpollLoop.process.task { await self.answer(spoiledBy: effect, process) }
    }

    /// The same for a caller that wants to know when it is over.
    package func answer(
        spoiledBy effect: Fault.Effect?,
        _ process: @OnLoop () async -> Reply
    ) async {
        switch effect {
        case nil, .named: answer(await process())
        case .status(let status, let retryAfter, let body, let processed):
            if processed { _ = await process() }
            answer(Reply(faultStatus: status, retryAfter, body))
        case .hangUpBefore: hangUp()
        case .hangUpAfter:
            _ = await process()
            hangUp()
        case .garbage:
            answer(
                .ok,
                [HTTPHeader("Content-Type", "text/html")],
                body: "<!DOCTYPE html><html><body><h1>Gateway</h1></body></html>".utf8
            )
        case .truncated:
            var reply = await process()
            reply.body.removeLast((reply.body.count + 1) / 2)
            answer(reply)
        case .stall(let seconds):
            let reply = await process()
            try? await EpollLoop.process.sleep(for: .seconds(seconds))
            answer(reply)
        case .delay(let milliseconds):
            try? await EpollLoop.process.sleep(for: .milliseconds(milliseconds))
            answer(await process())
        }
    }

    package func answer(_ reply: Reply) {
        answer(reply.status, reply.headers, body: reply.body)
    }
}

extension Reply {
    fileprivate init(faultStatus status: Int, _ retryAfterSeconds: Int?, _ body: String?) {
        let retry = retryAfterSeconds.map { [HTTPHeader("Retry-After", "\($0)")] } ?? []
        self.init(
            HTTPStatus(rawValue: UInt16(clamping: status)),
            retry + [HTTPHeader("Content-Type", body?.first == "{" ? "application/json" : "text/plain")],
            body: Array((body ?? "").utf8)
        )
    }
}
