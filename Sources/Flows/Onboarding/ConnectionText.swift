import Core

/// A connection's file as a person would write it: names without quotes, a comment above what needs one.
package enum ConnectionText {
    /// The comments stand above the members with these paths.
    package static func of(_ document: JSON, comments: [String: String] = [:], title: String) -> String {
        var text = "// \(title)\n"
        append(document, at: "", depth: 0, comments, to: &text)
        return text + "\n"
    }

    /// What is known of the members that setting up a connection writes.
    package static let comments = [
        "businessCentral.clientSecret": "Read when the connection is added, and kept sealed: never written here.",
        "nav.key": "Read when the connection is added, and kept sealed: never written here.",
        "nav.privateNetwork": "The way to the server is a private network, and only there will http do.",
        "monday.token": "Of a user who is subscribed to the boards. Kept sealed.",
        "routes": "One for each kind of record. All that can be said here: ops/docs/connections.md",
    ]

    private static func append(
        _ value: JSON,
        at path: String,
        depth: Int,
        _ comments: [String: String],
        to text: inout String
    ) {
        guard case .object(let object) = value, object.count > 0 else {
            text += value.text()
            return
        }
        // What says one thing stands on one line.
        if depth > 0, isShort(object) {
            text += line(object)
            return
        }
        let room = String(repeating: "  ", count: depth + 1)
        text += "{\n"
        for member in object.members {
            let inner = path.isEmpty ? member.name : path + "." + member.name
            if let comment = comments[inner] { text += room + "// " + comment + "\n" }
            text += room + name(member.name) + ": "
            append(member.value, at: inner, depth: depth + 1, comments, to: &text)
            text += ",\n"
        }
        text += room.dropLast(2) + "}"
    }

    private static func isShort(_ object: JSON.Object) -> Bool {
        object.count <= 2
            && object.members.allSatisfy { member in
                switch member.value {
                case .null, .bool, .number, .string: true
                case .array, .object: false
                }
            } && line(object).count < 80
    }

    private static func line(_ object: JSON.Object) -> String {
        "{ " + object.members.map { "\(name($0.name)): \($0.value.text())" }.joined(separator: ", ") + " }"
    }

    /// In quotes where it is no word.
    private static func name(_ name: String) -> String {
        let isWord = name.utf8.enumerated().allSatisfy { place, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): place > 0
            default: false
            }
        }
        return isWord && !name.isEmpty ? name : JSON.string(name).text()
    }
}
