import CPosix
import Core
import Glibc
import Store
import Transport

/// `bench store`: whether a tenant's store with a million records answers as fast as one with ten thousand.
@OnLoop struct StoreBench {
    struct Plan {
        /// One store each.
        var records = [10_000, 100_000, 1_000_000]
        var place = "/var/tmp"
        /// How often each call is made, with another record each time.
        var rounds = 1_000
    }

    struct Step {
        var name: String
        var latencies = Latencies()
    }

    struct Run {
        var records: Int
        var lines = 0
        var fileMiB = 0
        var fillSeconds = 0.0
        var steps: [Step] = []
        /// Of this process, from before the store was opened until after all calls.
        var grownKiB = 0
    }

    struct Result {
        var runs: [Run] = []
    }

    let plan: Plan

    func measure() async throws -> Result {
        var result = Result()
        for records in plan.records { result.runs.append(try await measure(records)) }
        return result
    }

    private func measure(_ records: Int) async throws -> Run {
        var template = Array("\(plan.place)/ml-bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw BenchFailure("no folder can be made in \(plan.place): \(String(cString: strerror(errno)))")
        }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let path = folder + "/store.db"
        Self.standing = folder
        defer { Self.endAll() }
        var run = Run(records: records)
        Progress.say("filling a store with \(records) records and \(records * StoreFiller.linesPerRecord) decisions")
        let began = Instant.now
        try await StoreFiller(records: records).fill(path)
        run.fillSeconds = (Instant.now - began).inSeconds
        Progress.say("asking it")
        try await ask(path, &run)
        var status = stat()
        if stat(path, &status) == 0 { run.fileMiB = Int(status.st_size >> 20) }
        return run
    }

    /// The folder in use, for an interrupted program.
    private static var standing: String?

    static func endAll() {
        guard let folder = standing else { return }
        for file in ["", "-wal", "-shm"] { unlink(folder + "/store.db" + file) }
        rmdir(folder)
        standing = nil
    }

    private func ask(_ path: String, _ run: inout Run) async throws {
        // The C library would give what the filling took for what the store takes.
        ml_trim_heap()
        let before = ProcessFacts().privateDirtyKiB ?? 0
        try await run.time("open", times: 20) { _ in
            let store = try await SQLiteTenantStore.open(path)
            _ = try await store.setting("a")
            await store.close()
        }
        let store = try await SQLiteTenantStore.open(path)
        run.lines = Int(try await store.auditChain().sequence)
        try await askAsWorker(store, &run)
        try await askAsPerson(store, &run)
        run.grownKiB = max((ProcessFacts().privateDirtyKiB ?? 0) - before, 0)
        try await tidyUp(store, &run)
        await store.close()
    }

    private func some(_ round: Int, of records: Int) -> Int {
        Int((UInt64(round) &* 0x9e37_79b9_7f4a_7c15) % UInt64(records))
    }

    private func askAsWorker(_ store: SQLiteTenantStore, _ run: inout Run) async throws {
        let (records, connection, route) = (run.records, StoreFiller.connection, StoreFiller.route)
        try await run.time("accept an event", times: plan.rounds) { round in
            _ = try await store.accept([StoreFiller.event(records + round)], for: connection)
        }
        let waiting = try await store.waiting(for: connection, after: 0, limit: plan.rounds).map(\.id)
        try await run.time("settle it with a mark", times: waiting.count) { round in
            let mark = StoreFiller.mark(some(round, of: records), .live)
            _ = try await store.settle([waiting[round]], marking: [mark], for: connection, atMilliseconds: 1)
        }
        try await run.time("changes and links of one", times: plan.rounds) { round in
            for lane in Lane.allCases {
                _ = try await store.changes(
                    of: route,
                    lane: lane,
                    limit: 20,
                    at: StoreFiller.began + 1,
                    for: connection
                )
            }
            _ = try await store.links([StoreFiller.key(some(round, of: records))], of: route, for: connection)
        }
        try await run.time("conclude with a line", times: plan.rounds) { round in
            let number = some(round, of: records)
            let end = Conclusion(
                route: route,
                key: StoreFiller.key(number),
                version: 1,
                end: .done,
                link: StoreFiller.link(number),
                audit: [StoreFiller.entry(number)]
            )
            try await store.conclude([end], at: StoreFiller.began, for: connection)
        }
        try await run.time("what waits", times: plan.rounds) { _ in
            _ = try await store.queue(of: nil, at: StoreFiller.began, for: connection)
            _ = try await store.counts(for: connection)
            _ = try await store.openIntents(of: route, for: connection)
        }
    }

    private func askAsPerson(_ store: SQLiteTenantStore, _ run: inout Run) async throws {
        let (records, connection) = (run.records, StoreFiller.connection)
        try await run.time("records --name", times: plan.rounds) { round in
            let number = StoreFiller.number(some(round, of: records))
            let found = try await store.records(RecordQuery(name: number, limit: 100), for: connection)
            guard found.count == 1 else { throw BenchFailure("\(number) was not found") }
        }
        try await run.time("records --parked", times: 20) { _ in
            _ = try await store.records(RecordQuery(parked: true, limit: 100), for: connection)
        }
        try await run.time("a page of records", times: 20) { round in
            var query = RecordQuery(limit: 100)
            query.after = RecordPlace(route: StoreFiller.route, key: StoreFiller.key(some(round, of: records)))
            _ = try await store.records(query, for: connection)
        }
        try await run.time("audit --record", times: plan.rounds) { round in
            let number = StoreFiller.number(some(round, of: records))
            let lines = try await store.auditLines(AuditQuery(connection: connection, name: number, limit: 100))
            guard lines.count >= StoreFiller.linesPerRecord else { throw BenchFailure("\(number) has lost lines") }
        }
        try await run.time("100 lines of a neighbour", times: 20) { _ in
            _ = try await store.audit(after: 0, limit: 100, for: StoreFiller.neighbour)
        }
    }

    private func tidyUp(_ store: SQLiteTenantStore, _ run: inout Run) async throws {
        let remover = AuditRemover(connection: 1, name: "orders", atMilliseconds: 4_000_000_000_000)
        try await run.time("remove 200 old lines", times: 30) { _ in
            _ = try await store.pruneAudit(before: 3_000_000_000_000, limit: 200, by: remover)
        }
        try await run.time("forget 200 event keys", times: 20) { _ in
            _ = try await store.forgetSettled(before: .max, limit: 200)
        }
        try await run.time("look for room", times: 20) { _ in _ = try await store.compact() }
    }
}

extension StoreBench.Run {
    fileprivate mutating func time(
        _ name: String,
        times: Int,
        _ body: @OnLoop (_ round: Int) async throws -> Void
    ) async throws {
        var step = StoreBench.Step(name: name, latencies: Latencies(reserving: times))
        for round in 0..<times {
            let began = Instant.now
            try await body(round)
            step.latencies.add(nanoseconds: (Instant.now - began).nanoseconds)
        }
        step.latencies.sort()
        steps.append(step)
    }
}
