import Core

/// The account's windows. It is told of each request, and says whether one of them is full.
struct MondayLimits: Sendable {
    /// Which limit refuses, and for how many seconds.
    enum Refusal: Sendable, Equatable {
        case minute(Int)
        case concurrency(Int)
        case daily(Int)
        case address(Int)
        case complexity(Int)
        case mutations(Int)
        case calls(of: String, Int)

        var rule: String {
            switch self {
            case .minute: "minute"
            case .concurrency: "concurrency"
            case .daily: "daily"
            case .address: "ip"
            case .complexity: "complexity"
            case .mutations: "mutationsPerMinute"
            case .calls(let name, _): "callLimit \(name)"
            }
        }
    }

    /// What a plan allows.
    struct Quota: Sendable, Equatable {
        var perMinute: Int
        var perDay: Int
        var concurrent: Int
        var complexity: Int

        init(_ options: MondayOptions) {
            let plan: (Int, Int, Int) =
                switch options.plan {
                case .free, .basic, .standard: (1_000, 1_000, 40)
                case .pro: (2_500, 10_000, 100)
                case .enterprise: (5_000, 25_000, 250)
                }
            let most = options.enforcesPlan ? nil : 1_000_000_000
            perMinute = options.requestsPerMinute ?? most ?? plan.0
            perDay = options.requestsPerDay ?? most ?? plan.1
            concurrent = options.concurrentRequests ?? most ?? plan.2
            complexity = options.complexityPerMinute ?? most ?? (options.plan == .free ? 1_000_000 : 10_000_000)
        }
    }

    static let queryComplexity = 5_000_000
    private static let perAddress = 5_000
    private static let boardCallsPerMinute = 40
    private static let limitedCalls = [
        "create_board": "CreateBoard", "duplicate_board": "DuplicateBoard", "duplicate_group": "DuplicateGroup",
    ]

    private(set) var requests = MondayWindow(per: .seconds(60))
    private var fromAddress = MondayWindow(per: .seconds(10))
    /// All mutation fields that arrived, refused or not.
    private(set) var arrived = MondayWindow(per: .seconds(60))
    private(set) var executed = MondayWindow(per: .seconds(60))
    private var calls: [String: MondayWindow] = [:]
    private(set) var inFlight = 0
    private(set) var highestInFlight = 0
    /// In tenths of a call, by day.
    private(set) var days: [Day: Int] = [:]
    private var complexitySpent = 0
    private var complexityBegan: Instant?

    // MARK: Requests

    mutating func begin() {
        inFlight += 1
        highestInFlight = max(highestInFlight, inFlight)
    }

    mutating func end() {
        inFlight -= 1
    }

    /// Counts a request, refused ones too; a refusal costs the day a tenth of a call.
    mutating func admit(_ quota: Quota, enforcesPlan: Bool, at now: Instant, _ wall: WallTime) -> Refusal? {
        let refusal = check(quota, enforcesPlan: enforcesPlan, at: now, wall)
        requests.add(at: now)
        fromAddress.add(at: now)
        if refusal != nil { charge(1, wall.day) }
        return refusal
    }

    private mutating func check(_ quota: Quota, enforcesPlan: Bool, at now: Instant, _ wall: WallTime) -> Refusal? {
        if enforcesPlan, fromAddress.count(at: now) >= Self.perAddress {
            return .address(fromAddress.wait(for: 1, under: Self.perAddress, at: now))
        }
        if inFlight > quota.concurrent { return .concurrency(1) }
        if days[wall.day, default: 0] + 10 > quota.perDay * 10 {
            let midnight = WallTime(startOf: wall.day.adding(days: 1))
            return .daily(max(1, Int((midnight - wall).inSeconds.rounded(.up))))
        }
        if requests.count(at: now) >= quota.perMinute {
            return .minute(requests.wait(for: 1, under: quota.perMinute, at: now))
        }
        return nil
    }

    mutating func charge(_ tenths: Int, _ day: Day) {
        days[day, default: 0] += tenths
        if days.count > 60, let oldest = days.keys.min() { days[oldest] = nil }
    }

    func usage(of day: Day) -> Int { (days[day] ?? 0) / 10 }

    // MARK: Mutations

    mutating func arrived(_ count: Int, at now: Instant) {
        arrived.add(count, at: now)
    }

    /// All of a document's mutations, or none.
    mutating func admit(mutations names: [String], perMinute: Int?, enforcesPlan: Bool, at now: Instant) -> Refusal? {
        if let perMinute, executed.count(at: now) + names.count > perMinute {
            return .mutations(executed.wait(for: names.count, under: perMinute, at: now))
        }
        for (name, spoken) in Self.limitedCalls where enforcesPlan {
            let count = names.count { $0 == name }
            guard count > 0 else { continue }
            var window = calls[name] ?? MondayWindow(per: .seconds(60))
            if window.count(at: now) + count > Self.boardCallsPerMinute {
                return .calls(of: spoken, window.wait(for: count, under: Self.boardCallsPerMinute, at: now))
            }
            window.add(count, at: now)
            calls[name] = window
        }
        executed.add(names.count, at: now)
        return nil
    }

    // MARK: Complexity

    /// A minute after its first request, all of the budget is there again.
    mutating func complexityLeft(_ quota: Quota, at now: Instant) -> (left: Int, resetSeconds: Int) {
        if let began = complexityBegan, began + .seconds(60) <= now { complexityBegan = nil }
        guard let began = complexityBegan else {
            complexitySpent = 0
            return (quota.complexity, 60)
        }
        let reset = Int((began + .seconds(60) - now).inSeconds.rounded(.up))
        return (max(quota.complexity - complexitySpent, 0), max(reset, 1))
    }

    mutating func spend(complexity: Int, at now: Instant) {
        if complexityBegan == nil { complexityBegan = now }
        complexitySpent += complexity
    }

    // MARK: Headers

    mutating func headers(_ quota: Quota, at now: Instant) -> (policy: String, state: String) {
        let (left, reset) = complexityLeft(quota, at: now)
        let minute = max(quota.perMinute - requests.count(at: now), 0)
        let minuteReset = minute == 0 ? ";t=\(requests.wait(for: 1, under: quota.perMinute, at: now))" : ""
        return (
            "\"minuteRate\";q=\(quota.perMinute);w=60, \"concurrency\";q=\(quota.concurrent);qu=\"concurrent-requests\", "
                + "\"complexityMinute\";q=\(quota.complexity);w=60;qu=\"content-bytes\"",
            "\"minuteRate\";r=\(minute)\(minuteReset), \"concurrency\";r=\(max(quota.concurrent - inFlight, 0)), "
                + "\"complexityMinute\";r=\(left);t=\(reset)"
        )
    }
}
