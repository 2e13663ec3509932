import Core
import Engine
import Store
import Testing
import Transport

/// What is said of one record, in the words of preview and audit alike.
private struct Said: Equatable {
    var decision: String
    var number: String
    var fields: JSON?
    var reason: String?
}

@Suite(.onLoop, .timeLimit(.minutes(2))) struct `a preview` {
    @OnLoop private func lines(_ stage: Stage, limit: Int? = nil) async throws -> [PreviewLine] {
        let context = FlowContext(
            log: Log(role: "test"),
            store: stage.store,
            connection: 1,
            tenant: "acme",
            name: "board"
        )
        let route = WorldRoute(stage.world, stage.fuse, farewell: stage.farewell)
        var lines: [PreviewLine] = []
        // Whatever has to be stored finds no room.
        stage.fuse.isFull = true
        defer { stage.fuse.isFull = false }
        let requests = stage.world.requests.count
        try await Preview(route, in: context, lane: .interactive).run(PreviewWish(limit: limit)) { news in
            switch news {
            case .line(let line): lines.append(line)
            case .ended(_, let writes, _): #expect(writes == lines.filter(\.isWrite).count)
            case .began, .notice: break
            }
        }
        #expect(stage.world.requests.count == requests, "it writes to the target")
        return lines
    }

    private func said(_ lines: [PreviewLine]) -> [String: Said] {
        var said: [String: Said] = [:]
        for line in lines {
            var fields = JSON.Object()
            for field in line.fields {
                fields[field.name] = ["before": field.before ?? .null, "after": field.after ?? .null]
            }
            #expect(said[line.key] == nil, "\(line.key) twice")
            said[line.key] = Said(
                decision: line.decision.rawValue,
                number: line.number,
                fields: line.fields.isEmpty ? nil : .object(fields),
                reason: line.reason
            )
        }
        return said
    }

    @OnLoop private func audited(_ stage: Stage, after sequence: Int64) async throws -> [String: Said] {
        var said: [String: Said] = [:]
        for line in try await stage.real.audit(after: sequence, limit: 1_000, for: 1) {
            let entry = JSONField(try JSON.parse(line.text))
            said[try entry["record"].string()] = Said(
                decision: try entry["decision"].string(),
                number: try entry["number"].string(),
                fields: entry["fields"].value,
                reason: try entry["reason"].orNil?.string()
            )
        }
        return said
    }

    /// Records and items as chance has them, twice: with nothing known, and with what is known after that.
    @Test(arguments: 0..<25 as Range<UInt64>)
    @OnLoop func `says what the audit says when it is done`(seed: UInt64) async throws {
        var dice = SeededGenerator(seed: seed)
        func roll(_ sides: Int) -> Int { Int.random(in: 0..<sides, using: &dice) }
        let stage = try await Stage()
        stage.confirmsAfter = .milliseconds(1)
        stage.farewell = [.archive, .keep, .mark(object(["state": "gone"]))][roll(3)]
        func put(_ key: String) {
            var fields = ["amount": "\(roll(3))", "due": "\(roll(3))"]
            if roll(3) == 0 { fields["note"] = "\(roll(2))" }
            if roll(5) == 0 { fields["wrong"] = "yes" }
            stage.world.put(key, fields)
        }
        for number in 0..<12 where roll(4) > 0 { put("k\(number)") }
        for number in 0..<12 where roll(5) == 0 {
            _ = stage.world.make("k\(number)", ["amount": "1"])
            if roll(3) == 0 { _ = stage.world.make("k\(number)", [:]) }
        }
        let first = said(try await lines(stage))
        #expect(first.keys.sorted() == stage.world.records.keys.sorted())
        stage.start()
        try await stage.untilQuiet()
        #expect(try await audited(stage, after: 0) == first, "seed \(seed)")

        let before = try await stage.real.auditChain().sequence
        for number in 0..<14 {
            switch roll(4) {
            case 0: stage.world.remove("k\(number)")
            case 1: put("k\(number)")
            default: break
            }
        }
        let writes = stage.world.requests.flatMap(\.writes).count
        let all = try await lines(stage)
        let promised = all.filter(\.isWrite).count
        let second = said(all)
        // Of what is gone and never had an item nobody can tell beforehand.
        for key in second.keys { try await stage.mark(key) }
        try await stage.untilQuiet()
        #expect(try await audited(stage, after: before) == second, "seed \(seed)")
        #expect(stage.world.requests.flatMap(\.writes).count == writes + promised, "seed \(seed)")
        await stage.stop()
    }

    @Test @OnLoop func `tells what would be adopted from what would be made`() async throws {
        let stage = try await Stage()
        for key in ["a", "b"] { stage.world.put(key, ["amount": "1"]) }
        let items = [stage.world.make("b", [:]), stage.world.make("b", [:])]
        let found = try await lines(stage)
        #expect(found.map(\.decision) == [.created, .adopted] && found.map(\.target) == [nil, items[0]])
        #expect(found[1].reason?.contains(items[1]) == true)
        #expect(found[0].fields == [AuditEntry.Field(name: "amount", before: nil, after: "1")])
    }

    @Test @OnLoop func `looks at some, or at all, and asks for single records only where some are gone`() async throws {
        let stage = try await Stage()
        stage.world.pageSize = 40
        for number in 0..<230 { stage.world.put("k\(number)", ["amount": "1"]) }
        stage.start()
        try await stage.untilQuiet()
        await stage.stop()
        var reads = stage.world.reads.count
        let same = try await lines(stage)
        #expect(same.count == 230 && same.allSatisfy { $0.decision == .unchanged && $0.fields.isEmpty })
        #expect(stage.world.reads.count == reads)

        for number in [3, 77, 200] { stage.world.remove("k\(number)") }
        let gone = try await lines(stage).filter { $0.decision == .archived }
        #expect(gone.map(\.key).sorted() == ["k200", "k3", "k77"] && gone.allSatisfy { $0.target != nil })
        reads = stage.world.reads.count
        let pages = stage.world.pagesRead
        let some = try await lines(stage, limit: 5)
        #expect(some.filter { $0.decision == .unchanged }.count == 5)
        #expect(stage.world.reads.count == reads + 1 && stage.world.pagesRead == pages + 1)
    }

    @Test @OnLoop func `waits for the end of a short outage, and not for one that a person has to end`() async throws {
        let stage = try await Stage()
        stage.world.put("a", ["amount": "1"])
        stage.world.pageFaults = [CallError(.retry(after: .milliseconds(5)), "source", .outage, "down")]
        #expect(try await lines(stage).count == 1)
        stage.world.pageFaults = [CallError(.stopConnection, "source", .configuration, "no such company")]
        await #expect(throws: CallError.self) { try await lines(stage) }
    }
}
