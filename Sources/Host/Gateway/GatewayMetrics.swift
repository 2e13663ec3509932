import CPosix
import Core
import Transport

/// The page behind `/metrics`: what the gateway counts itself, and what the supervisor told it of the pool.
struct GatewayMetrics {
    /// Why a webhook was turned away before it came to the inbox.
    enum Refusal: String, CaseIterable, Error {
        case unknown, forged, malformed
        case unavailable
    }

    var refusals: [Refusal: Int] = [:]
    /// Subscriptions that were made, or renewed, while we said that the address is ours.
    var handshakes = 0
    /// Single notifications without our secret, of bodies in which none had it.
    var forgedNotifications = 0

    @OnLoop func page(server: HTTPServer?, intake: Intake?, pool: PoolFacts?) -> String {
        var page = MetricsText()
        page.family("build_info", .gauge, "The running build; the value is always 1.")
        page.sample("build_info", [("version", Build.version)], 1)
        if let pool {
            add(pool, to: &page)
            add(pool.work, to: &page)
        }
        if let intake { add(intake, to: &page) }
        if let server { add(server, to: &page) }
        addProcesses(pool, to: &page)
        return page.text
    }

    private func add(_ pool: PoolFacts, to page: inout MetricsText) {
        page.family("workers", .gauge, "Connections by the state of their worker.")
        for state in pool.workersByState { page.sample("workers", [("state", state.name)], state.count) }
        page.family("worker_restarts_total", .counter, "Worker processes that were started again, by cause.")
        for cause in pool.restartsByCause { page.sample("worker_restarts_total", [("cause", cause.name)], cause.count) }
        page.family("gateway_restarts_total", .counter, "Gateway processes that were started again.")
        page.sample("gateway_restarts_total", pool.gatewayRestarts)
        page.family("alerts_total", .counter, "Times somebody was asked to look.")
        page.sample("alerts_total", pool.alerts)
        page.family("worker_events_total", .counter, "Webhooks taken into the stores of tenants, by outcome.")
        page.sample("worker_events_total", [("outcome", "stored")], pool.accepted)
        page.sample("worker_events_total", [("outcome", "duplicate")], pool.duplicates)
    }

    @OnLoop private func add(_ intake: Intake, to page: inout MetricsText) {
        page.family("webhooks_total", .counter, "Webhooks by what became of them.")
        for outcome in Intake.Outcome.allCases {
            page.sample("webhooks_total", [("outcome", outcome.rawValue)], intake.outcomes[outcome, default: 0])
        }
        for refusal in Refusal.allCases {
            page.sample("webhooks_total", [("outcome", refusal.rawValue)], refusals[refusal, default: 0])
        }
        page.sample("webhooks_total", [("outcome", "handshake")], handshakes)
        page.family("inbox_events", .gauge, "Acknowledged webhooks that no worker has yet.")
        page.sample("inbox_events", intake.ledger.total.events)
        page.family("inbox_bytes", .gauge, "The bodies of these.")
        page.sample("inbox_bytes", intake.ledger.total.bytes)
        page.histogram(
            "inbox_commit_duration_seconds",
            "From a batch's hand-over to the disk until it is durable.",
            intake.commitSeconds
        )
        page.histogram("inbox_commit_events", "Webhooks made durable by one commit.", intake.batchSizes)
    }

    @OnLoop private func add(_ server: HTTPServer, to page: inout MetricsText) {
        page.family("http_connections", .gauge, "Open connections from outside.")
        page.sample("http_connections", server.counters.openNow)
        page.family("http_connections_total", .counter, "Connections accepted.")
        page.sample("http_connections_total", server.counters.accepted)
        page.family("http_requests_total", .counter, "Requests received.")
        page.sample("http_requests_total", server.counters.requests)
        page.family("http_refusals_total", .counter, "Requests and connections turned away, by reason.")
        for refusal in HTTPServer.Refusal.allCases {
            page.sample("http_refusals_total", [("reason", "\(refusal)")], server.counters[refusal])
        }
        page.family("http_received_bytes_total", .counter, "Heads and bodies of requests.")
        page.sample("http_received_bytes_total", server.counters.bytesReceived)
    }

    private func addProcesses(_ pool: PoolFacts?, to page: inout MetricsText) {
        let own = ProcessFacts()
        page.family("process_resident_memory_bytes", .gauge, "Memory in use, by role; of all workers together.")
        page.sample("process_resident_memory_bytes", [("role", "gateway")], own.residentBytes ?? 0)
        if let pool {
            page.sample("process_resident_memory_bytes", [("role", "supervisor")], pool.supervisorMemoryBytes)
            page.sample("process_resident_memory_bytes", [("role", "workers")], pool.workersMemoryBytes)
        }
        page.family("process_cpu_seconds_total", .counter, "Processor time, by role.")
        page.sample("process_cpu_seconds_total", [("role", "gateway")], own.processorSeconds ?? 0)
        if let pool {
            page.sample("process_cpu_seconds_total", [("role", "supervisor")], pool.supervisorCPUSeconds)
            page.family("process_open_fds", .gauge, "Open descriptors of the supervisor.")
            page.sample("process_open_fds", [("role", "supervisor")], pool.supervisorDescriptors)
            page.family("process_start_time_seconds", .gauge, "When the supervisor started, since 1970.")
            page.sample("process_start_time_seconds", pool.startSeconds)
        }
        page.family("log_lines_dropped_total", .counter, "Log lines of the gateway that nobody took.")
        page.sample("log_lines_dropped_total", Log.dropped)
    }
}
