extension JSON {
    /// Reads a whole strict JSON text. Two members of one name are refused: which of them counts, no two readers agree.
    package static func parse(_ bytes: Span<UInt8>, maxDepth: Int = JSONReader.usualDepth) throws -> JSON {
        try JSONReader.read(bytes, maxDepth: maxDepth) { reader in try reader.value() }
    }

    package static func parse(_ text: String, maxDepth: Int = JSONReader.usualDepth) throws -> JSON {
        try parse(Array(text.utf8).span, maxDepth: maxDepth)
    }

    /// Reads a configuration file in JSON5: comments, trailing commas, names without quotes.
    package static func parse5(_ bytes: Span<UInt8>, maxDepth: Int = JSONReader.usualDepth) throws(JSONError) -> JSON {
        try bytes.withUnsafeBufferPointer { bytes throws(JSONError) in
            var reader = JSON5Reader(bytes, maxDepth: maxDepth)
            return try reader.document()
        }
    }

    package static func parse5(_ text: String, maxDepth: Int = JSONReader.usualDepth) throws(JSONError) -> JSON {
        try parse5(Array(text.utf8).span, maxDepth: maxDepth)
    }
}

extension JSONReader {
    /// The next value and everything in it, for the small parts of a large document.
    package mutating func value() throws -> JSON {
        switch try kind() {
        case .object:
            var object = JSON.Object()
            try self.object { reader, name in
                let start = reader.nameStart
                let value = try reader.value()
                guard object.add(name.text, value) else { throw reader.error(JSONError.uniqueName, at: start) }
            }
            return .object(object)
        case .array:
            var elements: [JSON] = []
            try array { reader in elements.append(try reader.value()) }
            return .array(elements)
        case .string: return .string(try string())
        case .number: return .number(try number())
        case .bool: return .bool(try bool())
        case .null:
            _ = try null()
            return .null
        }
    }
}
