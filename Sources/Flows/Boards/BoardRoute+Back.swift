import Core
import Engine
import Systems
import Transport

/// The way back: what people change on the board, for the books.
extension BoardRoute {
    nonisolated var goesBack: Bool { mapping.rules.contains { $0.goesBack || !$0.actions.isEmpty } }

    nonisolated func owner(of field: String) -> FieldOwner {
        guard let rule = mapping.rules.first(where: { $0.column == field }) else { return .source }
        if !rule.actions.isEmpty { return .asked }
        return rule.goesBack ? .target : .source
    }

    func asks(_ field: String, _ value: JSON) -> Bool {
        guard let (rule, column) = fitted?.part(field) else { return false }
        return rule.action(for: value, in: column) != nil
    }

    // MARK: In words

    nonisolated func title(of field: String) -> String {
        shown.withLock { $0?.part(field)?.column.title } ?? field
    }

    nonisolated func words(for value: JSON, of field: String) -> String? {
        guard value != .null, let column = shown.withLock({ $0?.part(field)?.column }) else { return nil }
        return column.plain(value)?.word
    }

    func tell(_ target: String, _ words: String, idempotencyKey: String, lane: Lane) async throws {
        _ = try await monday.createUpdate(words, item: target, board: mapping.board, key: idempotencyKey, lane: lane)
    }

    // MARK: What items hold

    func items(_ targets: [String], lane: Lane) async throws -> [String: JSON.Object] {
        guard !targets.isEmpty else { return [:] }
        try await prepare()
        guard let fitted else { return [:] }
        let columns = fitted.columns.map(\.column).filter { $0.type != .name }
        let items = try await monday.items(targets, columns: columns, lane: lane)
        return items.filter { isOurs($0.value) }.mapValues { fitted.held($0) }
    }

    func isOurs(_ item: Monday.Item) -> Bool {
        item.state == "active" && (item.board ?? mapping.board) == mapping.board
    }

    func likened(_ item: JSON.Object, to draft: JSON.Object) -> JSON.Object {
        fitted?.likened(item, to: draft) ?? item
    }

    // MARK: To the books

    func refusal(to change: JSON.Object, of record: Record) -> CallError? {
        do {
            return source.refusal(to: try changes(change), of: record)
        } catch {
            return error
        }
    }

    func writeBack(
        _ values: JSON.Object,
        to record: Record,
        idempotencyKey: String,
        lane: Lane
    ) async throws -> String? {
        try await source.perform(try changes(values), on: record, idempotencyKey: idempotencyKey, lane: lane)
    }

    private func changes(_ values: JSON.Object) throws(CallError) -> [BackChange] {
        guard let fitted else {
            throw CallError(.lookAgain, Monday.name, .missing, "the board has not been looked at yet")
        }
        return try fitted.changes(values) { neighbours.number(of: $1, in: $0) }
    }
}
