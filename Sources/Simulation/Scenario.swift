import Core

/// What one run is to be, drawn from its seed: who is there, how long it lasts, and everything that goes wrong. Most are
/// small and nasty; long ones find little that short ones do not.
package struct Scenario: Sendable, Equatable {
    package struct Tenant: Sendable, Equatable {
        package var connections: [Connection]
        /// Nothing of its own goes wrong. What goes wrong for others must not be felt here.
        package var isHealthy = false
    }

    package struct Connection: Sendable, Equatable {
        /// Which of the tenant's accounts at the board's vendor: connections that share one share its windows.
        package var account: Int
        package var records: Int
        package var changes: Int
    }

    /// How often a call, a notification or a process meets its fate.
    package struct Chances: Sendable, Equatable {
        package var lost = 0.0
        package var doneButLost = 0.0
        package var late = 0.0
        package var serverError = 0.0
        package var throttled = 0.0
        package var slow = 0.0
        package var hidden = 0.0
        package var tokenFails = 0.0
        package var tokenEndsEarly = 0.0
        package var cursorEnds = 0.0
        package var hookDelayed = 0.0
        package var hookRepeated = 0.0
        package var hookForged = 0.0
        package var badRecord = 0.0
        package var lateCommit = 0.0
        /// That a process is to die at one of its steps.
        package var doomed = 0.0
        package var diskError = 0.0
    }

    package let seed: UInt64
    package var tenants: [Tenant]
    package var hours: Double
    package var chances: Chances
    package var outages: Int
    package var vanishings: Int
    package var revocations: Int
    package var kills: Int
    package var freezes: Int
    package var restarts: Int
    package var powerCuts: Int
    package var fullDisks: Int
    package var clockJumps: [Duration]
    package var mutationsPerMinute: Int
    package var requestsPerMinute: Int
    package var keyLife: Duration
    package var searchLag: Duration
    package var pageSize: Int
    package var largestBatch: Int
    package var subscriptionLife: Duration
    package var poll: Duration
    /// How often both sides are compared as a whole; nil where nobody wants that.
    package var reconcile: Duration?
    /// What people do to boards, of which nothing tells but a comparison.
    package var handEdits: Int
    /// Whether what people write into notes on the board goes back to the books.
    package var isTwoWay = false
    /// How often they do, on each board.
    package var notes = 0
}

extension Scenario {
    package init(seed: UInt64) {
        var dice = SeededGenerator(seed: seed ^ 0x5eed_0f_5ce7)
        let isCrowded = dice.hits(0.25)
        tenants = (0..<(isCrowded ? dice.roll(2...3) : 1)).map { _ in
            let connections = dice.hits(0.6) ? 1 : dice.roll(2...3)
            return Tenant(
                connections: (0..<connections).map { index in
                    Connection(
                        account: index == 0 || dice.hits(0.7) ? 0 : index,
                        records: dice.roll(0...12),
                        changes: dice.roll(3...(connections > 1 ? 12 : 24))
                    )
                }
            )
        }
        if isCrowded, dice.hits(0.6) { tenants[0].isHealthy = true }
        let length = dice.roll(1...100)
        hours = Double(length <= 75 ? dice.roll(3...12) : length <= 96 ? dice.roll(12...40) : dice.roll(40...240)) / 10
        chances = Chances(&dice)
        outages = dice.hits(0.3) ? dice.roll(1...2) : 0
        vanishings = dice.hits(0.4) ? dice.roll(1...3) : 0
        revocations = dice.hits(0.2) ? dice.roll(1...3) : 0
        let isDeadly = dice.hits(0.65)
        if !isDeadly { chances.doomed = 0 }
        kills = isDeadly ? dice.roll(1...10) : 0
        freezes = dice.hits(0.2) ? dice.roll(1...3) : 0
        restarts = dice.hits(0.2) ? dice.roll(1...3) : 0
        powerCuts = dice.hits(0.25) ? dice.roll(1...2) : 0
        fullDisks = dice.hits(0.15) ? dice.roll(1...2) : 0
        clockJumps = dice.hits(0.2) ? (0..<dice.roll(1...2)).map { _ in Self.jump(&dice) } : []
        mutationsPerMinute = [10, 20, 40, 60][dice.roll(0...3)]
        requestsPerMinute = [60, 120, 300][dice.roll(0...2)]
        keyLife = .seconds(dice.roll(6...30) * 60)
        searchLag = .milliseconds(dice.hits(0.5) ? dice.roll(0...500) : dice.roll(500...15_000))
        pageSize = dice.roll(1...8)
        largestBatch = dice.roll(1...10)
        subscriptionLife = .seconds(dice.hits(0.5) ? dice.roll(600...7_200) : 259_200)
        poll = .seconds(dice.roll(2...15) * 60)
        reconcile = dice.hits(0.4) ? .seconds(dice.roll(20...120) * 60) : nil
        handEdits = reconcile != nil && dice.hits(0.6) ? dice.roll(1...6) : 0
        self.seed = seed
        if reconcile == nil {
            isTwoWay = dice.hits(0.5)
            notes = isTwoWay ? dice.roll(2...12) : 0
        }
        if tenants[0].isHealthy { becomeKind() }
    }

