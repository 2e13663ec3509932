import Core
import Sandbox
import Testing
import Transport

/// A Business Central on a free port, and a client with a token that keeps to the rules unless told otherwise.
@OnLoop final class Books {
    let simulator: BusinessCentralSimulator
    let place: Place
    var token = ""
    /// The API's root and the first company's.
    let root: String
    private(set) var company = ""

    init(change: (inout BusinessCentralSimulator.Settings) -> Void = { _ in }) async throws {
        var settings = BusinessCentralSimulator.Settings()
        settings.seedInvoices = 4
        change(&settings)
        let clock = SandboxClock()
        simulator = BusinessCentralSimulator(settings, clock: clock)
        place = try Place([simulator], clock: clock)
        root = "\(simulator.address)/v2.0/\(settings.entraTenant)/\(settings.environment)/api/v2.0"
        try await renewToken()
        let companies = try await get(root + "/companies")
        company = root + "/companies(\(try companies["value"][0]["id"].string()))"
    }

    func close() {
        place.close()
    }

    func renewToken() async throws {
        token = try await askForToken()["access_token"].string()
    }

    /// A request for a token that is right but for `changes`; nil takes a field away.
    func askForToken(
        _ changes: [String: String?] = [:],
        tenant: String? = nil,
        type: String = "application/x-www-form-urlencoded"
    ) async throws -> Place.Answer {
        let settings = simulator.settings
        var fields: [String: String] = [
            "grant_type": "client_credentials", "client_id": settings.applications[0].clientID,
            "client_secret": settings.applications[0].secret,
            "scope": "https%3A%2F%2Fapi.businesscentral.dynamics.com%2F.default",
        ]
        for (name, value) in changes { fields[name] = value }
        return try await place.send(
            .post,
            "\(simulator.address)/\(tenant ?? settings.entraTenant)/oauth2/v2.0/token",
            [("Content-Type", type)],
            body: fields.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
        )
    }

    func get(_ url: String, _ headers: [(String, String)] = []) async throws -> Place.Answer {
        try await send(.get, url, headers)
    }

    func send(
        _ method: HTTPClient.Method,
        _ url: String,
        _ headers: [(String, String)] = [],
        body: String = ""
    ) async throws -> Place.Answer {
        var headers = headers
        if !headers.contains(where: { $0.0 == "Authorization" }) {
            headers.append(("Authorization", "Bearer \(token)"))
        }
        if !body.isEmpty, !headers.contains(where: { $0.0 == "Content-Type" }) {
            headers.append(("Content-Type", "application/json"))
        }
        return try await place.send(method, url, headers, body: body)
    }

    /// The purchase invoices that fit the query, which is written as people write it.
    func invoices(_ query: String = "", _ headers: [(String, String)] = []) async throws -> Place.Answer {
        try await get("\(company)/purchaseInvoices\(encoded(query))", headers)
    }

    func encoded(_ query: String) -> String {
        var text = ""
        for byte in query.utf8 {
            switch byte {
            case 0x21...0x24, 0x26...0x2a, 0x2c...0x7e: text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "%" + Hex.text(of: [byte])
            }
        }
        return text
    }

    func control(_ method: HTTPClient.Method, _ path: String, _ body: String = "") async throws -> Place.Answer {
        let answer = try await place.control(method, "/control/businessCentral/" + path, body)
        #expect(answer.status == 200, "\(answer.text)")
        return answer
    }

    /// A draft with one line, as its summary.
    func draft(_ body: String = "{}") async throws -> JSONField {
        JSONField(try await control(.post, "invoices", body).json)[0]
    }

    func address(of invoice: JSONField) throws -> String {
        "\(company)/purchaseInvoices(\(try invoice["id"].string()))"
    }

    func refusals(_ rule: String) async throws -> Int {
        try await place.facts("businessCentral")["refusals"][rule].orNil?.int() ?? 0
    }
}

extension Place.Answer {
    var code: String { (try? self["error"]["code"].string()) ?? "" }
    var rows: [JSONField] { (try? self["value"].elements()) ?? [] }

    func column(_ name: String) -> [String] {
        rows.map { row in
            switch row[name].value {
            case .string(let text): text
            case .number(let number): number.text
            case let other: "\(String(describing: other))"
            }
        }
    }
}
