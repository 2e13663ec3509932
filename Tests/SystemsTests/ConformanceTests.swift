import Core
import Synchronization
import Testing
import Transport

@testable import Systems

/// What the tests below ask of every system's client, whatever it speaks: a list that is read page by page, and a server
/// that plays it.
protocol ClientSubject: Sendable, CustomTestStringConvertible {
    /// A page with these records as this system writes it, and the way to the next where there is one.
    func page(_ ids: [String], next: Bool, _ request: ConformanceRequest) -> ConformanceReply
    /// Whether what it shows is a token that expires, and not a key.
    var renewsCredential: Bool { get }
    /// The answer of this system to a credential that it does not take.
    var refusedCredential: ConformanceReply { get }
    /// Its answer to one call too many, which says how many seconds to wait.
    func throttled(seconds: Int) -> ConformanceReply
    /// Whether a request asks for the page behind the first.
    func asksForNext(_ request: ConformanceRequest) -> Bool
    /// Whether a request is no question about records: a token, a description. Answered as it should be.
    func preparation(_ request: ConformanceRequest) -> ConformanceReply?
    /// What is left of an answer that was cut.
    var cut: String { get }
    var mostBytes: Int { get }
    /// Gives the body a way to read the list.
    @OnLoop func run(
        _ script: @escaping @Sendable (ConformanceRequest) -> ConformanceReply,
        _ body: @OnLoop (ConformanceList) async throws -> Void
    ) async throws
}

typealias ConformanceRequest = BusinessCentralServer.Request
typealias ConformanceReply = BusinessCentralServer.Answer

/// One list at one server.
@OnLoop struct ConformanceList {
    /// The ids of a page and the way to the next.
    var read: @OnLoop (_ next: String?) async throws -> (ids: [String], next: String?)
    var outcomes: @OnLoop () -> [CallOutcome]
    /// Whether every pass that was given came back once.
    var everyPassLeftOnce: @OnLoop () -> Bool
}

@Suite(.onLoop) struct `every system's client` {
    static let subjects: [any ClientSubject] = [
        BusinessCentralSubject(place: .online), BusinessCentralSubject(place: .onPremises), MondaySubject(),
        NavSubject(speech: .odata), NavSubject(speech: .soap),
    ]

    /// With the subject's own answers to all that is no question about records.
    @OnLoop private func run(
        _ subject: any ClientSubject,
        _ answer: @escaping @Sendable (ConformanceRequest) -> ConformanceReply,
        _ body: @OnLoop (ConformanceList) async throws -> Void
    ) async throws {
        try await subject.run { request in
            subject.preparation(request) ?? answer(request)
        } _: { list in
            try await body(list)
            #expect(list.everyPassLeftOnce())
        }
    }

    @OnLoop private func error(of list: ConformanceList) async throws -> CallError {
        var thrown: (any Error)?
        do { _ = try await list.read(nil) } catch { thrown = error }
        return try #require(thrown as? CallError, "\(String(describing: thrown))")
    }

    @Test(arguments: subjects) @OnLoop func `reads a page and follows to the next`(
        subject: any ClientSubject
    ) async throws {
        try await run(subject) { request in
            subject.asksForNext(request)
                ? subject.page(["3"], next: false, request) : subject.page(["1", "2"], next: true, request)
        } _: { list in
            let first = try await list.read(nil)
            #expect(first.ids == ["1", "2"])
            let next: String = try #require(first.next)
            let second = try await list.read(next)
            #expect(second.ids == ["3"])
        }
    }

    @Test(arguments: subjects) @OnLoop func `leaves a record that comes twice to its reader`(
        subject: any ClientSubject
    ) async throws {
        try await run(subject) { request in
            subject.asksForNext(request)
                ? subject.page(["2", "3"], next: false, request) : subject.page(["1", "2"], next: true, request)
        } _: { list in
            let first = try await list.read(nil)
            let second = try await list.read(first.next)
            #expect(first.ids + second.ids == ["1", "2", "2", "3"])
        }
    }

    @Test(arguments: subjects) @OnLoop func `waits as long as an outage says`(subject: any ClientSubject) async throws {
        try await run(subject) { _ in
            .reply(503, ["Retry-After": "20"], "")
        } _: { list in
            let error = try await error(of: list)
            #expect(error.remedy == .retry(after: .seconds(20)), "\(error)")
            #expect(error.kind == .outage || error.kind == .throttled)
            #expect(list.outcomes().last == .throttled(for: .seconds(20)) || list.outcomes().last == .failed)
        }
    }

