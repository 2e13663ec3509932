import Core
import Store
import Transport

/// The simulated machine's disk, with a mount for each process.
@OnLoop final class MachineDisk {
    let disk: SimulatedDisk
    private var mounts: [Int32: DiskMount] = [:]

    init(seed: UInt64) {
        disk = SimulatedDisk(random: seed)
    }

    func path(_ name: String) -> String { "/\(name)" }

    /// How a process opens databases on it.
    func options(for process: Int32) -> Database.Options {
        let mount = mounts[process] ?? disk.mount()
        mounts[process] = mount
        return Database.Options(fileSystem: mount.fileSystem)
    }

    /// Nothing that was written is lost; its files are closed, its locks gone.
    func processDied(_ process: Int32) {
        mounts.removeValue(forKey: process)?.abandon()
    }

    /// What was not synced may be gone.
    func losePower() {
        disk.losePower()
        mounts = [:]
    }

    /// Works from now on as a disk should.
    func recover() {
        disk.faults = SimulatedDisk.Faults()
    }

    func remove() {
        disk.unregister()
        mounts = [:]
    }
}
