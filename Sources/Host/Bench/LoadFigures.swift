import Core

/// What a load generator saw, from outside.
struct LoadFigures: Sendable {
    /// Between the end of the warm-up and the last answer that counts.
    var seconds = 0.0
    /// Answered in that time.
    var counted = 0
    var latencies = Latencies()
    /// All that were sent, the warm-up's too, by the status of their answer; 0 where the connection ended instead.
    var statuses: [Int: Int] = [:]
    /// Different events among those answered with success.
    var acknowledged = 0
    /// Different events that were sent and not answered at all: they may be stored or not.
    var unanswered = 0
    var reconnects = 0

    var rate: Double { seconds > 0 ? Double(counted) / seconds : 0 }
    var sent: Int { statuses.values.reduce(0, +) }
    var successes: Int { statuses.filter { 200..<300 ~= $0.key }.values.reduce(0, +) }
    var failures: [(status: Int, count: Int)] {
        statuses.filter { !(200..<300 ~= $0.key) && $0.value > 0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

/// Durations, kept one by one, so that a percentile is one of them and not a guess between two.
struct Latencies: Sendable {
    /// In units of 100 ns: the longest is seven minutes.
    private var ticks: [UInt32] = []
    private var isSorted = false

    init(reserving count: Int = 0) {
        ticks.reserveCapacity(count)
    }

    var count: Int { ticks.count }

    mutating func add(nanoseconds: Int64) {
        ticks.append(UInt32(clamping: nanoseconds / 100))
    }

    mutating func add(_ others: Latencies) {
        ticks += others.ticks
        isSorted = false
    }

    mutating func sort() {
        ticks.sort()
        isSorted = true
    }

    /// The value that this share of all does not exceed; nil when there are none. Sorted before.
    func at(_ share: Double) -> Duration? {
        precondition(isSorted || ticks.count < 2, "percentiles of values that are in no order")
        guard !ticks.isEmpty else { return nil }
        let index = min(ticks.count - 1, max(0, Int((share * Double(ticks.count)).rounded(.up)) - 1))
        return .nanoseconds(Int64(ticks[index]) * 100)
    }

    func microseconds(at share: Double) -> Int {
        at(share).map { Int(($0.nanoseconds + 500) / 1_000) } ?? 0
    }
}
