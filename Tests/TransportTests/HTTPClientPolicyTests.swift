import Core
import Synchronization
import Testing
import Transport

@Suite(.onLoop) struct `what an HTTP client refuses` {
    @Test(arguments: [
        ("https://api.example.com", true), ("https://API.example.com:443/x", true),
        ("https://api.example.com:444", false), ("http://api.example.com", false), ("https://example.com", false),
        ("https://api.example.com.evil.org", false), ("https://evilapi.example.com", false),
        ("https://api.example.com@evil.org", false), ("https://a.b.dynamics.com/", true),
        ("https://dynamics.com", false), ("https://notdynamics.com", false), ("http://127.0.0.1:1/", true),
        ("http://127.1:1/", true), ("http://127.0.0.2:1/", false), ("http://[::1]:1/", false),
        ("https://api.example.com\\@evil.org/", false), ("https://evil.org#@api.example.com/", false),
    ])
    @OnLoop func `is every origin that is not on its list`(url: String, allowed: Bool) async throws {
        var request = HTTPClient.Request(.get, url)
        // Whatever is allowed ends here, before it gets anywhere.
        request.deadlines.total = .zero
        let client = try client("https://api.example.com", "https://*.dynamics.com", "http://127.0.0.1:1")
        let failure = try await failure { try await client.send(request) }
        #expect([.hostNotAllowed, .badRequest].contains(failure.kind) == !allowed, "\(failure)")
        #expect(!failure.mayHaveReachedServer)
    }

    @Test(arguments: [
        "", "nonsense", "/path", "ftp://a", "file:///etc/passwd", "https://", "https://a b/", "https://ä/",
    ])
    @OnLoop func `is every URL that is none, in rules as in requests`(url: String) async throws {
        let failure = try await failure { try await client("https://a").send(.init(.get, url)) }
        #expect(failure.kind == .badRequest)
        #expect(throws: HTTPClient.Failure.self) { try HTTPClient.AllowedOrigins([url]) }
    }

    @Test @OnLoop func `is a password in a URL, which it does not repeat`() async throws {
        let failure = try await failure { try await client("https://a").send(.init(.get, "https://me:s3cret@a/")) }
        #expect(failure.kind == .badRequest)
        #expect(!"\(failure)".contains("s3cret"))
    }

    @Test(arguments: [
        HTTPClient.Header("X-A", "one\r\nX-Injected: two"), .init("X-A", "nul\0"), .init("X A", "space"),
        .init("X-A:", "colon"), .init("", "no name"), .init("Content-Length", "3"), .init("Host", "b"),
        .init("transfer-encoding", "chunked"),
        .init("Authorization", "Bearer ", secret: Secret(text: "s3cret\nX-Injected: two")),
    ])
    @OnLoop func `is every header that could become another`(header: HTTPClient.Header) async throws {
        try await withServer { connection in
            _ = connection.request()
        } _: { server in
            let failure = try await failure {
                try await client(server.url).send(.init(.get, server.url, headers: [header]))
            }
            #expect(failure.kind == .badRequest && !failure.mayHaveReachedServer)
            #expect(!"\(failure)".contains("s3cret") && !"\(failure)".contains("two"))
            #expect(server.connections == 0)
        }
    }

    @Test @OnLoop func `cannot be read from a request's text`() {
        let request = HTTPClient.Request(
            .post,
            "https://a/?key=s3cret",
            headers: [.init("Authorization", secret: Secret(text: "s3cret"))],
            body: Array("s3cret".utf8)
        )
        #expect(!"\(request)".contains("s3cret") && !"\(request.headers)".contains("s3cret"))
    }
}

@Suite(.onLoop) struct `an HTTP client that is sent elsewhere` {
    /// Sends everybody from `/` to `location`, with that status.
    static func redirector(
        _ status: Int,
        to location: String
    ) -> @Sendable (RawServer.Connection) -> Void {
        { connection in
            while let request = connection.request() {
                let isStart = request.split(separator: " ")[1] == "/"
                connection.say(
                    isStart
                        ? "HTTP/1.1 \(status) There\r\nLocation: \(location)\r\nContent-Length: 0\r\n\r\n"
                        : "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere"
                )
            }
        }
    }

    @Test @OnLoop func `stays unless it was asked to go`() async throws {
        try await withServer(Self.redirector(302, to: "/elsewhere")) { server in
            let response = try await client(server.url).send(.init(.get, server.url))
            #expect(response.status == 302 && response.headers["Location"] == "/elsewhere")
            #expect(server.requests.count == 1)
        }
    }

    @Test @OnLoop func `keeps its credentials on the same origin`() async throws {
        try await withServer(Self.redirector(302, to: "elsewhere?a=b c")) { server in
            var request = HTTPClient.Request(
                .get,
                server.url,
                headers: [.init("Authorization", secret: Secret(text: "token"))]
            )
            request.redirects = 1
            let response = try await client(server.url).send(request)
            #expect(response.body == Array("here".utf8) && response.url == server.url + "/elsewhere?a=b+c")
            #expect(server.requests.last?.contains("Authorization: token\r\n") == true)
        }
    }