    @Test(arguments: subjects) @OnLoop func `closes the account where it was too much`(
        subject: any ClientSubject
    ) async throws {
        try await run(subject) { _ in
            subject.throttled(seconds: 7)
        } _: { list in
            let error = try await error(of: list)
            #expect(error.kind == .throttled && error.remedy == .retry(after: .seconds(7)), "\(error)")
            #expect(list.outcomes().last == .throttled(for: .seconds(7)))
        }
    }

    @Test(arguments: subjects) @OnLoop func `stops at a credential that is not taken`(
        subject: any ClientSubject
    ) async throws {
        try await run(subject) { _ in
            subject.refusedCredential
        } _: { list in
            let error = try await error(of: list)
            #expect(error.remedy == .stopConnection && error.kind == .credentials, "\(error)")
        }
    }

    @Test(arguments: subjects) @OnLoop func `asks again with a new token, and never with the same key`(
        subject: any ClientSubject
    ) async throws {
        let shown = Guarded<[String]>([])
        try await run(subject) { request in
            let isFirst = shown.withLock { shown in
                shown.append(request.headers["authorization"] ?? "")
                return shown.count == 1
            }
            return isFirst ? subject.refusedCredential : subject.page(["1"], next: false, request)
        } _: { list in
            if subject.renewsCredential {
                let page = try await list.read(nil)
                #expect(page.ids == ["1"])
            } else {
                let error = try await error(of: list)
                #expect(error.kind == .credentials)
            }
        }
        let credentials = shown.withLock { $0 }
        #expect(credentials.count == (subject.renewsCredential ? 2 : 1))
        #expect(Set(credentials).count == credentials.count && !credentials.contains(""))
    }

    @Test(arguments: subjects) @OnLoop func `takes an outage for one that passes`(
        subject: any ClientSubject
    ) async throws {
        try await run(subject) { _ in
            .reply(502, [:], "<html>Bad Gateway</html>")
        } _: { list in
            let error = try await error(of: list)
            #expect(error.kind == .outage && error.remedy == .retry(after: nil), "\(error)")
            #expect(list.outcomes().last == .failed)
        }
    }

    @Test(arguments: subjects) @OnLoop func `takes a connection that ends for one that passes`(
        subject: any ClientSubject
    ) async throws {
        try await run(subject) { _ in
            .hangUp
        } _: { list in
            let error = try await error(of: list)
            #expect(error.kind == .network && error.remedy == .retry(after: nil) && !error.isUncertain, "\(error)")
        }
    }

    @Test(arguments: subjects, ["", "<html>Welcome to the hotel</html>", "cut", "null", "\u{0}"])
    @OnLoop func `does not believe an answer that is none`(subject: any ClientSubject, body: String) async throws {
        try await run(subject) { _ in
            .reply(200, [:], body == "cut" ? subject.cut : body)
        } _: { list in
            let error = try await error(of: list)
            #expect(error.kind == .garbage && error.remedy == .retry(after: nil), "\(error)")
            #expect(!error.reason.contains("hotel"))
        }
    }

    @Test(arguments: subjects) @OnLoop func `does not take half an answer for a whole one`(
        subject: any ClientSubject
    ) async throws {
        try await run(subject) { _ in
            .raw("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{}")
        } _: { list in
            let error = try await error(of: list)
            #expect(error.kind == .network && error.remedy == .retry(after: nil) && !error.isUncertain, "\(error)")
        }
    }

    @Test(arguments: subjects) @OnLoop func `does not swallow more than it can`(subject: any ClientSubject) async throws
    {
        let size = subject.mostBytes + 1
        let blanks = String(decoding: [UInt8](repeating: 0x20, count: size), as: UTF8.self)
        try await run(subject) { _ in
            .raw("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n" + blanks)
        } _: { list in
            let error = try await error(of: list)
            #expect(error.kind == .garbage, "\(error)")
        }
    }

    @Test(arguments: subjects) @OnLoop func `gives its place back when its caller gives up`(
        subject: any ClientSubject
    ) async throws {
        let asked = Flag()
        try await run(subject) { _ in
            asked.raise()
            return .silence
        } _: { list in
            let call = EpollLoop.process.task { _ = try await list.read(nil) }
            while !asked.isRaised { try await EpollLoop.process.sleep(for: .milliseconds(1)) }
            call.cancel()
            await #expect(throws: (any Error).self) { try await call.value }
            #expect(list.outcomes().last == .givenUp)
        }
    }

    private final class Flag: Sendable {
        private let raised = Atomic<Bool>(false)
        var isRaised: Bool { raised.load(ordering: .acquiring) }

        func raise() {
            raised.store(true, ordering: .releasing)
        }
    }
}
