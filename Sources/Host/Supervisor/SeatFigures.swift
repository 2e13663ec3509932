import Core
import Transport

/// What the workers of one seat have reported, one process after the other.
struct SeatFigures: Equatable {
    private static let mostWindows = 32
    private static let mostRoutes = 32
    private static let longestSubscription: Int64 = 10 * 366 * 86_400

    /// Of processes that have ended.
    private var past = WorkCounters()
    private var present = WorkCounters()
    /// What waits is in the store, so it outlives the process that counted it.
    private(set) var queuedLive: UInt64 = 0
    private(set) var queuedBackground: UInt64 = 0
    private(set) var parked: UInt64 = 0
    private(set) var windows: [WorkerFigures.WindowUse] = []
    /// How far each route's first load is: in the store too, and so kept.
    private(set) var progress: [WorkerFigures.RouteProgress] = []
    private(set) var outages: [WorkerFigures.Outage] = []
    private(set) var reportedAt = Instant(nanoseconds: 0)
    /// Goes on running out while nobody is there to renew it.
    private(set) var subscriptionEnds: Instant?
    private(set) var trouble = ""

    var counters: WorkCounters {
        var sum = past
        sum.add(present)
        return sum
    }

    mutating func reported(_ figures: WorkerFigures, at now: Instant) {
        present.rise(to: WorkCounters(figures))
        queuedLive = min(figures.queuedLive, WorkCounters.most)
        queuedBackground = min(figures.queuedBackground, WorkCounters.most)
        parked = min(figures.parked, WorkCounters.most)
        windows = figures.windows.prefix(Self.mostWindows).map(\.believable)
        progress = figures.progress.prefix(Self.mostRoutes).map(\.believable)
        outages = figures.outages.prefix(Self.mostWindows).map(\.believable)
        reportedAt = now
        subscriptionEnds = figures.subscriptionSeconds.map {
            now + .seconds(min(max($0, 0), Self.longestSubscription))
        }
        trouble = remark(figures.trouble)
    }

    /// The process is gone: what it had counted stays, what it was about to do does not.
    mutating func ended() {
        past.add(present)
        present = WorkCounters()
        windows = []
        outages = []
        trouble = ""
    }
}

extension WorkerFigures.WindowUse {
    fileprivate var believable: WorkerFigures.WindowUse {
        WorkerFigures.WindowUse(
            system: WorkCounters.system(system),
            window: String(remark(window).prefix(40)),
            account: String(account.prefix(100)),
            used: used,
            limit: limit
        )
    }
}

extension WorkerFigures.RouteProgress {
    private static let longestWait: Int64 = 100 * 366 * 86_400

    fileprivate var believable: WorkerFigures.RouteProgress {
        let total = total.map { min($0, WorkCounters.most) }
        return WorkerFigures.RouteProgress(
            route: String(remark(route).prefix(100)),
            done: min(done, total ?? WorkCounters.most, WorkCounters.most),
            total: total,
            queued: min(queued, WorkCounters.most),
            secondsLeft: secondsLeft.map { min(max($0, 0), Self.longestWait) },
            limit: String(remark(limit).prefix(100)),
            isEnded: isEnded
        )
    }
}

extension WorkerFigures.Outage {
    fileprivate var believable: WorkerFigures.Outage {
        WorkerFigures.Outage(
            system: WorkCounters.system(system),
            account: String(account.prefix(100)),
            sinceMilliseconds: sinceMilliseconds
        )
    }
}

/// What all workers together have counted and hold.
struct PoolFigures: Wire, Codable, Equatable {
    struct WindowRatio: Wire, Codable, Equatable {
        var system: String
        var window: String
        /// Of the account that has used most of it.
        var ratio: Double
    }

    struct SystemOutages: Wire, Codable, Equatable {
        var system: String
        /// Those that the system answers no call of.
        var accounts: Int
    }

    private static let mostWindows = 100

    private(set) var counters: WorkCounters
    private(set) var queuedLive: UInt64 = 0
    private(set) var queuedBackground: UInt64 = 0
    private(set) var parked: UInt64 = 0
    /// Connections that something keeps from working.
    private(set) var troubled: UInt64 = 0
    private(set) var windows: [WindowRatio] = []
    private(set) var backfill = Backfill()
    private(set) var outages: [SystemOutages] = []
    /// Until the first one ends; nil without any.
    private(set) var subscriptionSeconds: Int64?

    /// All first loads that are under way.
    struct Backfill: Wire, Codable, Equatable {
        var routes: UInt64 = 0
        var done: UInt64 = 0
        /// Of those whose number is known.
        var left: UInt64 = 0
        /// Of the one that takes longest; nil where that is not known of any.
        var secondsLeft: Int64?

        mutating func add(_ load: WorkerFigures.RouteProgress) {
            guard !load.isEnded else { return }
            routes += 1
            done += load.done
            left += load.total.map { $0 - min(load.done, $0) } ?? load.queued
            if let seconds = load.secondsLeft { secondsLeft = max(secondsLeft ?? 0, seconds) }
        }
    }

    /// `retired` is what seats had counted that are no more.
    init(of seats: [(tenant: String, figures: SeatFigures)], retired: WorkCounters, at now: Instant) {
        counters = retired
        for (_, figures) in seats {
            counters.add(figures.counters)
            // A seat's own are bounded, so no number of seats that fits on a machine overflows these.
            queuedLive += figures.queuedLive
            queuedBackground += figures.queuedBackground
            parked += figures.parked
            if !figures.trouble.isEmpty { troubled += 1 }
            for load in figures.progress { backfill.add(load) }
        }
        let ends = seats.compactMap(\.figures.subscriptionEnds).min()
        subscriptionSeconds = ends.map { max(0, ($0 - now).nanoseconds / 1_000_000_000) }
        windows = Self.ratios(seats)
        outages = Self.outages(seats)
    }

    /// Of each system that anybody speaks to.
    private static func outages(_ seats: [(tenant: String, figures: SeatFigures)]) -> [SystemOutages] {
        var accounts: [String: Set<[String]>] = [:]
        for (tenant, figures) in seats {
            for window in figures.windows { accounts[window.system, default: []].formUnion([]) }
            for outage in figures.outages { accounts[outage.system, default: []].insert([tenant, outage.account]) }
        }
        return accounts.sorted { $0.key < $1.key }.map { SystemOutages(system: $0.key, accounts: $0.value.count) }
    }

    /// Workers that share an account tell of the same window: the one that looked last knows.
    private static func ratios(_ seats: [(tenant: String, figures: SeatFigures)]) -> [WindowRatio] {
        var ofAccounts: [[String]: Double] = [:]
        for (tenant, figures) in seats.sorted(by: { $0.figures.reportedAt < $1.figures.reportedAt }) {
            for use in figures.windows where use.limit > 0 {
                ofAccounts[[use.system, use.window, tenant, use.account]] = Double(use.used) / Double(use.limit)
            }
        }
        var highest: [[String]: Double] = [:]
        for (place, ratio) in ofAccounts { highest[Array(place.prefix(2)), default: 0].rise(to: ratio) }
        return highest.sorted { $0.key.lexicographicallyPrecedes($1.key) }.prefix(mostWindows).map { place, ratio in
            WindowRatio(system: place[0], window: place[1], ratio: ratio)
        }
    }
}

extension Double {
    fileprivate mutating func rise(to other: Double) {
        self = max(self, other)
    }
}
