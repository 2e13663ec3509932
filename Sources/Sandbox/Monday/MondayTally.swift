import Core

/// What the simulator has seen, for tests and for people.
struct MondayTally: Sendable {
    /// Callers choose names in part; more than these are counted together.
    private static let mostNames = 500

    private(set) var requests: [String: Int] = [:]
    private(set) var statuses: [Int: Int] = [:]
    private(set) var refusals: [String: Int] = [:]
    /// Errors of single fields, by their code.
    private(set) var fieldErrors: [String: Int] = [:]
    /// Mutation fields that were carried out, by the minute of the calendar.
    private(set) var minutes: [Int: Int] = [:]
    private(set) var mutations = 0
    var replays = 0

    mutating func request(_ label: String) { Self.count(label, &requests) }
    mutating func answer(_ status: Int) { statuses[status, default: 0] += 1 }
    mutating func refusal(_ rule: String) { Self.count(rule, &refusals) }

    mutating func faults(_ faults: [GraphQL.Fault]) {
        for fault in faults { Self.count(fault.extensions.string("code") ?? "none", &fieldErrors) }
    }

    mutating func mutations(_ count: Int, at now: WallTime) {
        mutations += count
        minutes[now.secondsSince1970 / 60, default: 0] += count
        if minutes.count > 1_440, let oldest = minutes.keys.min() { minutes[oldest] = nil }
    }

    private static func count(_ name: String, _ counts: inout [String: Int]) {
        let name = counts[name] != nil || counts.count < mostNames ? name : "others"
        counts[name, default: 0] += 1
    }
}

extension MondaySimulator {
    package var facts: JSON {
        let mutations: JSON = [
            "arrived": .number(limits.arrived.total), "executed": .number(tally.mutations),
            // By the instants at which they arrived, refused ones and those that were answered from memory too.
            "highestArrivedIn60s": .number(limits.arrived.highest),
            "highestExecutedIn60s": .number(limits.executed.highest),
            "perMinute": Self.json(tally.minutes) { WallTime(millisecondsSince1970: $0 * 60_000).text },
        ]
        let hooks: JSON = [
            "subscriptions": .number(self.hooks.subscriptions.count),
            "challenges": .number(self.hooks.counts.challenges),
            "refusedChallenges": .number(self.hooks.counts.refusedChallenges),
            "sent": .number(self.hooks.counts.sent), "accepted": .number(self.hooks.counts.accepted),
            "failed": .number(self.hooks.counts.failed), "lost": .number(self.hooks.counts.lost),
            "pending": .number(self.hooks.counts.pending),
        ]
        return [
            "requests": Self.json(tally.requests) { $0 },
            "statuses": Self.json(tally.statuses) { "\($0)" },
            "refusals": Self.json(tally.refusals) { $0 },
            "fieldErrors": Self.json(tally.fieldErrors) { $0 },
            "mutations": mutations,
            "idempotentReplays": .number(tally.replays),
            "highestInFlight": .number(limits.highestInFlight),
            "highestRequestsIn60s": .number(limits.requests.highest),
            "callsToday": .number(limits.usage(of: clock.now.day)),
            "faultsStruck": .number(faults.struck),
            "boards": .number(account.boards.count), "items": .number(account.items.count),
            "webhooks": hooks,
        ]
    }

    private static func json<Key: Comparable>(_ counts: [Key: Int], _ name: (Key) -> String) -> JSON {
        var object = JSON.Object()
        for (key, count) in counts.sorted(by: { $0.key < $1.key }) { object[name(key)] = .number(count) }
        return .object(object)
    }
}
