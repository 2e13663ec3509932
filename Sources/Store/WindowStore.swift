import Core

/// The limits of a tenant's accounts, which all its workers ask before they call: each answer is one short transaction.
package protocol WindowStore: Actor {
    /// Enters the call, or says when to ask again. Until it is told how the call ended, its units are taken for as long
    /// as the call can last.
    func enter(_ ask: WindowAsk, at now: Int64) throws -> WindowAnswer
    /// Outages open the account's circuit, whichever worker meets them; any answer closes it.
    func leave(_ pass: CallPass, _ ask: WindowAsk, _ outcome: CallOutcome, at now: Int64) throws
    /// Ends what an earlier process of this owner had entered and cannot leave any more, because it is dead.
    func takeOver(_ account: String, windows: [Window], owner: Int64, at now: Int64) throws
    /// How many units of one window a caller of that lane would be given now, without taking them. It is expected to come
    /// for them at once, or as soon as there are any: until then it has its place among those who wait.
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
    /// Goes although the system is down: a person wants to know whether it still is.
    package var isTrial: Bool

    package init(
        account: String,
        owner: Int64,
        windows: [Window],
        charge: Charge,
        lane: Lane,
        longest: Duration,
        isTrial: Bool = false
    ) {
        self.account = account
        self.owner = owner
        self.windows = windows
        self.charge = charge
        self.lane = lane
        self.longest = longest
        self.isTrial = isTrial
    }
}

package enum WindowAnswer: Sendable, Equatable {
    case entered(CallPass)
    /// `windows` are those that have no room; none where the account is closed to all.
    case wait(untilMilliseconds: Int64, windows: Set<String>)
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
    /// By the vendor.
    package var closedUntil: Int64
    package var circuit: Circuit

    package init(used: [String: Int], closedUntil: Int64, circuit: Circuit = Circuit()) {
        self.used = used
        self.closedUntil = closedUntil
        self.circuit = circuit
    }

    /// When to ask again while nobody gets in, whatever room there is.
    package func opens(at now: Int64) -> Int64? {
        let until = max(closedUntil, circuit.wait(at: now) ?? now)
        return until > now ? until : nil
    }
}
