/// Why a call to a remote system came to nothing, and what to do about it.
///
/// Whoever throws it decides, because only the system's client knows what a 403 means there. Whoever catches it switches
/// over `remedy` and never sees a status code.
package struct CallError: Error, Sendable, Equatable {
    package enum Remedy: Sendable, Equatable {
        /// The system or the way there is in trouble, or the account is closed for a while. Later it works by itself;
        /// nil where nobody said when.
        case retry(after: Duration?)
        /// The token is no longer taken. A new one may be.
        case refreshToken
        /// This record cannot be written as it is; all others can.
        case skipRecord
        /// What we know of the place is out of date: a column, a board, a cursor. Look again, then repeat once.
        case lookAgain
        /// Nothing will work until a person has mended something.
        case stopConnection
    }

    package var remedy: Remedy
    /// For people: `Business Central`, `Monday`.
    package var system: String
    /// A word for metrics and for replaying what failed alike: `validation`, `throttled`, `outage`, `credentials`.
    package var kind: Kind
    /// For people, with what to do where that is known. Holds no token and no header; the vendor's own words may be in it.
    package var reason: String
    /// The system may have done what it was asked: look before asking again.
    package var isUncertain: Bool
    /// What the vendor's support asks for.
    package var requestID: String?

    package enum Kind: String, Sendable, CaseIterable {
        case credentials, permission, configuration
        case throttled, quota, outage, network, timeout
        case validation, conflict, missing, expired
        /// An answer that is none: not JSON, or without what it must hold.
        case garbage
        /// Ours: the system says that the call itself is wrong.
        case defect
    }

    package init(
        _ remedy: Remedy,
        _ system: String,
        _ kind: Kind,
        _ reason: String,
        isUncertain: Bool = false,
        requestID: String? = nil
    ) {
        self.remedy = remedy
        self.system = system
        self.kind = kind
        self.reason = reason
        self.isUncertain = isUncertain
        self.requestID = requestID
    }
}

extension CallError: CustomStringConvertible {
    package var description: String {
        // What the vendor says often begins with its own name.
        (reason.hasPrefix(system) ? reason : "\(system): \(reason)") + (requestID.map { " (request \($0))" } ?? "")
    }
}
