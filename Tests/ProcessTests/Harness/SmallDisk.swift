import Foundation
import Glibc

/// A folder on a disk of its own, with what it held before.
final class SmallDisk {
    private let folder: String
    private let ballast: String
    private var isMounted = false

    struct Failed: Error, CustomStringConvertible {
        var description: String
    }

    /// Only root can do that. Nobody may have a file of it open.
    init(under folder: String, megabytes: Int) throws {
        self.folder = folder
        ballast = folder + "/ballast"
        var owner = stat()
        stat(folder, &owner)
        let kept = folder + "-kept"
        try FileManager.default.copyItem(atPath: folder, toPath: kept)
        guard
            mount("none", folder, "tmpfs", 0, "size=\(megabytes)m,mode=\(String(owner.st_mode & 0o777, radix: 8))") == 0
        else { throw Failed(description: "no disk can be mounted here: \(String(cString: strerror(errno)))") }
        isMounted = true
        chown(folder, owner.st_uid, owner.st_gid)
        for name in try FileManager.default.contentsOfDirectory(atPath: kept) {
            try FileManager.default.copyItem(atPath: kept + "/" + name, toPath: folder + "/" + name)
            chown(folder + "/" + name, owner.st_uid, owner.st_gid)
        }
        try FileManager.default.removeItem(atPath: kept)
    }

    deinit { unmount() }

    /// Until not a byte has room.
    func fill() throws {
        let file = open(ballast, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failed(description: "no ballast: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        let block = [UInt8](repeating: 7, count: 4_096)
        while write(file, block, block.count) > 0 {}
        guard errno == ENOSPC else {
            throw Failed(description: "the disk is not full: \(String(cString: strerror(errno)))")
        }
    }

    func empty() throws {
        try FileManager.default.removeItem(atPath: ballast)
    }

    /// Also while somebody has a file of it open.
    func unmount() {
        if isMounted { umount2(folder, Int32(MNT_DETACH)) }
        isMounted = false
    }
}
