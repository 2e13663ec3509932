import Core
import Store
import Transport

/// What is pending for one connection, and the way to its worker. An event stays here until the worker has answered for
/// it; a new worker, or a new link, gets it again.
@OnLoop final class Outbox {
    private nonisolated static let largestBatch = (events: 1_024, bytes: 1 << 20)
    /// A lone event goes at once. Under load deliveries gather for this long, and twice as long as the last one took:
    /// each costs the worker commits on the disk, and time of the processors, that acknowledgements wait for.
    private nonisolated static let rhythm = Duration.milliseconds(20)
    /// What a burst may leave for later. Beyond that the worker is given as much as it takes.
    private nonisolated static let mostDeferred = 65_536
    /// Bodies held for a worker that takes them at once.
    private nonisolated static let mostKeptBytes = 4 << 20
    private nonisolated static let patience = Duration.seconds(30)
    private nonisolated static let pauseAfterRefusal = Duration.seconds(1)

    private struct Pending {
        var sequence: Int64
        var bytes: Int
        /// Kept from its arrival while there is room for it in memory; read from disk otherwise.
        var event: Event?
    }

    let connection: Int64
    private let inbox: any InboxStore
    private unowned let intake: Intake
    private let log: Log
    private var queue: [Pending] = []
    private var first = 0
    private var keptBytes = 0
    private var nextDelivery: Instant?
    private var channel: Channel?
    private var isDelivering = false
    private var isDiscarded = false

    init(connection: Int64, inbox: any InboxStore, intake: Intake, log: Log) {
        self.connection = connection
        self.inbox = inbox
        self.intake = intake
        self.log = log
    }

    var isIdle: Bool { first == queue.count && channel == nil }

    func found(_ entry: InboxEntry) {
        queue.append(Pending(sequence: entry.sequence, bytes: entry.bytes, event: nil))
    }

    func stored(_ event: Event) {
        // A worker that is away, or far behind, gets its events from disk; memory is for those who take them at once.
        let keeps = channel != nil && keptBytes < Self.mostKeptBytes
        if keeps { keptBytes += event.body.count }
        queue.append(Pending(sequence: event.sequence, bytes: event.body.count, event: keeps ? event : nil))
        deliver()
    }

    func attach(_ channel: Channel) {
        self.channel?.close("there is a new worker")
        self.channel = channel
        channel.onClose = { [weak self, weak channel] _ in
            guard let self, self.channel === channel else { return }
            self.channel = nil
        }
        channel.start()
        deliver()
    }

    func detach() {
        channel?.close("the connection is gone")
        channel = nil
    }

    /// The connection was removed, and its number is not given again: what is pending has nowhere to go.
    func discard() {
        isDiscarded = true
        detach()
        if !isDelivering { dropPending() }
    }

    private func dropPending() {
        let rest = queue[first...]
        guard !rest.isEmpty else { return }
        log.warning("\(rest.count) webhooks of connection \(connection), which was removed, are dropped")
        intake.remove(rest.map(\.sequence), from: connection, bytes: rest.map(\.bytes))
        queue = []
        first = 0
    }

    private func deliver() {
        guard !isDelivering, first < queue.count, channel != nil else { return }
        isDelivering = true
        EpollLoop.process.task { [self] in
            while first < queue.count, let channel, channel.isOpen {
                await gather()
                if channel.isOpen { await deliverBatch(over: channel) }
            }
            isDelivering = false
            if isDiscarded { dropPending() }
        }
    }

    /// Lets acknowledgements go first.
    private func gather() async {
        guard intake.isBusy, queue.count - first < Self.mostDeferred,
            let rest = nextDelivery.map({ $0 - .now }), rest > .zero
        else { return }
        try? await EpollLoop.process.sleep(for: rest)
    }

    private func deliverBatch(over channel: Channel) async {
        let batch = nextBatch()
        let began = Instant.now
        do {
            let events = try await events(of: batch)
            _ = try await channel.ask(Deliver(events: events), within: Self.patience)
            intake.remove(batch.map(\.sequence), from: connection, bytes: batch.map(\.bytes))
            delivered(batch.count)
            let now = Instant.now
            nextDelivery = max(began + Self.rhythm, now + (now - began) * 2)
        } catch {
            guard channel.isOpen else { return }
            log.warning("connection \(connection) does not take its webhooks for now, they are kept: \(error)")
            try? await EpollLoop.process.sleep(for: Self.pauseAfterRefusal)
        }
    }

    private func delivered(_ count: Int) {
        for index in first..<first + count {
            if let event = queue[index].event { keptBytes -= event.body.count }
            queue[index].event = nil
        }
        first += count
        guard first == queue.count || first > 1_024 && first * 2 > queue.count else { return }
        queue.removeFirst(first)
        first = 0
    }

    private func nextBatch() -> ArraySlice<Pending> {
        var bytes = 0
        var end = first
        while end < queue.count, end - first < Self.largestBatch.events {
            bytes += queue[end].bytes
            // One event is always sent, however large.
            if bytes > Self.largestBatch.bytes, end > first { break }
            end += 1
        }
        return queue[first..<end]
    }

    private func events(of batch: ArraySlice<Pending>) async throws -> [Event] {
        let kept = batch.compactMap(\.event)
        return kept.count == batch.count ? kept : try await inbox.load(batch.map(\.sequence))
    }
}
