import Core

/// Business Central's API v2.0.
package enum BusinessCentral {
    package static let name = RemoteSystem.businessCentral.rawValue

    /// Whether a value says that there is none. Standard fields are never null: what is empty has a value of its kind.
    package static func isEmpty(_ value: JSON) -> Bool {
        switch value {
        case .null: true
        case .string(let text): isEmpty(text)
        // Nothing and zero look alike in a number, so a number is always a value.
        case .bool, .number, .array, .object: false
        }
    }

    private static func isEmpty(_ text: String) -> Bool {
        // The blank member of an enumeration is one space.
        text.utf8.allSatisfy { $0 == 0x20 } || text == "0001-01-01" || text == "00000000-0000-0000-0000-000000000000"
            || text.hasPrefix("0001-01-01T00:00:00") && WallTime(text) == .first
    }

    /// The name of an enumeration's member as people know it: `In_x0020_Review` is `In Review`.
    ///
    /// Any other text comes back as it is. That two kinds of text cannot be told apart by their field is why only those
    /// are decoded that could be a name in XML: nothing in them but letters, digits and underscores.
    package static func decodedMember(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "_")), text.unicodeScalars.allSatisfy(isOfName) else { return text }
        var plain = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let first = rest.first {
            if let scalar = encodedScalar(rest.prefix(7)) {
                plain.append(scalar)
                rest = rest.dropFirst(7)
            } else {
                plain.append(first)
                rest = rest.dropFirst()
            }
        }
        return String(plain)
    }

    /// The other way: `In Review` is sent as `In_x0020_Review`.
    package static func encodedMember(_ text: String) -> String {
        // A blank member has a name of its own.
        guard !text.isEmpty else { return "_x0020_" }
        var name = ""
        for scalar in text.unicodeScalars {
            if isOfName(scalar) || scalar.value > 0xFFFF {
                name.unicodeScalars.append(scalar)
            } else {
                let digits = String(scalar.value, radix: 16, uppercase: true)
                name += "_x" + String(repeating: "0", count: 4 - digits.count) + digits + "_"
            }
        }
        return name
    }

    private static func isOfName(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal
    }

    /// `_x0020_` and its like.
    private static func encodedScalar(_ seven: Substring.UnicodeScalarView) -> Unicode.Scalar? {
        let characters = Array(seven)
        guard characters.count == 7, characters[0] == "_", characters[1] == "x", characters[6] == "_" else {
            return nil
        }
        var value: UInt32 = 0
        for character in characters[2..<6] {
            guard character.properties.isASCIIHexDigit,
                let digit = UInt32(String(character), radix: 16)
            else { return nil }
            value = value << 4 | digit
        }
        return value == 0 ? nil : Unicode.Scalar(value)
    }
}
