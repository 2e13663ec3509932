import Core
import Transport

/// What workers have counted, under names that are known beforehand: a worker in other hands may count what it likes, and
/// neither makes new series in somebody's metrics nor sums that overflow.
struct WorkCounters: Wire, Codable, Equatable {
    static let other = "other"
    static let outcomes = AuditEntry.Decision.allCases.map(\.rawValue) + [other]
    static let systems = RemoteSystem.allCases.map(\.rawValue) + [other]
    static let callOutcomes = ["answered", "throttled", "failed", "unreached", "lost", other]
    static let tokenOutcomes = ["refreshed", "failed", other]
    /// No honest worker comes near, and the sum of very many still fits.
    static let most: UInt64 = 1 << 48

    /// In the order of `outcomes`.
    private(set) var changes = [UInt64](repeating: 0, count: outcomes.count)
    /// System by system, in the order of these.
    private(set) var calls = [UInt64](repeating: 0, count: systems.count * callOutcomes.count)
    private(set) var tokens = [UInt64](repeating: 0, count: systems.count * tokenOutcomes.count)
    private(set) var lagBuckets = [UInt64](repeating: 0, count: WorkerFigures.lagBounds.count + 1)
    private(set) var lagMilliseconds: UInt64 = 0
    private(set) var forgedNotifications: UInt64 = 0

    init() {}

    /// As far as they are believed.
    init(_ figures: WorkerFigures) {
        for count in figures.changes.prefix(100) {
            changes[Self.place(of: count.name, in: Self.outcomes)].add(count.count)
        }
        for count in figures.calls.prefix(100) {
            let system = Self.systemPlace(count.system) * Self.callOutcomes.count
            calls[system + Self.place(of: count.name, in: Self.callOutcomes)].add(count.count)
        }
        for count in figures.tokens.prefix(100) {
            let system = Self.systemPlace(count.system) * Self.tokenOutcomes.count
            tokens[system + Self.place(of: count.name, in: Self.tokenOutcomes)].add(count.count)
        }
        if figures.lagBuckets.count == lagBuckets.count {
            lagBuckets = figures.lagBuckets.map { min($0, Self.most) }
            lagMilliseconds = min(figures.lagMilliseconds, Self.most)
        }
        forgedNotifications = min(figures.forgedNotifications, Self.most)
    }

    mutating func add(_ counters: WorkCounters) {
        combine(counters) { $0.add($1) }
    }

    /// A counter never goes back, whatever is said of it.
    mutating func rise(to counters: WorkCounters) {
        combine(counters) { $0 = max($0, $1) }
    }

    private mutating func combine(_ other: WorkCounters, _ combine: (inout UInt64, UInt64) -> Void) {
        for (index, count) in other.changes.enumerated() { combine(&changes[index], count) }
        for (index, count) in other.calls.enumerated() { combine(&calls[index], count) }
        for (index, count) in other.tokens.enumerated() { combine(&tokens[index], count) }
        for (index, count) in other.lagBuckets.enumerated() { combine(&lagBuckets[index], count) }
        combine(&lagMilliseconds, other.lagMilliseconds)
        combine(&forgedNotifications, other.forgedNotifications)
    }

    private static func place(of name: String, in names: [String]) -> Int {
        names.firstIndex(of: name) ?? names.count - 1
    }

    /// However it is spelt: `business_central` is Business Central.
    static func system(_ name: String) -> String {
        systems[systemPlace(name)]
    }

    private static func systemPlace(_ name: String) -> Int {
        place(of: letters(name), in: systemLetters)
    }

    private static let systemLetters = systems.map { letters($0) }

    private static func letters(_ name: String) -> String {
        String(name.prefix(64).lowercased().filter { $0.isASCII && $0.isLetter })
    }
}

extension UInt64 {
    fileprivate mutating func add(_ count: UInt64) {
        let (sum, overflowed) = addingReportingOverflow(Swift.min(count, WorkCounters.most))
        self = overflowed ? .max : sum
    }
}
