import Core
import Glibc
import Store
import Testing

/// On a file system of its own with two mebibytes, which only root can mount.
@Suite(.enabled(if: geteuid() == 0, "mounting a small disk takes root")) struct `a full disk` {
    @Test func `is not filled up by arrivals: removals find room`() async throws {
        let disk = try SmallDisk(kibibytes: 2_048)
        let inbox = try await SQLiteInbox.open(disk.folder["inbox.db"], leavingFree: 1 << 20)
        var acknowledged = try await fill(inbox)
        #expect(acknowledged.count > 100)
        #expect(try await inbox.index().map(\.sequence) == acknowledged)
        await inbox.close()

        // The same after a restart, and all the way to an empty inbox.
        let reopened = try await SQLiteInbox.open(disk.folder["inbox.db"], leavingFree: 1 << 20)
        #expect(try await reopened.index().map(\.sequence) == acknowledged)
        while !acknowledged.isEmpty {
            _ = try await reopened.commit([], removing: Array(acknowledged.prefix(50)))
            acknowledged.removeFirst(min(50, acknowledged.count))
        }
        #expect(try await reopened.usage().events == 0)
        await reopened.close()
        let emptied = try await SQLiteInbox.open(disk.folder["inbox.db"], leavingFree: 1 << 20)
        #expect(try await emptied.commit(arrivals(0..<20), removing: []).sequences.count == 20)
        await emptied.close()
    }

    @Test func `filled up by others answers full and loses nothing`() async throws {
        let disk = try SmallDisk(kibibytes: 2_048)
        let inbox = try await SQLiteInbox.open(disk.folder["inbox.db"], leavingFree: 0)
        let acknowledged = try await fill(inbox)
        #expect(try await inbox.index().map(\.sequence) == acknowledged)
        await inbox.close()
        #expect(try await SQLiteInbox.open(disk.folder["inbox.db"]).index().map(\.sequence) == acknowledged)
    }

    @Test func `lets work resume by itself when somebody makes room`() async throws {
        let disk = try SmallDisk(kibibytes: 2_048)
        try disk.folder.write(Array(repeating: 1, count: 900_000), to: "rubbish")
        let inbox = try await SQLiteInbox.open(disk.folder["inbox.db"], leavingFree: 0)
        let acknowledged = try await fill(inbox)
        #expect(unlink(disk.folder["rubbish"]) == 0)
        let more = try await inbox.commit(arrivals(0..<100), removing: []).sequences
        #expect(try await inbox.index().map(\.sequence) == acknowledged + Array(more))
        await inbox.close()
    }

    @Test func `refuses a new store with the same words`() async throws {
        let disk = try SmallDisk(kibibytes: 64)
        try? disk.folder.write(Array(repeating: 1, count: 65_536), to: "rubbish")
        await #expect {
            try await SQLiteTenantStore.open(disk.folder["tenant.db"])
        } throws: {
            if case StoreError.full = $0 { true } else { false }
        }
    }

    private func fill(_ inbox: SQLiteInbox) async throws -> [Int64] {
        var acknowledged: [Int64] = []
        do {
            for start in stride(from: UInt64(0), to: 100_000, by: 10) {
                acknowledged += try await inbox.commit(arrivals(start..<start + 10), removing: []).sequences
            }
            Issue.record("the disk never got full")
        } catch StoreError.full {
        }
        return acknowledged
    }
}

private final class SmallDisk {
    let folder = Folder()

    init(kibibytes: Int) throws {
        let size = "size=\(kibibytes)k"
        try #require(mount("none", folder.path, "tmpfs", 0, size) == 0)
    }

    deinit {
        umount2(folder.path, 2)
    }
}
