/// What one worker counts, for metrics and for whoever asks how a connection is. Counters begin at 0 with the process.
package struct WorkerFigures: Sendable, Equatable, Codable {
    package struct Count: Sendable, Equatable, Codable {
        package var system: String
        package var name: String
        package var count: UInt64

        package init(system: String, name: String, count: UInt64) {
            self.system = system
            self.name = name
            self.count = count
        }
    }

    package struct WindowUse: Sendable, Equatable, Codable {
        package var system: String
        package var window: String
        /// Tells accounts apart, so that two workers of one account do not count twice.
        package var account: String
        package var used: UInt32
        package var limit: UInt32

        package init(system: String, window: String, account: String, used: UInt32, limit: UInt32) {
            self.system = system
            self.window = window
            self.account = account
            self.used = used
            self.limit = limit
        }
    }

    /// How far a route's first load is.
    package struct RouteProgress: Sendable, Equatable, Codable {
        package var route: String
        /// Records that have been read and dealt with.
        package var done: UInt64
        /// Nil where nobody knows: its system does not say, or has not been asked yet.
        package var total: UInt64?
        /// Read, and waiting to be written.
        package var queued: UInt64
        /// At the pace of the account's limits; nil where none of them says anything, or nobody knows how many are left.
        package var secondsLeft: Int64?
        /// Why no faster: the limit that decides.
        package var limit: String
        package var isEnded: Bool

        package init(
            route: String,
            done: UInt64,
            total: UInt64?,
            queued: UInt64,
            secondsLeft: Int64?,
            limit: String,
            isEnded: Bool
        ) {
            self.route = route
            self.done = done
            self.total = total
            self.queued = queued
            self.secondsLeft = secondsLeft
            self.limit = limit
            self.isEnded = isEnded
        }

        /// `1200 of 20000 records, about 22 days left (1000 calls a day)`
        package var words: String {
            let far = total.map { "\(done) of \($0) records" } ?? "\(done) records, of how many is not known"
            guard !isEnded, let secondsLeft else { return far }
            let why = limit.isEmpty ? "" : " (\(limit))"
            return far + ", about \(Estimate.words(secondsLeft)) left" + why
        }
    }

    /// A system that answers nobody of that account.
    package struct Outage: Sendable, Equatable, Codable {
        package var system: String
        package var account: String
        package var sinceMilliseconds: Int64

        package init(system: String, account: String, sinceMilliseconds: Int64) {
            self.system = system
            self.account = account
            self.sinceMilliseconds = sinceMilliseconds
        }
    }

    /// A limit of an account's day of which nothing is left.
    package struct SpentDay: Sendable, Equatable, Codable {
        package var system: String
        package var limit: UInt32
        package var untilMilliseconds: Int64

        package init(system: String, limit: UInt32, untilMilliseconds: Int64) {
            self.system = system
            self.limit = limit
            self.untilMilliseconds = untilMilliseconds
        }
    }

    /// Bounds of the lag's buckets, in milliseconds; what is longer is in the last one.
    package static let lagBounds: [UInt32] = [100, 250, 500, 1_000, 2_500, 5_000, 15_000, 60_000, 300_000, 3_600_000]

    /// By decision (`created`, `parked`), of no system.
    package var changes: [Count] = []
    /// By system: answered, throttled, lost.
    package var calls: [Count] = []
    /// By system: refreshed, failed.
    package var tokens: [Count] = []
    package var forgedNotifications: UInt64 = 0
    /// From the first word of a live change until it was written, by bucket, and all of them together.
    package var lagBuckets = [UInt64](repeating: 0, count: lagBounds.count + 1)
    package var lagMilliseconds: UInt64 = 0
    package var queuedLive: UInt64 = 0
    package var queuedBackground: UInt64 = 0
    package var parked: UInt64 = 0
    package var windows: [WindowUse] = []
    package var progress: [RouteProgress] = []
    /// Of accounts whose circuit is open.
    package var outages: [Outage] = []
    package var spentDays: [SpentDay] = []
    /// Until the first of its subscriptions ends; nil without any.
    package var subscriptionSeconds: Int64?
    /// What keeps the connection from working, in words for an operator; empty when nothing does.
    package var trouble = ""

    package init() {}

    package mutating func count(_ what: WritableKeyPath<WorkerFigures, [Count]>, _ name: String, of system: String = "")
    {
        if let index = self[keyPath: what].firstIndex(where: { $0.name == name && $0.system == system }) {
            self[keyPath: what][index].count += 1
        } else {
            self[keyPath: what].append(Count(system: system, name: name, count: 1))
        }
    }

    /// The words for an operator, with since when a system is down. Whoever waits for it has met no trouble itself yet.
    package func withOutages(_ words: String) -> String {
        for outage in outages where words.isEmpty || words.hasPrefix(outage.system) {
            let since = WallTime(millisecondsSince1970: Int(outage.sinceMilliseconds)).text
            return words.isEmpty ? "\(outage.system): no call gets through since \(since)" : "\(words) (since \(since))"
        }
        return words
    }

    /// The same, with until when a day's calls are used up, where a live change waits for them and for nothing worse.
    package func withSpentDays(_ words: String) -> String {
        guard words.isEmpty, queuedLive > 0, let day = spentDays.first else { return words }
        let until = WallTime(millisecondsSince1970: Int(day.untilMilliseconds)).text
        return "\(day.system): the account's \(day.limit) calls of this day are used up; what waits goes on at \(until)"
    }

    package mutating func lagged(milliseconds: Int64) {
        let bucket = Self.lagBounds.firstIndex { milliseconds <= Int64($0) } ?? Self.lagBounds.count
        lagBuckets[bucket] += 1
        lagMilliseconds += UInt64(max(milliseconds, 0))
    }
}
