import Core
import Sandbox
import Testing
import Transport

/// A NAV server on two free ports, and a client that keeps to the rules unless told otherwise.
@OnLoop final class NavPlace {
    let simulator: NavSimulator
    let place: Place
    /// OData's root and the first company's.
    let root: String
    let company: String
    let authorization: String

    init(change: (inout NavSimulator.Settings) -> Void = { _ in }) throws {
        var settings = NavSimulator.Settings()
        settings.seedInvoices = 4
        settings.seedOrders = 2
        settings.seedPosted = 2
        change(&settings)
        let clock = SandboxClock()
        simulator = NavSimulator(settings, clock: clock)
        place = try Place([simulator], clock: clock)
        root = "\(simulator.address)/\(settings.instance)/ODataV4"
        company = root + "/Company('CRONUS%20International%20Ltd.')"
        authorization = Self.basic(settings.user, settings.key)
    }

    static func basic(_ user: String, _ key: String) -> String {
        "Basic " + Base64.text(of: Array("\(user):\(key)".utf8))
    }

    func close() {
        place.close()
    }

    /// `path` is written as people write it, below the company.
    func get(_ path: String, _ headers: [(String, String)] = []) async throws -> Place.Answer {
        try await send(.get, path, headers)
    }

    func send(
        _ method: HTTPClient.Method,
        _ path: String,
        _ headers: [(String, String)] = [],
        body: String = ""
    ) async throws -> Place.Answer {
        var headers = headers
        if !headers.contains(where: { $0.0 == "Authorization" }) { headers.append(("Authorization", authorization)) }
        if !body.isEmpty, !headers.contains(where: { $0.0 == "Content-Type" }) {
            headers.append(("Content-Type", "application/json"))
        }
        let url = path.hasPrefix("http") ? path : company + "/" + encoded(path)
        return try await place.send(method, url, headers, body: body)
    }

    func encoded(_ path: String) -> String {
        var text = ""
        for byte in path.utf8 {
            switch byte {
            case 0x21...0x24, 0x26...0x2a, 0x2c...0x7e: text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "%" + Hex.text(of: [byte])
            }
        }
        return text
    }

    @discardableResult
    func control(_ method: HTTPClient.Method, _ path: String, _ body: String = "") async throws -> Place.Answer {
        let answer = try await place.control(method, "/control/nav/" + encoded(path), body)
        #expect(answer.status == 200, "\(answer.text)")
        return answer
    }

    /// The number of a new document.
    func made(_ kind: String = "invoices", _ body: String = "{}") async throws -> String {
        try await JSONField(control(.post, kind, body).json)[0]["No"].string()
    }

    func refusals(_ rule: String) async throws -> Int {
        try await place.facts("nav")["refusals"][rule].orNil?.int() ?? 0
    }
}
