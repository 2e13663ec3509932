import Core
import Glibc
import Testing
import Transport

@Suite(.onLoop) struct `the HTTP server's limits` {
    @Test @OnLoop func `refuse a large body before it is sent`() async throws {
        let site = try Site { $0.add(.post, "/small", bodyLimit: 1_000) { $0.answer(.ok) } }
        defer { site.close() }
        let head = "POST /small HTTP/1.1\r\nHost: here\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n"
        let answer = try await ask(site.port, head)
        #expect(answer.status == 413 && answer.head.contains("Connection: close"))
        #expect(try await ask(site.port, post("/small", String(repeating: "x", count: 1_000))).status == 200)
        #expect(site.server.counters[.bodyTooLarge] == 1)
    }

    @Test @OnLoop func `let a client read its refusal that sends its large body all the same`() async throws {
        let site = try Site { $0.add(.post, "/small", bodyLimit: 1_000) { $0.answer(.ok) } }
        defer { site.close() }
        for _ in 0..<10 {
            let answer = try await ask(site.port, post("/small", String(repeating: "x", count: 2 << 20)))
            #expect(answer.status == 413)
        }
        try await site.until { site.server.counters.openNow == 0 }
    }

    @Test @OnLoop func `turn a stranger away before its body is sent`() async throws {
        final class Guest { let name = "known" }
        let site = try Site {
            $0.add(
                .post,
                "/hooks/{token}",
                admit: { token in
                    String(decoding: token, as: UTF8.self) == "known"
                        ? .admitted(bodyLimit: 10, guest: Guest()) : .refused(HTTPServer.Answer(.notFound))
                },
                handler: { $0.answer(.ok, body: Array((($0.guest as? Guest)?.name ?? "nobody").utf8)) }
            )
        }
        defer { site.close() }
        func head(_ token: String, _ length: Int) -> String {
            "POST /hooks/\(token) HTTP/1.1\r\nHost: h\r\nContent-Length: \(length)\r\nExpect: 100-continue\r\n\r\n"
        }
        #expect(try await ask(site.port, head("stranger", 5)).status == 404)
        #expect(try await ask(site.port, head("known", 11)).status == 413)
        #expect(try await ask(site.port, post("/hooks/known", "hello")).body == "known")
        #expect(site.server.counters[.notAdmitted] == 1 && site.server.counters[.bodyTooLarge] == 1)
    }

    @Test @OnLoop func `take bodies only as long as there is memory for all of them`() async throws {
        var limits = HTTPServer.Limits()
        limits.bodyBytes = 300_000
        var kept: [HTTPExchange] = []
        let site = try Site(limits: limits) { $0.add(.post, "/keep", bodyLimit: 200_000) { kept.append($0) } }
        defer { site.close() }
        let (port, body) = (site.port, String(repeating: "x", count: 150_000))
        async let first = ask(port, post("/keep", body))
        try await site.until { kept.count == 1 }
        // The second does not fit while the first is being handled.
        #expect(try await ask(port, post("/keep", body)).status == 503)
        #expect(site.server.counters[.outOfMemory] == 1)
        kept[0].answer(.ok)
        #expect(try await first.status == 200)
        async let third = ask(port, post("/keep", body))
        try await site.until { kept.count == 2 }
        kept[1].answer(.ok)
        #expect(try await third.status == 200)
    }

