import CSQLite
import Core
import Glibc
import Transport

/// The tables of functions by which SQLite calls a disk: each finds the object and asks it.
enum DiskCalls {
    private static let longestPath = 512

    /// A file system without a name, whose `pAppData` is to be its mount.
    static func system() -> sqlite3_vfs {
        var system = sqlite3_vfs()
        system.iVersion = 2
        system.szOsFile = Int32(handleOffset + MemoryLayout<UnsafeMutableRawPointer>.stride)
        system.mxPathname = Int32(longestPath)
        system.xOpen = { system, path, file, flags, granted in
            guard let mount = mount(system), let file else { return SQLITE_CANTOPEN }
            return mount.open(path.map { String(cString: $0) }, file, flags, granted)
        }
        system.xDelete = { system, path, _ in
            guard let mount = mount(system), let path else { return SQLiteFailure.delete }
            return mount.delete(String(cString: path))
        }
        system.xAccess = { system, path, _, answer in
            guard let mount = mount(system), let path else { return SQLiteFailure.access }
            guard let exists = mount.exists(String(cString: path)) else {
                return mount.fails(EIO, SQLiteFailure.access)
            }
            answer?.pointee = exists ? 1 : 0
            return SQLITE_OK
        }
        system.xFullPathname = { _, path, room, answer in
            guard let path, let answer, strlen(path) < room else { return SQLITE_CANTOPEN }
            strcpy(answer, path)
            return SQLITE_OK
        }
        system.xRandomness = { system, count, target in
            guard let disk = mount(system)?.disk, let target, count > 0 else { return 0 }
            for index in 0..<Int(count) { target[index] = CChar(truncatingIfNeeded: disk.dice.next()) }
            return count
        }
        // All happens in one thread: whatever one waits for cannot come meanwhile.
        system.xSleep = { _, microseconds in microseconds }
        system.xCurrentTimeInt64 = { _, answer in
            answer?.pointee = julianMilliseconds
            return SQLITE_OK
        }
        system.xCurrentTime = { _, answer in
            answer?.pointee = Double(julianMilliseconds) / 86_400_000
            return SQLITE_OK
        }
        system.xGetLastError = { system, _, _ in mount(system)?.lastError ?? 0 }
        return system
    }

    // MARK: An open file

    static func put(_ handle: DiskHandle, in file: UnsafeMutablePointer<sqlite3_file>) {
        let place = UnsafeMutableRawPointer(file) + handleOffset
        place.storeBytes(of: Unmanaged.passRetained(handle).toOpaque(), as: UnsafeMutableRawPointer.self)
        file.pointee.pMethods = UnsafePointer(methods)
    }

    /// One table for all files of all disks, for as long as the process lives.
    private nonisolated(unsafe) static let methods: UnsafeMutablePointer<sqlite3_io_methods> = {
        var methods = sqlite3_io_methods()
        // The second version, which has the log's index and maps no file into memory.
        methods.iVersion = 2
        addContent(to: &methods)
        addLocks(to: &methods)
        let table = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        table.initialize(to: methods)
        return table
    }()

    private static func addContent(to methods: inout sqlite3_io_methods) {
        methods.xClose = { file in
            guard let reference = reference(file) else { return SQLITE_OK }
            reference.takeUnretainedValue().close()
            reference.release()
            return SQLITE_OK
        }
        methods.xRead = { file, target, count, offset in
            guard let handle = handle(file), let target else { return SQLiteFailure.read }
            return handle.read(into: target, Int(count), at: Int(offset))
        }
        methods.xWrite = { file, source, count, offset in
            guard let handle = handle(file), let source else { return SQLiteFailure.write }
            return handle.write(source, Int(count), at: Int(offset))
        }
        methods.xTruncate = { file, wanted in handle(file)?.truncate(to: Int(wanted)) ?? SQLiteFailure.truncate }
        methods.xSync = { file, _ in handle(file)?.sync() ?? SQLiteFailure.sync }
        methods.xFileSize = { file, answer in handle(file)?.size(into: answer) ?? SQLiteFailure.size }
        methods.xFileControl = { _, _, _ in SQLITE_NOTFOUND }
        methods.xSectorSize = { _ in Int32(DiskFile.sectorBytes) }
        // As SQLite takes it of any disk under Linux: what lies beside a write is not harmed by it.
        methods.xDeviceCharacteristics = { _ in SQLITE_IOCAP_POWERSAFE_OVERWRITE }
    }

    private static func addLocks(to methods: inout sqlite3_io_methods) {
        methods.xLock = { file, level in handle(file)?.lock(level) ?? SQLiteFailure.lock }
        methods.xUnlock = { file, level in handle(file)?.unlock(level) ?? SQLITE_OK }
        methods.xCheckReservedLock = { file, answer in handle(file)?.isReserved(answer) ?? SQLiteFailure.lock }
        methods.xShmMap = { file, region, bytes, growing, answer in
            handle(file)?.mapIndex(Int(region), ofBytes: Int(bytes), growing: growing != 0, answer)
                ?? SQLiteFailure.indexMap
        }
        methods.xShmLock = { file, first, count, flags in
            handle(file)?.lockIndex(Int(first), Int(count), flags) ?? SQLiteFailure.indexLock
        }
        methods.xShmBarrier = { _ in }
        methods.xShmUnmap = { file, _ in handle(file)?.unmapIndex() ?? SQLITE_OK }
    }
}

// SQLite's calls capture nothing, not even a type: what they need stands outside of it.

/// Behind what SQLite sees of an open file stands our handle.
private let handleOffset = MemoryLayout<sqlite3_file>.stride

private func mount(_ system: UnsafeMutablePointer<sqlite3_vfs>?) -> DiskMount? {
    system?.pointee.pAppData.map { Unmanaged<DiskMount>.fromOpaque($0).takeUnretainedValue() }
}

private func reference(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Unmanaged<DiskHandle>? {
    file.map { file in
        let place = UnsafeRawPointer(file) + handleOffset
        return Unmanaged.fromOpaque(place.load(as: UnsafeRawPointer.self))
    }
}

private func handle(_ file: UnsafeMutablePointer<sqlite3_file>?) -> DiskHandle? {
    reference(file)?.takeUnretainedValue()
}

/// From SQLite's own beginning of time, on a day in November 4714 BC.
private var julianMilliseconds: sqlite3_int64 {
    210_866_760_000_000 + sqlite3_int64(WallTime.now.millisecondsSince1970)
}
