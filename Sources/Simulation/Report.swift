import Core

/// What many seeds came to.
package struct Report: Sendable {
    package struct Failure: Sendable {
        package var seed: UInt64
        package var broken: [String]
    }

    package private(set) var seeds = 0
    package private(set) var failures: [Failure] = []
    package private(set) var facts = Facts()

    private let sabotage: Sabotage?

    package init(of sabotage: Sabotage? = nil) {
        self.sabotage = sabotage
    }

    package mutating func add(_ seed: UInt64, broken: [String], _ facts: Facts) {
        seeds += 1
        self.facts.add(facts)
        if !broken.isEmpty { failures.append(Failure(seed: seed, broken: broken)) }
    }

    package func text(seconds: Double) -> String {
        let more = sabotage.map { " --sabotage \($0.rawValue)" } ?? ""
        var lines = failures.sorted { $0.seed < $1.seed }.prefix(20).flatMap { failure in
            ["FAILED  \(Scenario(seed: failure.seed))"] + failure.broken.map { "        \($0)" }
                + ["        again, with every event: ml-connector simulate --seed \(failure.seed)\(more) --trace", ""]
        }
        let faults = facts.faults.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        lines += [
            "\(seeds) seeds in \(rounded(seconds)) s, \(failures.count) failed",
            "\(rounded(facts.hours)) simulated hours: \(rounded(facts.hours / max(seconds, 0.001))) in each second",
            "\(facts.changes) changes, \(facts.webhooks) webhooks, \(facts.writes) writes, \(facts.kills) kills, "
                + "\(facts.powerCuts) power cuts, \(facts.freezes) freezes, \(facts.restarts) restarts, "
                + "\(facts.clockJumps) clocks set, \(facts.lostWrites) unsynced writes lost or torn",
            "faults: \(faults.isEmpty ? "none" : faults.joined(separator: ", "))",
        ]
        return lines.joined(separator: "\n")
    }

    package func json(seconds: Double) -> JSON {
        var document = JSON.Object()
        document["seeds"] = .number(seeds)
        document["failed"] = .array(
            failures.sorted { $0.seed < $1.seed }.map { failure in
                var one = JSON.Object()
                one["seed"] = .number(Int(clamping: failure.seed))
                one["scenario"] = .string("\(Scenario(seed: failure.seed))")
                one["broken"] = .array(failure.broken.map { .string($0) })
                return .object(one)
            }
        )
        document["seconds"] = .number(Int(seconds))
        document["simulatedHours"] = .number(Int(facts.hours))
        document["simulatedHoursPerSecond"] = .number(Int(facts.hours / max(seconds, 0.001)))
        for (name, path) in Facts.counts { document[name] = .number(facts[keyPath: path]) }
        var faults = JSON.Object()
        for (name, count) in facts.faults.sorted(by: { $0.key < $1.key }) { faults[name] = .number(count) }
        document["faults"] = .object(faults)
        return .object(document)
    }

    private func rounded(_ number: Double) -> String {
        number < 100 ? "\((number * 10).rounded() / 10)" : "\(Int(number.rounded()))"
    }
}
