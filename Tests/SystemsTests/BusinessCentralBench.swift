import Core
import Foundation
import Synchronization
import Systems
import Testing
import Transport

/// Lets every call in, and remembers what it was told.
final class BusinessCentralGate: CallGate {
    struct Told: Sendable, Equatable {
        var entered: [Lane] = []
        var charges: [Charge] = []
        var left: [Int64: [CallOutcome]] = [:]

        var outcomes: [CallOutcome] { left.sorted { $0.key < $1.key }.flatMap(\.value) }
        var everyPassLeftOnce: Bool { left.count == entered.count && left.values.allSatisfy { $0.count == 1 } }
    }
    private let state = Mutex(Told())
    var told: Told { state.withLock { $0 } }

    func enter(_ charge: Charge, lane: Lane, longest: Duration) async throws -> CallPass {
        state.withLock { told in
            told.entered.append(lane)
            told.charges.append(charge)
            return CallPass(number: Int64(told.entered.count))
        }
    }

    func leave(_ pass: CallPass, _ outcome: CallOutcome) async {
        state.withLock { $0.left[pass.number, default: []].append(outcome) }
    }
}

/// A client of Business Central, its gate, and a server that plays login service and API.
@OnLoop struct BusinessCentralBench {
    let server: BusinessCentralServer
    let gate = BusinessCentralGate()
    let tokens: TokenKeeper
    let client: BusinessCentral.Client
    let settings: BusinessCentral.Settings
    private let http: HTTPClient
    private let deadlines: HTTPClient.Deadlines

    /// Gives the body a bench whose API is the script. Tokens are `token-1`, `token-2` and so on unless `login` says
    /// otherwise; every pass of the gate has to be given back once.
    static func run<Result>(
        deadlines: HTTPClient.Deadlines = BusinessCentral.Limits.deadlines,
        _ api: @escaping @Sendable (BusinessCentralServer.Request) -> BusinessCentralServer.Answer,
        login: (@Sendable (BusinessCentralServer.Request) -> BusinessCentralServer.Answer)? = nil,
        change: (inout BusinessCentral.Settings) -> Void = { _ in },
        _ body: @OnLoop (BusinessCentralBench) async throws -> Result
    ) async throws -> Result {
        let given = Given()
        let server = BusinessCentralServer { request in
            guard request.path.hasSuffix("/oauth2/v2.0/token") else { return api(request) }
            return login?(request) ?? given.token()
        }
        defer { server.stop() }
        var settings = BusinessCentral.Settings(
            entraTenant: Self.tenant,
            clientID: "81aa0000-0000-4000-8000-000000000002",
            environment: "production",
            company: .id(Self.cronus)
        )
        settings.apiURL = server.url
        settings.loginURL = server.url
        change(&settings)
        let bench = try BusinessCentralBench(server, settings, deadlines)
        let result = try await body(bench)
        #expect(bench.gate.told.everyPassLeftOnce, "\(bench.gate.told)")
        return result
    }

    private init(
        _ server: BusinessCentralServer,
        _ settings: BusinessCentral.Settings,
        _ deadlines: HTTPClient.Deadlines
    ) throws {
        self.server = server
        self.settings = settings
        let http = HTTPClient(HTTPClient.Settings(allowed: try HTTPClient.AllowedOrigins(settings.origins)))
        tokens = BusinessCentral.EntraTokens(settings, clientSecret: Secret(text: Self.canary), http: http).keeper()
        self.deadlines = deadlines
        self.http = http
        client = Self.client(settings, http, gate, .application(tokens), deadlines)
    }

    /// One that shows something else.
    func client(_ admission: BusinessCentral.Admission) -> BusinessCentral.Client {
        Self.client(settings, http, gate, admission, deadlines)
    }

    private static func client(
        _ settings: BusinessCentral.Settings,
        _ http: HTTPClient,
        _ gate: BusinessCentralGate,
        _ admission: BusinessCentral.Admission,
        _ deadlines: HTTPClient.Deadlines
    ) -> BusinessCentral.Client {
        BusinessCentral.Client(
            settings,
            http: http,
            gate: gate,
            admission: admission,
            log: Log(role: "test"),
            deadlines: deadlines
        )
    }

    /// Without those for tokens.
    var apiRequests: [BusinessCentralServer.Request] {
        server.requests.filter { !$0.path.hasSuffix("/oauth2/v2.0/token") }
    }

    private final class Given: Sendable {
        private let count = Atomic<Int>(0)

        func token() -> BusinessCentralServer.Answer {
            let number = count.add(1, ordering: .relaxed).newValue
            return .reply(200, [:], #"{"token_type":"Bearer","expires_in":3599,"access_token":"token-\#(number)"}"#)
        }
    }
}

extension BusinessCentralBench {
    nonisolated static let tenant = "6f1c0000-0000-4000-8000-000000000001"
    nonisolated static let cronus = "f64eba74-dacd-4854-a584-1834f68cfc3a"
    nonisolated static let invoice1 = "5d110000-0000-4000-8000-000000000001"
    nonisolated static let invoice2 = "5d110000-0000-4000-8000-000000000002"

    /// Looked for in whatever anybody could read.
    nonisolated static let canary = "Canary~S3cret/+=&%-quite-a-long-one"
    nonisolated static let canaryToken = "eyJ0eXAiOiJKV1Qi.canary.T0ken-quite-a-long-one"

    /// What a call that must not succeed throws.
    static func callError(
        sourceLocation: SourceLocation = #_sourceLocation,
        _ body: @OnLoop () async throws -> Void
    ) async throws -> CallError {
        var thrown: (any Error)?
        do { try await body() } catch { thrown = error }
        return try #require(thrown as? CallError, "\(String(describing: thrown))", sourceLocation: sourceLocation)
    }

    nonisolated static func refused(
        _ status: Int,
        _ code: String,
        _ headers: [String: String] = [:]
    ) -> BusinessCentralServer.Answer {
        .reply(
            status,
            headers,
            #"{"error":{"code":"\#(code)","message":"It did not work.  CorrelationId:  5a6b7c8d-0000-1111-2222-333344445555."}}"#
        )
    }

    nonisolated static func rows(_ rows: String..., next: String? = nil) -> BusinessCentralServer.Answer {
        let link = next.map { #","@odata.nextLink":"\#($0)""# } ?? ""
        return .reply(200, [:], #"{"@odata.context":"…","value":[\#(rows.joined(separator: ","))]\#(link)}"#)
    }

    nonisolated static func row(
        _ id: String,
        _ more: String = "",
        modified: String = "2026-08-01T12:54:20.467Z"
    ) -> String {
        #"{"@odata.etag":"W/\"JzE5OzQ3\"","id":"\#(id)","lastModifiedDateTime":"\#(modified)"\#(more.isEmpty ? "" : ",")\#(more)}"#
    }
}

/// What the vendor documents: see SOURCES.md beside it.
func businessCentralFixture(_ name: String) throws -> String {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/business-central")
    return try String(contentsOf: folder.appending(path: "\(name).json"), encoding: .utf8)
}
