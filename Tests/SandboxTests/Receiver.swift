import Core
import Sandbox
import Transport

/// Somebody who is told of changes: answers handshakes as it should, and everything else with `status`.
@OnLoop final class Receiver {
    enum Handshake {
        case right, wrongToken, wrongStatus, wrongType, silence
    }

    var status: HTTPStatus = .accepted
    var handshake = Handshake.right
    /// Keeps notifications waiting instead of answering them.
    var isSilent = false
    private(set) var notifications: [JSON] = []
    private(set) var heads: [(type: String, number: String)] = []
    /// Where notifications were sent.
    private(set) var paths: [String] = []
    private(set) var handshakes = 0
    private var kept: [HTTPExchange] = []
    private var server: HTTPServer?
    private let listener: HTTPServer.Listener

    init() throws {
        listener = try HTTPServer.Listener(host: "127.0.0.1", port: 0)
        var router = HTTPServer.Router()
        router.add([.post], "/{rest...}", bodyLimit: 1 << 20) { [unowned self] in take($0) }
        server = try HTTPServer(listener: listener.descriptor, router: router)
    }

    func close() {
        server?.stop()
        kept = []
        listener.close()
    }

    func url(_ path: String) -> String { "http://127.0.0.1:\(listener.port)/\(path)" }

    /// All that was told, over all requests.
    var items: [JSONField] {
        notifications.flatMap { (try? JSONField($0)["value"].elements()) ?? [] }
    }

    private func take(_ exchange: HTTPExchange) {
        if let token = exchange.query("validationToken") { return shakeHands(exchange, token) }
        guard let document = try? JSON.parse(exchange.bodyBytes.span) else {
            exchange.answer(.badRequest)
            return
        }
        notifications.append(document)
        paths.append(exchange.path)
        heads.append((exchange.header("Content-Type") ?? "", exchange.header("clientRequestId") ?? ""))
        if isSilent { kept.append(exchange) } else { exchange.answer(status) }
    }

    private func shakeHands(_ exchange: HTTPExchange, _ token: String) {
        handshakes += 1
        let plain = [HTTPHeader("Content-Type", "text/plain")]
        switch handshake {
        case .right: exchange.answer(.ok, plain, body: token.utf8)
        case .wrongToken: exchange.answer(.ok, plain, body: PercentText.doubled(token).utf8)
        case .wrongStatus: exchange.answer(.accepted, plain, body: token.utf8)
        case .wrongType: exchange.answer(.ok, [HTTPHeader("Content-Type", "text/html")], body: token.utf8)
        case .silence: kept.append(exchange)
        }
    }
}

/// What a receiver sends back that forgot to decode the token.
enum PercentText {
    static func doubled(_ text: String) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false).joined(separator: "%20")
    }
}
