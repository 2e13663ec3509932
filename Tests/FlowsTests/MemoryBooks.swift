import Core
import Engine
import Store
import Transport

@testable import Flows

/// Books in memory, with one company and one route; what goes back to them is written down.
@OnLoop final class MemoryBooks: Books {
    nonisolated let name = "NAV"
    let source = MemorySource()

    func source(of route: BoardFlowFile.Route) throws -> any RecordSource { source }

    func begin() async throws {}
    func listen(for routes: [String], in context: FlowContext, read: @escaping @OnLoop (String) -> Void) throws {}
    func drain() {}
    func close() async {}
    func ended() async {}
    func take(_ event: WaitingEvent, in context: FlowContext) -> Heard? { nil }

    var stir: UInt64 { 0 }
    func add(to figures: inout WorkerFigures) async {}
    var troubles: [String] { [] }
    func isHeld() async -> Bool { false }
    func examine(_ findings: inout [Finding]) async {}
    func retire(in context: FlowContext) async -> [Finding] { [] }
}

/// Invoices that are released, reopened and posted, and whose fields change until they are posted.
@OnLoop final class MemorySource: RecordSource {
    nonisolated let system = "NAV"
    nonisolated let rules = "memory"
    private(set) var records: [String: JSON.Object] = [:]
    private(set) var changed: [String: WallTime] = [:]
    /// What was done, in words.
    private(set) var done: [String] = []
    private(set) var reads = 0
    /// What happens to the next call that changes something.
    var faults: [CallError] = []
    private var clock = 1_763_600_000_000

    func put(_ key: String, _ fields: [String: JSON]) {
        clock += 1_000
        var record = records[key] ?? JSON.Object()
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { record[name] = value }
        records[key] = record
        changed[key] = WallTime(millisecondsSince1970: clock)
    }

    private func record(_ key: String) -> Record? {
        guard let fields = records[key] else { return nil }
        var record = Record(id: key, modified: changed[key], fields: fields)
        record.etag = changed[key].map { "\($0)" }
        return record
    }

    func company(lane: Lane) async throws -> String { "cronus" }

    func read(_ keys: [String], lane: Lane) async throws -> [Record] {
        reads += 1
        return keys.compactMap(record)
    }

    func page(changedSince: WallTime?, lane: Lane) async throws -> RecordPage {
        let keys = records.keys.filter { changedSince == nil || changed[$0] ?? .first >= changedSince ?? .first }
        return RecordPage(records: keys.sorted().compactMap(record), next: nil)
    }

    func page(next: String, lane: Lane) async throws -> RecordPage { RecordPage(records: [], next: nil) }

    nonisolated func plain(_ field: String, of record: Record) -> JSON { record[field] ?? .null }

    nonisolated func number(of record: Record) -> String {
        if case .string(let number) = record["number"] { number } else { "" }
    }

    func refusal(to changes: [BackChange], of record: Record) -> CallError? {
        guard record["status"] == "Posted", changes != [.act(.post, label: "Book it")] else { return nil }
        return CallError(.skipRecord, system, .validation, "the invoice is posted")
    }

    func perform(
        _ changes: [BackChange],
        on record: Record,
        idempotencyKey: String,
        lane: Lane
    ) async throws -> String? {
        if let fault = faults.popLast() { throw fault }
        guard record.etag == changed[record.id].map({ "\($0)" }) else {
            throw CallError(.lookAgain, system, .conflict, "another user has changed it")
        }
        for change in changes {
            switch change {
            case .set(let field, let value):
                done.append("\(record.id) \(field) = \(value.text())")
                put(record.id, [field: value])
            case .act(let action, let label):
                done.append("\(record.id) \(label)")
                switch action {
                case .release: put(record.id, ["status": "Released"])
                case .reopen: put(record.id, ["status": "Open"])
                case .post: put(record.id, ["status": "Posted"])
                case .approve, .mark, .journalLine: break
                }
            }
        }
        return "request \(done.count)"
    }
}
