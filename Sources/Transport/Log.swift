import CPosix
import Core
import Glibc
import Synchronization

/// Structured lines on stderr: text for people, JSON by `--log json`.
///
/// A log is a value that knows whose it is; `log.info("ready")` in a worker says its tenant and connection by itself.
/// A line that nobody can take is dropped and counted: a stuck log pipe must not stop a finance system.
package struct Log: Sendable {
    package enum Level: String, Sendable, Codable, Comparable, CaseIterable {
        case debug, info, warning, error
        /// Somebody should look: what alert rules and the outgoing webhook pick up.
        case alert

        package static func < (a: Level, b: Level) -> Bool {
            allCases.firstIndex(of: a) ?? 0 < allCases.firstIndex(of: b) ?? 0
        }
    }

    package enum Format: String, Sendable, Codable, CaseIterable {
        case text, json
    }

    /// Set once, when the process starts.
    package struct Style: Sendable, Codable {
        package var format = Format.text
        package var lowest = Level.info

        package init() {}
    }

    private static let style = Guarded(Style())
    private static let droppedLines = Atomic<Int>(0)

    package static func use(_ style: Style) {
        self.style.withLock { $0 = style }
    }

    package static var dropped: Int { droppedLines.load(ordering: .relaxed) }

    package var role: String
    package var tenant: String?
    package var connection: String?

    package init(role: String, tenant: String? = nil, connection: String? = nil) {
        self.role = role
        self.tenant = tenant
        self.connection = connection
    }

    package func about(tenant: String, connection: String) -> Log {
        Log(role: role, tenant: tenant, connection: connection)
    }

    package func debug(_ text: @autoclosure () -> LogText, record: String? = nil, correlation: String? = nil) {
        write(.debug, text, record, correlation)
    }

    package func info(_ text: @autoclosure () -> LogText, record: String? = nil, correlation: String? = nil) {
        write(.info, text, record, correlation)
    }

    package func warning(_ text: @autoclosure () -> LogText, record: String? = nil, correlation: String? = nil) {
        write(.warning, text, record, correlation)
    }

    package func error(_ text: @autoclosure () -> LogText, record: String? = nil, correlation: String? = nil) {
        write(.error, text, record, correlation)
    }

    package func alert(_ text: @autoclosure () -> LogText, record: String? = nil, correlation: String? = nil) {
        write(.alert, text, record, correlation)
    }

    private func write(_ level: Level, _ text: () -> LogText, _ record: String?, _ correlation: String?) {
        let style = Self.style.withLock { $0 }
        guard let line = line(level, text, record, correlation, lowest: style.lowest) else { return }
        Self.put(line.rendered(as: style.format), to: 2)
    }

    /// Nil, and `text` is not even made, when the level is too low.
    func line(
        _ level: Level,
        _ text: () -> LogText,
        _ record: String?,
        _ correlation: String?,
        lowest: Level
    ) -> LogLine? {
        guard level >= lowest else { return nil }
        return LogLine(
            time: .current,
            level: level,
            log: self,
            record: record,
            correlation: correlation,
            text: text().text
        )
    }

    static func put(_ line: String, to descriptor: Int32) {
        let bytes = Array((line + "\n").utf8)
        if ml_write_now(descriptor, bytes, bytes.count) != bytes.count { droppedLines.add(1, ordering: .relaxed) }
    }
}

/// What a log line says. A `Secret` cannot be put into it: that does not compile.
package struct LogText: ExpressibleByStringInterpolation, Sendable {
    package let text: String

    package init(stringLiteral value: String) {
        text = value
    }

    package init(stringInterpolation: StringInterpolation) {
        text = stringInterpolation.text
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 8)
        }

        package mutating func appendLiteral(_ literal: String) {
            text += literal
        }

        package mutating func appendInterpolation(_ value: String) {
            text += value
        }

        package mutating func appendInterpolation(_ value: some BinaryInteger) {
            text += String(value)
        }

        package mutating func appendInterpolation(_ value: Duration) {
            text += readable(value)
        }

        package mutating func appendInterpolation(_ error: any Error) {
            text += "\(error)"
        }
    }
}

