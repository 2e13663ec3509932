import Core
import Engine
import Systems
import Transport

/// A try of a connection that is not there yet.
extension Onboarding {
    /// Reads records of each route as the connection will, and says what they would look like on their board. The boards
    /// that are to be made need not be there.
    package func tryOut() async throws -> (findings: [Finding], samples: [(route: String, samples: [Sample])]) {
        let orders = try BoardOrder.all(in: document)
        let parts = try FlowCatalog.boards(flow, document: Self.numbered(document, orders))
        let books = try parts.books(context, true)
        return try await closing(books) {
            let sources = try parts.file.routes.map { route throws in (route, try books.source(of: route)) }
            var findings: [Finding] = []
            await books.examine(&findings)
            var samples: [(route: String, samples: [Sample])] = []
            guard findings.allSatisfy({ $0.verdict != .broken }) else { return (findings, samples) }
            for (route, source) in sources {
                let order = orders.first { $0.route == route.name }
                await findings.look("\(books.name): \(route.name)") {
                    let fitted = try await fitted(route.mapping, order)
                    let page = try await source.page(changedSince: nil, lane: .interactive)
                    let records = page.records.prefix(Self.samples)
                    samples.append((route.name, records.map { Self.sample($0, source, fitted) }))
                    return records.isEmpty ? "can be read; there are none yet" : "can be read"
                }
            }
            return (findings, samples)
        }
    }

    /// What would become of a few records, on boards that are there.
    package func preview(_ each: @OnLoop (PreviewNews) -> Void) async throws {
        try await FlowCatalog.make(flow, document: document)
            .preview(PreviewWish(limit: Self.samples), in: context, each)
    }

    private func fitted(_ mapping: BoardMapping, _ order: BoardOrder?) async throws -> BoardMapping.Fitted {
        guard let order else {
            let board = try await withMonday { try await $0.board(mapping.board, lane: .interactive) }
            return board.map { mapping.fit(to: $0) } ?? BoardMapping.Fitted()
        }
        var fitted = BoardMapping.Fitted()
        for rule in mapping.rules {
            guard let column = order.columns.first(where: { $0.id == rule.column }) else { continue }
            fitted.columns.append((rule, try column.asMade()))
        }
        return fitted
    }

    private static func sample(
        _ record: Record,
        _ source: any RecordSource,
        _ fitted: BoardMapping.Fitted
    ) -> Sample {
        var sample = Sample(number: source.number(of: record), cells: [])
        do {
            let values = try fitted.comparable { source.plain($0, of: record) }
            for (_, column) in fitted.columns {
                guard case .string(let text)? = values[column.id] else { continue }
                // A label that is yet to be made has no id to be known by.
                let isNew = text.hasPrefix("new:") && [.dropdown, .status].contains(column.type)
                sample.cells.append((column.title, isNew ? String(text.dropFirst(4)) : text))
            }
        } catch {
            sample.refusal = error.reason
        }
        return sample
    }

    /// A file names boards by numbers; those that are to be made have none yet.
    static func numbered(_ document: JSON, _ orders: [BoardOrder]) -> JSON {
        guard case .object(var root) = document, case .object(var routes)? = root["routes"] else { return document }
        for order in orders {
            guard case .object(var route)? = routes[order.route] else { continue }
            route["board"] = "0"
            if order.mapsAll { route["columns"] = order.rules }
            routes[order.route] = .object(route)
        }
        root["routes"] = .object(routes)
        return .object(root)
    }
}

extension BoardTemplate.Column {
    /// As Monday will describe it once it is made.
    fileprivate func asMade() throws -> Monday.Column {
        guard type != .name else { return .name }
        let labels = labels.enumerated().map { place, text in
            ["id": .number(place), "label": .string(text)] as JSON
        }
        return try Monday.Column(
            JSONField([
                "id": .string(id), "title": .string(title), "type": .string(type.rawValue),
                "settings": ["labels": .array(labels)],
            ])
        )
    }
}
