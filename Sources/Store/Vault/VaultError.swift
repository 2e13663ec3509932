/// Why a key or a sealed secret cannot be used. Never holds a part of either.
package enum VaultError: Error, Sendable, Equatable {
    /// Sealed under another key than the one at hand.
    case wrongKey(sealedUnder: KeyIdentity, atHand: KeyIdentity)
    /// Cut, altered, or moved here from another place.
    case damaged
    case unknownFormat(UInt8)
    /// The key that was given is none; the text says what to do.
    case unusable(String)
    case cryptography(String)
}

extension VaultError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .wrongKey(let needed, let atHand):
            "sealed under key \(needed), but the key at hand is \(atHand); give the key that was used"
        case .damaged:
            "a sealed secret is damaged or was moved from another place; enter the secret again"
        case .unknownFormat(let version):
            "a sealed secret has format \(version), which this version does not know; start the newer version"
        case .unusable(let reason):
            reason
        case .cryptography(let call):
            "the crypto library failed at \(call); check its installation and its limits of memory"
        }
    }
}
