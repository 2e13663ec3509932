import Core
import Foundation
import Testing
import Transport

@testable import Host

@Suite(.onLoop) struct `what workers count` {
    static let now = Instant(nanoseconds: 1_000_000_000_000)

    static func figures(_ change: (inout WorkerFigures) -> Void) -> WorkerFigures {
        var figures = WorkerFigures()
        change(&figures)
        return figures
    }

    static func window(_ account: String, _ used: UInt32, of limit: UInt32 = 40) -> WorkerFigures.WindowUse {
        WorkerFigures.WindowUse(system: "monday", window: "mutations", account: account, used: used, limit: limit)
    }

    static let busy = figures { figures in
        for _ in 0..<3 { figures.count(\.changes, "created") }
        figures.count(\.changes, "something new")
        figures.count(\.calls, "answered", of: "monday")
        figures.count(\.calls, "throttled", of: "monday")
        figures.count(\.tokens, "refreshed", of: "business_central")
        figures.forgedNotifications = 2
        figures.lagged(milliseconds: 90)
        figures.lagged(milliseconds: 2_000)
        figures.lagged(milliseconds: 10_000_000)
        figures.queuedLive = 1
        figures.queuedBackground = 5
        figures.parked = 4
        figures.subscriptionSeconds = 100
        figures.trouble = "Monday: the token is not taken"
    }

    @Test func `is added up over the processes of a seat, and never goes back`() {
        var seat = SeatFigures()
        seat.reported(Self.busy, at: Self.now)
        #expect(seat.counters.changes == WorkCounters.outcomes.map { $0 == "created" ? 3 : $0 == "other" ? 1 : 0 })
        seat.ended()
        #expect(seat.counters.changes[0] == 3 && seat.trouble == "" && seat.parked == 4)
        seat.reported(Self.busy, at: Self.now)
        #expect(seat.counters.changes[0] == 6 && seat.counters.forgedNotifications == 4)
        #expect(seat.counters.lagBuckets.reduce(0, +) == 6)
        // A process that takes back what it said is not believed.
        seat.reported(WorkerFigures(), at: Self.now)
        #expect(seat.counters.changes[0] == 6 && seat.parked == 0)
    }

    @Test func `is merged over all workers, each account once`() {
        var first = SeatFigures()
        first.reported(Self.busy, at: Self.now)
        var second = SeatFigures()
        second.reported(
            Self.figures {
                $0.count(\.changes, "created")
                $0.subscriptionSeconds = 50
                $0.windows = [Self.window("a", 39), Self.window("b", 8, of: 10)]
            },
            at: Self.now
        )
        var third = SeatFigures()
        third.reported(Self.figures { $0.windows = [Self.window("a", 10)] }, at: Self.now + .seconds(1))
        var retired = WorkCounters()
        retired.add(first.counters)
        let seats = [("acme", third), ("acme", first), ("acme", second)]
        let work = PoolFigures(of: seats, retired: retired, at: Self.now + .seconds(20))
        #expect(work.counters.changes[0] == 3 + 3 + 1 && work.parked == 4 && work.troubled == 1)
        #expect(work.subscriptionSeconds == 30)
        // Of the account `a` the last look counts; `b` has used more of its own.
        #expect(work.windows == [PoolFigures.WindowRatio(system: "Monday", window: "mutations", ratio: 0.8)])
        // The same name at another tenant is another account.
        let apart = PoolFigures(of: [("acme", third), ("zenith", second)], retired: WorkCounters(), at: Self.now)
        #expect(apart.windows.map(\.ratio) == [0.975])
    }

    static func load(
        _ done: UInt64,
        of total: UInt64?,
        queued: UInt64 = 0,
        seconds: Int64? = nil,
        isEnded: Bool = false
    ) -> WorkerFigures.RouteProgress {
        WorkerFigures.RouteProgress(
            route: "purchaseInvoices",
            done: done,
            total: total,
            queued: queued,
            secondsLeft: seconds,
            limit: "1000 calls a day",
            isEnded: isEnded
        )
    }

