import Core
import Testing
import Transport

@Suite(.onLoop) struct `an HTTP client over TLS` {
    @Test @OnLoop func `speaks HTTP/2, many requests on one connection`() async throws {
        try await withNginx { nginx in
            let url = "https://localhost:\(nginx.http2)"
            let client = try client(url) { $0.authoritiesFile = nginx.certificate }
            let answers = try await withThrowingTaskGroup(of: HTTPClient.Response.self) { group in
                for _ in 0..<16 { group.addTask { try await client.send(.init(.get, url + "/ok")) } }
                var answers: [HTTPClient.Response] = []
                for try await answer in group { answers.append(answer) }
                return answers
            }
            #expect(answers.allSatisfy { $0.body == Array("hello".utf8) && $0.timing.version == .http2 })
            #expect(answers.count { !$0.timing.reusedConnection } == 1)
            let post = HTTPClient.Request(.post, url + "/accept", body: [UInt8](repeating: 1, count: 300_000))
            #expect(try await client.send(post).status == 202)
        }
    }

    @Test @OnLoop func `loses no POST when the server renews the connection`() async throws {
        // nginx ends a connection after its 1,000th request.
        try await withNginx { nginx in
            for port in [nginx.http1, nginx.http2] {
                let url = "https://localhost:\(port)"
                let client = try client(url) { $0.authoritiesFile = nginx.certificate }
                for _ in 0..<1_100 {
                    let post = HTTPClient.Request(.post, url + "/accept", body: Array("{}".utf8))
                    #expect(try await client.send(post).status == 202)
                }
            }
        }
    }

    @Test @OnLoop func `speaks HTTP/1.1 where there is no other`() async throws {
        try await withNginx { nginx in
            let url = "https://localhost:\(nginx.http1)"
            let client = try client(url) { $0.authoritiesFile = nginx.certificate }
            let response = try await client.send(.init(.get, url + "/ok"))
            #expect(response.timing.version == .http11 && response.status == 200)
        }
    }

    @Test @OnLoop func `unpacks what is compressed, and counts it unpacked`() async throws {
        try await withNginx { nginx in
            let url = "http://127.0.0.1:\(nginx.plain)"
            let client = try client(url)
            var request = HTTPClient.Request(.get, url + "/gzip/big.txt")
            let response = try await client.send(request)
            #expect(response.headers["Content-Encoding"] == "gzip")
            #expect(response.body.count == Nginx.bigBytes)
            // Packed, its zeros take some thousand bytes.
            request.limits.bodyBytes = 1 << 20
            let failure = try await failure { try await client.send(request) }
            #expect(failure.kind == .bodyTooLarge)
        }
    }

    @Test @OnLoop func `streams with back-pressure on a connection that others share`() async throws {
        try await withNginx { nginx in
            let url = "https://localhost:\(nginx.http2)"
            let client = try client(url) { $0.authoritiesFile = nginx.certificate }
            for path in ["/big.txt", "/gzip/big.txt"] {
                var seen = 0
                var waits = 0
                _ = try await client.send(.init(.get, url + path)) { (chunk: [UInt8]) async throws in
                    seen += chunk.count
                    waits += 1
                    if waits <= 5 {
                        try await EpollLoop.process.sleep(for: .milliseconds(10))
                        #expect(try await client.send(.init(.get, url + "/ok")).body == Array("hello".utf8))
                    }
                }
                #expect(seen == Nginx.bigBytes)
            }
        }
    }

    @Test @OnLoop func `bounds headers and bodies on a shared connection, too`() async throws {
        try await withNginx { nginx in
            let url = "https://localhost:\(nginx.http2)"
            let client = try client(url) { $0.authoritiesFile = nginx.certificate }
            var wide = HTTPClient.Request(.get, url + "/wide")
            wide.limits.headerBytes = 2_000
            var big = HTTPClient.Request(.get, url + "/big.txt")
            big.limits.bodyBytes = 100_000
            for (request, kind) in [(wide, HTTPClient.Failure.Kind.headersTooLarge), (big, .bodyTooLarge)] {
                let failure = try await failure { try await client.send(request) }
                #expect(failure.kind == kind, "\(failure)")
                #expect(try await client.send(.init(.get, url + "/ok")).status == 200)
            }
        }
    }

    @Test @OnLoop func `trusts nobody whom it has no reason to trust`() async throws {
        try await withNginx { nginx in
            let byName = "https://localhost:\(nginx.http2)"
            let byAddress = "https://127.0.0.1:\(nginx.http2)"
            let old = "https://localhost:\(nginx.old)"
            let plain = "https://127.0.0.1:\(nginx.plain)"
            let unknown = try await failure { try await client(byName).send(.init(.post, byName)) }
            #expect(unknown.reason.contains("certificate"))
            let trusting = try client(byAddress, old, plain) { $0.authoritiesFile = nginx.certificate }
            let misnamed = try await failure { try await trusting.send(.init(.post, byAddress)) }
            #expect(misnamed.reason.contains("127.0.0.1"), "\(misnamed)")
            let outdated = try await failure { try await trusting.send(.init(.post, old)) }
            let none = try await failure { try await trusting.send(.init(.post, plain)) }
            let blind = try await failure {
                try await client(byName) { $0.authoritiesFile = "/nowhere.pem" }.send(.init(.post, byName))
            }
            for failure in [unknown, misnamed, outdated, none, blind] {
                #expect(failure.kind == .tls && !failure.mayHaveReachedServer, "\(failure)")
            }
        }
    }

    @Test @OnLoop func `shows who it is where it is asked`() async throws {
        try await withNginx { nginx in
            let url = "https://localhost:\(nginx.mutual)"
            let stranger = try client(url) { $0.authoritiesFile = nginx.certificate }
            #expect(try await stranger.send(.init(.get, url + "/ok")).status == 400)
            let known = try client(url) {
                $0.authoritiesFile = nginx.certificate
                $0.certificate = .init(file: nginx.certificate, keyFile: nginx.key)
            }
            #expect(try await known.send(.init(.get, url + "/ok")).status == 200)
        }
    }
}
