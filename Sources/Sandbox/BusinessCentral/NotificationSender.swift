import Core
import Transport

extension BusinessCentralSimulator {
    /// Tells subscribers what has changed, as patiently as the vendor does: late, in one request for each address, and with
    /// an end to its patience.
    ///
    ///     quiet ──change──▶ collecting ──delay──▶ sending ──2xx──▶ quiet, or collecting again
    ///                            ▲                   ├─ no answer, 408, 429, 5xx: wait, longer each time; gone at last
    ///                            └───────────────────┘─ anything else: all subscriptions of the address are deleted
    @OnLoop final class NotificationSender {
        private struct Mailbox {
            var alarm: SandboxClock.Alarm?
            var failures = 0
            var isSending = false
        }

        struct Counters {
            var requests = 0
            var accepted = 0
            var items = 0
            var collections = 0
            var failed = 0
            var deletedByAnswer = 0
            var deletedByFailures = 0
            var expired = 0
            var dropped = 0
            var handshakes = 0
            var failedHandshakes = 0
        }

        /// The wait after each failure; after one more the subscription is deleted.
        static let retries: [Duration] = [.seconds(60), .seconds(60), .seconds(600), .seconds(6_000), .seconds(60_000)]
        private static let mostClients = 64

        private(set) var subscriptions: [String: Subscription] = [:]
        private(set) var counters = Counters()
        var settings: Settings
        private let clock: SandboxClock
        private var pending: [String: Pending] = [:]
        private var mailboxes: [String: Mailbox] = [:]
        private var clients: [String: HTTPClient] = [:]
        private var random: SeededGenerator
        private var isStopped = false

        nonisolated init(_ settings: Settings, clock: SandboxClock, random: SeededGenerator) {
            self.settings = settings
            self.clock = clock
            self.random = random
        }

        // MARK: Subscriptions

        func put(_ subscription: Subscription) {
            subscriptions[subscription.id] = subscription
            // Renewed for another address, it is told there what it was to be told.
            if pending[subscription.id]?.isEmpty == false { collect(for: subscription.url) }
        }

        func remove(_ id: String) {
            subscriptions[id] = nil
            pending[id] = nil
        }

        /// Those that are over go, with all they were still to be told.
        func removeExpired() {
            let now = clock.now
            for (id, subscription) in subscriptions where subscription.expiration <= now {
                remove(id)
                counters.expired += 1
            }
        }

        /// Whether whoever listens at `url` repeats a token in time, as proof that it wants what will come.
        func shakeHands(with url: String) async -> Bool {
            counters.handshakes += 1
            // With everything in it that has to be decoded.
            let token = "Validation: \(random.guid())/+=&"
            let mark = url.contains("?") ? "&" : "?"
            let target = "\(url)\(mark)validationToken=\(PercentCoding.encoded(token))"
            let response = try? await post(
                target,
                headers: [.init("Content-Type", "text/plain")],
                body: [],
                within: settings.handshakeMilliseconds
            )
            guard let response, response.status == 200, response.body.elementsEqual(token.utf8),
                response.headers["Content-Type"]?.lowercased().hasPrefix("text/plain") == true
            else {
                counters.failedHandshakes += 1
                return false
            }
            return true
        }

        // MARK: Changes

        func changed(_ event: Event) {
            removeExpired()
            let target = Subscription.Target(company: event.company, set: event.set)
            for subscription in subscriptions.values where subscription.target == target {
                guard pending[subscription.id, default: Pending()].count < settings.pendingLimit else {
                    counters.dropped += 1
                    continue
                }
                let item = Pending.Item(id: event.id, kind: event.kind, modified: event.modified)
                pending[subscription.id, default: Pending()].add(item, limit: settings.collectionLimit)
                collect(for: subscription.url)
            }
        }

        private func collect(for url: String) {
            let mailbox = mailboxes[url, default: Mailbox()]
            guard mailbox.alarm == nil, !mailbox.isSending else { return }
            send(to: url, after: .milliseconds(settings.notificationDelayMilliseconds))
        }