    @Test func `adds up the first loads that are under way`() {
        var seats = [SeatFigures(), SeatFigures(), SeatFigures()]
        seats[0].reported(Self.figures { $0.progress = [Self.load(100, of: 400, seconds: 60)] }, at: Self.now)
        seats[1].reported(Self.figures { $0.progress = [Self.load(50, of: nil, queued: 7)] }, at: Self.now)
        seats[2].reported(
            Self.figures {
                $0.progress = [Self.load(9, of: 9, seconds: 0, isEnded: true), Self.load(1, of: 2, seconds: 90)]
            },
            at: Self.now
        )
        // What is in the store outlives the process that told of it.
        seats[0].ended()
        let work = PoolFigures(of: seats.map { ("acme", $0) }, retired: WorkCounters(), at: Self.now)
        #expect(work.backfill == PoolFigures.Backfill(routes: 3, done: 151, left: 308, secondsLeft: 90))
        let none = PoolFigures(of: [("acme", SeatFigures())], retired: WorkCounters(), at: Self.now)
        #expect(none.backfill == PoolFigures.Backfill())
    }

    @Test func `believes no first load that is larger than itself`() {
        var seat = SeatFigures()
        var load = Self.load(.max, of: 10, queued: .max, seconds: .max)
        load.route = String(repeating: "x\u{1B}", count: 400)
        seat.reported(Self.figures { $0.progress = Array(repeating: load, count: 1_000) }, at: Self.now)
        #expect(seat.progress.count == 32)
        let believed = seat.progress[0]
        #expect(believed.done == 10 && believed.route.count == 100 && !believed.route.contains("\u{1B}"))
        let work = PoolFigures(of: [("acme", seat)], retired: WorkCounters(), at: Self.now)
        #expect(work.backfill.routes == 32 && work.backfill.left == 0)
        load = Self.load(.max, of: nil, queued: .max, seconds: .min)
        seat.reported(Self.figures { $0.progress = Array(repeating: load, count: 32) }, at: Self.now)
        let most = PoolFigures(
            of: Array(repeating: ("acme", seat), count: 1_000),
            retired: WorkCounters(),
            at: Self.now
        )
        #expect(most.backfill.done == 32_000 * WorkCounters.most && most.backfill.secondsLeft == 0)
    }

    @Test func `goes on running out while nobody renews a subscription`() {
        var seat = SeatFigures()
        seat.reported(Self.busy, at: Self.now)
        seat.ended()
        let later = PoolFigures(of: [("acme", seat)], retired: WorkCounters(), at: Self.now + .seconds(500))
        #expect(later.subscriptionSeconds == 0)
    }

    @Test func `says since when a system is down`() {
        var figures = WorkerFigures()
        #expect(figures.withOutages("Monday: down") == "Monday: down")
        figures.outages = [.init(system: "Monday", account: "a", sinceMilliseconds: 1_800_000_000_000)]
        #expect(figures.withOutages("Monday: down") == "Monday: down (since 2027-01-15T08:00:00Z)")
        #expect(figures.withOutages("") == "Monday: no call gets through since 2027-01-15T08:00:00Z")
        #expect(figures.withOutages("the disk is full") == "the disk is full")
    }

    @Test func `say until when a day's calls are used up, while somebody waits for them`() {
        var figures = WorkerFigures()
        figures.spentDays = [.init(system: "Monday", limit: 1_000, untilMilliseconds: 1_800_000_000_000)]
        #expect(figures.withSpentDays("").isEmpty)
        figures.queuedLive = 1
        let words = "the account's 1000 calls of this day are used up; what waits goes on at 2027-01-15T08:00:00Z"
        #expect(figures.withSpentDays("") == "Monday: \(words)")
        #expect(figures.withSpentDays("Monday: down") == "Monday: down")
    }

    /// Two workers of one account meet one outage.
    @Test func `counts an account that is shut once`() {
        var (first, second) = (SeatFigures(), SeatFigures())
        let outage = WorkerFigures.Outage(system: "monday", account: "a", sinceMilliseconds: .min)
        first.reported(Self.figures { $0.outages = [outage] }, at: Self.now)
        second.reported(Self.figures { $0.outages = Array(repeating: outage, count: 1_000) }, at: Self.now)
        let seats = [("acme", first), ("acme", second), ("zenith", first)]
        let work = PoolFigures(of: seats, retired: WorkCounters(), at: Self.now)
        #expect(work.outages == [PoolFigures.SystemOutages(system: "Monday", accounts: 2)])
    }

