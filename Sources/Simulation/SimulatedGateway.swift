import Core
import Store
import Transport

/// The gateway of the simulated machine, over a real inbox: it acknowledges what is on disk, and hands it to workers until
/// they have it.
@OnLoop final class SimulatedGateway {
    /// What a worker shows the gateway.
    @OnLoop protocol Receiver: AnyObject {
        func deliver(_ events: [Event]) async throws
        var isOpen: Bool { get }
    }

    private let process: SimulatedProcess
    private let sabotage: Sabotage?
    private let receiver: (Int64) -> (any Receiver)?
    private var inbox: SQLiteInbox?
    private var known: Set<EventKey> = []
    private var pending: [Int64: [Int64]] = [:]
    private var batch: [(arrival: Arrival, answer: CheckedContinuation<Bool, Never>)] = []
    private var isCommitting = false
    private var delivering: Set<Int64> = []
    private nonisolated static let largestBatch = 16

    init(_ process: SimulatedProcess, sabotage: Sabotage?, receiver: @escaping (Int64) -> (any Receiver)?) {
        self.process = process
        self.sabotage = sabotage
        self.receiver = receiver
    }

    func start(_ path: String, _ options: Database.Options) async throws {
        try await process.pass()
        let inbox = try await SQLiteInbox.open(path, fileSystem: options.fileSystem, on: process.executor)
        try await process.pass()
        for entry in try await inbox.index() {
            known.insert(entry.key)
            pending[entry.connection, default: []].append(entry.sequence)
        }
        self.inbox = inbox
        for connection in pending.keys.sorted() { deliver(to: connection) }
    }

    var isEmpty: Bool { batch.isEmpty && pending.values.allSatisfy(\.isEmpty) }

    func end() async {
        for waiting in batch { waiting.answer.resume(returning: false) }
        batch = []
        await inbox?.close()
    }

    // MARK: Webhooks

    /// True once the arrival is safe.
    func receive(_ arrival: Arrival) async -> Bool {
        guard inbox != nil, (try? await process.pass()) != nil else { return false }
        if known.contains(arrival.key) { return true }
        if sabotage == .ackBeforeSync {
            EpollLoop.process.task {
                try? await EpollLoop.process.sleep(for: .seconds(1))
                _ = await self.store(arrival)
            }
            return true
        }
        return await store(arrival)
    }

    private func store(_ arrival: Arrival) async -> Bool {
        guard process.isAlive else { return false }
        let isStored = await withCheckedContinuation { answer in
            batch.append((arrival, answer))
            commit()
        }
        guard isStored else { return false }
        return (try? await process.pass()) != nil
    }

    private func commit() {
        guard !isCommitting else { return }
        isCommitting = true
        EpollLoop.process.task { [self] in
            while !batch.isEmpty { await commitBatch() }
            isCommitting = false
        }
    }

    private func commitBatch() async {
        var waiting = batch
        batch = []
        // The same event twice in one batch is one.
        var seen: Set<EventKey> = []
        let doubled = waiting.filter { !seen.insert($0.arrival.key).inserted || known.contains($0.arrival.key) }
        seen = []
        waiting.removeAll { !seen.insert($0.arrival.key).inserted || known.contains($0.arrival.key) }
        var isStored = false
        do {
            if !waiting.isEmpty { try await keep(waiting.map(\.arrival)) }
            isStored = true
        } catch {}
        for one in waiting + doubled { one.answer.resume(returning: isStored) }
    }

    private func keep(_ arrivals: [Arrival]) async throws {
        guard let inbox else { throw SimulatedProcess.Killed() }
        try await process.pass()
        let receipt = try await inbox.commit(arrivals, removing: [])
        try await process.pass()
        for (arrival, sequence) in zip(arrivals, receipt.sequences) {
            known.insert(arrival.key)
            pending[arrival.connection, default: []].append(sequence)
            deliver(to: arrival.connection)
        }
    }

    // MARK: Delivery

    /// There may be a worker now, or something for it.
    func deliver(to connection: Int64) {
        guard delivering.insert(connection).inserted else { return }
        EpollLoop.process.task { [self] in
            while process.isAlive, let worker = receiver(connection), worker.isOpen,
                let first = pending[connection], !first.isEmpty
            {
                do {
                    try await deliver(Array(first.prefix(Self.largestBatch)), to: worker, connection)
                } catch {
                    guard process.isAlive, worker.isOpen else { break }
                    try? await EpollLoop.process.sleep(for: .seconds(1))
                }
            }
            delivering.remove(connection)
        }
    }

    private func deliver(_ sequences: [Int64], to worker: any Receiver, _ connection: Int64) async throws {
        guard let inbox else { throw SimulatedProcess.Killed() }
        try await process.pass()
        let events = try await inbox.load(sequences)
        try await worker.deliver(events)
        try await process.pass()
        _ = try await inbox.commit([], removing: sequences)
        try await process.pass()
        pending[connection]?.removeFirst(sequences.count)
    }
}