        private func send(to url: String, after delay: Duration) {
            mailboxes[url, default: Mailbox()].alarm = clock.after(delay) { [weak self] in self?.send(to: url) }
        }

        private func send(to url: String) {
            removeExpired()
            mailboxes[url]?.alarm = nil
            var batch: [String: Pending] = [:]
            var values: [JSON] = []
            for subscription in subscriptions.values.sorted(by: { $0.sequence < $1.sequence })
            where subscription.url == url {
                guard let waiting = pending.removeValue(forKey: subscription.id), !waiting.isEmpty else { continue }
                batch[subscription.id] = waiting
                values += waiting.values(of: subscription)
                counters.collections += waiting.isCollection ? 1 : 0
            }
            guard !values.isEmpty else {
                mailboxes[url] = nil
                return
            }
            for value in values where settings.duplicateChance > 0 {
                if Double.random(in: 0..<1, using: &random) < settings.duplicateChance { values.append(value) }
            }
            mailboxes[url]?.isSending = true
            counters.requests += 1
            counters.items += values.count
            let document: JSON = ["value": .array(values)]
            let body = document.bytes()
            let number = random.guid()
            EpollLoop.process.task {
                let headers: [HTTPClient.Header] = [
                    .init("Content-Type", "application/json"), .init("clientRequestId", number),
                    .init("x-ms-correlation-id", number),
                ]
                let response = try? await self.post(
                    url,
                    headers: headers,
                    body: body,
                    within: self.settings.notificationTimeoutMilliseconds
                )
                self.answered(url, response?.status, batch)
            }
        }

        private func answered(_ url: String, _ status: Int?, _ batch: [String: Pending]) {
            guard !isStopped else { return }
            mailboxes[url]?.isSending = false
            switch status {
            case (200..<300)?:
                counters.accepted += 1
                mailboxes[url]?.failures = 0
                let isWaiting = subscriptions.values.contains { $0.url == url && pending[$0.id]?.isEmpty == false }
                if isWaiting { collect(for: url) } else { mailboxes[url] = nil }
            case nil, 408?, 429?, (500..<600)?: failed(url, batch)
            case _?:
                counters.failed += 1
                counters.deletedByAnswer += removeAll(of: url)
            }
        }

        private func failed(_ url: String, _ batch: [String: Pending]) {
            counters.failed += 1
            for (id, earlier) in batch where subscriptions[id] != nil {
                pending[id, default: Pending()].putBack(earlier, limit: settings.collectionLimit)
            }
            let failures = (mailboxes[url]?.failures ?? 0) + 1
            guard failures <= Self.retries.count else {
                counters.deletedByFailures += removeAll(of: url)
                return
            }
            mailboxes[url]?.failures = failures
            send(to: url, after: Self.retries[failures - 1])
        }

        private func removeAll(of url: String) -> Int {
            let gone = subscriptions.values.filter { $0.url == url }
            for subscription in gone { remove(subscription.id) }
            mailboxes[url]?.alarm?.cancel()
            mailboxes[url] = nil
            return gone.count
        }

        // MARK: Requests

        private func post(
            _ url: String,
            headers: [HTTPClient.Header],
            body: [UInt8],
            within milliseconds: Int
        ) async throws -> HTTPClient.Response {
            var request = HTTPClient.Request(.post, url, headers: headers, body: body)
            request.deadlines.total = .milliseconds(milliseconds)
            request.limits.bodyBytes = 65_536
            return try await client(for: url).send(request)
        }

        private func client(for url: String) throws -> HTTPClient {
            let origin = origin(of: url) ?? ""
            if let client = clients[origin] { return client }
            let client = HTTPClient(.init(allowed: try .init([origin])))
            if clients.count >= Self.mostClients { closeClients() }
            clients[origin] = client
            return client
        }

        private func closeClients() {
            for client in clients.values { client.close() }
            clients = [:]
        }

        func stop() {
            isStopped = true
            for mailbox in mailboxes.values { mailbox.alarm?.cancel() }
            mailboxes = [:]
            subscriptions = [:]
            pending = [:]
            closeClients()
        }
    }
}
