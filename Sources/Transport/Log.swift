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

    private static let style = Mutex(Style())
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
        guard level >= style.lowest else { return }
        let line = LogLine(
            time: .current,
            level: level,
            log: self,
            record: record,
            correlation: correlation,
            text: text().text
        )
        Self.put(style.format == .json ? line.json : line.plain)
    }

    private static func put(_ line: String) {
        var bytes = Array(line.utf8.prefix(4_095))
        bytes.append(UInt8(ascii: "\n"))
        var ready = pollfd(fd: 2, events: Int16(POLLOUT), revents: 0)
        guard poll(&ready, 1, 0) == 1, Glibc.write(2, bytes, bytes.count) == bytes.count else {
            droppedLines.add(1, ordering: .relaxed)
            return
        }
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

    /// `2026-11-20T07:14:00.123Z info  worker acme/bc-board: ready`
    var plain: String {
        var line = time.text + " " + level.rawValue
        line += String(repeating: " ", count: max(1, 8 - level.rawValue.utf8.count)) + log.role
        if let tenant = log.tenant { line += " \(tenant)" }
        if let connection = log.connection { line += "/\(connection)" }
        line += ": "
        for character in text.unicodeScalars {
            // A line break inside a text would forge a line.
            if character.value < 32 || character.value == 127 {
                line += " "
            } else {
                line.unicodeScalars.append(character)
            }
        }
        if let record { line += " record=\(record)" }
        if let correlation { line += " correlation=\(correlation)" }
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

    private func quote(_ value: String, into line: inout String) {
        line += "\""
        for character in value.unicodeScalars {
            switch character {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            case let control where control.value < 32:
                line += "\\u00" + (control.value < 16 ? "0" : "") + String(control.value, radix: 16)
            default: line.unicodeScalars.append(character)
            }
        }
        line += "\""
    }
}
