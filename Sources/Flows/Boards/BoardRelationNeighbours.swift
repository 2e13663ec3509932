import Core
import Engine
import Systems
import Transport

/// What a route and its neighbours need of each other: the items and labels that its records' columns name, and word of
/// the items that it makes itself.
@OnLoop final class Neighbours {
    private let route: String
    private let rules: [BoardMapping.Rule]
    private let source: any RecordSource
    private let items: RelationItems
    private let lists: [String: OptionBook]
    /// Where the route's documents have lines on the board.
    var lines: LineMarker?

    init(
        _ route: BoardFlowFile.Route,
        source: any RecordSource,
        items: RelationItems,
        lists: [String: OptionBook]
    ) {
        self.route = route.name
        rules = route.mapping.rules.filter { $0.relation != nil }
        self.source = source
        self.items = items
        self.lists = lists
    }

    /// The records with what their fields do not say, under the names of `BoardRelation.member`. What is not there yet is
    /// null for now, and the record is looked at again when it is.
    func completed(_ records: [Record], _ lane: Lane) async throws -> [Record] {
        guard !rules.isEmpty, !records.isEmpty else { return records }
        var records = records
        for rule in rules {
            guard let relation = rule.relation else { continue }
            let names = records.map { self.names(relation.by, in: $0) }
            let member = BoardRelation.member(rule.field)
            switch relation {
            case .item(let other, _, _):
                let found = try await items.items(of: Set(names.joined()), on: other)
                for place in records.indices {
                    records[place].fields[member] = .array(names[place].compactMap { found[$0].map { .string($0) } })
                    for name in names[place] where found[name] == nil {
                        items.wait(records[place].id, on: route, for: name, on: other, lane)
                    }
                }
            case .label(let name, _):
                guard let list = lists[name] else { continue }
                try await list.load()
                for place in records.indices {
                    // A cell of a status holds one; so does one that a list is for.
                    guard let wanted = names[place].first else { continue }
                    let label = list.label(for: wanted)
                    records[place].fields[member] = label.map { .number($0) } ?? .null
                    guard label == nil else { continue }
                    let key = OptionBook.folded(wanted)
                    items.wait(records[place].id, on: route, for: key, on: ListKeeper.place(name), lane)
                }
            }
        }
        return records
    }

    private func names(_ field: String, in record: Record) -> [String] {
        switch source.plain(field, of: record) {
        case .array(let elements): elements.compactMap(\.word).filter { !$0.isEmpty }
        case let plain: plain.word.map { $0.isEmpty ? [] : [$0] } ?? []
        }
    }

    /// What the books call the record that a list's label stands for.
    func number(of label: Int, in list: String) -> String? {
        lists[list]?.number(of: label)
    }

    /// The writer has these in hand: what stands below them may have changed with them.
    func looked(at keys: [String], _ lane: Lane) {
        lines?.looked(at: keys, lane)
    }

    /// They are on the board.
    func wrote(_ written: [String: String], _ lane: Lane) async {
        guard !written.isEmpty else { return }
        await items.came(written, on: route)
        if lane.isForeground { lines?.looked(at: written.keys.sorted(), lane) }
    }
}
