import Core
import Glibc
import Store
import Transport

/// What the simulated machine keeps its files on.
@OnLoop package protocol Disk: AnyObject {
    /// Where a file of that name lies.
    func path(_ name: String) -> String
    /// How a process opens databases on it.
    func options(for process: Int32) -> Database.Options
    /// Nothing that was written is lost; its files are closed, its locks gone.
    func processDied(_ process: Int32)
    /// What was not synced may be gone.
    func losePower()
    func remove()
}

/// A folder of the real machine. It loses nothing, however the simulated one ends.
@OnLoop package final class FolderDisk: Disk {
    private let folder: String

    struct NoFolder: Error, CustomStringConvertible {
        let description: String
    }

    package init(in parent: String) throws {
        var template = Array("\(parent)/ml-simulation-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard let made else {
            throw NoFolder(description: "no folder can be made in \(parent): \(String(cString: strerror(errno)))")
        }
        folder = made
    }

    package func path(_ name: String) -> String { "\(folder)/\(name)" }

    package func options(for process: Int32) -> Database.Options { Database.Options() }

    package func processDied(_ process: Int32) {}

    package func losePower() {}

    package func remove() {
        guard let directory = opendir(folder) else { return }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { unlink("\(folder)/\(name)") }
        }
        closedir(directory)
        rmdir(folder)
    }
}
