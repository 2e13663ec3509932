import Core
import Simulation
import Store
import Transport

/// A tenant's store on a simulated disk, which two processes have open, with a memory of all it has answered: what it answered must be there after
/// whatever happened, and what it refused must be there as a whole or not at all.
final class DiskTrial {
    private static let thread = BlockingThread(named: "disk trial")
    private static let path = "/tenant.db"
    private static let window = Window("calls", 100_000, .sliding(.seconds(60)))
    private static let noon: Int64 = 1_800_014_400_000

    let disk: SimulatedDisk
    /// The one that is killed; the other lives on.
    private(set) var process: DiskMount
    private var neighbour: DiskMount
    private var stores: [SQLiteTenantStore]
    private var store: SQLiteTenantStore
    private var dice: SeededGenerator
    private var next: UInt64 = 0

    // What must be there: keys of events that wait, lines of the audit, units that are spent.
    private var waiting: Set<UInt64> = []
    private var settled: Set<UInt64> = []
    private var lines: Int64 = 0
    private var spent = 0
    // What may be there as a whole, and is not settled by any answer.
    private var inDoubt: [Set<UInt64>] = []
    private var settledInDoubt: Set<UInt64> = []
    private(set) var answered = 0
    private(set) var refused: [any Error] = []

    init(seed: UInt64) async throws {
        disk = SimulatedDisk(random: seed)
        process = disk.mount()
        neighbour = disk.mount()
        stores = [try await Self.open(process), try await Self.open(neighbour)]
        store = stores[0]
        dice = SeededGenerator(seed: seed ^ 0xd15c)
    }

    deinit {
        disk.unregister()
    }

    private static func open(_ process: DiskMount) async throws -> SQLiteTenantStore {
        try await SQLiteTenantStore.open(
            path,
            options: Database.Options(fileSystem: process.fileSystem),
            on: thread
        )
    }

    // MARK: What the engine does all day

    func work(_ steps: Int) async {
        for _ in 0..<steps where !process.isDead { await step() }
    }

    private func step() async {
        store = stores[dice.roll(0...1)]
        do {
            switch dice.roll(0...5) {
            case 0, 1: try await accept()
            case 2: try await settle()
            case 3: try await conclude()
            case 4: try await enter()
            default: try await intend()
            }
            answered += 1
        } catch {
            refused.append(error)
        }
    }

    private func accept() async throws {
        let keys = (0..<UInt64(dice.roll(1...3))).map { next + $0 }
        next += 3
        inDoubt.append(Set(keys))
        _ = try await store.accept(keys.map(event), for: 1)
        inDoubt.removeLast()
        waiting.formUnion(keys)
    }

    private func event(_ key: UInt64) -> Event {
        let body = Array(repeating: UInt8(truncatingIfNeeded: key), count: 40 + Int(key % 7) * 700)
        let arrival = Arrival(
            connection: 1,
            key: EventKey(high: 0, low: key),
            kind: "test",
            receivedMilliseconds: Self.noon,
            body: body
        )
        return Event(sequence: Int64(key) + 1, arrival: arrival)
    }

    private func settle() async throws {
        let found = try await store.waiting(for: 1, after: 0, limit: 2)
        let keys = found.map(\.arrival.key.low)
        let before = settledInDoubt
        settledInDoubt.formUnion(keys)
        let marks = keys.map {
            Mark(route: "r", key: "k\($0 % 9)", lane: .live, cause: "test", heardMilliseconds: Self.noon)
        }
        _ = try await store.settle(found.map(\.id), marking: marks, for: 1, atMilliseconds: Self.noon)
        settledInDoubt = before
        settled.formUnion(keys)
        waiting.subtract(keys)
    }

    /// Two lines of the audit and a link that says the same: all three or none.
    private func conclude() async throws {
        let key = "k\(dice.roll(0...8))"
        next += 1
        let number = "\(next)"
        var conclusion = Conclusion(route: "r", key: key, version: 1, end: .done)
        conclusion.link = Link(
            route: "r",
            key: key,
            target: "t",
            number: number,
            values: JSON.Object(),
            writtenMilliseconds: Self.noon
        )
        conclusion.audit = Array(
            repeating: AuditEntry(
                atMilliseconds: Self.noon,
                connection: "c",
                route: "r",
                key: key,
                number: number,
                decision: .updated,
                cause: "test"
            ),
            count: 2
        )
        try await store.conclude([conclusion], at: Self.noon, for: 1)
        lines = try await store.auditChain().sequence
    }

