/// Where everything stands in a configuration file: an error that knows its path can then name its line.
package struct JSON5Places: Sendable {
    private let offsets: [String: Int]
    private let spans: [String: Range<Int>]
    private let text: [UInt8]

    /// Of a text that can be read.
    package init(_ text: String) throws(JSONError) {
        let bytes = Array(text.utf8)
        (offsets, spans) = try bytes.span.withUnsafeBufferPointer { bytes throws(JSONError) in
            var reader = JSON5Reader(bytes, maxDepth: JSONReader.usualDepth, notesPlaces: true)
            _ = try reader.document()
            return (reader.places, reader.spans)
        }
        self.text = bytes
    }

    /// The line, from 1, of the value with that path, as `JSONField` says it. Where there is none it is the line of what
    /// should have held it.
    package func line(of path: String) -> Int {
        var path = path[...]
        while true {
            if let offset = offsets[String(path)] { return text[..<offset].count { $0 == UInt8(ascii: "\n") } + 1 }
            guard !path.isEmpty else { return 1 }
            path = path[..<(path.lastIndex { $0 == "." || $0 == "[" } ?? path.startIndex)]
        }
    }

    /// The text with other words in the place of some values, and everything else, comments too, as it was. Paths that
    /// the text does not have are left aside.
    package func replacing(_ values: [String: String]) -> String {
        var bytes = text
        let known = values.compactMap { path, words in spans[path].map { (span: $0, words: words) } }
        for each in known.sorted(by: { $0.span.lowerBound > $1.span.lowerBound }) {
            bytes.replaceSubrange(each.span, with: Array(each.words.utf8))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
