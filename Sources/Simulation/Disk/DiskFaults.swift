import CSQLite

extension SimulatedDisk {
    /// What goes wrong, and how often: nothing, as long as nobody says so.
    package struct Faults: Sendable, Equatable {
        /// The chance of each call to fail with EIO.
        package var readErrors = 0.0
        package var writeErrors = 0.0
        package var truncateErrors = 0.0
        package var syncErrors = 0.0
        /// After a sync that failed, what it was about is not written again by the next: as Linux does it. Whoever else has
        /// the file open hears of it with the next sync of his own.
        package var failedSyncForgets = false
        /// No file grows any more.
        package var isFull = false
        /// What all files may hold together.
        package var capacity: Int?
        /// Syncs are acknowledged and make nothing durable: for showing that somebody would notice.
        package var syncLies = false
        /// So many more writes, truncations and syncs are carried out; in the midst of the next, the power goes.
        package var powerLasts: Int?

        package init() {}
    }

    package struct Facts: Sendable, Equatable {
        package var reads = 0
        package var writes = 0
        package var syncs = 0
        package var powerCuts = 0
        /// Of the writes that were not synced when the power went, those that are missing and those that are there in part.
        package var lostWrites = 0
        package var tornWrites = 0
        /// Calls that failed because a fault was asked for.
        package var faultsStruck = 0
    }
}

/// What a program asks of an open file, and how SQLite calls it when that fails.
enum DiskOperation {
    case read
    case write
    case truncate
    case sync

    var failure: Int32 {
        switch self {
        case .read: SQLiteFailure.read
        case .write: SQLiteFailure.write
        case .truncate: SQLiteFailure.truncate
        case .sync: SQLiteFailure.sync
        }
    }

    func chance(_ faults: SimulatedDisk.Faults) -> Double {
        switch self {
        case .read: faults.readErrors
        case .write: faults.writeErrors
        case .truncate: faults.truncateErrors
        case .sync: faults.syncErrors
        }
    }
}

/// SQLite's numbers for what an I/O error was about, which Swift does not see in its header.
enum SQLiteFailure {
    static let read = SQLITE_IOERR | 1 << 8
    static let shortRead = SQLITE_IOERR | 2 << 8
    static let write = SQLITE_IOERR | 3 << 8
    static let sync = SQLITE_IOERR | 4 << 8
    static let truncate = SQLITE_IOERR | 6 << 8
    static let size = SQLITE_IOERR | 7 << 8
    static let delete = SQLITE_IOERR | 10 << 8
    static let access = SQLITE_IOERR | 13 << 8
    static let lock = SQLITE_IOERR | 15 << 8
    static let indexSize = SQLITE_IOERR | 19 << 8
    static let indexLock = SQLITE_IOERR | 20 << 8
    static let indexMap = SQLITE_IOERR | 21 << 8
    static let deleteMissing = SQLITE_IOERR | 23 << 8
}
