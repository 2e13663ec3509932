import Testing
import Transport

@Suite(.onLoop) struct `an HTTP server's routes and exchanges` {
    @Test(arguments: [
        ("/v2.0/acme/companies(1)/vendors", "acme/companies(1)/vendors"), ("/v2.0/", ""), ("/v2.0/a%2Fb//c", "a/b//c"),
        ("/v2.0", nil), ("/v1.0/acme", nil),
    ]) @OnLoop func `give the rest of a path to one handler`(path: String, rest: String?) async throws {
        let site = try Site {
            $0.add([.get, .patch], "/v2.0/{rest...}") { $0.answer(.ok, body: $0.segment.utf8) }
        }
        defer { site.close() }
        let answer = try await ask(site.port, get(path))
        #expect(answer.status == (rest == nil ? 404 : 200) && answer.body == rest ?? "")
        #expect(try await ask(site.port, post(path)).status == (rest == nil ? 404 : 405))
    }

    @Test @OnLoop func `go by the order in which they were added`() async throws {
        let site = try Site {
            $0.add(.get, "/facts") { $0.answer(.ok, body: "facts".utf8) }
            $0.add(.get, "/{rest...}") { $0.answer(.ok, body: "rest".utf8) }
        }
        defer { site.close() }
        #expect(try await ask(site.port, get("/facts")).body == "facts")
        #expect(try await ask(site.port, get("/facts/more")).body == "rest")
        #expect(try await ask(site.port, get("/")).body == "rest")
    }

    @Test @OnLoop func `tell all of a query in its order`() async throws {
        var seen: [String] = []
        let site = try Site {
            $0.add(.get, "/list") { exchange in
                seen = exchange.queryItems.map { "\($0.name)|\($0.value)" }
                exchange.answer(.ok)
                #expect(exchange.queryItems.isEmpty)
            }
        }
        defer { site.close() }
        _ = try await ask(site.port, get("/list?%24filter=a%20eq+%27x%26y%3D%C3%A9%27&$top=5&empty=&bare&$top=a=b"))
        #expect(seen == ["$filter|a eq 'x&y=é'", "$top|5", "empty|", "bare|", "$top|a=b"])
        _ = try await ask(site.port, get("/list"))
        #expect(seen.isEmpty)
    }

    @Test(arguments: [true, false])
    @OnLoop func `hang up without an answer, at once or later`(isLater: Bool) async throws {
        var kept: HTTPExchange?
        let site = try Site {
            $0.add(.post, "/", bodyLimit: 10) { exchange in
                if isLater { kept = exchange } else { exchange.hangUp() }
            }
        }
        defer { site.close() }
        let client = RawClient(site.port)
        client.send(post("/", "body"))
        if isLater {
            try await site.until { kept != nil }
            kept?.hangUp()
            #expect(kept?.isOpen == false)
        }
        #expect(try await aside { client.isEnded })
        try await site.until { site.server.counters.openNow == 0 }
        #expect(site.server.counters.bytesSent == 0 && site.server.counters[.malformed] == 0)
    }

    @Test @OnLoop func `leave a client alone that has gone before it is hung up on`() async throws {
        var kept: HTTPExchange?
        let site = try Site { $0.add(.post, "/", bodyLimit: 10) { kept = $0 } }
        defer { site.close() }
        let client = RawClient(site.port)
        client.send(post("/", "1"))
        try await site.until { kept != nil }
        client.close()
        site.server.stop()
        kept?.hangUp()
        #expect(kept?.isOpen == false)
    }

    @Test func `listen on a port of the kernel's choice, and say why they cannot`() throws {
        let listener = try HTTPServer.Listener(host: "127.0.0.1", port: 0)
        defer { listener.close() }
        #expect(listener.port > 0)
        let failure = #expect(throws: HTTPServer.StartFailure.self) {
            try HTTPServer.Listener(host: "127.0.0.1", port: listener.port)
        }
        #expect(failure?.description.contains("127.0.0.1:\(listener.port)") == true)
    }
}
