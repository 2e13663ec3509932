import Core

/// Which of a tenant's workers tidies up its store, and when: kept in the store, where all of them see it.
package struct HousekeepingTurn: Sendable, Equatable {
    package enum Step: Sendable, Equatable {
        case rest(untilMilliseconds: Int64)
        /// To be stored in place of what was read; who manages that has the turn.
        case take(HousekeepingTurn)
    }

    package static let period: Int64 = 3_600_000
    /// A worker that dies leaves its turn to the next one after so long.
    static let lease: Int64 = 600_000
    /// What is old is reckoned by a clock that goes on by at most so much from turn to turn. Should the machine's clock
    /// ever jump to another century, somebody notices before all that is kept has become old.
    static let longestStep: Int64 = 86_400_000

    /// When the next turn is due.
    var dueMilliseconds: Int64 = 0
    /// By which the age of things is reckoned; 0 before the first turn.
    package private(set) var clockMilliseconds: Int64 = 0
    /// The connection that has the turn, until then.
    var owner: Int64 = 0
    var leaseMilliseconds: Int64 = 0

    package init() {}

    package func step(for connection: Int64, at now: Int64) -> Step {
        // A clock that was set back makes nobody wait longer than usual.
        if leaseMilliseconds > now, leaseMilliseconds <= now + Self.lease, owner != connection {
            return .rest(untilMilliseconds: leaseMilliseconds)
        }
        if dueMilliseconds > now, dueMilliseconds <= now + 2 * Self.period {
            return .rest(untilMilliseconds: dueMilliseconds)
        }
        var taken = self
        let isFirst = clockMilliseconds == 0
        taken.clockMilliseconds = isFirst ? now : min(now, clockMilliseconds + Self.longestStep)
        taken.owner = connection
        taken.leaseMilliseconds = now + Self.lease
        return .take(taken)
    }

    /// Nil while there is time enough.
    package func renewed(at now: Int64) -> HousekeepingTurn? {
        guard leaseMilliseconds < now + Self.lease / 2 else { return nil }
        var renewed = self
        renewed.leaseMilliseconds = now + Self.lease
        return renewed
    }

    /// `chance` from 0 to 1 keeps the workers of a machine from doing it all at the same moment.
    package func ended(at now: Int64, chance: Double) -> HousekeepingTurn {
        var ended = self
        ended.dueMilliseconds = now + Self.period / 2 + Int64(chance * Double(Self.period))
        ended.owner = 0
        ended.leaseMilliseconds = 0
        return ended
    }

    // MARK: As it is stored

    package var text: String { "\(dueMilliseconds) \(clockMilliseconds) \(owner) \(leaseMilliseconds)" }

    /// What cannot be read is begun anew.
    package init(text: String?) {
        let words = text?.split(separator: " ") ?? []
        let numbers = words.compactMap { Int64($0) }
        guard words.count == 4, numbers.count == 4, numbers.allSatisfy({ 0...(1 << 52) ~= $0 }) else { return }
        dueMilliseconds = numbers[0]
        clockMilliseconds = numbers[1]
        owner = numbers[2]
        leaseMilliseconds = numbers[3]
    }
}
