import Core
import Glibc
import Transport

/// What the disk itself takes to keep one block: the yardstick beside every durable figure.
///
/// Overwrites blocks of a file that lies there whole already, as a write-ahead log does that has found its size; a file
/// that grows costs more.
@OnLoop struct DiskProbe {
    private let descriptor: Int32
    private let path: String
    private var block = [UInt8](repeating: 0x5a, count: blockBytes)
    private var next = 0
    private(set) var latencies = Latencies()
    private static let blockBytes = 4_096
    private static let blocks = 1_024

    init(in folder: String) throws {
        path = folder + "/probe"
        descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let whole = [UInt8](repeating: 0, count: Self.blocks * Self.blockBytes)
        guard descriptor >= 0, write(descriptor, whole, whole.count) == whole.count, fsync(descriptor) == 0 else {
            throw BenchFailure("\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
    }

    mutating func measureOnce() throws {
        let began = Instant.now
        let place = off_t(next % Self.blocks * Self.blockBytes)
        block[0] = UInt8(truncatingIfNeeded: next)
        guard pwrite(descriptor, block, block.count, place) == block.count, fdatasync(descriptor) == 0 else {
            throw BenchFailure("\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        latencies.add(nanoseconds: (Instant.now - began).nanoseconds)
        next += 1
    }

    mutating func close() {
        latencies.sort()
        Glibc.close(descriptor)
        unlink(path)
    }

    /// One after the other, without a pause.
    static func measure(in folder: String, times: Int = 500) throws -> Latencies {
        var probe = try DiskProbe(in: folder)
        defer { probe.close() }
        for _ in 0..<times { try probe.measureOnce() }
        probe.latencies.sort()
        return probe.latencies
    }
}
