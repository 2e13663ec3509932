import Core
import Testing

@Suite struct `an estimate of a first load` {
    private static let mutations = Window("mutations", 40, .sliding(.seconds(60)))
    private static let calls = Window("calls", 1_000, .daily, reserve: 100)
    private static let day: Int64 = 86_400
    private static let midnight: Int64 = 20_000 * day * 1_000

    private static func budget(
        _ windows: [Window],
        used: Int = 0,
        perRequest: Charge = ["calls": 1],
        together: Int = 1
    ) -> WriteBudget {
        WriteBudget(
            windows: windows,
            used: ["calls": used],
            perWrite: ["mutations": 1],
            requests: [.init(perRequest, writes: together)]
        )
    }

    @Test func `goes by the pace of a window`() {
        let estimate = Self.budget([Self.mutations]).estimate(writes: 400, at: Self.midnight)
        #expect(estimate == Estimate(seconds: 600, limit: "40 mutations in 60 s"))
    }

    /// 900 a day are left to the background.
    @Test func `goes by the day where a day's calls are fewest`() throws {
        let budget = Self.budget([Self.mutations, Self.calls])
        let estimate = try #require(budget.estimate(writes: 20_000, at: Self.midnight))
        #expect(estimate.limit == "1000 calls a day")
        // 22 days in full, and 200 on the last one at 1.5 s each.
        #expect(estimate.seconds == 22 * Self.day + 300)
        #expect(Estimate.words(estimate.seconds) == "22 days")
        // Two calls each are twice as many days.
        let twice = try #require(
            Self.budget([Self.mutations, Self.calls], perRequest: ["calls": 2])
                .estimate(writes: 20_000, at: Self.midnight)
        )
        #expect((44 * Self.day...45 * Self.day).contains(twice.seconds))
        // Ten in one request are a tenth.
        let together = Self.budget([Self.calls], together: 10)
        #expect(together.estimate(writes: 20_000, at: Self.midnight)?.seconds == 2 * Self.day)
    }

    /// 18 in a request, and one request that looks for a hundred: 1,112 and 200 calls of 900 a day.
    @Test func `counts requests of several kinds`() throws {
        let gathering = Self.mutations.gathering(20)
        #expect(gathering.burst == 18)
        let budget = WriteBudget(
            windows: [gathering, Self.calls],
            used: [:],
            perWrite: ["mutations": 1],
            requests: [.init(["calls": 1], writes: gathering.burst), .init(["calls": 1], writes: 100)]
        )
        let estimate = try #require(budget.estimate(writes: 20_000, at: Self.midnight))
        #expect(estimate.limit == "1000 calls a day")
        #expect((Self.day...Self.day * 3 / 2).contains(estimate.seconds))
    }

    @Test(arguments: [(0, 900, 1_350), (0, 901, 43_202), (850, 50, 75), (850, 51, 43_202), (5_000, 1, 43_202)])
    func `counts what is left of today`(used: Int, writes: Int, seconds: Int64) {
        // At noon.
        let budget = Self.budget([Self.mutations, Self.calls], used: used)
        let noon = Self.midnight + Self.day * 500
        #expect(budget.estimate(writes: writes, at: noon)?.seconds == seconds)
    }

    @Test func `is none where no limit says anything`() {
        #expect(Self.budget([]).estimate(writes: 20_000, at: 0) == nil)
        let inFlight = Window("inFlight", 40, .concurrent)
        let budget = WriteBudget(windows: [inFlight], used: [:], perWrite: ["inFlight": 1])
        #expect(budget.estimate(writes: 20_000, at: 0) == nil)
    }

    @Test func `stays a number, whatever it is asked`() throws {
        let slow = Window("calls", 1, .daily)
        let budget = WriteBudget(
            windows: [slow, Window("mutations", 1, .sliding(.seconds(86_400)))],
            used: ["calls": .max],
            perWrite: ["calls": .max, "mutations": .max],
            requests: [.init(["calls": .max], writes: 0)]
        )
        let most = try #require(budget.estimate(writes: .max, at: Self.midnight))
        #expect(most.seconds == 36_525 * Self.day)
        #expect(budget.estimate(writes: -1, at: Self.midnight) == nil)
        #expect(budget.estimate(writes: 0, at: Self.midnight) == nil)
    }

    @Test(arguments: [
        (0 as Int64, "0 s"), (-5, "0 s"), (89, "89 s"), (90, "2 min"), (5_399, "90 min"), (5_400, "2 h"),
        (172_799, "48 h"),
        (172_800, "2 days"), (1_900_800, "22 days"), (.max, "13031248922 days"),
    ])
    func `is said in the words that people plan with`(seconds: Int64, words: String) {
        #expect(Estimate.words(seconds) == words)
    }

    /// What the background may take at once, so many writes share a request.
    @Test(arguments: [(40, 1), (60, 1), (120, 3), (1_000, 21)])
    func `knows how many writes go together`(limit: Int, burst: Int) {
        #expect(Self.mutations.with(limit: limit).burst == burst)
    }

    @Test func `is told with the numbers it comes from`() {
        var load = WorkerFigures.RouteProgress(
            route: "invoices",
            done: 1_200,
            total: 20_000,
            queued: 18_000,
            secondsLeft: 22 * Self.day,
            limit: "1000 calls a day",
            isEnded: false
        )
        #expect(load.words == "1200 of 20000 records, about 22 days left (1000 calls a day)")
        load.total = nil
        load.secondsLeft = nil
        #expect(load.words == "1200 records, of how many is not known")
        load.total = 1_200
        load.isEnded = true
        #expect(load.words == "1200 of 1200 records")
    }
}
