import Core
import Foundation
import Testing
import Transport

@Suite struct `a time zone of this machine` {
    @Test(arguments: [
        ("Europe/Copenhagen", 7_200), ("America/Argentina/Buenos_Aires", -10_800), ("Etc/GMT+5", -18_000),
        // A link to another of them.
        ("UTC", 0),
    ])
    func `is read by its name`(name: String, offset: Int) throws {
        let time = try #require(WallTime("2026-07-01T12:00:00Z"))
        #expect(try TimeZoneRules(named: name).offset(at: time) == offset)
    }

    @Test(arguments: [
        "", "/", "/etc/localtime", "../../../etc/passwd", "Europe/../Europe/Copenhagen", "Europe//Copenhagen",
        "Europe/",
        ".", "Europe/Copenhagen\0", "Europe/Copenhagen ", "Europe/København", "tzdata.zi",
        String(repeating: "A", count: 65),
    ])
    func `has a harmless name`(name: String) {
        #expect(reason(name) == "expected a time zone's name, such as Europe/Copenhagen or UTC")
    }

    /// A file that is not there, a folder, and a file in the place of a folder.
    @Test(arguments: [
        "Europe/Atlantis", "Europe", "Atlantis/Poseidonis", "UTC/Copenhagen", String(repeating: "A", count: 64),
    ])
    func `is one that it knows`(name: String) {
        #expect(
            reason(name)
                == "this machine knows no such time zone; expected a name such as Europe/Copenhagen or UTC"
        )
    }

    @Test func `needs a package`() {
        let folder = NSTemporaryDirectory() + UUID().uuidString
        #expect(
            reason("Europe/Copenhagen", in: folder) == "this machine knows no time zones: install the package tzdata"
        )
    }

    @Test func `is a file of reasonable size, and a time zone's`() throws {
        let folder = NSTemporaryDirectory() + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(repeating: 0x54, count: 65_537).write(to: URL(filePath: folder + "/Large"))
        try Data("TZif2".utf8).write(to: URL(filePath: folder + "/Short"))
        try Data().write(to: URL(filePath: folder + "/Empty"))
        try #require(mkfifo(folder + "/Pipe", 0o600) == 0)
        try FileManager.default.createSymbolicLink(atPath: folder + "/UTC", withDestinationPath: "Short")
        try FileManager.default.createSymbolicLink(atPath: folder + "/Round", withDestinationPath: "Round")

        let useless = "the file that this machine has for this time zone is "
        #expect(reason("Large", in: folder) == useless + "too large to be one")
        #expect(reason("Short", in: folder) == useless + "of no use: it is cut short")
        #expect(reason("Empty", in: folder) == useless + "of no use: it does not begin as a time zone does")
        #expect(reason("Pipe", in: folder)?.hasPrefix("this machine knows no such time zone") == true)
        #expect(reason("Round", in: folder)?.hasPrefix("the time zone cannot be read: ") == true)
    }

    /// Why it is refused; nil when it is not.
    private func reason(_ name: String, in folder: String = TimeZoneRules.folder) -> String? {
        do {
            _ = try TimeZoneRules(named: name, in: folder)
            return nil
        } catch {
            return error.description
        }
    }
}
