import CSQLite
import Core
import Store

/// The disk of a machine that is only simulated: files in memory, on which our stores run as on any other, and which lose
/// what was not synced when the power goes.
///
/// Each process has a mount of its own, whose `fileSystem` it opens its stores with; what one writes the others see. All
/// dice are the disk's own, so that the same calls meet the same misfortunes again. Used by one thread at a time.
///
///     let disk = SimulatedDisk(random: seed)
///     let worker = disk.mount()
///     let store = try await SQLiteTenantStore.open(
///         "/tenant.db", options: Database.Options(fileSystem: worker.fileSystem), on: EpollLoop.process)
///     worker.abandon()   // the process is killed
///     disk.losePower()   // all of them are, and what was not synced is at the mercy of the dice
///     disk.unregister()
///
/// That a file was made or deleted is durable at once: a disk that forgets this is not simulated.
package final class SimulatedDisk: @unchecked Sendable {
    package var faults = Faults()
    package internal(set) var facts = Facts()
    var dice: SeededGenerator
    private var files: [String: DiskFile] = [:]
    private var mounts: [DiskMount] = []
    private var temporaryFiles = 0

    package init(random seed: UInt64) {
        // Before SQLite sees the first of us: it cannot be configured any more afterwards.
        Database.prepareLibrary()
        dice = SeededGenerator(seed: seed)
        // Its own dice, which fall for the salts of logs, are one for the whole process. Zero would be the machine's.
        ml_sqlite_seed_randomness(UInt32(truncatingIfNeeded: seed) | 1)
    }

    /// A process that can see the disk.
    package func mount() -> DiskMount {
        let mount = DiskMount(of: self)
        mounts.append(mount)
        return mount
    }

    package var bytesHeld: Int { files.values.reduce(0) { $0 + $1.bytesHeld } }

    /// The machine loses its power: its processes are dead, what was synced is there, and of what was not each write may be
    /// there, be missing or be torn. Whoever mounts it next finds that.
    package func losePower() {
        facts.powerCuts += 1
        faults.powerLasts = nil
        for mount in mounts { mount.abandon() }
        let cut = PowerCut(&dice)
        // In an order that is the same in every run.
        for (_, file) in files.sorted(by: { $0.key < $1.key }) { file.losePower(cut, &dice, &facts) }
    }

    /// Takes the disk away. To be called for each: SQLite knows its mounts until then.
    package func unregister() {
        for mount in mounts { mount.abandon() }
        files = [:]
    }

    // MARK: For its mounts

    func file(_ path: String) -> DiskFile? { files[path] }

    func make(_ path: String) -> DiskFile {
        let file = DiskFile()
        files[path] = file
        return file
    }

    func delete(_ path: String) { files[path] = nil }

    func temporaryName() -> String {
        temporaryFiles += 1
        return "temporary \(temporaryFiles)"
    }

    /// How many bytes its files may grow by.
    var room: Int {
        if faults.isFull { return 0 }
        return faults.capacity.map { max($0 - bytesHeld, 0) } ?? .max
    }

    /// True when the power goes in the midst of a change.
    func powerGoes() -> Bool {
        guard let left = faults.powerLasts else { return false }
        faults.powerLasts = left - 1
        return left <= 0
    }

    func strikes(_ chance: Double) -> Bool {
        guard dice.hits(chance) else { return false }
        facts.faultsStruck += 1
        return true
    }

    func forget(_ mount: DiskMount) {
        mounts.removeAll { $0 === mount }
        for file in files.values {
            file.handles.removeAll { $0.mount === mount }
            if !file.handles.contains(where: { $0.index != nil }) { file.index = nil }
        }
    }
}
