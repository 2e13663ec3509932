extension Monday.Fault {
    /// What an error means, however it is spelled. The vendor has up to four spellings for one thing.
    enum Kind: Sendable, Equatable, CaseIterable {
        case unauthenticated, addressRefused, userRefused, forbidden, scopeMissing
        case unknownID, gone, badValue, correctedValue, badArgument, nameTooLong, boardFull, boardRules
        case staleRevision, badLabels, locked, keyInUse, lastGroup
        case throttled, dayUsedUp, cursorExpired, blocked, broken, tookTooLong
        case ourDefect, assetMissing, other

        init(code: String, message: String, status: Int) {
            self =
                Self.byCode[Self.normal(code)] ?? Self.byText(message) ?? Self.byText(code)
                ?? Self.byStatus(status)
        }

        /// Spellings differ in capitals, spaces and underscores.
        private static func normal(_ code: String) -> String {
            String(code.prefix(100).lowercased().filter { $0 != "_" && $0 != " " && $0 != "-" })
        }

        private static let byCode: [String: Kind] = [
            "notauthenticated": .unauthenticated, "unauthorized": .unauthenticated,
            "useraccessdenied": .userRefused,
            "userunauthorizedexception": .forbidden,
            "missingrequiredpermissions": .scopeMissing,
            "invalidboardidexception": .unknownID, "invalidcolumnidexception": .unknownID,
            "invalidgroupidexception": .unknownID, "invaliditemidexception": .unknownID,
            "invaliduseridexception": .unknownID,
            "resourcenotfoundexception": .gone,
            "columnvalueexception": .badValue,
            "correctedvalueexception": .correctedValue,
            "invalidargumentexception": .badArgument, "recordinvalidexception": .badArgument,
            "itemnametoolongexception": .nameTooLong,
            "itemslimitationexception": .boardFull,
            "datavalidationserror": .boardRules,
            "revisionmismatch": .staleRevision,
            "invalidinput": .badLabels,
            "resourcelocked": .locked,
            "idempotencyconflict": .keyInUse,
            "deletelastgroupexception": .lastGroup,
            "minuteratelimitexceeded": .throttled, "maxconcurrencyexceeded": .throttled,
            "complexitybudgetexhausted": .throttled, "ipratelimitexceeded": .throttled,
            "toomanyrequests": .throttled, "fieldlimitexceeded": .throttled, "complexityexception": .throttled,
            "ratelimitexceeded": .throttled, "minutelimitrateexceeded": .throttled,
            "minuteratelimit": .throttled, "concurrencylimitexceeded": .throttled,
            "mutationcallsexceeded": .throttled, "ratelimitedexception": .throttled,
            "dailylimitexceeded": .dayUsedUp,
            "cursorexpirederror": .cursorExpired, "cursorexception": .cursorExpired,
            "apitemporarilyblocked": .blocked,
            "internalservererror": .broken,
            "timeoutexceeded": .tookTooLong,
            "graphqlparsefailed": .ourDefect, "graphqlvalidationfailed": .ourDefect, "jsonparseexception": .ourDefect,
            "badrequest": .ourDefect, "undefinedfield": .ourDefect, "argumentliteralsincompatible": .ourDefect,
            "invalidversionexception": .ourDefect,
            "assetunavailable": .assetMissing,
        ]

        private static func byText(_ text: String) -> Kind? {
            let text = text.prefix(200).lowercased()
            return beginnings.first { text.hasPrefix($0.0) }?.1
        }

        private static let beginnings: [(String, Kind)] = [
            ("rate limit exceeded", .throttled), ("rate limit already blocked", .throttled),
            ("call limit exceeded for", .throttled), ("complexity budget exhausted", .throttled),
            ("minute rate limit exceeded", .throttled), ("minute limit rate exceeded", .throttled),
            ("concurrency limit exceeded", .throttled), ("max concurrency exceeded", .throttled),
            ("daily limit exceeded", .dayUsedUp),
            ("your ip is restricted", .addressRefused),
            ("not authenticated", .unauthenticated),
            ("resource is currently locked", .locked),
            ("cursorexpirederror", .cursorExpired),
            ("internal server error", .broken),
            ("parse error on", .ourDefect), ("syntax error", .ourDefect), ("bad request", .ourDefect),
        ]

        private static func byStatus(_ status: Int) -> Kind {
            switch status {
            case 401: .unauthenticated
            case 403: .forbidden
            case 404: .gone
            case 409, 423: .locked
            case 429: .throttled
            case 408, 504: .tookTooLong
            case 500...: .broken
            default: .other
            }
        }

        /// Whether the account is closed, to whoever asks.
        var closesAccount: Bool { self == .throttled || self == .dayUsedUp }
    }
}
