import Core
import Store
import Testing

/// A power cut leaves any part of what was not yet synchronised: the log beyond the last receipt can be cut anywhere
/// or hold anything.
@Suite struct `a torn write` {
    static let frame = 24 + 4_096

    @Test func `beyond the last receipt costs nothing that was acknowledged`() async throws {
        let folder = Folder()
        let inbox = try await SQLiteInbox.open(folder["inbox.db"])
        for start in stride(from: UInt64(0), to: 60, by: 6) {
            _ = try await inbox.commit(arrivals(start..<start + 6), removing: [])
        }
        let acknowledged = try await inbox.index()
        // By another process: ours would lose SQLite's locks by closing the files.
        #expect(run("cp", folder["inbox.db"], folder["base.db"]) == 0)
        #expect(run("cp", folder["inbox.db-wal"], folder["base.db-wal"]) == 0)
        let batches = [1, 4, 12] as [UInt64]
        for count in batches { _ = try await inbox.commit(arrivals(100..<100 + count), removing: [1, 2]) }
        #expect(run("cp", folder["inbox.db"], folder["later.db"]) == 0)
        #expect(run("cp", folder["inbox.db-wal"], folder["later.db-wal"]) == 0)
        await inbox.close()

        let base = try folder.read("base.db")
        let remembered = try folder.read("base.db-wal").count
        let log = try folder.read("later.db-wal")
        #expect(try folder.read("later.db") == base, "no checkpoint came between")
        #expect((remembered - 32) % Self.frame == 0 && log.count >= remembered + 8 * Self.frame)

        // Where a frame begins and ends, inside its head, at a sector's border, and inside a page.
        let offsets = stride(from: remembered, to: log.count, by: Self.frame).flatMap { start in
            [0, 1, 4, 8, 16, 23, 24, 25, 512, 2_071, Self.frame - 1].map { start + $0 }
        }
        var outcomes: Set<Int> = []
        for offset in offsets {
            for torn in [Array(log[..<offset])] + scribbles(over: log, from: offset) {
                outcomes.insert(try await check(torn, over: base, keeps: acknowledged, batches: batches))
            }
        }
        #expect(outcomes.count >= 3, "some tears keep later commits, some do not: \(outcomes)")
    }

    /// What a disk may leave instead: nothing, something else, one bit, or old bytes for a part of it.
    func scribbles(over log: [UInt8], from offset: Int) -> [[UInt8]] {
        var zeros = log
        for index in offset..<log.count { zeros[index] = 0 }
        var noise = log
        for index in offset..<log.count { noise[index] = UInt8(truncatingIfNeeded: index &* 0x9e37_79b1 >> 13) }
        var flipped = log
        flipped[offset] ^= 0x10
        var hole = log
        for index in offset..<min(offset + 512, log.count) { hole[index] = 0xff }
        return [zeros, noise, flipped, hole]
    }

    /// How many events are left. Each later commit is there as a whole or not at all.
    func check(
        _ log: [UInt8],
        over base: [UInt8],
        keeps acknowledged: [InboxEntry],
        batches: [UInt64]
    ) async throws -> Int {
        let folder = Folder()
        try folder.write(base, to: "inbox.db")
        try folder.write(log, to: "inbox.db-wal")
        let inbox = try await SQLiteInbox.open(folder["inbox.db"])
        let index = try await inbox.index()
        // The first later commit also removed the first two.
        let wholes = batches.indices.map { acknowledged.count - 2 + Int(batches[...$0].reduce(0, +)) }
        if index.count == acknowledged.count {
            #expect(index == acknowledged)
        } else {
            #expect(Array(index.prefix(acknowledged.count - 2)) == Array(acknowledged.dropFirst(2)))
            #expect(wholes.contains(index.count), "\(index.count) events")
        }
        for event in try await inbox.load(index.map(\.sequence)) {
            #expect(event.arrival == arrival(event.key.low))
        }
        let next = try await inbox.commit(arrivals(500..<501), removing: []).sequences
        #expect(next.lowerBound > index[index.count - 1].sequence)
        await inbox.close()
        #expect(try integrity(of: folder["inbox.db"]) == "ok")
        return index.count
    }
}
