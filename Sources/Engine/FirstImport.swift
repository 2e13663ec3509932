import Core
import Store
import Transport

/// Brings the records of a first load to their target by imports of thousands, and leaves to the writer what an import
/// cannot hold or did not take.
///
///     pages read ─▶ rows, up to an import's most ─▶ job (stored) ─▶ sent ─▶ outcome ─▶ links ─▶ marks and progress
///
/// Meanwhile the writer keeps its hands off the records that are on their way: it would not find them and make them again.
/// A process that dies leaves the name of its job. The next one waits until that is over, and begins again with the pages
/// whose progress was not stored: what was made is found by its key.
@OnLoop final class FirstImport {
    private let route: any ImportingRoute
    private let context: FlowContext
    private let writer: WriteLoop
    private let tally: Tally
    private let napper: Napper
    private var isDraining = false
    private var rows: [ImportRow] = []
    private var numbers: [String] = []
    /// Of these records an import holds not everything: the writer adds the rest.
    private var incomplete: Set<String> = []

    /// What a dead process had sent arrives until then, or it had sent nothing.
    private static let looksForSent = 12
    private static let longestJob = Duration.seconds(3_600)
    private static let storedAtOnce = 500

    init(_ route: any ImportingRoute, in context: FlowContext, writer: WriteLoop, _ tally: Tally, _ napper: Napper) {
        self.route = route
        self.context = context
        self.writer = writer
        self.tally = tally
        self.napper = napper
    }

    func drain() {
        isDraining = true
    }

    /// What was read of pages whose progress was not stored is read again.
    func begin() {
        (rows, numbers, incomplete) = ([], [], [])
    }

    var isFull: Bool { rows.count >= route.mostRows }
    var isEmpty: Bool { rows.isEmpty }

    /// Takes those that can go by an import; answers the keys of the others.
    func take(_ records: [Record], linked: [String: Link]) -> Set<String> {
        var left: Set<String> = []
        for record in records {
            guard linked[record.id] == nil, let draft = try? route.draft(of: record),
                let values = route.importable(draft.values, of: record.id)
            else {
                left.insert(record.id)
                continue
            }
            rows.append(ImportRow(key: record.id, values: values))
            numbers.append(draft.number)
            if draft.values.differing(from: values).count > 0 { incomplete.insert(record.id) }
        }
        return left
    }

    /// Keys of records that are not there after all, or not all of them.
    func run() async throws -> [String] {
        let keys = rows.map(\.key)
        writer.keepOff(.keys(Set(keys)))
        // Of what was sent and not heard of again, the writer keeps its hands off until that is known.
        var mayCome = false
        defer { if !mayCome { writer.keepOff(.none) } }
        // What the writer had in hand before it was told.
        while writer.isWorking(on: keys), !isDraining { await napper.sleep(for: .milliseconds(50)) }
        try await leaveOutLinked()
        let (rows, numbers, incomplete) = (rows, numbers, incomplete)
        begin()
        guard !rows.isEmpty else { return [] }
        let key = IdempotencyKey.make(context, route.name, rows, at: now)
        let begun = try await route.beginImport(rows, idempotencyKey: key, lane: .background)
        try await remember(begun.job)
        mayCome = true
        try await begun.send()
        context.log.info("\(route.name): an import of \(rows.count) records is under way")
        let outcome = try await wait(for: begun.job, since: .now)
        let left: [String]
        switch outcome {
        case .done(let made, let refused):
            let words = Set(refused.values).sorted().prefix(3).joined(separator: "; ")
            let reasons = words.isEmpty ? "" : ": \(words)"
            context.log.info("\(route.name): \(made.count) of \(rows.count) were imported\(reasons)")
            try await link(rows, numbers, made)
            left = rows.indices.filter { made[$0] == nil || incomplete.contains(rows[$0].key) }.map { rows[$0].key }
        case .failed(let words):
            context.log.warning("\(route.name): the import failed, and its records are written one by one: \(words)")
            left = rows.map(\.key)
        case .notSent, .underWay: left = rows.map(\.key)
        }
        try await context.store.put(nil, setting: place)
        mayCome = false
        return left
    }

