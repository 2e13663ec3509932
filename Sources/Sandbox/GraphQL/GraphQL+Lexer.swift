extension GraphQL {
    enum Token: Equatable {
        case punctuator(String)
        case name(String)
        case int(String)
        case float(String)
        case string(String)
        case end

        /// For messages: what was found instead of what was expected.
        var spoken: String {
            switch self {
            case .punctuator(let text): "\"\(text)\""
            case .name(let text): "Name \"\(text)\""
            case .int(let text): "Int \"\(text)\""
            case .float(let text): "Float \"\(text)\""
            case .string: "String"
            case .end: "<EOF>"
            }
        }
    }

    /// Cuts a text into tokens; spaces, commas and comments fall away.
    struct Lexer {
        private let bytes: [UInt8]
        private var position = 0
        private var line = 1
        private var lineStart = 0
        private(set) var start = Location(line: 1, column: 1)
        /// Where `start` was counted to: a document of one long line is counted through once, not once a token.
        private var counted = (position: 0, characters: 0)

        init(_ text: String) {
            bytes = Array(text.utf8)
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        }

        mutating func next() throws(Fault) -> Token {
            skipIgnored()
            markStart()
            guard let byte = peek() else { return .end }
            switch byte {
            case UInt8(ascii: "."):
                guard peek(1) == byte, peek(2) == byte else { throw unexpected() }
                position += 3
                return .punctuator("...")
            case _ where "!$&()[]{}:=@|".utf8.contains(byte):
                position += 1
                return .punctuator(String(Unicode.Scalar(byte)))
            case UInt8(ascii: "\""): return .string(try string())
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
            case _ where Self.beginsName(byte):
                let begin = position
                while let byte = peek(), Self.beginsName(byte) || Self.isDigit(byte) { position += 1 }
                return .name(String(decoding: bytes[begin..<position], as: UTF8.self))
            default: throw unexpected()
            }
        }

        // MARK: Spaces

        private var here: Location {
            let characters = bytes[lineStart..<min(position, bytes.count)].count { $0 & 0xC0 != 0x80 }
            return Location(line: line, column: characters + 1)
        }

        private mutating func markStart() {
            if counted.position < lineStart { counted = (lineStart, 0) }
            // Continuation bytes belong to the character before them.
            counted.characters += bytes[counted.position..<position].count { $0 & 0xC0 != 0x80 }
            counted.position = position
            start = Location(line: line, column: counted.characters + 1)
        }

        private mutating func skipIgnored() {
            while let byte = peek() {
                switch byte {
                case UInt8(ascii: "\n"):
                    position += 1
                    newLine()
                case UInt8(ascii: "\r"):
                    position += peek(1) == UInt8(ascii: "\n") ? 2 : 1
                    newLine()
                case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: ","): position += 1
                case UInt8(ascii: "#"):
                    while let byte = peek(), byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") { position += 1 }
                default: return
                }
            }
        }

        private mutating func newLine() {
            line += 1
            lineStart = position
        }

        private func peek(_ ahead: Int = 0) -> UInt8? {
            position + ahead < bytes.count ? bytes[position + ahead] : nil
        }

        private static func beginsName(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "_") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
        }

        private static func isDigit(_ byte: UInt8?) -> Bool {
            byte.map { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } ?? false
        }

        private func unexpected() -> Fault {
            guard position < bytes.count else { return fault("Unexpected <EOF>.") }
            return fault("Unexpected character.")
        }

        private func fault(_ problem: String) -> Fault {
            Fault("Syntax Error: \(problem)", at: [here])
        }

        // MARK: Numbers

        private mutating func number() throws(Fault) -> Token {
            let begin = position
            if peek() == UInt8(ascii: "-") { position += 1 }
            if peek() == UInt8(ascii: "0") {
                position += 1
                guard !Self.isDigit(peek()) else { throw fault("Invalid number, unexpected digit after 0.") }
            } else {
                try digits()
            }
            var isFloat = false
            if peek() == UInt8(ascii: ".") {
                isFloat = true
                position += 1
                try digits()
            }
            if let byte = peek(), byte | 0x20 == UInt8(ascii: "e") {
                isFloat = true
                position += 1
                if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
                try digits()
            }
            if let byte = peek(), byte == UInt8(ascii: ".") || Self.beginsName(byte) {
                throw fault("Invalid number, expected digit.")
            }
            let text = String(decoding: bytes[begin..<position], as: UTF8.self)
            return isFloat ? .float(text) : .int(text)
        }

        private mutating func digits() throws(Fault) {
            guard Self.isDigit(peek()) else { throw fault("Invalid number, expected digit.") }
            while Self.isDigit(peek()) { position += 1 }
        }

        // MARK: Strings

        private mutating func string() throws(Fault) -> String {
            if peek(1) == UInt8(ascii: "\""), peek(2) == UInt8(ascii: "\"") { return try blockString() }
            position += 1
            var output: [UInt8] = []
            while let byte = peek() {
                switch byte {
                case UInt8(ascii: "\""):
                    position += 1
                    return String(decoding: output, as: UTF8.self)
                case UInt8(ascii: "\n"), UInt8(ascii: "\r"): throw fault("Unterminated string.")
                case UInt8(ascii: "\\"):
                    position += 1
                    output.append(contentsOf: String(try escaped()).utf8)
                default:
                    output.append(byte)
                    position += 1
                }
            }
            throw fault("Unterminated string.")
        }

        private mutating func escaped() throws(Fault) -> Character {
            let byte = peek() ?? 0
            position += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Character(Unicode.Scalar(byte))
            case UInt8(ascii: "b"): return "\u{8}"
            case UInt8(ascii: "f"): return "\u{C}"
            case UInt8(ascii: "n"): return "\n"
            case UInt8(ascii: "r"): return "\r"
            case UInt8(ascii: "t"): return "\t"
            case UInt8(ascii: "u"): return Character(try unicode())
            default: throw fault("Invalid character escape sequence.")
            }
        }

        private mutating func unicode() throws(Fault) -> Unicode.Scalar {
            if peek() == UInt8(ascii: "{") {
                position += 1
                var value: UInt32 = 0
                var count = 0
                while let digit = hexDigit(), count < 8 {
                    value = value << 4 | digit
                    count += 1
                    position += 1
                }
                guard count > 0, peek() == UInt8(ascii: "}"), let scalar = Unicode.Scalar(value) else {
                    throw fault("Invalid Unicode escape sequence.")
                }
                position += 1
                return scalar
            }
            let high = try fourDigits()
            if let scalar = Unicode.Scalar(high) { return scalar }
            guard high < 0xDC00, peek() == UInt8(ascii: "\\"), peek(1) == UInt8(ascii: "u") else {
                throw fault("Invalid Unicode escape sequence.")
            }
            position += 2
            let low = try fourDigits()
            guard 0xDC00...0xDFFF ~= low,
                let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
            else { throw fault("Invalid Unicode escape sequence.") }
            return scalar
        }

        private mutating func fourDigits() throws(Fault) -> UInt32 {
            var value: UInt32 = 0
            for _ in 0..<4 {
                guard let digit = hexDigit() else { throw fault("Invalid Unicode escape sequence.") }
                value = value << 4 | digit
                position += 1
            }
            return value
        }

        private func hexDigit() -> UInt32? {
            peek().flatMap { $0 < 0x80 ? Character(Unicode.Scalar($0)).hexDigitValue : nil }.map(UInt32.init)
        }

        private mutating func blockString() throws(Fault) -> String {
            position += 3
            var raw: [UInt8] = []
            while let byte = peek() {
                if byte == UInt8(ascii: "\""), peek(1) == byte, peek(2) == byte {
                    position += 3
                    return Self.withoutIndentation(String(decoding: raw, as: UTF8.self))
                }
                if byte == UInt8(ascii: "\\"), (1...3).allSatisfy({ peek($0) == UInt8(ascii: "\"") }) {
                    raw.append(contentsOf: #"""""#.utf8)
                    position += 4
                    continue
                }
                position += 1
                if byte == UInt8(ascii: "\r") {
                    if peek() == UInt8(ascii: "\n") { position += 1 }
                    raw.append(UInt8(ascii: "\n"))
                    newLine()
                } else {
                    raw.append(byte)
                    if byte == UInt8(ascii: "\n") { newLine() }
                }
            }
            throw fault("Unterminated string.")
        }

        /// What the specification does to block strings: the common indentation and the empty lines around go.
        private static func withoutIndentation(_ text: String) -> String {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            func indentation(_ line: Substring) -> Int? {
                line.utf8.firstIndex { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
                    .map { line.utf8.distance(from: line.utf8.startIndex, to: $0) }
            }
            let common = lines.dropFirst().compactMap(indentation).min() ?? 0
            var kept = lines.enumerated().map { $0.offset == 0 ? $0.element : $0.element.dropFirst(common) }
            while let first = kept.first, indentation(first) == nil { kept.removeFirst() }
            while let last = kept.last, indentation(last) == nil { kept.removeLast() }
            return kept.joined(separator: "\n")
        }
    }
}
