/// Which calls go first where not all can go at once.
package enum Lane: UInt8, Sendable, CaseIterable, Comparable {
    /// What a person has asked for and looks at: a replay, a test.
    case interactive
    /// What somebody waits for: a change made a moment ago.
    case live
    /// What nobody waits for: a first load, a comparison.
    case background

    package var isForeground: Bool { self != .background }

    package static func < (a: Lane, b: Lane) -> Bool { a.rawValue < b.rawValue }
}

/// What one call takes from each of its account's windows: `["requests": 1, "mutations": 3]`. A window that the account
/// does not have is not asked.
package struct Charge: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    package var units: [String: Int]

    package init(_ units: [String: Int]) {
        self.units = units
    }

    package init(dictionaryLiteral elements: (String, Int)...) {
        units = Dictionary(elements) { $0 + $1 }
    }
}

/// Where a system's client asks for leave before each call. Behind it stand the limits of the account, which other
/// connections of the same tenant may share.
package protocol CallGate: Sendable {
    /// Waits until the account has room for the call and it is its lane's turn, and for as long as the system is down.
    /// `longest` is the deadline of the call itself: if the caller dies, its place is free after that.
    func enter(_ charge: Charge, lane: Lane, longest: Duration) async throws -> CallPass
    /// Told once for each pass, when the call is over.
    func leave(_ pass: CallPass, _ outcome: CallOutcome) async
}

/// The right to make one call now.
package struct CallPass: Sendable, Equatable {
    package var number: Int64

    package init(number: Int64) {
        self.number = number
    }
}

/// How a call ended, as far as its account is concerned.
package enum CallOutcome: Sendable, Equatable {
    /// Answered, whatever the answer was.
    case answered
    /// Turned away: the account is closed for everybody until then, or for our own backoff where nil.
    case throttled(for: Duration?)
    /// Answered that the system is in trouble: nothing that was asked for is to blame.
    case failed
    /// Never sent, for reasons of our own, so nothing is used up.
    case notSent
    /// Never sent, because the system cannot be reached.
    case unreached
    /// No answer: it may still be on its way.
    case lost
    /// We wait for the answer no longer: it may still be on its way, and nobody is to blame.
    case givenUp
}

/// What the vendor said of its limits in an answer: the account's windows follow it.
package protocol LimitsListener: Sendable {
    func learned(_ window: String, limit: Int, per period: Duration) async
}
