/// The rows of a CSV file, as RFC 4180 has them; nil for what is none.
enum CSVRows {
    static func read(_ bytes: [UInt8]) -> [[String]]? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var rows: [[String]] = []
        var row: [String] = []
        var field = ""
        var isQuoted = false
        var wasQuoted = false
        var characters = text.unicodeScalars.makeIterator()
        var next = characters.next()
        func end(ofRow: Bool) {
            row.append(field)
            (field, wasQuoted) = ("", false)
            guard ofRow else { return }
            if row != [""] { rows.append(row) }
            row = []
        }
        while let character = next {
            next = characters.next()
            switch character {
            case "\"" where isQuoted && next == "\"":
                field.unicodeScalars.append(character)
                next = characters.next()
            case "\"" where isQuoted: isQuoted = false
            case "\"":
                guard field.isEmpty, !wasQuoted else { return nil }
                (isQuoted, wasQuoted) = (true, true)
            case "," where !isQuoted: end(ofRow: false)
            case "\r" where !isQuoted && next == "\n": break
            case "\n" where !isQuoted: end(ofRow: true)
            default:
                guard isQuoted || !wasQuoted else { return nil }
                field.unicodeScalars.append(character)
            }
        }
        guard !isQuoted else { return nil }
        if !field.isEmpty || !row.isEmpty || wasQuoted { end(ofRow: true) }
        return rows
    }

    static func text(_ rows: [[String]]) -> String {
        rows.map { row in
            row.map { field in
                field.contains { "\",\n\r".contains($0) }
                    ? "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
                        + "\""
                    : field
            }.joined(separator: ",") + "\r\n"
        }.joined()
    }
}
