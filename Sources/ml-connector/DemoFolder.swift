import Glibc
import Host

/// Where a demonstration keeps everything.
enum DemoFolder {
    /// A folder of an earlier demonstration is begun anew; any other one is left alone.
    static func begin(_ data: String) throws {
        let mark = data + "/demo"
        if mkdir(data, 0o711) != 0 {
            guard errno == EEXIST, access(mark, F_OK) == 0 else {
                throw CommandFailure(
                    code: .configuration,
                    text: "\(data) cannot be used: it is there already and no demonstration's; choose another --data"
                )
            }
            for path in ["control.db", "control.db-wal", "control.db-shm", "master.key"] { unlink(data + "/" + path) }
            try removeAll(in: data + "/tenants")
            try removeAll(in: data + "/inbox")
        }
        try put("made by ml-connector demo, and made anew by the next one\n", in: mark)
    }

    private static func removeAll(in folder: String) throws {
        guard let directory = opendir(folder) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            let path = folder + "/" + name
            if unlink(path) != 0 {
                try removeAll(in: path)
                rmdir(path)
            }
        }
    }

    static func put(_ text: String, in file: String) throws {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { if descriptor >= 0 { close(descriptor) } }
        let bytes = Array(text.utf8)
        guard descriptor >= 0, bytes.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == bytes.count
        else {
            throw CommandFailure(code: .failed, text: "\(file) cannot be written: \(String(cString: strerror(errno)))")
        }
    }
}