    @Test func `is told again only when it is news`() {
        var sent = SentFigures()
        var figures = Self.busy
        func isNews(after seconds: Int) -> Bool { sent.isNews(figures, at: Self.now + .seconds(seconds)) }
        let firstTwo = [isNews(after: 0), isNews(after: 0)]
        #expect(firstTwo == [true, false])
        figures.subscriptionSeconds = 40
        let passing = [isNews(after: 60), isNews(after: 120)]
        #expect(passing == [false, true])
        figures.subscriptionSeconds = nil
        let without = isNews(after: 120)
        figures.parked += 1
        let parked = isNews(after: 120)
        #expect(without && parked)
    }

    @Test @OnLoop func `is on a page that Prometheus likes`() async throws {
        let staged = try await StagedSupervisor()
        let (seat, process) = try await staged.worker(1)
        var figures = Self.busy
        figures.windows = [Self.window("a", 39)]
        figures.progress = [Self.load(100, of: 400, queued: 300, seconds: 86_400)]
        figures.outages = [.init(system: "Business Central", account: "b", sinceMilliseconds: 1_800_000_000_000)]
        process.tell(Beat(accepted: 7, figures: figures))
        process.tell(Beat(accepted: 8))
        try await staged.until { seat.beat.accepted == 8 }
        var metrics = GatewayMetrics()
        metrics.forgedNotifications = 3
        let page = metrics.page(server: nil, intake: nil, pool: staged.supervisor.poolFacts())
        for sample in [
            #"changes_total{outcome="created"} 3"#, #"changes_total{outcome="parked"} 0"#,
            #"change_lag_seconds_bucket{le="0.1"} 1"#, #"change_lag_seconds_bucket{le="2.5"} 2"#,
            #"change_lag_seconds_bucket{le="3600.0"} 2"#, #"change_lag_seconds_bucket{le="+Inf"} 3"#,
            "change_lag_seconds_count 3", #"queue_changes{lane="live"} 1"#, #"queue_changes{lane="background"} 5"#,
            "parked_records 4", #"account_window_used_ratio{system="Monday",window="mutations"} 0.975"#,
            #"account_circuits_open{system="Monday"} 0"#, #"account_circuits_open{system="Business Central"} 1"#,
            #"remote_calls_total{system="Monday",outcome="throttled"} 1"#,
            #"token_refreshes_total{system="Business Central",outcome="refreshed"} 1"#,
            #"notifications_forged_total{seen_by="gateway"} 3"#, #"notifications_forged_total{seen_by="worker"} 2"#,
            "connections_in_trouble 1", "backfill_routes 1", #"backfill_records{state="done"} 100"#,
            #"backfill_records{state="left"} 300"#, "backfill_remaining_seconds 86400",
        ] { #expect(page.contains("\nml_connector_\(sample)\n"), "\(sample)") }
        #expect(page.contains("\nml_connector_subscription_remaining_seconds "))
        #expect(try Self.complaints(of: page) == "")
        // With nothing counted and nothing subscribed it has to be right, too.
        let silent = try await StagedSupervisor()
        let empty = GatewayMetrics().page(server: nil, intake: nil, pool: silent.supervisor.poolFacts())
        #expect(try Self.complaints(of: empty) == "")
        await silent.end()
        await staged.end()
    }

    /// What `promtool` says, of Debian's package `prometheus`; ops/test installs it.
    static func complaints(of page: String) throws -> String {
        let file = FileManager.default.temporaryDirectory.appending(path: "page-\(UUID().uuidString)")
        try page.write(to: file, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let promtool = Process()
        let said = Pipe()
        promtool.executableURL = URL(filePath: "/usr/bin/promtool")
        promtool.arguments = ["check", "metrics"]
        promtool.standardInput = try FileHandle(forReadingFrom: file)
        promtool.standardOutput = said
        promtool.standardError = said
        try promtool.run()
        let text = try said.fileHandleForReading.readToEnd() ?? Data()
        promtool.waitUntilExit()
        return String(decoding: text, as: UTF8.self) + (promtool.terminationStatus == 0 ? "" : "it failed")
    }
}
