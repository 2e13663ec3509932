import Core

/// The limits of a tenant's accounts, which all its workers ask before they call: each answer is one short transaction.
package protocol WindowStore: Actor {
    /// Enters the call, or says when to ask again. Until it is told how the call ended, its units are taken for as long
    /// as the call can last.
    func enter(_ ask: WindowAsk, at now: Int64) throws -> WindowAnswer
    func leave(_ pass: CallPass, _ ask: WindowAsk, _ outcome: CallOutcome, at now: Int64) throws
    /// Ends what an earlier process of this owner had entered and cannot leave any more, because it is dead.
    func takeOver(_ account: String, windows: [Window], owner: Int64, at now: Int64) throws
    /// How many units of one window a caller of that lane would be given now, without taking them. A live caller is
    /// expected to come for them at once, or as soon as there are any: until then the background waits.
    func room(in window: Window, of account: String, lane: Lane, at now: Int64) throws -> WindowRoom
    /// Nobody enters before that.
    func closeAccount(_ account: String, until: Int64) throws
    func facts(of account: String, in windows: [Window], at now: Int64) throws -> AccountFacts
}

package struct WindowAsk: Sendable, Equatable {
    /// Tells the accounts of a tenant apart and shows no credential.
    package var account: String
    /// The connection that asks.
    package var owner: Int64
    package var windows: [Window]
    package var charge: Charge
    package var lane: Lane
    /// The deadline of the call itself.
    package var longest: Duration

    package init(
        account: String,
        owner: Int64,
        windows: [Window],
        charge: Charge,
        lane: Lane,
        longest: Duration
    ) {
        self.account = account
        self.owner = owner
        self.windows = windows
        self.charge = charge
        self.lane = lane
        self.longest = longest
    }
}

package enum WindowAnswer: Sendable, Equatable {
    case entered(CallPass)
    case wait(untilMilliseconds: Int64)
}

package struct WindowRoom: Sendable, Equatable {
    package var units: Int
    /// When to ask again, where there are none.
    package var untilMilliseconds: Int64

    package init(units: Int, untilMilliseconds: Int64) {
        self.units = units
        self.untilMilliseconds = untilMilliseconds
    }
}

package struct AccountFacts: Sendable, Equatable {
    package var used: [String: Int]
    package var closedUntil: Int64

    package init(used: [String: Int], closedUntil: Int64) {
        self.used = used
        self.closedUntil = closedUntil
    }
}
