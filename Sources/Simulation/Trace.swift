import Core
import Transport

/// What happened in a run, a line for each event: shown to whoever replays a seed, or only digested to see that two runs
/// were the same.
@OnLoop package final class Trace {
    package enum Style: Sendable {
        /// Nothing is even put into words.
        case none
        case digest
        case print(@Sendable (String) -> Void)
    }

    private let style: Style
    private let began = Instant.now
    package private(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    package private(set) var lines = 0

    package init(_ style: Style) {
        self.style = style
    }

    package func note(_ text: @autoclosure () -> String) {
        let line: String
        switch style {
        case .none: return
        case .digest, .print: line = "\(Self.clock(Instant.now - began))  \(text())"
        }
        lines += 1
        // FNV-1a.
        for byte in line.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
        if case .print(let show) = style { show(line) }
    }

    /// Hours, minutes, seconds and milliseconds since the run began.
    private static func clock(_ time: Duration) -> String {
        let milliseconds = time.milliseconds
        func padded(_ number: Int64, _ digits: Int) -> String {
            let text = "\(number)"
            return String(repeating: "0", count: max(digits - text.count, 0)) + text
        }
        let minutes = padded(milliseconds / 60_000 % 60, 2)
        return "\(padded(milliseconds / 3_600_000, 2)):\(minutes):\(padded(milliseconds / 1_000 % 60, 2))"
            + ".\(padded(milliseconds % 1_000, 3))"
    }
}
