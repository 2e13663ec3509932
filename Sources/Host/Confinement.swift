import CPosix
import Glibc
import Transport

/// The rights a process keeps when it has started. It gives up all others itself, before its first thread and before it
/// opens anything.
struct Confinement: Wire, Codable, Equatable {
    /// A user of its own; nil where the supervisor is not root and cannot give one.
    var user: UInt32?
    var memoryBytes: UInt64
    var descriptors: UInt64
    var readable: [String]
    var writable: [String]

    /// Answers with what this machine does not offer, in words. Everything else is in force when it returns.
    func apply() -> [String] {
        var missing: [String] = []
        func require(_ what: String, _ answer: Int32) {
            if answer != 0 { missing.append("\(what) (\(reason(-answer)))") }
        }
        require("no new privileges", ml_no_new_privileges())
        require("a memory limit", ml_limit_memory(memoryBytes))
        require("a limit of open files", ml_limit_descriptors(descriptors))
        require("no core files", ml_no_core_files())
        if let user { require("a user of its own", ml_become_user(user, user)) }
        require("Landlock", landlock())
        require("a system call filter", ml_seccomp_deny())
        // Last: a change of user makes a process dumpable or not by a machine-wide setting.
        require("no memory dumps", ml_not_dumpable())
        return missing
    }

    private func landlock() -> Int32 {
        withCStrings(readable) { readable in
            withCStrings(writable) { writable in ml_landlock(readable, writable) }
        }
    }

    private func reason(_ error: Int32) -> String {
        error == ENOSYS || error == EOPNOTSUPP ? "the kernel lacks it" : String(cString: strerror(error))
    }
}

/// The strings as C has lists of them: pointers, with a null one at the end.
func withCStrings<Result>(
    _ strings: [String],
    _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    let pointers = copies.map { $0.map { UnsafePointer($0) } } + [nil]
    return pointers.withUnsafeBufferPointer { list in
        // A list with its null is never empty, so it has an address.
        withUnsafePointer(to: nil as UnsafePointer<CChar>?) { body(list.baseAddress ?? $0) }
    }
}

/// The same list for calls that declare their texts mutable and change none of them.
func mutableList(
    _ list: UnsafePointer<UnsafePointer<CChar>?>
) -> UnsafePointer<UnsafeMutablePointer<CChar>?> {
    UnsafeRawPointer(list).assumingMemoryBound(to: UnsafeMutablePointer<CChar>?.self)
}
