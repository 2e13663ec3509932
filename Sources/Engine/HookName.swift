import Core
import Store

/// The last part of a webhook's address that only we can have given out: `monday-7d1f03aa-` and a proof over that.
///
/// Where nothing is signed, an address is all that proves a webhook, and each subscription has one of its own. The gateway
/// knows ours without a table of them, so one can be challenged before anybody has stored that it exists.
package enum HookName {
    /// Half of an HMAC: 128 bits that nobody guesses.
    private static let proofBytes = 16

    /// `slot` tells the subscription from the connection's others: letters, digits, no hyphen at its end.
    package static func make(_ hook: FlowHook, slot: String, key: Secret) throws -> String {
        let said = "\(hook.names)\(slot)-"
        return said + Hex.text(of: try proof(of: said, MessageAuthenticator(key: key)))
    }

    /// Whether a name was made with that key, in a time that says nothing of how nearly it was.
    package static func isOurs(_ name: String, _ authenticator: MessageAuthenticator) -> Bool {
        let digits = name.utf8.suffix(2 * proofBytes)
        guard digits.count == 2 * proofBytes else { return false }
        let said = String(name.dropLast(2 * proofBytes))
        let proof = proof(of: said, authenticator)
        return Array(digits).withUnsafeBytes { digits in proof.withUnsafeBytes { Hex.spells(digits, $0) } }
    }

    /// The slot in a name that the gateway has let through.
    package static func slot(in name: String, of hook: FlowHook) -> String? {
        guard name.hasPrefix(hook.names), let end = name.lastIndex(of: "-") else { return nil }
        let slot = name[name.index(name.startIndex, offsetBy: hook.names.count)...].prefix { $0 != "-" }
        return slot.isEmpty || slot.endIndex != end ? nil : String(slot)
    }

    private static func proof(of said: String, _ authenticator: MessageAuthenticator) -> [UInt8] {
        let digest = Array(said.utf8).withUnsafeBytes { authenticator.digest($0) }
        return Array(digest.bytes.prefix(proofBytes))
    }
}
