import Foundation
import Testing

/// The layout says how data flows: a module may import only what stands above it in this list.
@Suite struct `the modules` {
    static let direction: [String: Set<String>] = [
        "Core": [],
        "Transport": ["Core", "CPosix", "CCurl", "CMicrohttpd", "CExpat"],
        "Store": ["Core", "Transport", "CSQLite", "CPostgres", "COpenSSL"],
        "Systems": ["Core", "Transport"],
        "Engine": ["Core", "Transport", "Store"],
        "Flows": ["Core", "Transport", "Store", "Systems", "Engine", "CPosix"],
        "Host": ["Core", "Transport", "Store", "Engine", "Flows", "CPosix"],
        // A simulator that shared code with our clients would share their mistakes.
        "Sandbox": ["Core", "Transport"],
        "Simulation": ["Core", "Transport", "Store", "Systems", "Engine", "CSQLite"],
        "ml-connector": ["Core", "Transport", "Host", "Sandbox", "Simulation"],
    ]
    static let fromTheToolchain: Set<String> = ["Glibc", "Synchronization"]

    @Test(arguments: sources)
    func `import only what stands above them`(file: String) throws {
        let module = String(file.split(separator: "/")[0])
        let allowed = try #require(Self.direction[module], "Sources/\(module) has no place in the direction")
        for imported in try imports(of: file) {
            #expect(
                allowed.union(Self.fromTheToolchain).contains(imported),
                "Sources/\(file) imports \(imported), which does not stand above \(module)"
            )
        }
    }

    @Test func `are all found, so that the rule is not empty`() {
        #expect(Set(sources.map { $0.split(separator: "/")[0] }).isSuperset(of: ["Core", "Transport", "Host"]))
    }

    /// The library's mutex remembers the number of its thread, which another thread has after a fork.
    @Test(arguments: sources)
    func `lock with what survives a fork`(file: String) throws {
        let text = try text(of: file)
        #expect(text.firstMatch(of: /\bMutex\(/) == nil, "Sources/\(file) uses Mutex: use Guarded")
    }

    /// Each of these would start Dispatch's thread pool in a process that must stay single-threaded.
    @Test(arguments: sources)
    func `start no thread pool`(file: String) throws {
        let text = try text(of: file)
        // A group's `addTask {` stays where its group is; only a bare task leaves the loop.
        let forbidden = /\bTask \{|\bTask\.detached|\bTask\.sleep|\bDispatchQueue/
        if let match = text.firstMatch(of: forbidden) {
            Issue.record("Sources/\(file) uses \(match.output): use EpollLoop's own")
        }
    }
}

private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Sources")

private let sources: [String] = (FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? [])
    .filter { $0.hasSuffix(".swift") }.sorted()

/// The file without its comments, which may name what code may not use.
private func text(of file: String) throws -> String {
    try String(contentsOf: root.appending(path: file), encoding: .utf8)
        .split(separator: "\n", omittingEmptySubsequences: false)
        .filter { !$0.drop { $0 == " " }.hasPrefix("//") }
        .joined(separator: "\n")
}

private func imports(of file: String) throws -> [String] {
    try text(of: file).split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ")
        guard let at = words.firstIndex(of: "import"), at <= 1, words.count > at + 1 else { return nil }
        return String(words[at + 1])
    }
}
