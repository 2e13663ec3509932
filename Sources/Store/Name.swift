/// The name of a tenant or a connection: 1 to 40 of `a` to `z`, `0` to `9` and `-`, not starting with `-`.
///
/// So it can be a folder, a part of a path and a label without being escaped, and is never taken for an option.
package struct Name: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) throws {
        let bytes = text.utf8
        let valid = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
            default: false
            }
        }
        guard valid, 1...40 ~= bytes.count, bytes.first != UInt8(ascii: "-") else {
            throw StoreError.refused(
                "a name has 1 to 40 lower-case letters, digits or hyphens and does not start with a hyphen"
            )
        }
        self.text = text
    }

    package var description: String { text }

    package static func < (a: Name, b: Name) -> Bool {
        a.text < b.text
    }
}
