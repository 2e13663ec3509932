import Core
import Foundation
import Testing
import Transport

@Suite(.onLoop) struct `the HTTP server` {
    @Test @OnLoop func `hands a whole request to its route`() async throws {
        var seen: [String] = []
        let site = try Site {
            $0.add(.post, "/hooks/{token}", bodyLimit: 100_000) { exchange in
                let body = exchange.withBody { String(decoding: $0, as: UTF8.self) }
                seen = [
                    exchange.path, exchange.segment, exchange.query("challenge") ?? "",
                    exchange.query("none") ?? "none",
                    exchange.header("x-signature") ?? "", "\(exchange.peer)", String(body.prefix(3)),
                ]
                exchange.answer(.ok, [HTTPHeader("X-Count", "\(exchange.bodyCount)")], body: body.utf8)
                #expect(!exchange.isOpen && exchange.path == "" && exchange.header("host") == nil)
            }
        }
        defer { site.close() }
        let body = String(repeating: "abc", count: 30_000)
        let answer = try await ask(
            site.port,
            post("/hooks/a%2fb?challenge=x+y%26z", body, "X-Signature: secret\r\n")
        )
        #expect(answer.status == 200 && answer.body == body && answer.head.contains("X-Count: 90000"))
        #expect(seen == ["/hooks/a%2fb", "a/b", "x y&z", "none", "secret", "127.0.0.1", "abc"])
        #expect(site.server.counters.requests == 1 && site.server.counters.bytesSent == 90_000)
        #expect(site.server.counters.bytesReceived > 90_000)
    }

    @Test(arguments: [
        ("GET /things", 200, ""), ("HEAD /things", 200, ""), ("POST /things", 201, ""),
        ("DELETE /things", 405, "Allow: GET, HEAD, POST"), ("BREW /things", 501, ""), ("GET /things/", 404, ""),
        ("GET /things/7/state", 204, ""), ("GET /things//state", 404, ""), ("GET /things/7/8/state", 404, ""),
        ("PUT /things/7/state", 405, "Allow: GET, HEAD"), ("GET /thing", 404, ""), ("GET /", 404, ""),
    ]) @OnLoop func `routes by path and method`(start: String, status: Int, header: String) async throws {
        let site = try Site {
            $0.add(.get, "/things") { $0.answer(.ok, body: "all".utf8) }
            $0.add(.post, "/things") { $0.answer(.created) }
            $0.add(.get, "/things/{id}/state") { $0.answer(.noContent) }
        }
        defer { site.close() }
        let port = site.port
        // Twice: a refusal without a body does not cost the client its connection.
        let answers = try await aside {
            let client = RawClient(port)
            return (0..<2).map { _ in
                client.send("\(start) HTTP/1.1\r\nHost: here\r\n\r\n")
                return client.answer(bodyless: start.hasPrefix("HEAD"))
            }
        }
        for answer in answers { #expect(answer.status == status && (header.isEmpty || answer.head.contains(header))) }
        #expect(!start.hasPrefix("HEAD") || answers[0].head.contains("Content-Length: 3"))
        #expect(site.server.counters.accepted == 1)
    }

    @Test @OnLoop func `answers pipelined requests in their order, whichever is known first`() async throws {
        var first: HTTPExchange?
        let site = try Site {
            $0.add(.post, "/later", bodyLimit: 10) { first = $0 }
            $0.add(.post, "/now", bodyLimit: 10) { $0.answer(.ok, body: Array("now".utf8)) }
        }
        defer { site.close() }
        let client = RawClient(site.port)
        client.send(post("/later", "1") + post("/now", "2") + post("/now", "3"))
        try await site.until { first != nil }
        first?.answer(.ok, body: "later".utf8)
        first = nil
        let bodies = try await aside { (0..<3).map { _ in client.answer().body } }
        #expect(bodies == ["later", "now", "now"])
    }

    @Test @OnLoop func `answers two thousand waiting requests at once`() async throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(7), &limit)
        limit.rlim_cur = min(limit.rlim_max, 16_384)
        setrlimit(__rlimit_resource_t(7), &limit)
        var waiting: [HTTPExchange] = []
        var limits = HTTPServer.Limits()
        limits.connectionsPerAddress = 4_096
        let many = try Site(limits: limits) { $0.add(.post, "/hooks/{token}", bodyLimit: 100) { waiting.append($0) } }
        defer { many.close() }
        let port = many.port
        let clients = try await aside {
            (0..<2_000).map { number in
                let client = RawClient(port)
                client.send(post("/hooks/\(number)", "body"))
                return client
            }
        }
        try await many.until { waiting.count == 2_000 }
        let started = Instant.now
        for exchange in waiting { exchange.answer(.accepted) }
        #expect(Instant.now - started < .milliseconds(500))
        waiting = []
        let statuses = try await aside { clients.map { $0.answer().status } }
        #expect(statuses == [Int](repeating: 202, count: 2_000))
    }

    @Test @OnLoop func `answers 500 for an exchange that was dropped, on whatever thread`() async throws {
        var kept: HTTPExchange?
        let site = try Site {
            $0.add(.get, "/here") { _ in }
            $0.add(.get, "/there") { kept = $0 }
        }
        defer { site.close() }
        #expect(try await ask(site.port, get("/here")).status == 500)
        async let there = ask(site.port, get("/there"))
        try await site.until { kept != nil }
        let box = Box(kept)
        kept = nil
        try await aside { box.value = nil }
        #expect(try await there.status == 500)
    }

    @Test @OnLoop func `does not mind a client that has gone before its answer`() async throws {
        var kept: HTTPExchange?
        let site = try Site { $0.add(.post, "/later", bodyLimit: 10) { kept = $0 } }
        defer { site.close() }
        let client = RawClient(site.port)
        client.send(post("/later", "1"))
        try await site.until { kept != nil }
        client.close()
        kept?.answer(.ok, body: [UInt8](repeating: 0, count: 1 << 20))
        try await site.until { site.server.counters.openNow == 0 }
    }

    @Test @OnLoop func `tells a client 503 when the handler takes too long, and ignores the late answer`() async throws
    {
        var kept: HTTPExchange?
        var limits = HTTPServer.Limits()
        limits.answering = .milliseconds(40)
        let site = try Site(limits: limits) { $0.add(.get, "/later") { kept = $0 } }
        defer { site.close() }
        let answer = try await ask(site.port, get("/later"))
        #expect(answer.status == 503 && answer.head.contains("Retry-After"))
        #expect(kept?.isOpen == false)
        #expect(kept?.answer(.ok) == false)
        #expect(site.server.counters[.unanswered] == 1)
    }

    @Test func `ends the process when a request is answered twice`() async {
        await #expect(processExitsWith: .failure) {
            EpollLoop.process.startThread()
            try await answerTwice()
        }
    }
}

@OnLoop private func answerTwice() async throws {
    let site = try Site {
        $0.add(.get, "/") { exchange in
            exchange.answer(.ok)
            exchange.answer(.ok)
        }
    }
    _ = try await ask(site.port, get("/"))
}

private final class Box<Value>: @unchecked Sendable {
    var value: Value

    init(_ value: Value) { self.value = value }
}
