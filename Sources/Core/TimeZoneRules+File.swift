/// A TZif file (RFC 9636, which took the place of RFC 8536), versions 1 to 4:
///
///     header   "TZif", version, 15 bytes, six counts                        44 bytes
///     block    with times of 32 bits, all there is in version 1
///     header   the same again
///     block    with times of 64 bits
///     footer   what holds after the last of them, between two line feeds; all there is in most newer files
extension TimeZoneRules {
    /// Why bytes are no rules. It says nothing of what they hold.
    package struct Malformed: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String

        init(_ description: String) {
            self.description = description
        }
    }

    package init(_ file: some Sequence<UInt8>) throws(Malformed) {
        var file = FileReader(rest: Array(file)[...])
        let old = try file.header()
        guard old.version > 0 else {
            self = try file.block(old, timeSize: 4)
            guard file.rest.isEmpty else { throw Malformed("there is something behind its end") }
            return
        }
        _ = try file.take(old.size(timeSize: 4))
        let rules = try file.block(try file.header(), timeSize: 8)
        self.init(first: rules.first, changes: rules.changes, yearly: try file.footer())
    }

    private struct Header {
        var version: Int
        var universalMarks: Int
        var standardMarks: Int
        var leapSeconds: Int
        var changes: Int
        var kinds: Int
        var characters: Int

        /// Of the block behind it, in bytes. The counts have 32 bits, so this cannot overflow.
        func size(timeSize: Int) -> Int {
            changes * (timeSize + 1) + kinds * 6 + characters + leapSeconds * (timeSize + 4) + standardMarks
                + universalMarks
        }
    }

    private struct FileReader {
        var rest: ArraySlice<UInt8>

        mutating func take(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
            guard count <= rest.count else { throw Malformed("it is cut short") }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }

        /// Signed, the most significant byte first.
        mutating func integer(size: Int) throws(Malformed) -> Int {
            let bytes = try take(size)
            let high = Int(Int8(truncatingIfNeeded: Int(bytes.first ?? 0)))
            return bytes.dropFirst().reduce(high) { $0 << 8 | Int($1) }
        }

        mutating func count() throws(Malformed) -> Int {
            try integer(size: 4) & 0xFFFF_FFFF
        }

        mutating func header() throws(Malformed) -> Header {
            guard rest.starts(with: "TZif".utf8) else { throw Malformed("it does not begin as a time zone does") }
            let version = try take(20).dropFirst(4).first ?? 0
            // 0, or the digit; what a later one will add goes behind what there is.
            guard version == 0 || version >= UInt8(ascii: "2") else { throw Malformed("its version is unknown") }
            return Header(
                version: Int(version),
                universalMarks: try count(),
                standardMarks: try count(),
                leapSeconds: try count(),
                changes: try count(),
                kinds: try count(),
                characters: try count()
            )
        }

        /// The rules without the footer.
        mutating func block(_ header: Header, timeSize: Int) throws(Malformed) -> TimeZoneRules {
            guard header.size(timeSize: timeSize) <= rest.count else { throw Malformed("it is cut short") }
            // Clocks of computers leave leap seconds out, so such a file's times are seconds off.
            guard header.leapSeconds == 0 else { throw Malformed("it counts leap seconds") }
            guard 1...256 ~= header.kinds else { throw Malformed("it knows no kind of time") }
            var times: [Int] = []
            for _ in 0..<header.changes { times.append(try integer(size: timeSize)) }
            let kinds = try take(header.changes)
            var offsets: [Int] = []
            for _ in 0..<header.kinds {
                let offset = try integer(size: 4)
                guard TimeZoneRules.offsets.contains(offset) else { throw Malformed("it is a day or more from UTC") }
                offsets.append(offset)
                // Whether it is summer, and where its name is.
                _ = try take(2)
            }
            _ = try take(header.characters + header.standardMarks + header.universalMarks)

            var changes: [Change] = []
            for (time, kind) in zip(times, kinds) {
                guard changes.last.map({ $0.since < time }) ?? true else { throw Malformed("its times go back") }
                guard kind < offsets.count else { throw Malformed("it changes to a kind of time that it lacks") }
                changes.append(Change(since: time, offset: offsets[Int(kind)]))
            }
            return TimeZoneRules(first: offsets[0], changes: changes, yearly: nil)
        }

        /// Nil where it is empty: nobody knows what comes after.
        mutating func footer() throws(Malformed) -> YearlyClock? {
            guard rest.count >= 2, rest.first == 0x0A, rest.last == 0x0A else { throw Malformed("its end is missing") }
            let text = rest.dropFirst().dropLast()
            guard !text.isEmpty else { return nil }
            guard let clock = YearlyClock(text) else { throw Malformed("the rule at its end makes no sense") }
            return clock
        }
    }
}