    /// Where one tenant is to notice nothing, nothing happens that all of them would notice.
    private mutating func becomeKind() {
        powerCuts = 0
        fullDisks = 0
        chances.diskError = 0
        clockJumps = []
        mutationsPerMinute = 60
        requestsPerMinute = 300
        tenants[0].connections.removeLast(tenants[0].connections.count - 1)
    }

    /// From seconds to hours, forwards and back.
    private static func jump(_ dice: inout SeededGenerator) -> Duration {
        let seconds = [dice.roll(1...90), dice.roll(90...1_800), dice.roll(1_800...10_800)][dice.roll(0...2)]
        return .seconds(dice.hits(0.5) ? seconds : -seconds)
    }
}

extension Scenario.Chances {
    /// Each kind of trouble in about half of the runs, rarely or often.
    fileprivate init(_ dice: inout SeededGenerator) {
        for chance in [
            \Self.lost, \.doneButLost, \.late, \.serverError, \.throttled, \.slow, \.hidden, \.tokenFails,
            \.tokenEndsEarly, \.cursorEnds, \.hookDelayed, \.hookRepeated, \.hookForged, \.badRecord, \.lateCommit,
            \.doomed, \.diskError,
        ] {
            let share = [0.01, 0.04, 0.12, 0.3][dice.roll(0...3)]
            if dice.hits(0.55) { self[keyPath: chance] = share }
        }
        doomed = min(doomed * 3, 0.8)
        if dice.hits(0.7) { diskError = 0 }
    }
}

extension Scenario: CustomStringConvertible {
    /// One line; the seed alone makes it again.
    package var description: String {
        var parts = ["seed \(seed)", "\(hours) h"]
        parts += tenants.map { tenant in
            let connections = tenant.connections.map { "\($0.records)+\($0.changes)@\($0.account)" }
            return (tenant.isHealthy ? "healthy " : "tenant ") + connections.joined(separator: ",")
        }
        parts.append("\(mutationsPerMinute) writes and \(requestsPerMinute) calls a minute")
        parts.append("keys \(keyLife.seconds) s")
        parts.append("search \(searchLag.milliseconds) ms")
        parts.append("pages \(pageSize), batches \(largestBatch), poll \(poll.seconds) s")
        if isTwoWay { parts.append("both ways with \(notes) notes") }
        parts.append("subscriptions \(subscriptionLife.seconds) s")
        if let reconcile { parts.append("reconcile \(reconcile.seconds) s") }
        let counts = [
            (outages, "outages"), (vanishings, "vanishings"), (revocations, "revocations"), (kills, "kills"),
            (freezes, "freezes"), (handEdits, "edits by hand"), (restarts, "restarts"), (powerCuts, "power cuts"),
            (fullDisks, "full disks"),
        ]
        parts += counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        parts += clockJumps.map { "clock \($0.seconds > 0 ? "+" : "")\($0.seconds) s" }
        parts += chances.named.filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }
        return parts.joined(separator: "; ")
    }
}

extension Scenario.Chances {
    fileprivate var named: [(String, Double)] {
        [
            ("lost", lost), ("done but lost", doneButLost), ("late", late), ("server error", serverError),
            ("throttled", throttled), ("slow", slow), ("hidden", hidden), ("token fails", tokenFails),
            ("token ends early", tokenEndsEarly), ("cursor ends", cursorEnds), ("hook delayed", hookDelayed),
            ("hook repeated", hookRepeated), ("hook forged", hookForged), ("bad record", badRecord),
            ("late commit", lateCommit), ("doomed", doomed),
            ("disk error", diskError),
        ]
    }
}

extension Duration {
    package var seconds: Int64 { components.seconds }
}
