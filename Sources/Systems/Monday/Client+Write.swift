import Core

extension Monday {
    /// One change to one item.
    package enum Write: Sendable, Equatable {
        /// Without a group the item stands in the board's first one.
        case create(board: String, group: String?, name: String, values: [CellWrite], makeLabels: Bool)
        /// Under another item, on the board of that one's subitems.
        case createSubitem(board: String, parent: String, name: String, values: [CellWrite], makeLabels: Bool)
        /// All given cells at once; those left out stay. A value of the column `name` renames the item.
        case update(board: String, item: String, values: [CellWrite], makeLabels: Bool)
        case archive(board: String, item: String)

        package var board: String {
            switch self {
            case .create(let board, _, _, _, _), .createSubitem(let board, _, _, _, _), .update(let board, _, _, _),
                .archive(let board, _):
                board
            }
        }

        var shape: Documents.WriteShape {
            switch self {
            case .create: .create
            case .createSubitem: .createSubitem
            case .update: .update
            case .archive: .archive
            }
        }
    }

    /// What became of a write.
    package struct Written: Sendable, Equatable {
        package var item: String
        package var updated: WallTime?
        /// The change had been made by an earlier call with the same key.
        package var wasReplayed: Bool
        /// What the vendor's support asks for.
        package var requestID: String?
    }

    /// The bytes that `Client.write` sends for these writes: what its idempotency key has to be made of, with the
    /// account and `apiVersion`.
    package static func body(of writes: [Write]) -> [UInt8] {
        body(Documents.write(writes.map(\.shape)), variables(writes))
    }

    static func variables(_ writes: [Write]) -> JSON {
        var variables = JSON.Object()
        for (n, write) in writes.enumerated() {
            switch write {
            case .create(let board, let group, let name, let values, let makeLabels):
                variables["b\(n)"] = .string(board)
                variables["g\(n)"] = group.map { .string($0) } ?? .null
                variables["n\(n)"] = .string(name)
                // An empty cell needs no emptying.
                variables["v\(n)"] = .string(columnValues(values.filter { $0.value != nil }))
                variables["l\(n)"] = .bool(makeLabels)
            case .createSubitem(_, let parent, let name, let values, let makeLabels):
                variables["i\(n)"] = .string(parent)
                variables["n\(n)"] = .string(name)
                variables["v\(n)"] = .string(columnValues(values.filter { $0.value != nil }))
                variables["l\(n)"] = .bool(makeLabels)
            case .update(let board, let item, let values, let makeLabels):
                variables["b\(n)"] = .string(board)
                variables["i\(n)"] = .string(item)
                variables["v\(n)"] = .string(columnValues(values))
                variables["l\(n)"] = .bool(makeLabels)
            case .archive(_, let item): variables["i\(n)"] = .string(item)
            }
        }
        return .object(variables)
    }
}

extension Monday.Client {
    /// Makes 1 to 20 changes in one call, and says of each in order what became of it: Monday makes them one after the
    /// other, and those that it made stay made. Throws when the call as a whole came to nothing; `isUncertain` then says
    /// whether some may have been made.
    ///
    /// The key belongs to exactly these writes. What is left of them after a failure is another call with another key: the
    /// same one would bring back the same answer.
    package func write(
        _ writes: [Monday.Write],
        idempotencyKey: String,
        lane: Lane
    ) async throws -> [Result<Monday.Written, CallError>] {
        let document = Monday.Documents.write(writes.map(\.shape))
        let answer = try await send(
            document,
            Monday.variables(writes),
            lane: lane,
            key: idempotencyKey,
            boards: Set(writes.map(\.board))
        )
        guard answer.hasData else { throw failed(answer, of: document) }
        let results = document.roots.map { written(answer, $0) }
        let isNothingMade = results.allSatisfy { if case .failure = $0 { true } else { false } }
        // Turned away as a whole, in one of the envelopes that look like part of a success.
        if isNothingMade, let worst = answer.worst, worst.kind.closesAccount || worst.root == nil {
            throw failed(answer, of: document)
        }
        return results
    }

    private func written(_ answer: Monday.Answer, _ root: String) -> Result<Monday.Written, CallError> {
        let field = answer.data[root]
        let own = answer.faults.first { $0.root == root }
        if let id = try? field["id"].id() {
            // The item is there whatever else is said of it.
            return .success(
                Monday.Written(
                    item: id,
                    updated: (try? field["updated_at"].string()).flatMap { WallTime($0) },
                    wasReplayed: answer.wasReplayed,
                    requestID: answer.circumstances.requestID
                )
            )
        }
        if let fault = own ?? answer.faults.first(where: { $0.root == nil }) {
            return .failure(fault.callError(answer.circumstances))
        }
        return .failure(answer.incomplete(answer.data[root].wrong("null without an error")))
    }

    /// Without data. An error that belongs to one field shows that the fields before it were tried.
    private func failed(_ answer: Monday.Answer, of document: Monday.Document) -> CallError {
        guard let worst = answer.worst else { return answer.incomplete(answer.data.wrong("missing")) }
        var error = worst.callError(answer.circumstances)
        if !answer.hasData, document.roots.count > 1, answer.faults.contains(where: { $0.root != nil }) {
            error.isUncertain = true
        }
        return error
    }
}
