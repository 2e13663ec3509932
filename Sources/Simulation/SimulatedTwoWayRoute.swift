import Core
import Engine
import Transport

/// The same way with a way back: people on the board own the notes, and no posted record takes one.
@OnLoop final class SimulatedTwoWayRoute: SimulatedRoute, TwoWayRoute {
    nonisolated func owner(of field: String) -> FieldOwner { field == Board.note ? .target : .source }

    func items(_ targets: [String], lane: Lane) async throws -> [String: JSON.Object] {
        try await target.call(["requests": 1], lane: lane) { [board = site.board] in board.items(targets) }
    }

    func refusal(to change: JSON.Object, of record: Record) -> CallError? {
        guard record["status"] != "open" else { return nil }
        return CallError(.skipRecord, "books", .validation, "the record is posted")
    }

    func writeBack(
        _ values: JSON.Object,
        to record: Record,
        idempotencyKey: String,
        lane: Lane
    ) async throws -> String? {
        try await source.call(["requests": 1], lane: lane, isWrite: true) { [books = site.books] in
            books.writeBack(values, to: record.id, etag: record.etag)
        }
    }

    func tell(_ item: String, _ words: String, idempotencyKey: String, lane: Lane) async throws {
        try await target.call(["requests": 1], lane: lane) { .success(()) }
    }
}
