/// How long so many writes take at the least, and which of the account's limits is to blame.
package struct Estimate: Sendable, Equatable {
    package var seconds: Int64
    /// The limit that decides, in words: `1000 calls a day`.
    package var limit: String

    package init(seconds: Int64, limit: String) {
        self.seconds = seconds
        self.limit = limit
    }

    /// A span as people plan with it: `22 days`, `8 h`, `3 min`.
    package static func words(_ seconds: Int64) -> String {
        let seconds = min(max(seconds, 0), 1 << 50)
        return switch seconds {
        case ..<90: "\(seconds) s"
        case ..<5_400: "\((seconds + 30) / 60) min"
        case ..<172_800: "\((seconds + 1_800) / 3_600) h"
        default: "\((seconds + 43_200) / 86_400) days"
        }
    }
}

/// What it takes to write along a route, and how much of that the account has.
package struct WriteBudget: Sendable, Equatable {
    /// A kind of request, and for how many writes one of them is enough.
    package struct Request: Sendable, Equatable {
        package var charge: Charge
        package var writes: Int

        package init(_ charge: Charge, writes: Int) {
            self.charge = charge
            self.writes = max(writes, 1)
        }
    }

    package var windows: [Window]
    /// Of each window, what is used up now.
    package var used: [String: Int]
    package var perWrite: Charge
    package var requests: [Request]

    private static let mostWrites = 1_000_000_000
    private static let day = 86_400.0
    /// A century: nobody needs to know more than that it is too long.
    private static let longest = 36_525 * day

    package init(
        windows: [Window],
        used: [String: Int],
        perWrite: Charge,
        requests: [Request] = []
    ) {
        self.windows = windows
        self.used = used
        self.perWrite = perWrite
        self.requests = requests
    }

    /// For the background, which has every window to itself as long as nothing is live. Nil where no limit says anything:
    /// then it is as fast as both systems are.
    package func estimate(writes: Int, at now: Int64) -> Estimate? {
        let writes = min(max(writes, 0), Self.mostWrites)
        let paced = windows.compactMap { window in
            seconds(writes, paced: window).map { (window, $0) }
        }
        let fastest = paced.map(\.1).max() ?? 0
        let daily = windows.compactMap { window in
            seconds(writes, daily: window, otherwise: fastest, at: now).map { (window, $0) }
        }
        guard let (window, seconds) = (paced + daily).max(by: { $0.1 < $1.1 }) else { return nil }
        return Estimate(seconds: Int64(min(seconds, Self.longest).rounded(.up)), limit: window.words)
    }

    private func units(_ writes: Int, of window: Window) -> Double {
        requests.reduce(Double(writes) * Double(perWrite.units[window.name, default: 0])) { units, request in
            let count = (writes + request.writes - 1) / request.writes
            return units + Double(count) * Double(request.charge.units[window.name, default: 0])
        }
    }

    private func seconds(_ writes: Int, paced window: Window) -> Double? {
        let units = units(writes, of: window)
        guard case .sliding(let period) = window.kind, units > 0 else { return nil }
        return units * Double(period.milliseconds) / 1_000 / Double(window.limit(for: .background))
    }

    /// What today leaves over, whole days, and on the last one as long as everything else takes. `fastest` is for all.
    private func seconds(_ writes: Int, daily window: Window, otherwise fastest: Double, at now: Int64) -> Double? {
        let units = units(writes, of: window)
        guard case .daily = window.kind, units > 0 else { return nil }
        let each = Double(window.limit(for: .background))
        let rest = units - max(each - Double(used[window.name, default: 0]), 0)
        // Whatever else there is decides.
        guard rest > 0 else { return fastest }
        let fullDays = (rest / each).rounded(.up) - 1
        let untilMidnight = Double(window.frees(spentAt: now) - now) / 1_000
        return untilMidnight + fullDays * Self.day + fastest * (rest - fullDays * each) / units
    }
}

extension Window {
    /// For people: `40 mutations in 60 s`.
    package var words: String {
        switch kind {
        case .sliding(let period): "\(limit) \(name) in \(period.milliseconds / 1_000) s"
        case .concurrent: "\(limit) \(name) at once"
        case .daily: "\(limit) \(name) a day"
        }
    }

    /// The most units that the background ever takes at once.
    package var burst: Int {
        guard let pace else { return limit(for: .background) }
        return min(limit, max(Int(slack.nanoseconds / max(pace.nanoseconds, 1)) + 1, batch))
    }
}
