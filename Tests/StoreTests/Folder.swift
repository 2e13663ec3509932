import Core
import Foundation
import Store

/// A folder of a test's own, gone with it.
final class Folder: Sendable {
    let path: String

    init() {
        let url = FileManager.default.temporaryDirectory.appending(path: "ml-store-\(UUID().uuidString)")
        path = url.path
        try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        remove()
    }

    @Sendable func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }

    subscript(name: String) -> String { path + "/" + name }

    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: self[name])))
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: self[name]))
    }
}

/// An arrival whose body can be told from its number.
func arrival(_ number: UInt64, for connection: Int64 = 1, bytes: Int = 600) -> Arrival {
    var body = Array("\(number);".utf8)
    body += repeatElement(UInt8(truncatingIfNeeded: number), count: max(bytes - body.count, 0))
    return Arrival(
        connection: connection,
        key: EventKey(high: number &* 0x9e37_79b9_7f4a_7c15, low: number),
        kind: "invoice",
        receivedMilliseconds: 1_700_000_000_000 + Int64(number % 1_000),
        body: body
    )
}

func arrivals(_ numbers: Range<UInt64>, for connection: Int64 = 1, bytes: Int = 600) -> [Arrival] {
    numbers.map { arrival($0, for: connection, bytes: bytes) }
}

func events(_ numbers: Range<UInt64>, for connection: Int64 = 1, bytes: Int = 600) -> [Event] {
    numbers.map { Event(sequence: Int64($0) + 1, arrival: arrival($0, for: connection, bytes: bytes)) }
}
