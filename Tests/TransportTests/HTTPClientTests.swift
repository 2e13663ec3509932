import Core
import Glibc
import Testing
import Transport

@OnLoop func client(
    _ allowed: String...,
    change: (inout HTTPClient.Settings) -> Void = { _ in }
) throws -> HTTPClient {
    var settings = HTTPClient.Settings(allowed: try HTTPClient.AllowedOrigins(allowed))
    change(&settings)
    return HTTPClient(settings)
}

/// The failure of a call that must not succeed.
@OnLoop func failure(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: @OnLoop () async throws -> HTTPClient.Response
) async throws -> HTTPClient.Failure {
    var thrown: (any Error)?
    do { _ = try await body() } catch { thrown = error }
    return try #require(thrown as? HTTPClient.Failure, "\(String(describing: thrown))", sourceLocation: sourceLocation)
}

@Suite(.onLoop) struct `an HTTP client` {
    @Test @OnLoop func `tells status, headers and body`() async throws {
        try await withServer { connection in
            _ = connection.request()
            connection.say(
                "HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n"
                    + "HTTP/1.1 404 No\r\nRetry-After:  7 \r\nset-cookie: a\r\nSet-Cookie: b\r\nX-Long: one\r\n  two\r\n"
                    + "Content-Length: 5\r\n\r\nhello"
            )
        } _: { server in
            let response = try await client(server.url).send(.init(.get, server.url + "/thing"))
            #expect(response.status == 404 && !response.isSuccess)
            #expect(response.headers["RETRY-AFTER"] == "7")
            #expect(response.headers.all("Set-Cookie") == ["a", "b"])
            #expect(response.headers["X-Long"] == "one two")
            #expect(response.headers["X-Interim"] == nil)
            #expect(response.body == Array("hello".utf8))
            #expect(response.url == server.url + "/thing")
        }
    }

    @Test(arguments: HTTPClient.Method.allCases)
    @OnLoop func `sends method, headers and body as they are given`(method: HTTPClient.Method) async throws {
        try await withServer { connection in
            _ = connection.request()
            connection.say("HTTP/1.1 204 Done\r\n\r\n")
        } _: { server in
            let carriesBody = [.post, .put, .patch, .delete].contains(method)
            let request = HTTPClient.Request(
                method,
                server.url + "/a?b=c",
                headers: [
                    .init("Authorization", "Bearer ", secret: Secret(text: "t0ken")), .init("X-Empty", ""),
                    .init("If-Match", "W/\"1\""),
                ],
                body: carriesBody ? Array("{}".utf8) : []
            )
            #expect(try await client(server.url).send(request).status == 204)
            let sent = try #require(server.requests.first)
            #expect(sent.hasPrefix("\(method.rawValue) /a?b=c HTTP/1.1\r\n"))
            #expect(sent.contains("\r\nAuthorization: Bearer t0ken\r\n"))
            #expect(sent.contains("\r\nX-Empty:\r\n") && sent.contains("\r\nIf-Match: W/\"1\"\r\n"))
            #expect(sent.contains("Content-Length: 2\r\n") == carriesBody && sent.hasSuffix("{}") == carriesBody)
            #expect(!sent.contains("Content-Type") && !sent.contains("Expect"))
        }
    }

    @Test @OnLoop func `says that an empty POST is empty`() async throws {
        try await withServer { connection in
            _ = connection.request()
            connection.say("HTTP/1.1 204 Done\r\n\r\n")
        } _: { server in
            _ = try await client(server.url).send(.init(.post, server.url))
            #expect(server.requests.first?.contains("Content-Length: 0\r\n") == true)
        }
    }

    @Test @OnLoop func `reads chunked answers, and drops their trailers`() async throws {
        try await withServer { connection in
            _ = connection.request()
            connection.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            connection.say("2;x=y\r\nde\r\n0\r\nRetry-After: 1\r\n\r\n")
        } _: { server in
            let response = try await client(server.url).send(.init(.get, server.url))
            #expect(response.body == Array("abcde".utf8))
            #expect(response.headers["Retry-After"] == nil)
        }
    }

    @Test @OnLoop func `uses one connection for requests in a row, and as many as needed at once`() async throws {
        try await withServer { connection in
            while let request = connection.request() {
                if request.contains("/wait") { while connection.server.requests.count < 8 { sched_yield() } }
                connection.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        } _: { server in
            let client = try client(server.url)
            for turn in 0..<4 {
                let response = try await client.send(.init(.get, server.url))
                #expect(response.timing.reusedConnection == (turn > 0))
                #expect(response.timing.version == .http11)
                #expect(response.timing.firstByte <= response.timing.total)
            }
            #expect(server.connections == 1)
            try await withThrowingTaskGroup { group in
                for _ in 0..<4 { group.addTask { try await client.send(.init(.get, server.url + "/wait")).status } }
                for try await status in group { #expect(status == 200) }
            }
            #expect(server.connections == 4)
        }
    }

    @Test @OnLoop func `ends what is in flight when it is closed`() async throws {
        try await withServer { connection in
            _ = connection.request()
            connection.say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
            connection.waitForEnd()
        } _: { server in
            let client = try client(server.url)
            let answer = EpollLoop.process.task { try await client.send(.init(.get, server.url)) }
            while server.requests.isEmpty { try await EpollLoop.process.sleep(for: .milliseconds(1)) }
            client.close()
            let cut = try await failure { try await answer.value }
            #expect(cut.kind == .closed && cut.mayHaveReachedServer)
            let later = try await failure { try await client.send(.init(.get, server.url)) }
            #expect(later.kind == .closed && !later.mayHaveReachedServer)
            while server.endsSeen == 0 { try await EpollLoop.process.sleep(for: .milliseconds(1)) }
        }
    }

    @Test @OnLoop func `closes its connections when it is let go`() async throws {
        try await withServer { connection in
            _ = connection.request()
            connection.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            connection.waitForEnd()
        } _: { server in
            _ = try await client(server.url).send(.init(.get, server.url))
            while server.endsSeen == 0 { try await EpollLoop.process.sleep(for: .milliseconds(1)) }
            #expect(server.endsSeen == 1)
        }
    }

    @Test @OnLoop func `closes the connection at once when its task is cancelled`() async throws {
        try await withServer { connection in
            _ = connection.request()
            connection.waitForEnd()
        } _: { server in
            let client = try client(server.url)
            let answer = EpollLoop.process.task { try await client.send(.init(.post, server.url)) }
            while server.requests.isEmpty { try await EpollLoop.process.sleep(for: .milliseconds(1)) }
            let cancelled = Instant.now
            answer.cancel()
            let failure = try await failure { try await answer.value }
            #expect(failure.kind == .cancelled && failure.mayHaveReachedServer)
            while server.endsSeen == 0 { try await EpollLoop.process.sleep(for: .milliseconds(1)) }
            #expect(Instant.now - cancelled < .seconds(2))
        }
    }

    @Test @OnLoop func `sends nothing for a task that is cancelled already`() async throws {
        try await withServer { connection in
            _ = connection.request()
        } _: { server in
            let client = try client(server.url)
            let answer = EpollLoop.process.task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await client.send(.init(.post, server.url))
            }
            let failure = try await failure { try await answer.value }
            #expect(failure.kind == .cancelled && !failure.mayHaveReachedServer)
            #expect(server.connections == 0)
        }
    }
}
