import Core

/// How strict, how fast and how generous the simulator is. All of it can be changed while it runs.
package struct MondayOptions: Sendable {
    /// The account's plan, which sets its limits.
    package enum Plan: String, Sendable, CaseIterable {
        case free
        case basic
        case standard
        case pro
        case enterprise
    }

    package var plan = Plan.basic
    /// Off, and no plan's limit refuses anything; what is set below still does.
    package var enforcesPlan = true
    /// Of mutation fields at the top, in any 60 s; nil for none. The vendor has no such limit: our product promises one.
    package var mutationsPerMinute: Int?
    package var requestsPerMinute: Int?
    package var requestsPerDay: Int?
    package var concurrentRequests: Int?
    package var complexityPerMinute: Int?
    /// Whether a document of several fields at the top costs the day as many calls.
    package var dailyCostPerAlias = false
    /// `extensions.code` when 40 boards a minute were made.
    package var callLimitCode = "MutationCallsExceeded"

    /// Whether `Bearer ` before the token is refused.
    package var refusesBearer = true
    /// Which version serves all requests, whatever they ask for; nil for the one that the vendor's rules pick.
    package var servedVersion: String?
    /// The status of a document that cannot be read or is not valid.
    package var validationStatus = 200

    /// How long a mutation holds its board.
    package var mutationMilliseconds = 2
    package var queryMilliseconds = 0
    /// How likely a mutation that meets another one on its board is refused with 423.
    package var lockChance = 1.0
    /// How long a new item stays out of searches.
    package var searchDelayMilliseconds = 0
    /// Whether `__last_updated__` is compared by the second; else by the day.
    package var comparesSeconds = true
    package var keepsTrailingZeros = false
    package var longestText = 65_536
    package var itemsPerBoard = 10_000
    /// Whether a cursor that has expired is told in the old envelope.
    package var legacyCursorError = false

    package enum ReusedKey: String, Sendable, CaseIterable {
        /// The first answer, as if nothing were different.
        case replay
        case execute
        case refuse
    }

    /// What comes of an idempotency key that is used again with another body.
    package var reusedKey = ReusedKey.replay
    /// Whether an answer that holds nothing but errors is kept for its key.
    package var keepsErrors = false
    /// How many answers are kept for a token; later ones are not.
    package var keptAnswers = 20_000

    package var hooksForOwnWrites = true
    package var hookDelayMilliseconds = 20
    package var duplicateHooks = 0.0
    /// How likely a notification waits for a later one.
    package var reorderedHooks = 0.0
    package var keepsHookIdentity = true
    package var challengeSeconds = 5
    /// Whether the token is an app's: its webhooks are signed, and a challenge too where the second one says so.
    package var signsHooks = false
    package var signsChallenges = false
    package var signingSecret = "sandbox-monday-signing-secret"
    package var hookTokenSeconds = 300
    /// Whether what is sent again carries a signature of its own time, and not the first one.
    package var signsRetriesAnew = true

    /// How long an import takes once its file is there.
    package var importMilliseconds = 20

    package init() {}
}

extension MondayOptions {
    /// Sets those that are named; nil where a figure may be none.
    mutating func change(_ field: JSONField) throws(JSONField.Wrong) {
        for (name, field) in try field.members() {
            let count = 0...1_000_000_000
            switch name {
            case "plan": plan = try field.oneOf()
            case "enforcesPlan": enforcesPlan = try field.bool()
            case "mutationsPerMinute": mutationsPerMinute = try field.orNil?.int(in: count)
            case "requestsPerMinute": requestsPerMinute = try field.orNil?.int(in: count)
            case "requestsPerDay": requestsPerDay = try field.orNil?.int(in: count)
            case "concurrentRequests": concurrentRequests = try field.orNil?.int(in: count)
            case "complexityPerMinute": complexityPerMinute = try field.orNil?.int(in: count)
            case "dailyCostPerAlias": dailyCostPerAlias = try field.bool()
            case "callLimitCode": callLimitCode = try field.string()
            case "refusesBearer": refusesBearer = try field.bool()
            case "servedVersion":
                let version = try field.orNil?.string()
                // It becomes a header.
                guard version?.utf8.allSatisfy({ 0x21..<0x7f ~= $0 }) ?? true else { throw field.wrong("no version") }
                servedVersion = version
            case "validationStatus": validationStatus = try field.int(in: 200...499)
            case "mutationMilliseconds": mutationMilliseconds = try field.int(in: 0...60_000)
            case "queryMilliseconds": queryMilliseconds = try field.int(in: 0...60_000)
            case "lockChance": lockChance = try field.share()
            case "searchDelayMilliseconds": searchDelayMilliseconds = try field.int(in: count)
            case "comparesSeconds": comparesSeconds = try field.bool()
            case "keepsTrailingZeros": keepsTrailingZeros = try field.bool()
            case "longestText": longestText = try field.int(in: count)
            case "itemsPerBoard": itemsPerBoard = try field.int(in: count)
            case "legacyCursorError": legacyCursorError = try field.bool()
            case "reusedKey": reusedKey = try field.oneOf()
            case "keepsErrors": keepsErrors = try field.bool()
            case "keptAnswers": keptAnswers = try field.int(in: 0...1_000_000)
            case "hooksForOwnWrites": hooksForOwnWrites = try field.bool()
            case "hookDelayMilliseconds": hookDelayMilliseconds = try field.int(in: 0...3_600_000)
            case "duplicateHooks": duplicateHooks = try field.share()
            case "reorderedHooks": reorderedHooks = try field.share()
            case "keepsHookIdentity": keepsHookIdentity = try field.bool()
            case "challengeSeconds": challengeSeconds = try field.int(in: 1...60)
            case "signsHooks": signsHooks = try field.bool()
            case "signsChallenges": signsChallenges = try field.bool()
            case "signingSecret": signingSecret = try field.string()
            case "hookTokenSeconds": hookTokenSeconds = try field.int(in: 1...86_400)
            case "signsRetriesAnew": signsRetriesAnew = try field.bool()
            case "importMilliseconds": importMilliseconds = try field.int(in: 0...3_600_000)
            default: throw field.wrong("there is no such option")
            }
        }
    }
}

extension JSONField {
    fileprivate func oneOf<Choice: RawRepresentable & CaseIterable>() throws(Wrong) -> Choice
    where Choice.RawValue == String {
        guard let choice = Choice(rawValue: try string()) else {
            throw wrong("expected one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    fileprivate func share() throws(Wrong) -> Double {
        guard let share = Double(try decimal().text), 0...1 ~= share else {
            throw wrong("expected a share from 0 to 1")
        }
        return share
    }
}
