import Core
import Sandbox
import Testing
import Transport

/// Simulators on free ports, and a client that asks them over real HTTP.
@OnLoop final class Place {
    let host: SimulatorHost
    let clock: SandboxClock
    private let client: HTTPClient

    init(_ simulators: [any Simulator], clock: SandboxClock = SandboxClock()) throws {
        self.clock = clock
        host = try SimulatorHost(simulators, clock: clock)
        let origins = [host.controlURL] + simulators.flatMap { [$0.address] + $0.sideDoors.map(\.address) }
        client = HTTPClient(HTTPClient.Settings(allowed: try HTTPClient.AllowedOrigins(origins)))
    }

    func close() {
        client.close()
        host.stop()
    }

    func send(
        _ method: HTTPClient.Method,
        _ url: String,
        _ headers: [(String, String)] = [],
        body: String = "",
        idle: Duration = .seconds(10)
    ) async throws -> Answer {
        var request = HTTPClient.Request(
            method,
            url,
            headers: headers.map { .init($0.0, $0.1) },
            body: Array(body.utf8)
        )
        request.deadlines.idle = idle
        request.deadlines.total = .seconds(20)
        // A connection that is closed on purpose must not be taken for one that has grown old.
        request.mayRepeat = false
        return Answer(try await client.send(request))
    }

    func control(_ method: HTTPClient.Method, _ path: String, _ body: String = "") async throws -> Answer {
        try await send(method, host.controlURL + path, body: body)
    }

    func facts(_ system: String) async throws -> JSONField {
        JSONField(try await control(.get, "/facts").json)[system]
    }

    struct Answer {
        var status: Int
        var headers: HTTPClient.Headers
        var body: [UInt8]

        init(_ response: HTTPClient.Response) {
            status = response.status
            headers = response.headers
            body = response.body
        }

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSON { (try? JSON.parse(body.span)) ?? .null }

        subscript(name: String) -> JSONField { JSONField(json)[name] }
    }
}

/// Until something has happened that nobody tells us of.
@OnLoop func until(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ fact: @OnLoop () async throws -> Bool
) async throws {
    for _ in 0..<2_000 {
        if try await fact() { return }
        try await EpollLoop.process.sleep(for: .milliseconds(2))
    }
    Issue.record("it did not happen", sourceLocation: sourceLocation)
    throw CancellationError()
}
