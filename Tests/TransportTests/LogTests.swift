import CPosix
import Core
import Foundation
import Testing

@testable import Transport

@Suite struct `a log line` {
    static let log = Log(role: "worker", tenant: "acme", connection: "bc-board")

    static func line(_ text: String, record: String? = nil, log: Log = log) -> LogLine {
        LogLine(
            time: .init(text: "2026-11-20T07:14:00.123Z"),
            level: .info,
            log: log,
            record: record,
            correlation: "c-1",
            text: text
        )
    }

    static func members(_ line: LogLine) throws -> [String: String] {
        let json = line.rendered(as: .json)
        return try JSONDecoder().decode([String: String].self, from: Data(json.utf8))
    }

    @Test func `reads as text for people`() {
        #expect(
            Self.line("ready", record: "4711").rendered(as: .text)
                == "2026-11-20T07:14:00.123Z info    worker acme/bc-board: ready record=4711 correlation=c-1"
        )
    }

    @Test func `reads as JSON for machines`() throws {
        #expect(
            try Self.members(Self.line("said \"no\" \\ Grüße 🎉\n\u{0}", record: "4711")) == [
                "time": "2026-11-20T07:14:00.123Z", "level": "info", "role": "worker", "tenant": "acme",
                "connection": "bc-board", "record": "4711", "correlation": "c-1",
                "message": "said \"no\" \\ Grüße 🎉\n\u{0}",
            ]
        )
    }

    @Test func `says when it was written`() throws {
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        #expect(abs(try format.parse(LogLine.Time.current.text).timeIntervalSinceNow) < 60)
    }

    static let misleading = "a\nb\rc\u{1B}[2Jd\u{7F}e\u{85}f\u{9B}g\u{2028}h\u{2029}i\u{202E}j\u{2066}k"

    @Test(arguments: [Log.Format.text, .json])
    func `cannot be forged from outside, wherever the text stands in it`(format: Log.Format) throws {
        let log = Log(role: Self.misleading, tenant: Self.misleading, connection: Self.misleading)
        var line = Self.line(Self.misleading, record: Self.misleading, log: log)
        line.correlation = Self.misleading
        let rendered = line.rendered(as: format)
        for scalar in Self.misleading.unicodeScalars where !scalar.properties.isAlphabetic && scalar != "[" {
            #expect(scalar == "2" || !rendered.unicodeScalars.contains(scalar), "\(scalar.value)")
        }
        if format == .json { #expect(try Self.members(line)["message"] == Self.misleading) }
    }

    @Test(arguments: ["x", "ü", "€", "🎉", "\u{1}", "\"", "\u{85}", "e\u{301}"])
    func `is cut between characters when it is too long`(unit: String) throws {
        for padding in 0..<4 {
            let text = String(repeating: "-", count: padding) + String(repeating: unit, count: 5_000)
            let line = Self.line(text, record: String(repeating: unit, count: 5_000))
            for format in Log.Format.allCases {
                let rendered = line.rendered(as: format)
                #expect(rendered.utf8.count <= 4_095)
                // A control character of two bytes becomes a blank of one.
                #expect(rendered.utf8.count > (unit == "\u{85}" ? 2_000 : 4_050), "cut by more than it has to be")
                #expect(!rendered.contains("\u{FFFD}"))
            }
            let message = try #require(try Self.members(line)["message"])
            #expect(message.hasSuffix("…"))
            #expect(text.unicodeScalars.starts(with: message.unicodeScalars.dropLast()))
        }
        let fits = String(repeating: "x", count: 3_500)
        #expect(try Self.members(Self.line(fits))["message"] == fits)
    }

    @Test(arguments: Log.Level.allCases)
    func `below the lowest level is not even made`(level: Log.Level) {
        var made = 0
        let text: () -> LogText = {
            made += 1
            return "text"
        }
        let lines = Log.Level.allCases.map { Self.log.line(level, text, nil, nil, lowest: $0) }
        let wanted = Log.Level.allCases.count { $0 <= level }
        #expect(lines.count { $0 != nil } == wanted)
        #expect(made == wanted)
    }

    @Test func `shows an error, a number and a duration, and of a secret only that there is one`() {
        struct Refused: Error { var token = Secret(text: "hunter2") }
        let text: LogText = "\(Refused()) after \(3) tries in \(.milliseconds(7_500))"
        #expect(text.text == "Refused(token: (secret)) after 3 tries in 7.5 s")
    }
}

@Suite(.timeLimit(.minutes(1))) struct `a log's pipe` {
    @Test func `takes whole lines until it is full, and then nothing`() {
        let pipe = pipePair()
        let line = String(repeating: "x", count: 4_095)
        let before = Log.dropped
        for _ in 0..<100 { Log.put(line, to: pipe.writer) }
        #expect(Log.dropped - before >= 84)
        close(pipe.writer)
        let held = readAll(pipe.reader)
        #expect(held == Array(repeating: line, count: 16))
    }

    @Test func `takes lines again when somebody reads`() {
        let pipe = pipePair()
        for _ in 0..<100 { Log.put(String(repeating: "x", count: 4_095), to: pipe.writer) }
        var room = [UInt8](repeating: 0, count: 8_192)
        read(pipe.reader, &room, room.count)
        Log.put("back", to: pipe.writer)
        close(pipe.writer)
        #expect(readAll(pipe.reader).last == "back")
    }

    /// Between asking whether the pipe has room and writing, another process may have filled it.
    @Test func `stops nobody, however many share it`() async {
        let pipe = pipePair()
        await withTaskGroup { group in
            for writer in 0..<8 {
                group.addTask {
                    for _ in 0..<2_000 { Log.put("\(writer)" + String(repeating: "x", count: 60), to: pipe.writer) }
                }
            }
        }
        close(pipe.writer)
        let lines = readAll(pipe.reader)
        #expect(lines.count > 500 && lines.allSatisfy { $0.count == 61 })
    }

    @Test func `may be a file or a socket as well`() throws {
        let file = ml_memfd("log")
        for line in ["one", "two"] { Log.put(line, to: file) }
        lseek(file, 0, SEEK_SET)
        #expect(readAll(file) == ["one", "two"])
        let ends = socketPair()
        let before = Log.dropped
        for _ in 0..<2_000 { Log.put(String(repeating: "x", count: 1_000), to: ends.0) }
        #expect(Log.dropped > before)
        close(ends.0)
        #expect(readAll(ends.1).first?.count == 1_000)
    }

    /// Closes what it has read.
    private func readAll(_ descriptor: Int32) -> [String] {
        var bytes: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 65_536)
        while case let got = read(descriptor, &room, room.count), got > 0 { bytes += room[..<got] }
        close(descriptor)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

@Suite struct `a secret's encoding` {
    struct Settings: Codable {
        var name = "acme"
        var token = Secret(text: "hunter2")
    }

    @Test func `into anything but a frame is refused`() {
        #expect(throws: WireError.self) { try JSONEncoder().encode(Settings()) }
        #expect(throws: WireError.self) { try JSONEncoder().encode(Secret(text: "hunter2")) }
        #expect(throws: (any Error).self) { try PropertyListEncoder().encode(Settings()) }
    }

    @Test func `from anything but a frame is refused`() {
        let json = Data(#"{"name":"acme","token":"hunter2"}"#.utf8)
        #expect(throws: WireError.self) { try JSONDecoder().decode(Settings.self, from: json) }
    }
}
