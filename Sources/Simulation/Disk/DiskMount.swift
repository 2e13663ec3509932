import CSQLite
import Glibc
import Synchronization

/// A simulated disk as one process sees it: a file system that SQLite knows by a name of its own.
package final class DiskMount: @unchecked Sendable {
    private static let made = Atomic<Int>(0)

    /// For `Database.Options`.
    package let fileSystem: String
    /// The process is no more, and nothing it still tries has any effect.
    package private(set) var isDead = false
    /// So many more writes, truncations and syncs are carried out; at the next, the process is killed.
    package var lasts: Int?
    let disk: SimulatedDisk
    /// What SQLite asks for after a failure.
    private(set) var lastError: Int32 = 0
    private let system: UnsafeMutablePointer<sqlite3_vfs>
    private let name: UnsafeMutablePointer<CChar>?

    init(of disk: SimulatedDisk) {
        self.disk = disk
        fileSystem = "disk \(Self.made.add(1, ordering: .relaxed).newValue)"
        name = strdup(fileSystem)
        system = .allocate(capacity: 1)
        system.initialize(to: DiskCalls.system())
        system.pointee.zName = UnsafePointer(name)
        // Not retained: what holds us are the disk and every handle, and SQLite asks for us only through these.
        system.pointee.pAppData = Unmanaged.passUnretained(self).toOpaque()
        let code = sqlite3_vfs_register(system, 0)
        precondition(code == SQLITE_OK, "SQLite takes no further file system: \(code)")
    }

    deinit {
        // Once more for a disk that nobody took away.
        if !isDead { sqlite3_vfs_unregister(system) }
        system.deinitialize(count: 1)
        system.deallocate()
        free(name)
    }

    /// The process is dead, however it died: what it has written is there, its locks are gone, and what is left of its
    /// connections fails, whatever they are asked. The last one out leaves the log as it is.
    package func abandon() {
        guard !isDead else { return }
        isDead = true
        sqlite3_vfs_unregister(system)
        disk.forget(self)
    }

    // MARK: What SQLite asks

    func open(
        _ path: String?,
        _ target: UnsafeMutablePointer<sqlite3_file>,
        _ flags: Int32,
        _ granted: UnsafeMutablePointer<Int32>?
    ) -> Int32 {
        target.pointee.pMethods = nil
        guard !isDead else { return fails(EIO, SQLITE_CANTOPEN) }
        let path = path ?? disk.temporaryName()
        var file = disk.file(path)
        if file != nil && flags & SQLITE_OPEN_EXCLUSIVE != 0 { return fails(EEXIST, SQLITE_CANTOPEN) }
        if file == nil {
            guard flags & SQLITE_OPEN_CREATE != 0 else { return fails(ENOENT, SQLITE_CANTOPEN) }
            file = disk.make(path)
        }
        guard let file else { return SQLITE_CANTOPEN }
        let isTemporary = flags & SQLITE_OPEN_DELETEONCLOSE != 0
        let handle = DiskHandle(file, of: self, deletes: isTemporary ? path : nil)
        file.handles.append(handle)
        DiskCalls.put(handle, in: target)
        granted?.pointee = flags
        return SQLITE_OK
    }

    func delete(_ path: String) -> Int32 {
        guard !isDead else { return fails(EIO, SQLiteFailure.delete) }
        guard disk.file(path) != nil else { return fails(ENOENT, SQLiteFailure.deleteMissing) }
        disk.delete(path)
        return SQLITE_OK
    }

    /// Nil for a process that is dead.
    func exists(_ path: String) -> Bool? {
        isDead ? nil : disk.file(path) != nil
    }

    func fails(_ error: Int32, _ code: Int32) -> Int32 {
        lastError = error
        return code
    }

    /// True when the process is killed at this change.
    func dies() -> Bool {
        guard let left = lasts else { return false }
        lasts = left - 1
        return left <= 0
    }
}
