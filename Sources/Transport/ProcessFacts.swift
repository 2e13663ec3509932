import Glibc

/// What the kernel says of a process: memory, processor time, open descriptors. Nil where it may not be seen.
package struct ProcessFacts: Sendable {
    package let pid: Int32

    package init(pid: Int32 = getpid()) {
        self.pid = pid
    }

    package var residentBytes: UInt64? {
        guard let fields = fields(of: "statm"), fields.count > 1, let pages = UInt64(fields[1]) else { return nil }
        return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }

    package var processorSeconds: Double? {
        // The name in parentheses may hold blanks; the fields after it are numbered from the state, the third.
        guard let text = text(of: "stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    package var threads: Int? {
        guard let text = text(of: "stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 17 ? Int(fields[17]) : nil
    }

    package var descriptors: UInt64? {
        guard let folder = opendir("/proc/\(pid)/fd") else { return nil }
        defer { closedir(folder) }
        var count: UInt64 = 0
        while readdir(folder) != nil { count += 1 }
        // ".", "..", and, of our own, the descriptor that reads the folder.
        return count - (pid == getpid() ? 3 : 2)
    }

    /// Those that its main thread started and those that it inherited.
    package var children: [Int32] {
        text(of: "task/\(pid)/children")?.split(separator: " ").compactMap { Int32($0) } ?? []
    }

    /// Its share of memory: pages of its own, and its part of those it shares. Dear to ask, so only `bench` does.
    package var proportionalKiB: Int? { rollup("Pss:") }
    package var privateDirtyKiB: Int? { rollup("Private_Dirty:") }

    private func rollup(_ name: String) -> Int? {
        text(of: "smaps_rollup")?.split(separator: "\n").first { $0.hasPrefix(name) }
            .flatMap { Int($0.split(separator: " ")[1]) }
    }

    private func fields(of file: String) -> [Substring]? {
        text(of: file)?.split(separator: " ")
    }

    private func text(of file: String) -> String? {
        let descriptor = open("/proc/\(pid)/\(file)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { room in
            let got = read(descriptor, room.baseAddress, room.count)
            return got > 0 ? String(decoding: UnsafeRawBufferPointer(rebasing: room[..<got]), as: UTF8.self) : nil
        }
    }
}
