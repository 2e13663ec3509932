import Core

/// The part of the page that tells of the work itself: what all workers together have done, and what waits.
extension GatewayMetrics {
    func add(_ work: PoolFigures, to page: inout MetricsText) {
        addChanges(work, to: &page)
        addCalls(work.counters, to: &page)
        page.family("account_window_used_ratio", .gauge, "Of each limit, what the account that uses most has used.")
        for window in work.windows {
            page.sample(
                "account_window_used_ratio",
                [("system", window.system), ("window", window.window)],
                window.ratio
            )
        }
        page.family("account_circuits_open", .gauge, "Accounts whose system answers no call, by system.")
        for outages in work.outages {
            page.sample("account_circuits_open", [("system", outages.system)], outages.accounts)
        }
        page.family("subscription_remaining_seconds", .gauge, "Until the first subscription at a vendor ends.")
        if let seconds = work.subscriptionSeconds { page.sample("subscription_remaining_seconds", seconds) }
        page.family("notifications_forged_total", .counter, "Single notifications without our secret, by who saw it.")
        page.sample("notifications_forged_total", [("seen_by", "gateway")], forgedNotifications)
        page.sample("notifications_forged_total", [("seen_by", "worker")], work.counters.forgedNotifications)
        page.family("connections_in_trouble", .gauge, "Connections whose worker says what keeps it from working.")
        page.sample("connections_in_trouble", work.troubled)
    }

    private func addChanges(_ work: PoolFigures, to page: inout MetricsText) {
        page.family("changes_total", .counter, "Changed records by what was decided for them.")
        for (outcome, count) in zip(WorkCounters.outcomes, work.counters.changes) {
            page.sample("changes_total", [("outcome", outcome)], count)
        }
        page.histogram(
            "change_lag_seconds",
            "From the first word of a live change until it was written.",
            Histogram(
                bounds: WorkerFigures.lagBounds.map { Double($0) / 1_000 },
                counts: work.counters.lagBuckets.map { Int(clamping: $0) },
                sum: Double(work.counters.lagMilliseconds) / 1_000
            )
        )
        page.family("queue_changes", .gauge, "Changed records that wait to be looked at, by lane.")
        page.sample("queue_changes", [("lane", "live")], work.queuedLive)
        page.sample("queue_changes", [("lane", "background")], work.queuedBackground)
        addBackfill(work.backfill, to: &page)
        page.family("parked_records", .gauge, "Records that cannot be written as they are, and wait for a person.")
        page.sample("parked_records", work.parked)
    }

    private func addBackfill(_ backfill: PoolFigures.Backfill, to page: inout MetricsText) {
        page.family("backfill_routes", .gauge, "Routes whose first load is under way.")
        page.sample("backfill_routes", backfill.routes)
        page.family("backfill_records", .gauge, "Records of the first loads under way, by what became of them.")
        page.sample("backfill_records", [("state", "done")], backfill.done)
        page.sample("backfill_records", [("state", "left")], backfill.left)
        page.family("backfill_remaining_seconds", .gauge, "Until the longest first load ends, at its account's limits.")
        if let seconds = backfill.secondsLeft { page.sample("backfill_remaining_seconds", seconds) }
    }

    private func addCalls(_ counters: WorkCounters, to page: inout MetricsText) {
        page.family("remote_calls_total", .counter, "Calls to remote systems by how they ended.")
        addBySystem("remote_calls_total", WorkCounters.callOutcomes, counters.calls, to: &page)
        page.family("token_refreshes_total", .counter, "New tokens asked of remote systems by how that ended.")
        addBySystem("token_refreshes_total", WorkCounters.tokenOutcomes, counters.tokens, to: &page)
    }

    /// Systems that nobody has spoken to are left out.
    private func addBySystem(_ name: String, _ outcomes: [String], _ counts: [UInt64], to page: inout MetricsText) {
        for (index, system) in WorkCounters.systems.enumerated() {
            let own = counts.dropFirst(index * outcomes.count).prefix(outcomes.count)
            guard own.contains(where: { $0 > 0 }) else { continue }
            for (outcome, count) in zip(outcomes, own) {
                page.sample(name, [("system", system), ("outcome", outcome)], count)
            }
        }
    }
}
