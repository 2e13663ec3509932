import Core
import Glibc

extension TimeZoneRules {
    /// Why there are no rules of that name, and what to do. It does not repeat the name.
    package struct Unreadable: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Where every Unix keeps them.
    package static let folder = "/usr/share/zoneinfo"
    /// The largest that there are have not four thousand bytes.
    private static let mostBytes = 65_536

    /// Of a zone as this machine knows it, by a name such as `Europe/Copenhagen`.
    package init(named name: String, in folder: String = Self.folder) throws(Unreadable) {
        guard Self.isName(name) else {
            throw Unreadable(description: "expected a time zone's name, such as Europe/Copenhagen or UTC")
        }
        let bytes = try Self.read("\(folder)/\(name)", in: folder)
        do {
            try self.init(bytes)
        } catch {
            throw Unreadable(description: "the file that this machine has for this time zone is of no use: \(error)")
        }
    }

    /// One that stays inside of the folder.
    private static func isName(_ name: String) -> Bool {
        guard 1...64 ~= name.utf8.count else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty
                && part.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"):
                        true
                    default: false
                    }
                }
        }
    }

    private static func read(_ path: String, in folder: String) throws(Unreadable) -> [UInt8] {
        // Opening a pipe would wait for somebody to write.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw refusal(errno, in: folder) }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { throw unknown }
        guard facts.st_size <= mostBytes else {
            throw Unreadable(description: "the file that this machine has for this time zone is too large to be one")
        }
        var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { room in
                Glibc.read(descriptor, room.baseAddress.map { $0 + count }, room.count - count)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw refusal(errno, in: folder) }
            // Somebody makes it shorter right now; its reader will say that it is cut short.
            guard got > 0 else { break }
            count += got
        }
        return Array(bytes[..<count])
    }

    private static let unknown = Unreadable(
        description: "this machine knows no such time zone; expected a name such as Europe/Copenhagen or UTC"
    )

    private static func refusal(_ code: Int32, in folder: String) -> Unreadable {
        guard code == ENOENT || code == ENOTDIR else {
            return Unreadable(description: "the time zone cannot be read: \(String(cString: strerror(code)))")
        }
        // Every collection has this one.
        guard access("\(folder)/UTC", F_OK) == 0 else {
            return Unreadable(description: "this machine knows no time zones: install the package tzdata")
        }
        return unknown
    }
}
