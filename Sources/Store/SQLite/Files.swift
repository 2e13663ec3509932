import Glibc

/// Makes an empty file that only its owner can read; false when there is one. SQLite's log takes over its permissions.
func createFile(_ path: String) throws -> Bool {
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if descriptor >= 0 {
        close(descriptor)
        return true
    }
    switch errno {
    case EEXIST: return false
    case ENOSPC, EDQUOT: throw StoreError.full(file: path)
    case let code: throw StoreError.other(file: path, detail: String(cString: strerror(code)))
    }
}

/// A new file is only there after a power cut once its folder is on disk, too, and nobody but us sees to that.
func syncFolder(of path: String) throws {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
        throw StoreError.other(file: folder, detail: String(cString: strerror(errno)))
    }
}

/// What the file's disk has left for those who are not root.
func freeDiskBytes(at path: String) throws -> Int64 {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else {
        throw StoreError.other(file: path, detail: String(cString: strerror(errno)))
    }
    return Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
}

/// 0 without such a file.
func fileBytes(at path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
}

/// Held by the one process that may use a store; gone with the process, however it ends.
final class OwnerLock {
    private let descriptor: Int32

    /// Waits for the present owner to go: when the gateway is replaced, two of them overlap for a moment.
    init(beside path: String, waitingMilliseconds: Int64) throws {
        let file = path + ".owner"
        descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreError.other(file: file, detail: String(cString: strerror(errno))) }
        var left = waitingMilliseconds
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw StoreError.other(file: file, detail: String(cString: strerror(errno)))
            }
            guard left > 0 else { throw StoreError.owned(file: path) }
            usleep(2_000)
            left -= 2
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }
}
