import Core

extension Monday.Fault {
    /// What is known of the call that the error came back to.
    struct Circumstances: Sendable {
        /// It would have changed something.
        var isMutation: Bool
        var requestID: String?
        /// Of the answer's head.
        var retryAfter: Duration?
        var tokenCanBeRefreshed: Bool
        var now: WallTime
        /// Takes out of the vendor's words what must not be shown.
        var cleaned: @Sendable (String) -> String
    }

    /// The longest that a call waits by itself for anything but a new day.
    static let longestPause = Duration.seconds(900)

    /// The largest wait that anybody named, as the rule is. Nil where nobody did.
    func wait(_ circumstances: Circumstances) -> Duration? {
        let named = [circumstances.retryAfter, wait].compactMap { $0 }.max()
        if kind == .dayUsedUp { return named ?? untilMidnight(circumstances.now) }
        return named.map { min($0, Self.longestPause) }
    }

    /// Days of the vendor's budget end at midnight of UTC.
    private func untilMidnight(_ now: WallTime) -> Duration {
        WallTime(startOf: now.day.adding(days: 1)) - now
    }

    /// The error that a caller gets.
    func callError(_ circumstances: Circumstances) -> CallError {
        let said = circumstances.cleaned(message)
        let words = said.isEmpty ? "it gives no reason (HTTP \(status))" : said
        let wait = wait(circumstances)
        func error(
            _ remedy: CallError.Remedy,
            _ kind: CallError.Kind,
            _ reason: String,
            uncertain: Bool = false
        ) -> CallError {
            CallError(
                remedy,
                Monday.name,
                kind,
                reason,
                isUncertain: uncertain && circumstances.isMutation,
                requestID: circumstances.requestID
            )
        }
        return switch kind {
        case .unauthenticated:
            error(
                circumstances.tokenCanBeRefreshed ? .refreshToken : .stopConnection,
                .credentials,
                "the token is not accepted: it was renewed, or its user was deactivated. Copy the user's API token from "
                    + "Monday's Developers page into the connection"
            )
        case .addressRefused:
            error(
                .stopConnection,
                .permission,
                "this server's address is not on the list of addresses that the Monday account allows (Administration, "
                    + "Security)"
            )
        case .userRefused:
            error(
                .stopConnection,
                .permission,
                "the token's user may not use the API: inactive, view-only, or with an e-mail address not confirmed"
            )
        case .forbidden:
            error(
                .skipRecord,
                .permission,
                "the token's user may not do this here (a board, a column, or what the plan lacks): \(words)"
            )
        case .scopeMissing:
            error(.stopConnection, .permission, "the token lacks a permission (scope) that this needs: \(words)")
        case .unknownID, .gone: error(.lookAgain, .missing, "Monday does not find what is named: \(words)")
        case .badValue: error(.skipRecord, .validation, refusedValue(words, circumstances))
        case .correctedValue:
            error(.skipRecord, .defect, "a column was sent a value in a form that it does not take: \(words)")
        case .badArgument: error(.skipRecord, .validation, words)
        case .nameTooLong: error(.skipRecord, .validation, "the item's name is too long: \(words)")
        case .boardFull:
            error(.skipRecord, .quota, "the board is full; archive items or use another board: \(words)")
        case .boardRules: error(.skipRecord, .validation, brokenRules(words, circumstances))
        case .staleRevision:
            error(.lookAgain, .conflict, "somebody changed the column's settings at the same time: \(words)")
        case .badLabels: error(.skipRecord, .defect, "the column's new settings are not accepted: \(words)")
        // A second mutation on one board, ours or anybody's. It is over within seconds.
        case .locked:
            error(.retry(after: wait ?? .seconds(2)), .conflict, "the board is busy with another change: \(words)")
        case .keyInUse:
            error(
                .retry(after: wait ?? .seconds(2)),
                .conflict,
                "the same change is still being made by an earlier call",
                uncertain: true
            )
        case .lastGroup: error(.skipRecord, .conflict, words)
        case .throttled: error(.retry(after: wait), .throttled, "Monday asks to slow down: \(words)")
        case .dayUsedUp:
            error(.retry(after: wait), .quota, "the account's calls of today are used up: \(words)")
        case .cursorExpired:
            error(.lookAgain, .expired, "the scan took longer than Monday keeps its place; begin it again")
        case .blocked:
            error(
                .retry(after: wait ?? .seconds(300)),
                .outage,
                "Monday has blocked its API for a while (see its status page): \(words)"
            )
        case .broken: error(.retry(after: wait), .outage, "Monday failed: \(words)", uncertain: true)
        case .tookTooLong:
            error(.retry(after: wait), .timeout, "Monday took too long: \(words)", uncertain: true)
        case .ourDefect: error(.skipRecord, .defect, "Monday does not understand the call: \(words)")
        case .assetMissing: error(.skipRecord, .missing, words)
        case .other: error(.skipRecord, .validation, words)
        }
    }

    private func refusedValue(_ words: String, _ circumstances: Circumstances) -> String {
        let column = details["column_id"].words ?? details["column_name"].words
        let type = details["column_type"].words
        let place = [column.map { "“\($0)”" }, type.map { "of type \($0)" }].compactMap { $0 }.joined(separator: " ")
        return place.isEmpty ? words : "the column \(circumstances.cleaned(place)) does not take its value: \(words)"
    }

    /// The board's own rules name what each item breaks.
    private func brokenRules(_ words: String, _ circumstances: Circumstances) -> String {
        let rules = ((try? details.elements()) ?? []).prefix(5).compactMap { rule -> String? in
            guard let message = rule["message"].words else { return nil }
            let columns = ((try? rule["columnIds"].elements()) ?? []).prefix(5).compactMap(\.words)
            return columns.isEmpty ? message : "\(columns.joined(separator: ", ")): \(message)"
        }
        return "the board's own rules refuse it: "
            + (rules.isEmpty ? words : circumstances.cleaned(rules.joined(separator: "; ")))
    }
}
