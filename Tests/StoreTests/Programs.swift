import Foundation
import Glibc
import Testing

/// Runs a program of the machine to its end; its exit status.
func run(_ arguments: String...) -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return -1 }
    process.waitUntilExit()
    return process.terminationStatus
}

/// A `StoreChild` that tells what it has stored until it is killed.
final class Child {
    private let process = Process()
    private let output = Pipe()
    private var pending: [UInt8] = []

    init(_ arguments: String...) throws {
        // Built beside the program that runs the tests.
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "StoreChild")
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        try #require(line() == "ready")
    }

    deinit {
        kill()
    }

    /// The next line it says, complete; nil when it has ended.
    func line() -> String? {
        let descriptor = output.fileHandleForReading.fileDescriptor
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                defer { pending.removeSubrange(...end) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            var bytes = [UInt8](repeating: 0, count: 4_096)
            let count = read(descriptor, &bytes, bytes.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return nil }
            pending += bytes[..<count]
        }
    }

    func kill() {
        guard process.isRunning else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
