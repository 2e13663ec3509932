import Core
import Engine
import Store
import Transport

/// A company's books, on the one end of a flow: the client of their system, the keepers of its limits and tokens, and
/// whatever tells of changes by itself.
@OnLoop protocol Books: AnyObject {
    /// For people: `Business Central`, `NAV`.
    nonisolated var name: String { get }

    /// The records of one route, with these fields.
    func source(of route: BoardFlowFile.Route) throws -> any RecordSource
    /// The records that a list is made of, with these fields.
    func source(of list: ListFile, fields: [String]) throws -> any RecordSource
    /// Which field says that a record of a list is blocked, where they have one.
    nonisolated func blockedField(of list: ListFile) -> String?
    /// The lines of a route's documents, with these fields.
    func lines(of route: BoardFlowFile.Route, fields: [String]) throws -> any LineSource

    // MARK: Life

    /// To be called once by the one process that works for the connection.
    func begin() async throws
    /// Begins to hear of changes. Each of these routes is read by `read`, when something may have been missed.
    func listen(for routes: [String], in context: FlowContext, read: @escaping @OnLoop (String) -> Void) throws
    /// Whoever waits for its turn stops waiting.
    func drain()
    func close() async
    /// Returns when nothing of it runs any more.
    func ended() async

    // MARK: What was heard

    /// Nil for an event of somebody else's.
    func take(_ event: WaitingEvent, in context: FlowContext) -> Heard?

    // MARK: For operators

    /// Counted up by whatever may change the figures.
    var stir: UInt64 { get async }
    func add(to figures: inout WorkerFigures) async
    /// What is not as it should be, in words.
    var troubles: [String] { get }
    func isHeld() async -> Bool
    /// Tries to sign in and to find the company, and changes nothing.
    func examine(_ findings: inout [Finding]) async
    /// Takes back what was set up at the vendor's.
    func retire(in context: FlowContext) async -> [Finding]
}

/// What word of a change means: records to be looked at, and routes to be read.
struct Heard: Sendable, Equatable {
    var marks: [Mark] = []
    var routes: Set<String> = []
    /// Of these, records may be gone without anybody having said which.
    var compares: Set<String> = []
    /// So many only pretended to come from there.
    var forged = 0
}

extension Books {
    func source(of list: ListFile, fields: [String]) throws -> any RecordSource {
        throw CallError(.stopConnection, name, .configuration, "lists.\(list.name): there is no list of \(list.kind)")
    }

    nonisolated func blockedField(of list: ListFile) -> String? { nil }

    func lines(of route: BoardFlowFile.Route, fields: [String]) throws -> any LineSource {
        throw CallError(.stopConnection, name, .configuration, "routes.\(route.name).lines: these have no lines")
    }
}
