import Core
import Synchronization
import Systems
import Testing
import Transport

@Suite(.onLoop) struct `a token keeper` {
    @Test @OnLoop func `asks once for all who wait`() async throws {
        let source = Source()
        let keeper = TokenKeeper(system: "Somewhere") { try await source.give() }
        let tokens = try await withThrowingTaskGroup(of: Secret.self) { group in
            for _ in 0..<10 { group.addTask { try await keeper.token() } }
            while source.asked == 0 { try await EpollLoop.process.sleep(for: .milliseconds(1)) }
            source.open()
            var tokens: [Secret] = []
            for try await token in group { tokens.append(token) }
            return tokens
        }
        #expect(tokens == Array(repeating: Secret(text: "token 1"), count: 10))
        #expect(source.asked == 1)
        #expect(await keeper.refreshes == 1)
        #expect(try await keeper.token() == Secret(text: "token 1"))
    }

    @Test @OnLoop func `asks again after a refusal, and not for late news of an old token`() async throws {
        let source = Source()
        source.open()
        let keeper = TokenKeeper(system: "Somewhere") { try await source.give() }
        let first = try await keeper.token()
        await keeper.refused(first)
        let second = try await keeper.token()
        #expect(second == Secret(text: "token 2"))
        await keeper.refused(first)
        #expect(try await keeper.token() == second)
        #expect(await keeper.refreshes == 2)
    }

    @Test @OnLoop func `goes on for others when one caller gives up`() async throws {
        let source = Source()
        let keeper = TokenKeeper(system: "Somewhere") { try await source.give() }
        let first = EpollLoop.process.task { try await keeper.token() }
        while source.asked == 0 { try await EpollLoop.process.sleep(for: .milliseconds(1)) }
        let second = EpollLoop.process.task { try await keeper.token() }
        first.cancel()
        source.open()
        #expect(try await second.value == Secret(text: "token 1"))
        #expect(await keeper.refreshes == 1)
    }

    @Test @OnLoop func `remembers a credential error`() async throws {
        let wrong = CallError(.stopConnection, "Somewhere", .credentials, "wrong secret")
        let source = Source(error: wrong)
        source.open()
        let keeper = TokenKeeper(system: "Somewhere") { try await source.give() }
        for _ in 0..<20 { #expect(try await BusinessCentralBench.callError { _ = try await keeper.token() } == wrong) }
        #expect(source.asked == 1)
        #expect(await keeper.failures == 1)
    }

    @Test @OnLoop func `shows nothing of an error it does not know`() async throws {
        struct Odd: Error { var secret = BusinessCentralBench.canary }
        let source = Source(error: Odd())
        source.open()
        let keeper = TokenKeeper(system: "Somewhere") { try await source.give() }
        let error = try await BusinessCentralBench.callError { _ = try await keeper.token() }
        #expect(error.kind == .outage && !"\(error)".contains(BusinessCentralBench.canary))
    }

    @Test @OnLoop func `keeps a token that is refused for good from being tried by everybody`() async throws {
        let source = Source()
        source.open()
        let keeper = TokenKeeper(system: "Somewhere") { try await source.give() }
        let notLetIn = CallError(.stopConnection, "Somewhere", .credentials, "not let in")
        await keeper.refused(try await keeper.token(), forGood: notLetIn)
        #expect(try await BusinessCentralBench.callError { _ = try await keeper.token() } == notLetIn)
        #expect(source.asked == 1)
    }

    /// Where tokens come from, once it is open.
    @OnLoop private final class Source {
        private(set) var asked = 0
        private var isOpen = false
        private let error: (any Error)?

        init(error: (any Error)? = nil) {
            self.error = error
        }

        func open() { isOpen = true }

        func give() async throws -> TokenKeeper.Fresh {
            asked += 1
            let number = asked
            while !isOpen { try await EpollLoop.process.sleep(for: .milliseconds(1)) }
            if let error { throw error }
            return TokenKeeper.Fresh(Secret(text: "token \(number)"), lifetime: .seconds(3_599))
        }
    }
}