    /// Those that a live change has brought to the target since they were read, as they are now.
    private func leaveOutLinked() async throws {
        var isLinked: Set<String> = []
        for start in stride(from: 0, to: rows.count, by: Self.storedAtOnce) {
            let some = rows[start..<min(start + Self.storedAtOnce, rows.count)].map(\.key)
            isLinked.formUnion(try await context.store.links(some, of: route.name, for: context.connection).keys)
        }
        guard !isLinked.isEmpty else { return }
        let rest = rows.indices.filter { !isLinked.contains(rows[$0].key) }
        (rows, numbers) = (rest.map { rows[$0] }, rest.map { numbers[$0] })
    }

    private func wait(for job: String, since began: Instant) async throws -> ImportOutcome {
        var pause = route.looksEvery
        while true {
            await napper.sleep(for: pause)
            guard !isDraining else { throw CancellationError() }
            let outcome = try await route.outcome(ofImport: job, lane: .background)
            switch outcome {
            case .done, .failed: return outcome
            case .notSent, .underWay:
                guard .now - began < Self.longestJob else { return .failed("it took more than an hour") }
                pause = min(pause * 3 / 2, route.looksEvery * 6)
            }
        }
    }

    private func link(_ rows: [ImportRow], _ numbers: [String], _ made: [Int: String]) async throws {
        let verdicts = Verdicts(route: route.name, connection: context.name, now: now)
        var conclusions: [Conclusion] = []
        for (index, row) in rows.enumerated() {
            guard let target = made[index] else { continue }
            conclusions.append(verdicts.imported(row, number: numbers[index], target: target))
            guard conclusions.count == Self.storedAtOnce || index == rows.count - 1 else { continue }
            try await store(conclusions)
            conclusions = []
        }
        try await store(conclusions)
    }

    private func store(_ conclusions: [Conclusion]) async throws {
        guard !conclusions.isEmpty else { return }
        try await context.store.conclude(conclusions, at: now, for: context.connection)
        for entry in conclusions.lazy.flatMap(\.audit) { tally.count(entry) }
    }

    // MARK: What nobody has heard the end of

    /// The job that was spoken of last.
    private var waitsFor: String?
    private var place: String { "import.\(context.connection).\(route.name)" }
    private var now: Int64 { Int64(WallTime.now.millisecondsSince1970) }

    private func remember(_ job: String) async throws {
        let kept: JSON = ["job": .string(job), "began": .number(Int(now))]
        try await context.store.put(kept.text(), setting: place)
    }

    /// Waits until nothing can come any more of an import that was begun, by a process that died or by this one.
    func finishTheLast() async throws {
        guard let text = try await context.store.setting(place), let kept = try? JSON.parse(text) else { return }
        let field = JSONField(kept)
        guard let job = try? field["job"].string(), let began = try? field["began"].int() else {
            return try await context.store.put(nil, setting: place)
        }
        writer.keepOff(.all)
        if waitsFor != job {
            context.log.info("\(route.name): an import was under way when nobody listened any more; waiting for it")
            waitsFor = job
        }
        var looks = 0
        while !isDraining {
            let age = Duration.milliseconds(now - Int64(began))
            let outcome: ImportOutcome
            do {
                outcome = try await route.outcome(ofImport: job, lane: .background)
            } catch let error as CallError where error.remedy == .skipRecord || age > Self.longestJob {
                // Whatever it is, nobody will ever know more of it.
                outcome = .failed(error.reason)
            }
            looks += 1
            let isOver =
                switch outcome {
                case .done, .failed: true
                case .notSent: looks > Self.looksForSent
                case .underWay: age > Self.longestJob
                }
            if isOver {
                try await context.store.put(nil, setting: place)
                return writer.keepOff(.none)
            }
            await napper.sleep(for: route.looksEvery)
        }
        throw CancellationError()
    }
}

/// Which records the writer leaves alone, because they are on their way by an import.
enum KeepOff {
    case none
    case keys(Set<String>)
    case all
}
