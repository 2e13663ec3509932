import Core
import Foundation

/// The zones of this machine, and files that we make up.
enum TimeZoneSamples {
    static let folder = "/usr/share/zoneinfo"
    /// With summer in the north and in the south, by half an hour, by two, by less than none; without; and a lost day.
    static let names = [
        "Europe/Copenhagen", "Europe/Dublin", "America/New_York", "America/Nuuk", "America/St_Johns",
        "Australia/Lord_Howe", "Antarctica/Troll", "Pacific/Apia", "Pacific/Chatham", "Asia/Kathmandu", "Etc/UTC",
    ]

    static func bytes(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(filePath: "\(folder)/\(name)")))
    }

    static func rules(_ name: String) throws -> TimeZoneRules {
        try TimeZoneRules(bytes(name))
    }

    /// All files below the folder that say they are one, by the part of their path behind it.
    static func all() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).filter { name in
            FileManager.default.contents(atPath: "\(folder)/\(name)")?.starts(with: Array("TZif".utf8)) ?? false
        }
    }

    /// A file of changes between kinds of time, which are told by their offsets.
    static func file(
        version: Character = "2",
        changes: [(time: Int, kind: UInt8)] = [],
        kinds: [Int32] = [0],
        footer: String? = ""
    ) -> [UInt8] {
        func header(_ changes: Int, _ kinds: Int) -> [UInt8] {
            var bytes = Array("TZif\(version == "1" ? "\0" : version)".utf8) + [UInt8](repeating: 0, count: 15)
            for count in [0, 0, 0, changes, kinds, 4] { bytes += big(count, 4) }
            return bytes
        }
        func block(_ timeSize: Int) -> [UInt8] {
            changes.flatMap { big($0.time, timeSize) } + changes.map(\.kind)
                + kinds.flatMap { big(Int($0), 4) + [0, 0] } + Array("XYZ\0".utf8)
        }
        guard version != "1" else { return header(changes.count, kinds.count) + block(4) }
        let old = header(0, 1) + [UInt8](repeating: 0, count: 6) + Array("XYZ\0".utf8)
        return old + header(changes.count, kinds.count) + block(8) + (footer.map { Array("\n\($0)\n".utf8) } ?? [])
    }

    private static func big(_ value: Int, _ size: Int) -> [UInt8] {
        (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}
