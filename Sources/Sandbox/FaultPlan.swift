import Core

/// All that is to go wrong at one simulator. The same seed and the same requests make the same faults.
package struct FaultPlan: Sendable {
    /// More than anybody sets by hand; a script that forgets to clear them finds out.
    package static let most = 1_000

    package private(set) var faults: [Fault] = []
    /// How many requests were struck.
    package private(set) var struck = 0
    private var random: SeededGenerator

    package init(seed: UInt64 = 1) {
        random = SeededGenerator(seed: seed)
    }

    /// False when there are too many.
    @discardableResult
    package mutating func add(_ fault: Fault) -> Bool {
        guard faults.count < Self.most else { return false }
        faults.append(fault)
        return true
    }

    package mutating func clear() {
        faults = []
    }

    /// What goes wrong with the next request for `operation`: the first fault that strikes, and only that.
    package mutating func effect(for operation: String) -> Fault.Effect? {
        for index in faults.indices where faults[index].fits(operation) {
            if faults[index].skip > 0 {
                faults[index].skip -= 1
                continue
            }
            if let chance = faults[index].chance, Double.random(in: 0..<1, using: &random) >= chance { continue }
            let effect = faults[index].effect
            struck += 1
            if let times = faults[index].times {
                if times > 1 { faults[index].times = times - 1 } else { faults.remove(at: index) }
            }
            return effect
        }
        return nil
    }
}
