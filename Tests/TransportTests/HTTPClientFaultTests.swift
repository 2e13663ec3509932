import Core
import Glibc
import Testing
import Transport

@Suite(.onLoop) struct `an HTTP client that meets trouble` {
    @Test @OnLoop func `tells that nobody listens, and that nothing was sent`() async throws {
        let url = "http://127.0.0.1:\(freePorts(1)[0])"
        let failure = try await failure { try await client(url).send(.init(.post, url)) }
        #expect(failure.kind == .notConnected && !failure.mayHaveReachedServer)
        #expect(failure.reason.contains("refused"), "\(failure)")
        #expect(failure.origin == url)
    }

    @Test @OnLoop func `tells that a name does not exist`() async throws {
        let url = "https://nowhere.invalid"
        let failure = try await failure { try await client(url).send(.init(.get, url)) }
        #expect(failure.kind == .nameNotFound && !failure.mayHaveReachedServer)
        #expect(failure.description.contains("nowhere.invalid"))
    }

    /// What a server may answer, and what it means.
    struct Case: Sendable, CustomTestStringConvertible {
        var answer: String
        var kind: HTTPClient.Failure.Kind
        var testDescription: String { answer.prefix(40).split(whereSeparator: \.isNewline).joined(separator: " ") }
    }
    static let cases = [
        Case(answer: "", kind: .connectionLost),
        Case(answer: "HTTP/1.1 200 OK\r\nContent-", kind: .connectionLost),
        Case(answer: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!", kind: .connectionLost),
        Case(answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", kind: .connectionLost),
        Case(answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab", kind: .connectionLost),
        Case(answer: "\u{1}\u{2}garbage\r\n\r\n\r\n", kind: .badAnswer),
        Case(answer: "HTTP/9.9 200 OK\r\n\r\n", kind: .badAnswer),
        Case(answer: "HTTP/1.1 abc OK\r\n\r\n", kind: .badAnswer),
        Case(answer: "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", kind: .badAnswer),
        Case(answer: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope", kind: .badAnswer),
        Case(
            answer: "HTTP/1.1 200 OK\r\nX-Huge: " + String(repeating: "x", count: 70_000) + "\r\n\r\n",
            kind: .headersTooLarge
        ),
        Case(
            answer: "HTTP/1.1 200 OK\r\n" + String(repeating: "X-Many: 1\r\n", count: 7_000) + "\r\n",
            kind: .headersTooLarge
        ),
        Case(answer: String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 3_000), kind: .headersTooLarge),
        Case(
            answer: "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + String(repeating: "x", count: 9_999),
            kind: .bodyTooLarge
        ),
        Case(answer: "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 9_999), kind: .bodyTooLarge),
    ]

    @Test(arguments: cases)
    @OnLoop func `names each kind of bad answer, and stays usable`(bad: Case) async throws {
        try await withServer { connection in
            guard let request = connection.request() else { return }
            connection.say(
                request.hasPrefix("POST") ? bad.answer : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
            )
        } _: { server in
            let client = try client(server.url)
            var request = HTTPClient.Request(.post, server.url, body: Array("the body".utf8))
            request.limits.bodyBytes = 5_000
            let failure = try await failure { try await client.send(request) }
            #expect(failure.kind == bad.kind, "\(failure)")
            #expect(failure.mayHaveReachedServer)
            #expect(!failure.description.contains("garbage") && !failure.description.contains("the body"))
            #expect(try await client.send(.init(.get, server.url)).status == 200)
        }
    }

    @Test @OnLoop func `tells that the connection was reset`() async throws {
        try await withServer { connection in
            _ = connection.request()
            connection.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!")
            connection.reset()
        } _: { server in
            let failure = try await failure { try await client(server.url).send(.init(.get, server.url)) }
            #expect(failure.kind == .connectionLost && failure.mayHaveReachedServer)
        }
    }

    /// Answers the first request on a connection, and hangs up after the second without a word.
    static func dropsEverySecond(_ connection: RawServer.Connection) {
        _ = connection.request()
        connection.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        _ = connection.request()
    }

    @Test @OnLoop func `never sends a POST twice by itself`() async throws {
        try await withServer(Self.dropsEverySecond) { server in
            let client = try client(server.url)
            _ = try await client.send(.init(.get, server.url))
            for body in [[], Array("{}".utf8)] {
                let failure = try await failure { try await client.send(.init(.post, server.url, body: body)) }
                #expect(failure.kind == .connectionLost && failure.mayHaveReachedServer)
                _ = try await client.send(.init(.get, server.url))
            }
            #expect(server.requests.count { $0.hasPrefix("POST") } == 2)
        }
    }

    @Test(arguments: [HTTPClient.Method.get, .post])
    @OnLoop func `sends again what may be repeated`(method: HTTPClient.Method) async throws {
        try await withServer(Self.dropsEverySecond) { server in
            let client = try client(server.url)
            _ = try await client.send(.init(.get, server.url))
            var request = HTTPClient.Request(method, server.url + "/again")
            request.mayRepeat = true
            #expect(try await client.send(request).status == 200)
            #expect(server.requests.count { $0.contains("/again") } == 2)
        }
    }

    // MARK: Deadlines

    @Test @OnLoop func `gives up a connection that is not made in time`() async throws {
        // Accepted by the kernel, and never answered by a TLS server.
        try await withServer { connection in
            connection.waitForEnd()
        } _: { server in
            let url = "https://127.0.0.1:\(server.port)"
            var request = HTTPClient.Request(.post, url)
            request.deadlines.connect = .milliseconds(60)
            let failure = try await failure { try await client(url).send(request) }
            #expect(failure.kind == .deadline(.connect) && !failure.mayHaveReachedServer)
            while server.endsSeen == 0 { try await EpollLoop.process.sleep(for: .milliseconds(1)) }
        }
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!"])
    @OnLoop func `gives up a server that falls silent`(answer: String) async throws {
        try await withServer { connection in
            _ = connection.request()
            connection.say(answer)
            connection.waitForEnd()
        } _: { server in
            var request = HTTPClient.Request(.get, server.url)
            request.deadlines.idle = .milliseconds(60)
            let failure = try await failure { try await client(server.url).send(request) }
            #expect(failure.kind == .deadline(.idle) && failure.mayHaveReachedServer)
            while server.endsSeen == 0 { try await EpollLoop.process.sleep(for: .milliseconds(1)) }
        }
    }

    @Test @OnLoop func `gives up a server that does not read`() async throws {
        try await withServer { connection in
            connection.waitToBeStopped()
        } _: { server in
            var request = HTTPClient.Request(.put, server.url, body: [UInt8](repeating: 0, count: 32 << 20))
            request.deadlines.idle = .milliseconds(60)
            let failure = try await failure { try await client(server.url).send(request) }
            #expect(failure.kind == .deadline(.idle) && failure.mayHaveReachedServer)
        }
    }

    @Test @OnLoop func `lets a slow server drip until the total deadline`() async throws {
        try await withServer { connection in
            _ = connection.request()
            connection.say("HTTP/1.1 200 OK\r\n\r\n")
            while connection.say(".") { usleep(10_000) }
        } _: { server in
            var request = HTTPClient.Request(.get, server.url)
            request.deadlines.idle = .milliseconds(100)
            request.deadlines.total = .milliseconds(250)
            let started = Instant.now
            let failure = try await failure { try await client(server.url).send(request) }
            #expect(failure.kind == .deadline(.total) && failure.mayHaveReachedServer)
            #expect(Instant.now - started >= .milliseconds(250))
        }
    }
}
