import CPosix
import Core
import Testing
import Transport

@Suite(.onLoop) struct `a draining HTTP server` {
    @Test @OnLoop func `closes idle connections and finishes what it has`() async throws {
        var kept: HTTPExchange?
        let site = try Site {
            $0.add(.get, "/now") { $0.answer(.ok) }
            $0.add(.get, "/later") { kept = $0 }
        }
        defer { site.close() }
        let idle = RawClient(site.port)
        idle.send(get("/now"))
        #expect(try await aside { idle.answer().status } == 200)
        let busy = RawClient(site.port)
        busy.send(get("/later"))
        try await site.until { kept != nil }
        let started = Instant.now
        async let left = site.server.drain(within: .seconds(20))
        #expect(try await aside { idle.isEnded })
        kept?.answer(.ok, body: Array("done".utf8))
        let answer = try await aside { (busy.answer(), busy.isEnded) }
        #expect(answer.0.body == "done" && answer.0.head.contains("Connection: close") && answer.1)
        #expect(await left == 0)
        #expect(Instant.now - started < .seconds(4))
    }

    @Test @OnLoop func `answers what has arrived, and says that it closes`() async throws {
        let site = try Site { $0.add(.get, "/now") { $0.answer(.ok) } }
        defer { site.close() }
        let client = RawClient(site.port)
        client.send(get("/now"))
        #expect(try await aside { client.answer().status } == 200)
        // In the socket's buffer when the drain begins: in a task of the loop's own, nothing runs in between.
        let left = await EpollLoop.process.task {
            client.send(get("/now"))
            return await site.server.drain(within: .seconds(5))
        }.value
        let answer = try await aside { client.answer() }
        #expect(left == 0, "\(answer)")
        #expect(answer.status == 200 && answer.head.contains("Connection: close"), "\(answer)")
    }

    @Test @OnLoop func `cuts what does not end in time, and its exchanges know`() async throws {
        var kept: [HTTPExchange] = []
        let site = try Site { $0.add(.get, "/later") { kept.append($0) } }
        defer { site.close() }
        let clients = (0..<3).map { _ in RawClient(site.port) }
        for client in clients { client.send(get("/later")) }
        try await site.until { kept.count == 3 }
        #expect(await site.server.drain(within: .milliseconds(50)) == 3)
        for exchange in kept { #expect(!exchange.isOpen && !exchange.answer(.ok)) }
        for client in clients { #expect(try await aside { client.isEnded }) }
        #expect(site.server.counters.openNow == 0)
    }

    @Test @OnLoop func `leaves the listening socket to the next server, which loses no connection`() async throws {
        let old = try Site { $0.add(.get, "/who") { $0.answer(.ok, body: "old".utf8) } }
        defer { old.close() }
        let port = old.port
        let asking = Task {
            try await aside {
                var names = Set<String>()
                var failures = 0
                for _ in 0..<400 {
                    let client = RawClient(port)
                    client.send(get("/who"))
                    let answer = client.answer()
                    if answer.status == 200 { names.insert(answer.body) } else { failures += 1 }
                    if names.contains("new"), !names.contains("old") { break }
                }
                return (names, failures)
            }
        }
        try await old.until { old.server.counters.requests > 20 }
        var router = HTTPServer.Router()
        router.add(.get, "/who") { $0.answer(.ok, body: "new".utf8) }
        let new = try HTTPServer(listener: old.listener, router: router)
        defer { new.stop() }
        #expect(await old.server.drain(within: .seconds(5)) == 0)
        let (names, failures) = try await asking.value
        #expect(failures == 0 && names.contains("new"))
        #expect(try await ask(port, get("/who")).body == "new")
    }

    @Test @OnLoop func `is freed when it has stopped`() async throws {
        weak var freed: HTTPServer?
        do {
            let site = try Site { $0.add(.get, "/now") { $0.answer(.ok) } }
            freed = site.server
            #expect(try await ask(site.port, get("/now")).status == 200)
            site.close()
        }
        #expect(freed == nil)
    }
}
