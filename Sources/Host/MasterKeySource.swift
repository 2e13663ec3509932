import CPosix
import Core
import Glibc
import Store
import Transport

/// Where the master key comes from: a file, an environment variable, or a command such as a key service's client.
///
/// Without any of these a key is made in the data directory at the first start: enough to try the product, and `doctor`
/// says that key and data should not lie together.
struct MasterKeySource: Sendable {
    var file: String?
    var command: String?

    static let variable = "ML_MASTER_KEY"
    static let flags = [
        Flag("master-key-file", "FILE", "32 bytes, or their text", environment: "ML_MASTER_KEY_FILE"),
        Flag("master-key-command", "COMMAND", "prints the key's text", environment: "ML_MASTER_KEY_COMMAND"),
    ]

    init() {}

    init(_ arguments: Arguments) throws(UsageError) {
        file = arguments["master-key-file"]
        command = arguments["master-key-command"]
        guard file == nil || command == nil else {
            throw UsageError("--master-key-file and --master-key-command exclude each other")
        }
    }

    func load(data: String) throws -> MasterKey {
        if let file { return try MasterKey(file: file) }
        if let command { return try MasterKey(text: try output(of: command), from: "the output of `\(command)`") }
        if let value = getenv(Self.variable) {
            return try MasterKey(text: Secret(text: String(cString: value)), from: "the variable \(Self.variable)")
        }
        let path = data + "/master.key"
        if access(path, F_OK) != 0 { try makeKey(at: path) }
        return try MasterKey(file: path)
    }

    private func makeKey(at path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw VaultError.unusable("\(path) cannot be made: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let text = try Random.hexadecimal(byteCount: 32) + "\n"
        guard write(descriptor, text, text.utf8.count) == text.utf8.count, fsync(descriptor) == 0 else {
            throw VaultError.unusable("\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
    }

    private func output(of command: String) throws -> Secret {
        guard let pipe = popen(command, "re") else {
            throw VaultError.unusable("the master key command cannot be started")
        }
        var bytes = [UInt8](repeating: 0, count: 1_024)
        let count = fread(&bytes, 1, bytes.count, pipe)
        let status = pclose(pipe)
        defer { bytes.withUnsafeMutableBytes { ml_wipe($0.baseAddress, $0.count) } }
        guard status == 0 else {
            throw VaultError.unusable("the master key command failed with status \(status >> 8)")
        }
        return Secret(bytes[..<count])
    }
}
