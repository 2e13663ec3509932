import Core
import Foundation
import Testing
import Transport

@Suite(.onLoop) struct `the HTTP server with a certificate` {
    @Test @OnLoop func `speaks TLS 1.2 and 1.3, and nothing older`() async throws {
        let identity = try await aside { try Identity() }
        let site = try Site(tls: identity.tls) {
            $0.add(.post, "/hooks/{token}", bodyLimit: 100) { exchange in
                EpollLoop.process.after(.zero) { exchange.answer(.ok, body: exchange.segment.utf8) }
            }
        }
        defer { site.close() }
        for version in ["--tls-max 1.2", "--tlsv1.3"] {
            #expect(try await curl(identity, version, site.port).output == "abc 200")
        }
        #expect(try await curl(identity, "--tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0", site.port).exit == 35)
        // Neither plain HTTP nor noise brings it down.
        for noise in [get("/"), "\u{16}\u{3}\u{1}\u{ff}\u{ff}" + String(repeating: "x", count: 70_000)] {
            #expect(try await ask(site.port, noise).status == 0)
        }
        #expect(try await curl(identity, "--tlsv1.3", site.port).output == "abc 200")
        #expect(await site.server.drain(within: .seconds(5)) == 0)
    }

    @Test @OnLoop func `does not start with a key of another certificate, and says so`() async throws {
        let (one, other) = try await aside { (try Identity().tls, try Identity().tls) }
        let mixed = HTTPServer.TLS(certificateChain: one.certificateChain, key: other.key)
        let failure = #expect(throws: HTTPServer.StartFailure.self) { try Site(tls: mixed) { _ in } }
        #expect(failure?.description.contains("key") == true, "\(String(describing: failure))")
    }
}

private func curl(_ identity: Identity, _ options: String, _ port: Int) async throws -> (output: String, exit: Int32) {
    let folder = identity.folder
    return try await aside {
        try run(
            "curl -sS -m 10 \(options) --cacert \(folder)/certificate.pem -d body -w ' %{http_code}' "
                + "https://localhost:\(port)/hooks/abc 2>/dev/null"
        )
    }
}

private func run(_ command: String) throws -> (output: String, exit: Int32) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: data, as: UTF8.self), process.terminationStatus)
}

/// A fresh certificate for localhost.
private final class Identity: Sendable {
    let folder: String
    let tls: HTTPServer.TLS

    init() throws {
        let folder = NSTemporaryDirectory() + "identity-\(UUID().uuidString)"
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let made = try run(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
                + "-addext subjectAltName=DNS:localhost -keyout \(folder)/key.pem -out \(folder)/certificate.pem 2>&1"
        )
        #expect(made.exit == 0, "\(made.output)")
        func bytes(_ name: String) throws -> [UInt8] {
            Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name).pem")))
        }
        tls = HTTPServer.TLS(certificateChain: try bytes("certificate"), key: Secret(try bytes("key")))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
}
