/// How the lanes share what is too little for all of them: so many units each in a round. What a lane does not want goes
/// to the others.
package struct LaneShares: Sendable, Equatable {
    package var interactive: Int
    package var live: Int
    package var background: Int

    /// What a person has asked for goes first in each round, and is given no more of it than what somebody waits for:
    /// whoever replays ten thousand records must not hold up the changes of the day. Beside live changes that never
    /// end the background has a ninth; a round of all three is 17 units, 26 seconds of the smallest allowance there is,
    /// and no lane waits longer than that for its turn.
    package static let usual = LaneShares(interactive: 8, live: 8, background: 1)

    package init(interactive: Int, live: Int, background: Int) {
        precondition(min(interactive, live, background) > 0, "a lane without a share would wait for ever")
        self.interactive = interactive
        self.live = live
        self.background = background
    }

    package subscript(lane: Lane) -> Int {
        switch lane {
        case .interactive: interactive
        case .live: live
        case .background: background
        }
    }
}

/// Whose turn it is among lanes that all want to go: deficit round robin.
///
/// Within a round the lanes go in their order, each as far as its share lasts. A new round begins when none of those who
/// wait has anything left of this one. What a batch takes beyond its lane's share is taken off the next rounds.
package struct LaneTurns: Sendable, Equatable {
    /// More than the largest batch. Further than that nobody falls behind.
    private static let deepestDebt = 100

    package let shares: LaneShares
    private var remainders: [Int]

    /// `left` is what was left to each lane, as it was kept.
    package init(_ shares: LaneShares = .usual, left: [Lane: Int] = [:]) {
        self.shares = shares
        remainders = Lane.allCases.map { lane in
            min(max(left[lane] ?? shares[lane], -Self.deepestDebt), shares[lane])
        }
    }

    /// What the lane may still take in this round; less than 0 where it has taken too much.
    package func left(_ lane: Lane) -> Int { remainders[Int(lane.rawValue)] }

    /// All lanes, the one whose turn it is first. Who is not there is passed over.
    package var order: [Lane] {
        Lane.allCases.sorted { (rounds(until: $0), $0) < (rounds(until: $1), $1) }
    }

    package func first(of lanes: Set<Lane>) -> Lane? {
        lanes.min { (rounds(until: $0), $0) < (rounds(until: $1), $1) }
    }

    /// Whether those who go before it have had their share, and it has not.
    package func owes(_ lane: Lane) -> Bool {
        left(lane) > 0 && Lane.allCases.contains { $0 < lane && left($0) <= 0 }
    }

    /// So many units were taken, while these lanes waited too. It need not have been that lane's turn.
    package mutating func took(_ units: Int, _ lane: Lane, while waiting: Set<Lane> = []) {
        guard let first = first(of: waiting.union([lane])) else { return }
        let rounds = rounds(until: first)
        for other in Lane.allCases {
            let share = shares[other]
            remainders[Int(other.rawValue)] = min(share, left(other) + rounds * share)
        }
        let debt = min(max(units, 0), 2 * Self.deepestDebt)
        remainders[Int(lane.rawValue)] = max(left(lane) - debt, -Self.deepestDebt)
    }

    /// Nobody waits for anybody: what was taken was nobody else's.
    package mutating func restart() {
        self = LaneTurns(shares)
    }

    /// How many rounds have to begin until the lane has something left.
    private func rounds(until lane: Lane) -> Int {
        left(lane) > 0 ? 0 : -left(lane) / shares[lane] + 1
    }
}
