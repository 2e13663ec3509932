import Core
import Store
import Systems
import Transport

/// Makes the boards that were ordered. Whatever ends it half way, the next try goes on where this one stopped: a board is
/// known by its name and by the mark in its key column, and a column by its id.
@OnLoop struct BoardMaker {
    let client: Monday.Client
    /// Whose boards these are: `acme/bc-board`.
    let connection: String

    /// The board's number.
    func make(_ order: BoardOrder) async throws -> String {
        let board = try await unfinished(order)
        let number: String
        if let board {
            number = board.id
        } else {
            number = try await client.createBoard(order.name, key: key("board", order))
        }
        let there = Set(board?.columns.map(\.id) ?? [])
        // First, for it says whose board it is.
        if !there.contains(order.keyColumn) {
            try await makeKeyColumn(order.keyColumn, on: number, description: mark(order), key: key("key", order))
        }
        for column in order.columns where column.type != .name && !there.contains(column.id) {
            try await make(column, on: number, key: key(column.id, order))
        }
        return number
    }

    /// A text column for the records' keys.
    func makeKeyColumn(
        _ id: String,
        on board: String,
        description: String = BoardTemplate.keyDescription,
        key: String? = nil
    ) async throws {
        _ = try await client.createColumn(
            .init(.text, id: id, title: BoardTemplate.keyTitle, description: description),
            on: board,
            key: key
        )
    }

    private func make(_ column: BoardTemplate.Column, on board: String, key: String) async throws {
        switch column.type {
        case .status:
            _ = try await client.createStatusColumn(
                id: column.id,
                title: column.title,
                labels: column.labels,
                on: board,
                key: key
            )
        case .dropdown:
            _ = try await client.createDropdownColumn(
                id: column.id,
                title: column.title,
                labels: column.labels,
                on: board,
                key: key
            )
        default:
            _ = try await client.createColumn(
                .init(column.type, id: column.id, title: column.title),
                on: board,
                key: key
            )
        }
    }

    // MARK: What an earlier try has left

    private func unfinished(_ order: BoardOrder) async throws -> Monday.Board? {
        for line in try await client.boards() where line.name == order.name {
            guard let board = try await client.board(line.id) else { continue }
            if isOurs(board, order) { return board }
            throw CallError(
                .stopConnection,
                Monday.name,
                .configuration,
                "there is a board “\(order.name)” already, number \(line.id), which was not made for \(connection): put that "
                    + "number under routes.\(order.route).board, or another name as board: { new: \"…\" }"
            )
        }
        return nil
    }

    /// It bears our mark, or nobody has done anything with it yet.
    private func isOurs(_ board: Monday.Board, _ order: BoardOrder) -> Bool {
        if let key = board.column(order.keyColumn) { return key.description == mark(order) }
        return board.itemCount == 0 && board.columns.allSatisfy { $0.type == .name || $0.type == .subtasks }
    }

    private func mark(_ order: BoardOrder) -> String {
        BoardTemplate.keyDescription + " For \(connection) \(order.route)."
    }

    /// The same for the same step of the same order.
    private func key(_ step: String, _ order: BoardOrder) -> String {
        let words = [connection, order.route, order.name, step].joined(separator: "\u{1}")
        return "ml-new-" + String(Digest(of: Array(words.utf8)).hexadecimal.prefix(40))
    }
}
