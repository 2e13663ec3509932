import Core
import Synchronization
import Testing
import Transport

@Suite(.onLoop) struct `an HTTP client that streams` {
    static let size = 8 << 20

    /// Counts what it could say, which the client's back-pressure bounds.
    final class Talker: Sendable {
        let said = Atomic(0)

        func talk(_ connection: RawServer.Connection) {
            guard connection.request() != nil else { return }
            connection.say("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
            let block = (0..<65_536).map { UInt8(truncatingIfNeeded: $0) }
            for _ in 0..<(size / block.count) {
                guard connection.say(block) else { return }
                said.add(block.count, ordering: .sequentiallyConsistent)
            }
        }
    }

    @Test @OnLoop func `hands chunks over as they come`() async throws {
        let talker = Talker()
        try await withServer {
            talker.talk($0)
        } _: { server in
            var seen = 0
            var chunks = 0
            let response = try await client(server.url).send(.init(.get, server.url)) { chunk in
                for index in chunk.indices where chunk[index] != UInt8(truncatingIfNeeded: seen + index) {
                    Issue.record("wrong byte at \(seen + index)")
                    return
                }
                seen += chunk.count
                chunks += 1
            }
            #expect(seen == Self.size && chunks > 1)
            #expect(response.status == 200 && response.body.isEmpty)
        }
    }

    @Test @OnLoop func `makes the server wait for a consumer that takes its time`() async throws {
        let talker = Talker()
        try await withServer {
            talker.talk($0)
        } _: { server in
            var request = HTTPClient.Request(.get, server.url)
            // Waiting for the consumer is not the server's silence.
            request.deadlines.idle = .milliseconds(300)
            var seen = 0
            let response = try await client(server.url).send(request) { (chunk: [UInt8]) async throws in
                if seen == 0 {
                    try await EpollLoop.process.sleep(for: .milliseconds(400))
                    // Only what the kernel's buffers and ours hold was said meanwhile.
                    let said = talker.said.load(ordering: .sequentiallyConsistent)
                    #expect(said < Self.size, "the server was not made to wait")
                }
                #expect(chunk.first == UInt8(truncatingIfNeeded: seen))
                seen += chunk.count
            }
            #expect(seen == Self.size && response.body.isEmpty)
        }
    }

    struct Enough: Error {}

    @Test @OnLoop func `stops when the consumer throws`() async throws {
        let talker = Talker()
        try await withServer { connection in
            talker.talk(connection)
            connection.waitForEnd()
        } _: { server in
            let client = try client(server.url)
            await #expect(throws: Enough.self) {
                try await client.send(.init(.get, server.url), into: { _ in throw Enough() })
            }
            await #expect(throws: Enough.self) {
                try await client.send(.init(.get, server.url), streaming: { _ in throw Enough() })
            }
            while server.endsSeen < 2 { try await EpollLoop.process.sleep(for: .milliseconds(1)) }
        }
    }

    @Test @OnLoop func `stops when it is cancelled while the server waits`() async throws {
        let talker = Talker()
        try await withServer { connection in
            talker.talk(connection)
            connection.waitForEnd()
        } _: { server in
            let client = try client(server.url)
            let (told, tell) = AsyncStream<Void>.makeStream()
            let answer = EpollLoop.process.task {
                try await client.send(.init(.get, server.url)) { (_: [UInt8]) async throws in
                    tell.yield()
                    try await EpollLoop.process.sleep(for: .seconds(60))
                }
            }
            for await _ in told.prefix(1) {}
            answer.cancel()
            await #expect(throws: CancellationError.self) { _ = try await answer.value }
            while server.endsSeen == 0 { try await EpollLoop.process.sleep(for: .milliseconds(1)) }
        }
    }

    @Test @OnLoop func `keeps the body of a refusal from the consumer`() async throws {
        try await withServer { connection in
            _ = connection.request()
            connection.say("HTTP/1.1 400 No\r\nContent-Length: 3\r\n\r\nwhy")
        } _: { server in
            let response = try await client(server.url).send(.init(.get, server.url)) { (_: [UInt8]) async throws in
                Issue.record("this is not what was asked for")
            }
            #expect(response.status == 400 && response.body == Array("why".utf8))
        }
    }

    @Test @OnLoop func `tells of an answer that ends early after what came of it`() async throws {
        try await withServer { connection in
            _ = connection.request()
            connection.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!")
        } _: { server in
            let failure = try await failure {
                try await client(server.url).send(.init(.get, server.url), streaming: { _ in })
            }
            #expect(failure.kind == .connectionLost)
        }
    }

    @Test @OnLoop func `may be closed by its own consumer`() async throws {
        let talker = Talker()
        try await withServer {
            talker.talk($0)
        } _: { server in
            let client = try client(server.url)
            let failure = try await failure {
                try await client.send(.init(.get, server.url), into: { _ in client.close() })
            }
            #expect(failure.kind == .closed)
        }
    }
}
