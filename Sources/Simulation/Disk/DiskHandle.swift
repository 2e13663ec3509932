import CSQLite
import Core
import Glibc

/// A file that a process has open, with the locks it holds on it.
///
/// Nothing here waits: where somebody else holds a lock, the answer is that it is held.
final class DiskHandle {
    let file: DiskFile
    let mount: DiskMount
    /// The path, of a file that goes with its handle.
    private let deletes: String?
    private(set) var level = SQLITE_LOCK_NONE
    private(set) var index: LogIndex?
    /// One bit for each of the index's locks.
    private var shared: UInt32 = 0
    private var exclusive: UInt32 = 0
    /// A sync by somebody else has failed, and this handle has not heard of it.
    private var missedFailure = false

    private var disk: SimulatedDisk { mount.disk }
    private var others: some Sequence<DiskHandle> { file.handles.lazy.filter { $0 !== self } }

    init(_ file: DiskFile, of mount: DiskMount, deletes: String?) {
        self.file = file
        self.mount = mount
        self.deletes = deletes
    }

    func close() {
        _ = unmapIndex()
        file.handles.removeAll { $0 === self }
        if let deletes, !mount.isDead { disk.delete(deletes) }
    }

    // MARK: Content

    func read(into target: UnsafeMutableRawPointer, _ bytes: Int, at offset: Int) -> Int32 {
        if let refusal = refusal(of: .read) { return refusal }
        disk.facts.reads += 1
        let there = file.read(into: target, bytes, at: offset)
        guard there < bytes else { return SQLITE_OK }
        memset(target + there, 0, bytes - there)
        return SQLiteFailure.shortRead
    }

    func write(_ source: UnsafeRawPointer, _ bytes: Int, at offset: Int) -> Int32 {
        if let refusal = refusal(of: .write) {
            // It may have got some way.
            if !mount.isDead {
                put(source, disk.dice.roll(0...bytes / DiskFile.sectorBytes) * DiskFile.sectorBytes, offset)
            }
            return refusal
        }
        disk.facts.writes += 1
        let growth = max(offset + bytes - file.count, 0)
        let room = growth == 0 ? 0 : disk.room
        if growth > room {
            disk.facts.faultsStruck += 1
            put(source, max(bytes - growth + room, 0) / DiskFile.sectorBytes * DiskFile.sectorBytes, offset)
            return mount.fails(ENOSPC, SQLITE_FULL)
        }
        put(source, bytes, offset)
        return SQLITE_OK
    }

    private func put(_ source: UnsafeRawPointer, _ bytes: Int, _ offset: Int) {
        file.write(source, bytes, at: offset, &disk.dice)
    }

    func truncate(to wanted: Int) -> Int32 {
        if let refusal = refusal(of: .truncate) { return refusal }
        file.truncate(to: wanted, &disk.dice)
        return SQLITE_OK
    }

    func sync() -> Int32 {
        if let refusal = refusal(of: .sync) {
            if !mount.isDead && disk.faults.failedSyncForgets {
                file.forgetUnsynced(&disk.dice)
                for other in others { other.missedFailure = true }
            }
            return refusal
        }
        disk.facts.syncs += 1
        if !disk.faults.syncLies { file.sync() }
        // Linux tells each who has the file open, once, and who opens it later nothing.
        guard missedFailure else { return SQLITE_OK }
        missedFailure = false
        return mount.fails(EIO, SQLiteFailure.sync)
    }

    /// Why it is not done, unless it is.
    private func refusal(of operation: DiskOperation) -> Int32? {
        if !mount.isDead && operation != .read {
            if disk.powerGoes() { disk.losePower() } else if mount.dies() { mount.abandon() }
        }
        guard mount.isDead || disk.strikes(operation.chance(disk.faults)) else { return nil }
        return mount.fails(EIO, operation.failure)
    }

    func size(into answer: UnsafeMutablePointer<sqlite3_int64>?) -> Int32 {
        guard !mount.isDead else { return mount.fails(EIO, SQLiteFailure.size) }
        answer?.pointee = sqlite3_int64(file.count)
        return SQLITE_OK
    }

    // MARK: Locks on the file

    func lock(_ wanted: Int32) -> Int32 {
        guard !mount.isDead else { return mount.fails(EIO, SQLiteFailure.lock) }
        guard wanted > level else { return SQLITE_OK }
        let held = others.reduce(SQLITE_LOCK_NONE) { max($0, $1.level) }
        if wanted == SQLITE_LOCK_SHARED {
            guard held < SQLITE_LOCK_PENDING else { return SQLITE_BUSY }
        } else {
            guard held < SQLITE_LOCK_RESERVED else { return SQLITE_BUSY }
        }
        if wanted == SQLITE_LOCK_EXCLUSIVE && held > SQLITE_LOCK_NONE {
            // Nobody comes in any more, and those who are in may leave.
            level = SQLITE_LOCK_PENDING
            return SQLITE_BUSY
        }
        level = wanted
        return SQLITE_OK
    }

    func unlock(_ wanted: Int32) -> Int32 {
        level = min(level, wanted)
        return SQLITE_OK
    }

    func isReserved(_ answer: UnsafeMutablePointer<Int32>?) -> Int32 {
        guard !mount.isDead else { return mount.fails(EIO, SQLiteFailure.lock) }
        answer?.pointee = file.handles.contains { $0.level >= SQLITE_LOCK_RESERVED } ? 1 : 0
        return SQLITE_OK
    }

    // MARK: The log's index

    func mapIndex(
        _ region: Int,
        ofBytes bytes: Int,
        growing: Bool,
        _ answer: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> Int32 {
        answer?.pointee = nil
        guard !mount.isDead else { return mount.fails(EIO, SQLiteFailure.indexMap) }
        let index = index ?? file.index ?? LogIndex()
        self.index = index
        file.index = index
        if region >= index.count && growing {
            guard disk.room >= bytes else {
                disk.facts.faultsStruck += 1
                return mount.fails(ENOSPC, SQLiteFailure.indexSize)
            }
            guard index.grow(to: region + 1, ofBytes: bytes) else { return mount.fails(ENOMEM, SQLITE_NOMEM) }
        }
        answer?.pointee = index.region(region)
        return SQLITE_OK
    }

    func lockIndex(_ first: Int, _ count: Int, _ flags: Int32) -> Int32 {
        guard first >= 0, count >= 1, first + count <= SQLITE_SHM_NLOCK else { return SQLITE_MISUSE }
        let locks: UInt32 = (1 << UInt32(count) - 1) << UInt32(first)
        if flags & SQLITE_SHM_UNLOCK != 0 {
            shared &= ~locks
            exclusive &= ~locks
            return SQLITE_OK
        }
        guard !mount.isDead else { return mount.fails(EIO, SQLiteFailure.indexLock) }
        let isExclusive = flags & SQLITE_SHM_EXCLUSIVE != 0
        let isHeld = others.contains { ($0.exclusive | (isExclusive ? $0.shared : 0)) & locks != 0 }
        if isHeld { return SQLITE_BUSY }
        if isExclusive { exclusive |= locks } else { shared |= locks }
        return SQLITE_OK
    }

    /// The last one out takes the index away: whoever comes next reads the log again, as after any end of a machine.
    func unmapIndex() -> Int32 {
        let isMapped = index != nil
        index = nil
        shared = 0
        exclusive = 0
        if isMapped && !file.handles.contains(where: { $0.index != nil }) { file.index = nil }
        return SQLITE_OK
    }
}
