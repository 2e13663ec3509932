import Core
import Store
import Transport

/// Takes genuine webhooks in: each is on disk before it is acknowledged, many in one commit.
///
/// While one commit is under way the next batch gathers, so the batch size follows the load by itself and a lone webhook
/// waits for nobody.
@OnLoop final class Intake {
    enum Outcome: String, CaseIterable {
        case accepted, duplicate, full
        case storeFailed = "store_failed"
    }

    private static let largestBatch = 4_096
    /// Removals ride on the next commit; without one they wait this long for company.
    private static let removalDelay = Duration.milliseconds(50)
    private static let pauseAfterFailure = Duration.seconds(1)

    private let inbox: any InboxStore
    private let log: Log
    private(set) var ledger: InboxLedger
    private var batch = Batch()
    private var underwayBytes = 0
    private let limits: IntakeLimits
    private var removals: [Int64] = []
    private var isCommitting = false
    /// They have waited long enough for arrivals to ride with.
    private var removalsAreDue = false
    private var removalTimer: LoopTimer?
    private var refusingUntil: Instant?

    /// Called with what has just become durable, in order.
    var onStored: (@OnLoop ([Event]) -> Void)?
    private(set) var outcomes: [Outcome: Int] = [:]
    private(set) var commitSeconds = Histogram(
        bounds: [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5])
    private(set) var batchSizes = Histogram(bounds: [1, 4, 16, 64, 256, 1_024, 4_096])

    private struct Batch {
        var arrivals: [Arrival] = []
        var exchanges: [HTTPExchange] = []
        /// Those who brought an event again while it was being written.
        var repeated: [EventKey: [HTTPExchange]] = [:]
    }
    private var committing = Batch()

    init(inbox: any InboxStore, limits: IntakeLimits, log: Log) {
        self.inbox = inbox
        self.limits = limits
        self.log = log
        ledger = InboxLedger(limits: limits)
    }

    var isFull: Bool { refusingUntil.map { $0 > .now } ?? false }

    /// Somebody waits for an acknowledgement.
    var isBusy: Bool { !batch.arrivals.isEmpty || !committing.arrivals.isEmpty }

    // MARK: Arrivals

    /// On disk already when the gateway started.
    func found(_ entry: InboxEntry) {
        ledger.found(entry.key, for: entry.connection, bytes: entry.bytes)
    }

    func take(_ arrival: Arrival, from exchange: HTTPExchange) {
        if isFull || underwayBytes > limits.underwayBytes { return refuse(exchange, .full) }
        switch ledger.arrived(arrival.key, for: arrival.connection, bytes: arrival.body.count) {
        case .new:
            underwayBytes += arrival.body.count
            batch.arrivals.append(arrival)
            batch.exchanges.append(exchange)
            commitNext()
        case .known: acknowledge(exchange, .duplicate)
        case .underway:
            if batch.arrivals.contains(where: { $0.key == arrival.key }) {
                batch.repeated[arrival.key, default: []].append(exchange)
            } else {
                committing.repeated[arrival.key, default: []].append(exchange)
            }
        case .full: refuse(exchange, .full)
        }
    }

    /// A worker has them in its own store.
    func remove(_ sequences: [Int64], from connection: Int64, bytes: [Int]) {
        removals += sequences
        for count in bytes { ledger.removed(from: connection, bytes: count) }
        commit(after: Self.removalDelay)
    }

    private func commit(after delay: Duration) {
        guard removalTimer == nil else { return }
        removalTimer = EpollLoop.process.after(delay) { [weak self] in
            self?.removalTimer = nil
            self?.removalsAreDue = true
            self?.commitNext()
        }
    }

    /// Until everything that was taken is answered and every removal is on disk.
    func drain() async {
        while isCommitting || !batch.arrivals.isEmpty || !removals.isEmpty {
            removalsAreDue = !removals.isEmpty
            commitNext()
            try? await EpollLoop.process.sleep(for: .milliseconds(1))
            if isFull { return }
        }
    }

