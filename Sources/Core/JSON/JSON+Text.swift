extension JSON {
    package enum Layout: Sendable, Equatable {
        /// No space at all: what is sent, stored and fingerprinted.
        case compact
        /// Two spaces a level: what people read.
        case pretty
    }

    /// The text of the value, with its members in their order.
    package func text(_ layout: Layout = .compact) -> String {
        String(decoding: bytes(layout), as: UTF8.self)
    }

    package func bytes(_ layout: Layout = .compact) -> [UInt8] {
        var output: [UInt8] = []
        append(to: &output, layout, level: 0)
        return output
    }

    /// Appends a string in quotes, escaped as far as JSON demands and no further.
    package static func append(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): output.append(contentsOf: #"\""#.utf8)
            case UInt8(ascii: "\\"): output.append(contentsOf: #"\\"#.utf8)
            case UInt8(ascii: "\n"): output.append(contentsOf: #"\n"#.utf8)
            case UInt8(ascii: "\r"): output.append(contentsOf: #"\r"#.utf8)
            case UInt8(ascii: "\t"): output.append(contentsOf: #"\t"#.utf8)
            case ..<0x20:
                output.append(contentsOf: #"\u00"#.utf8)
                output.append(contentsOf: Hex.text(of: CollectionOfOne(byte)).utf8)
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    private func append(to output: inout [UInt8], _ layout: Layout, level: Int) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let number): output.append(contentsOf: number.text.utf8)
        case .string(let text): Self.append(text, to: &output)
        case .array(let elements):
            list("[", elements, "]", to: &output, layout, level) { element, output in
                element.append(to: &output, layout, level: level + 1)
            }
        case .object(let object):
            list("{", object.members, "}", to: &output, layout, level) { member, output in
                Self.append(member.name, to: &output)
                output.append(contentsOf: (layout == .pretty ? ": " : ":").utf8)
                member.value.append(to: &output, layout, level: level + 1)
            }
        }
    }

    private func list<Item>(
        _ open: String,
        _ items: [Item],
        _ close: String,
        to output: inout [UInt8],
        _ layout: Layout,
        _ level: Int,
        item append: (Item, inout [UInt8]) -> Void
    ) {
        output.append(contentsOf: open.utf8)
        for (index, item) in items.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            if layout == .pretty { newLine(level + 1, to: &output) }
            append(item, &output)
        }
        if layout == .pretty, !items.isEmpty { newLine(level, to: &output) }
        output.append(contentsOf: close.utf8)
    }

    private func newLine(_ level: Int, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\n"))
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
    }
}