    private var ask: WindowAsk {
        WindowAsk(
            account: "a",
            owner: 1,
            windows: [Self.window],
            charge: ["calls": 1],
            lane: .live,
            longest: .seconds(30)
        )
    }

    private func enter() async throws {
        guard case .entered(let pass) = try await store.enter(ask, at: Self.noon) else { return }
        spent += 1
        try await store.leave(pass, ask, .answered, at: Self.noon)
    }

    private func intend() async throws {
        let intent = Intent(
            batch: "b",
            route: "r",
            key: "k",
            action: .create,
            target: nil,
            number: "n",
            values: JSON.Object(),
            cause: "test",
            version: 1,
            sinceMilliseconds: Self.noon,
            madeMilliseconds: Self.noon
        )
        let stored = try await store.intend([intent, intent], for: 1)
        var conclusion = Conclusion(route: "r", key: "k", version: 1, end: .done)
        conclusion.intent = stored[0].id
        try await store.conclude([conclusion], at: Self.noon, for: 1)
    }

    // MARK: What happens to it

    /// Another process takes over, after whatever has happened.
    func restart() async throws {
        process.abandon()
        let abandoned = stores
        process = disk.mount()
        stores[0] = try await Self.open(process)
        await abandoned[0].close()
        if neighbour.isDead {
            neighbour = disk.mount()
            stores[1] = try await Self.open(neighbour)
            await abandoned[1].close()
        }
        store = stores[0]
    }

    /// What is not as it was answered; empty when all is well. From then on, what is there counts as answered.
    func problems() async throws -> [String] {
        var problems: [String] = []
        let verdict = try Database(
            path: Self.path,
            schema: SQLiteTenantStore.schema,
            options: Database.Options(fileSystem: process.fileSystem)
        ).integrity()
        if verdict != "ok" { problems.append("SQLite says \(verdict)") }

        let events = try await store.waiting(for: 1, after: 0, limit: 100_000)
        let there = Set(events.map(\.arrival.key.low))
        let missing = waiting.subtracting(there).subtracting(settledInDoubt)
        if !missing.isEmpty { problems.append("\(missing.count) accepted events are missing") }
        let again = settled.intersection(there)
        if !again.isEmpty { problems.append("\(again.count) settled events wait again") }
        for group in inDoubt where !there.intersection(group).isEmpty && !there.isSuperset(of: group) {
            problems.append("half of an event's transaction is there")
        }
        for event in events where event.arrival != self.event(event.arrival.key.low).arrival {
            problems.append("event \(event.arrival.key.low) is not as it was")
        }
        problems += try await auditProblems()
        let used = try await store.facts(of: "a", in: [Self.window], at: Self.noon).used["calls", default: 0]
        if used < spent { problems.append("\(spent - used) spent units are forgotten") }
        (waiting, settledInDoubt, inDoubt, spent) = (there, [], [], used)
        return problems
    }

    private func auditProblems() async throws -> [String] {
        var problems: [String] = []
        var chain = AuditChain()
        var numbers: [String: String] = [:]
        do {
            for line in try await store.audit(after: 0, limit: 100_000, for: nil) {
                try chain.follow(line)
                let fields = JSONField(try JSON.parse(line.text))
                numbers[try fields["record"].string()] = try fields["number"].string()
            }
            try chain.end(at: try await store.auditChain())
        } catch let fault as AuditChain.Fault {
            problems.append("the audit's chain: \(fault)")
        }
        if chain.sequence < lines { problems.append("\(lines - chain.sequence) lines of the audit are missing") }
        if chain.sequence % 2 != 0 { problems.append("half a conclusion is in the audit") }
        for (key, link) in try await store.links((0...8).map { "k\($0)" }, of: "r", for: 1)
        where link.number != numbers[key] {
            problems.append("the link of \(key) is not what its audit says")
        }
        lines = chain.sequence
        return problems
    }
}