    @Test(arguments: [
        ("5\r\nhello\r\n4;note=1\r\n you\r\n0\r\n\r\n", 200, "hello you"),
        ("5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n", 200, "hello"),
        ("zz\r\nhello\r\n0\r\n\r\n", 400, nil), ("5\r\nhelloooo\r\n0\r\n\r\n", 400, nil),
        ("ffffffffffffffffffff\r\nx", 413, nil),
        ("1000\r\n\(String(repeating: "x", count: 4_096))\r\n0\r\n\r\n", 413, nil),
    ]) @OnLoop func `hold for chunked bodies`(body: String, status: Int, received: String?) async throws {
        let site = try Site {
            $0.add(.post, "/chunks", bodyLimit: 4_000) { exchange in
                exchange.answer(.ok, body: exchange.withBody { Array($0) })
            }
        }
        defer { site.close() }
        let answer = try await ask(
            site.port,
            "POST /chunks HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n\(body)"
        )
        #expect(answer.status == status)
        if let received { #expect(answer.body == received) }
    }

    @Test(arguments: [
        ("GET /a%00b HTTP/1.1\r\nHost: h\r\n\r\n", [400]), ("GET /a%zz HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
        ("GET /a% HTTP/1.1\r\nHost: h\r\n\r\n", [400]), ("GET /a?b=%f HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
        ("GET /a\0b HTTP/1.1\r\nHost: h\r\n\r\n", [400]), ("GET /\u{e9} HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
        ("GET /a HTTP/1.1\r\n\r\n", [400]), ("GET /a HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", [400]),
        ("GET /a HTTP/9.9\r\nHost: h\r\n\r\n", [505]), ("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", [0, 400]),
        ("GET /a HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n", [400]), ("\0\u{1}\u{2}\u{3}\r\n\r\n", [0, 408]),
        ("\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\r\n", [0, 408]),
        ("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", [400]),
        ("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\nx", [400]),
        ("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy", [400]),
        ("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999999\r\n\r\n", [413]),
        ("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 9223372036854775807\r\n\r\n", [413]),
        ("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551615\r\n\r\n", [413]),
        ("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx", [400]),
        ("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\nx", [501]),
    ]) @OnLoop func `turn nonsense away and serve on`(text: String, statuses: [Int]) async throws {
        // An end of the connection that comes with the last bytes goes unseen by the library: the deadline sees it.
        var limits = HTTPServer.Limits()
        limits.receiving = .milliseconds(200)
        let site = try Site(limits: limits) { $0.add([.get, .post], "/a", bodyLimit: 10) { $0.answer(.ok) } }
        defer { site.close() }
        let port = site.port
        let status = try await aside {
            let client = RawClient(port)
            client.send(text)
            shutdown(client.socket, Int32(SHUT_WR))
            return client.answer().status
        }
        #expect(statuses.contains(status))
        #expect(try await ask(site.port, post("/a", "fine")).status == 200)
    }

    @Test(arguments: [8_192, 11_000, 200_000]) @OnLoop func `refuse a large head`(size: Int) async throws {
        let site = try Site { $0.add(.get, "/a") { $0.answer(.ok) } }
        defer { site.close() }
        let padding = String(repeating: "x", count: 1_000)
        let headers = (0..<(size / 1_000 + 1)).map { "X-\($0): \(padding)\r\n" }.joined()
        #expect(try await ask(site.port, get("/a", headers)).status == 431)
        #expect(try await ask(site.port, get("/a?" + String(repeating: "x", count: size))).status >= 414)
        #expect(try await ask(site.port, get("/a", String(headers.prefix(1_006) + "\r\n"))).status == 200)
        // A request line that never ends is no request.
        try await site.until { site.server.counters[.headTooLarge] + site.server.counters.silent == 2 }
        #expect(site.server.counters[.headTooLarge] >= 1)
    }

    @Test(arguments: [
        "GET /a HTTP/1.1\r\nHost: h\r\nX: ", "GET /a", "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n",
    ])
    @OnLoop func `end a slow request at its deadline and serve others meanwhile`(start: String) async throws {
        var limits = HTTPServer.Limits()
        limits.receiving = .milliseconds(150)
        let site = try Site(limits: limits) { $0.add([.get, .post], "/a", bodyLimit: 10) { $0.answer(.ok) } }
        defer { site.close() }
        let port = site.port
        let started = Instant.now
        async let slow = aside {
            let client = RawClient(port)
            client.send(start)
            // A byte now and then keeps the connection from being idle.
            while client.send("x"), Instant.now - started < .seconds(4) {
                var waits = pollfd(fd: client.socket, events: Int16(POLLIN), revents: 0)
                if poll(&waits, 1, 20) > 0 { break }
                if start.hasPrefix("POST"), Instant.now - started > .milliseconds(100) {
                    poll(&waits, 1, 4_000)
                    break
                }
            }
            return client.answer().status
        }
        for _ in 0..<3 { #expect(try await ask(port, post("/a", "fine")).status == 200) }
        #expect(try await slow == 408)
        let took = Instant.now - started
        #expect(took > .milliseconds(140) && took < .seconds(2))
        #expect(site.server.counters[.slowRequest] == 1)
        try await site.until { site.server.counters.openNow == 0 }
    }

    @Test @OnLoop func `close an idle connection, and one whose next request line drips`() async throws {
        var limits = HTTPServer.Limits()
        limits.idle = .milliseconds(60)
        let site = try Site(limits: limits) { $0.add(.get, "/a") { $0.answer(.ok) } }
        defer { site.close() }
        let port = site.port
        let started = Instant.now
        for drip in ["", "GE"] {
            #expect(
                try await aside {
                    let client = RawClient(port)
                    client.send(get("/a"))
                    let status = client.answer().status
                    client.send(drip)
                    return status == 200 && client.isEnded
                }
            )
        }
        #expect(Instant.now - started < .seconds(3))
        try await site.until { site.server.counters.openNow == 0 }
    }

    @Test @OnLoop func `cut a client that does not read its answer`() async throws {
        var limits = HTTPServer.Limits()
        limits.sending = .milliseconds(60)
        let large = HTTPServer.Answer(.ok, body: [UInt8](repeating: 1, count: 16 << 20))
        let site = try Site(limits: limits) { $0.add(.get, "/a") { $0.answer(large) } }
        defer { site.close() }
        let client = RawClient(site.port, receiveBuffer: 4_096)
        client.send(get("/a"))
        try await site.until { site.server.counters[.slowReader] == 1 && site.server.counters.openNow == 0 }
    }

    @Test(arguments: [true, false])
    @OnLoop func `refuse further connections and leave those there are alone`(ofOneAddress: Bool) async throws {
        var limits = HTTPServer.Limits()
        if ofOneAddress { limits.connectionsPerAddress = 3 } else { limits.connections = 3 }
        let site = try Site(limits: limits) { $0.add(.get, "/a") { $0.answer(.ok) } }
        defer { site.close() }
        let clients = (0..<3).map { _ in RawClient(site.port) }
        try await site.until { site.server.counters.openNow == 3 }
        #expect(try await ask(site.port, get("/a")).status == 0)
        let refusal = ofOneAddress ? HTTPServer.Refusal.tooManyFromAddress : .tooManyConnections
        #expect(site.server.counters[refusal] == 1)
        for client in clients {
            client.send(get("/a"))
            #expect(try await aside { client.answer().status } == 200)
        }
        clients[0].close()
        try await site.until { site.server.counters.openNow == 2 }
        #expect(try await ask(site.port, get("/a")).status == 200)
    }
}