/// A duration as people say it: `250 ms`, `7.5 s`, `2 min`.
package func readable(_ duration: Duration) -> String {
    let milliseconds = duration.nanoseconds / 1_000_000
    switch milliseconds {
    case ..<1_000: return "\(milliseconds) ms"
    case ..<60_000:
        let tenths = milliseconds % 1_000 / 100
        return tenths == 0 ? "\(milliseconds / 1_000) s" : "\(milliseconds / 1_000).\(tenths) s"
    case ..<7_200_000: return "\(milliseconds / 60_000) min"
    default: return "\(milliseconds / 3_600_000) h"
    }
}

/// One line before it is written.
struct LogLine {
    struct Time {
        var text: String

        static var current: Time {
            var now = timespec()
            clock_gettime(CLOCK_REALTIME, &now)
            var parts = tm()
            gmtime_r(&now.tv_sec, &parts)
            return Time(
                text: "\(parts.tm_year + 1_900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T"
                    + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
                    + ".\(two(Int32(now.tv_nsec / 10_000_000)))\(now.tv_nsec / 1_000_000 % 10)Z"
            )
        }

        private static func two(_ value: Int32) -> String {
            value < 10 ? "0\(value)" : "\(value)"
        }
    }

    var time: Time
    var level: Log.Level
    var log: Log
    var record: String?
    var correlation: String?
    var text: String

    /// Without its line break. A pipe takes 4,096 bytes whole or not at all (`PIPE_BUF`), so that lines of several
    /// processes never mix.
    static let longest = 4_095

    /// The line in at most `longest` bytes: what is too long for it is cut before it is quoted, so that it stays JSON.
    func rendered(as format: Log.Format) -> String {
        var line = self
        line.log.role = cut(log.role, to: 64)
        line.log.tenant = log.tenant.map { cut($0, to: 64) }
        line.log.connection = log.connection.map { cut($0, to: 64) }
        line.correlation = correlation.map { cut($0, to: 64) }
        line.record = record.map { cut($0, to: 200) }
        let whole = format == .json ? line.json : line.plain
        guard whole.utf8.count > Self.longest else { return whole }
        // How much a text grows by quoting depends on where it is cut, so the place is searched. The other members are
        // bounded: with no text at all a line fits.
        var result = ""
        var (fits, tooMuch) = (0, Self.longest)
        while fits < tooMuch {
            let room = (fits + tooMuch) / 2
            line.text = cut(text, to: room)
            let attempt = format == .json ? line.json : line.plain
            if attempt.utf8.count <= Self.longest {
                result = attempt
                fits = room + 1
            } else {
                tooMuch = room
            }
        }
        return result
    }

    /// `2026-11-20T07:14:00.123Z info  worker acme/bc-board: ready`
    var plain: String {
        var line = time.text + " " + level.rawValue
        line += String(repeating: " ", count: max(1, 8 - level.rawValue.utf8.count)) + printable(log.role)
        if let tenant = log.tenant { line += " " + printable(tenant) }
        if let connection = log.connection { line += "/" + printable(connection) }
        line += ": " + printable(text)
        if let record { line += " record=" + printable(record) }
        if let correlation { line += " correlation=" + printable(correlation) }
        return line
    }

    var json: String {
        var line = "{\"time\":\"\(time.text)\",\"level\":\"\(level.rawValue)\""
        let members = [
            ("role", log.role), ("tenant", log.tenant), ("connection", log.connection), ("record", record),
            ("correlation", correlation), ("message", text),
        ]
        for case (let name, let value?) in members {
            line += ",\"\(name)\":"
            quote(value, into: &line)
        }
        return line + "}"
    }

    private func cut(_ text: String, to bytes: Int) -> String {
        guard text.utf8.count > bytes else { return text }
        let mark = "…"
        // A place within a character is rounded down to its beginning.
        let end = text.utf8.index(text.startIndex, offsetBy: max(bytes - mark.utf8.count, 0))
        return String(text.unicodeScalars[..<end]) + mark
    }

    private func printable(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars { result.unicodeScalars.append(misleads(character) ? " " : character) }
        return result
    }

    private func quote(_ value: String, into line: inout String) {
        line += "\""
        for character in value.unicodeScalars {
            switch character {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            case let character where misleads(character):
                let digits = String(character.value, radix: 16)
                line += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: line.unicodeScalars.append(character)
            }
        }
        line += "\""
    }

    /// What a terminal or a reader of logs takes for the end of a line, for a command or for a turn of direction. From
    /// outside, it could forge a line.
    private func misleads(_ character: Unicode.Scalar) -> Bool {
        switch character.value {
        case 0..<0x20, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