    @Test @OnLoop func `takes no credential to another origin`() async throws {
        try await withServer(Self.redirector(302, to: "/")) { other in
            try await withServer(Self.redirector(302, to: other.url + "/elsewhere")) { server in
                var request = HTTPClient.Request(
                    .get,
                    server.url,
                    headers: [
                        .init("X-Key", secret: Secret(text: "token")), .init("Authorization", "token"),
                        .init("Cookie", "token"), .init("Accept", "text/plain"),
                    ]
                )
                request.redirects = 3
                #expect(try await client(server.url, other.url).send(request).status == 200)
                let sent = try #require(other.requests.first)
                #expect(!sent.contains("token") && sent.contains("Accept: text/plain"))
            }
        }
    }

    @Test @OnLoop func `goes nowhere that is not allowed`() async throws {
        try await withServer(Self.redirector(302, to: "/")) { other in
            try await withServer(Self.redirector(302, to: other.url + "/elsewhere")) { server in
                var request = HTTPClient.Request(.get, server.url)
                request.redirects = 3
                let failure = try await failure { try await client(server.url).send(request) }
                #expect(failure.kind == .hostNotAllowed && failure.origin == other.url)
                #expect(failure.mayHaveReachedServer)
                #expect(other.connections == 0)
            }
        }
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "http://me:pw@127.0.0.1/", "http://"])
    @OnLoop func `follows nothing but http`(location: String) async throws {
        try await withServer(Self.redirector(302, to: location)) { server in
            var request = HTTPClient.Request(.get, server.url)
            request.redirects = 3
            let failure = try await failure { try await client(server.url).send(request) }
            #expect(failure.kind == .redirectRefused && failure.mayHaveReachedServer)
        }
    }

    @Test(arguments: [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
    @OnLoop func `repeats a POST only where it is told to`(status: Int, method: String) async throws {
        try await withServer(Self.redirector(status, to: "/elsewhere")) { server in
            var request = HTTPClient.Request(
                .post,
                server.url,
                headers: [.init("Content-Type", "text/plain")],
                body: Array("body".utf8)
            )
            request.redirects = 1
            #expect(try await client(server.url).send(request).status == 200)
            let sent = try #require(server.requests.last)
            #expect(sent.hasPrefix("\(method) /elsewhere"))
            #expect(sent.hasSuffix("body") == (method == "POST"))
            #expect(sent.contains("Content-Type") == (method == "POST"))
        }
    }

    @Test @OnLoop func `takes no body to another origin`() async throws {
        try await withServer(Self.redirector(302, to: "/")) { other in
            try await withServer(Self.redirector(307, to: other.url + "/elsewhere")) { server in
                var request = HTTPClient.Request(.post, server.url, body: Array("client_secret=x".utf8))
                request.redirects = 3
                let failure = try await failure { try await client(server.url, other.url).send(request) }
                #expect(failure.kind == .redirectRefused)
                #expect(other.connections == 0)
            }
        }
    }

    @Test @OnLoop func `does not run in circles`() async throws {
        try await withServer(Self.redirector(302, to: "/")) { server in
            var request = HTTPClient.Request(.get, server.url)
            request.redirects = 3
            let failure = try await failure { try await client(server.url).send(request) }
            #expect(failure.kind == .tooManyRedirects)
            #expect(server.requests.count == 4)
        }
    }
}

@Suite(.onLoop) struct `an HTTP client behind a proxy` {
    @Test @OnLoop func `shows its password when it is asked for it`() async throws {
        try await withServer { connection in
            while let request = connection.request() {
                connection.say(
                    request.contains("Proxy-Authorization: Basic bWU6cHc=")
                        ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                        : "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n"
                )
            }
        } _: { proxy in
            let client = try client("http://far.example") {
                $0.proxy = .init(url: proxy.url, user: "me", password: Secret(text: "pw"))
            }
            let response = try await client.send(.init(.post, "http://far.example/x", body: Array("body".utf8)))
            #expect(response.body == Array("ok".utf8))
            #expect(proxy.requests.last?.hasPrefix("POST http://far.example/x HTTP/1.1\r\n") == true)
            #expect(proxy.requests.last?.hasSuffix("body") == true)
        }
    }

    @Test @OnLoop func `says that it refuses the tunnel, and shows it no credential of the request`() async throws {
        try await withServer { connection in
            _ = connection.request()
            connection.say("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
        } _: { proxy in
            let client = try client("https://far.example") { $0.proxy = .init(url: proxy.url) }
            let request = HTTPClient.Request(
                .post,
                "https://far.example/x",
                headers: [.init("Authorization", secret: Secret(text: "token"))]
            )
            let failure = try await failure { try await client.send(request) }
            #expect(failure.kind == .proxy && !failure.mayHaveReachedServer, "\(failure)")
            #expect(failure.reason.contains("403"))
            #expect(proxy.requests.first?.hasPrefix("CONNECT far.example:443 HTTP/1.1\r\n") == true)
            #expect(proxy.requests.first?.contains("token") == false)
        }
    }

    @Test @OnLoop func `tells that it is not there`() async throws {
        let client = try client("https://far.example") { $0.proxy = .init(url: "http://127.0.0.1:\(freePorts(1)[0])") }
        let failure = try await failure { try await client.send(.init(.get, "https://far.example")) }
        #expect([.notConnected, .proxy].contains(failure.kind) && !failure.mayHaveReachedServer)
        #expect(failure.reason.contains("refused"))
    }
}