    // MARK: Commits

    /// A commit for removals alone would keep those waiting who arrive meanwhile.
    private var hasToCommit: Bool { !batch.arrivals.isEmpty || removalsAreDue }

    private func commitNext() {
        guard !isCommitting, hasToCommit else { return }
        isCommitting = true
        EpollLoop.process.task { [self] in
            // The events of this turn of the loop are all read before the first of them is written.
            await Task.yield()
            while hasToCommit, await commitBatch() {}
            isCommitting = false
            // What came while a commit failed waits for an answer, and perhaps nobody else comes.
            if !batch.arrivals.isEmpty || !removals.isEmpty { commit(after: Self.pauseAfterFailure) }
        }
    }

    /// False when the store is in trouble; what could not be removed is kept for later.
    private func commitBatch() async -> Bool {
        committing = batch
        batch = Batch()
        let removing = removals
        removals = []
        removalsAreDue = false
        removalTimer?.cancel()
        removalTimer = nil
        let began = Instant.now
        do {
            let receipt = try await inbox.commit(committing.arrivals, removing: removing)
            commitSeconds.observe((Instant.now - began).inSeconds)
            if !committing.arrivals.isEmpty { batchSizes.observe(Double(committing.arrivals.count)) }
            refusingUntil = nil
            stored(receipt)
            return true
        } catch {
            notStored(error)
            removals = await removedAlone(removing) ? removals : removing + removals
            return false
        }
    }

    private func stored(_ receipt: CommitReceipt) {
        let done = committing
        committing = Batch()
        var events: [Event] = []
        events.reserveCapacity(done.arrivals.count)
        for (index, arrival) in done.arrivals.enumerated() {
            ledger.committed(arrival.key)
            underwayBytes -= arrival.body.count
            acknowledge(done.exchanges[index], .accepted)
            events.append(Event(sequence: receipt.sequences.lowerBound + Int64(index), arrival: arrival))
        }
        for exchange in done.repeated.values.joined() { acknowledge(exchange, .duplicate) }
        if !events.isEmpty { onStored?(events) }
    }

    private func notStored(_ error: any Error) {
        let failed = committing
        committing = Batch()
        for (index, arrival) in failed.arrivals.enumerated() {
            ledger.notCommitted(arrival.key, for: arrival.connection, bytes: arrival.body.count)
            underwayBytes -= arrival.body.count
            refuse(failed.exchanges[index], outcome(of: error))
        }
        for exchange in failed.repeated.values.joined() { refuse(exchange, outcome(of: error)) }
        if !isFull { log.alert("webhooks are refused with 503 for now: \(error)") }
        // A full disk is not asked again for every webhook.
        refusingUntil = .now + Self.pauseAfterFailure
    }

    /// Removals need no room; they make it.
    private func removedAlone(_ removing: [Int64]) async -> Bool {
        guard !removing.isEmpty else { return true }
        return (try? await inbox.commit([], removing: removing)) != nil
    }

    private func outcome(of error: any Error) -> Outcome {
        if case .full? = error as? StoreError { .full } else { .storeFailed }
    }

    // MARK: Answers

    private func acknowledge(_ exchange: HTTPExchange, _ outcome: Outcome) {
        outcomes[outcome, default: 0] += 1
        if let hooks = exchange.guest as? PreparedHooks, !hooks.isPlain {
            exchange.answer(hooks.acknowledgement(at: exchange.path))
        } else {
            exchange.answer(.accepted)
        }
    }

    private func refuse(_ exchange: HTTPExchange, _ outcome: Outcome) {
        outcomes[outcome, default: 0] += 1
        exchange.answer(.tryAgainLater)
    }
}

extension HTTPServer.Answer {
    static let tryAgainLater = HTTPServer.Answer(.unavailable, [HTTPHeader("Retry-After", "5")])
}
