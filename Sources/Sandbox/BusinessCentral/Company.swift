import Core
import Transport

extension BusinessCentralSimulator {
    /// What happened to a record, as webhooks tell it.
    struct Event: Sendable, Equatable {
        enum Kind: String, Sendable {
            case created, updated, deleted
        }
        var kind: Kind
        var company: String
        var set: String
        var id: String
        var modified: WallTime
    }

    /// The books of one company: a table for each kind of record, and the rules by which they change.
    ///
    /// What clients and people do comes in through `create`, `change`, `delete` and `perform`; who it was decides only
    /// which fields they may write.
    @OnLoop final class Company {
        typealias Row = BusinessCentralSimulator.Row
        typealias Refusal = BusinessCentralSimulator.Refusal
        typealias WriteBody = BusinessCentralSimulator.WriteBody
        typealias EntityType = BusinessCentralSimulator.EntityType

        let id: String
        let name: String
        var random: SeededGenerator
        let clock: SandboxClock
        let changed: @OnLoop (Event) -> Void
        var settings: Settings
        private let tables: [String: Table]
        /// Vendor and vendor's invoice number of all that was posted: there is only one of each.
        var postedNumbers: Set<String> = []
        /// What is left to pay of a posted document.
        var openAmounts: [String: Decimal] = [:]
        /// The vendor's invoice number that somebody has typed for an order. The API does not show it.
        var typedNumbers: [String: String] = [:]
        /// What came last of each series of numbers.
        private var lastNumbers: [String: Int] = [:]
        /// Off while many documents are made at once: nobody reads the entries of a hundred thousand of them.
        var keepsLedger = true

        static let localCurrency = "EUR"

        init(
            id: String,
            name: String,
            settings: Settings,
            random: SeededGenerator,
            clock: SandboxClock,
            changed: @escaping @OnLoop (Event) -> Void
        ) {
            self.id = id
            self.name = name
            self.settings = settings
            self.random = random
            self.clock = clock
            self.changed = changed
            tables = Dictionary(uniqueKeysWithValues: EntityType.all.map { ($0.set, Table($0)) })
        }

        subscript(type: EntityType) -> Table {
            guard let table = tables[type.set] else { preconditionFailure("no table holds \(type.set)") }
            return table
        }

        /// The database keeps 0, 3 and 7 of each ten milliseconds, so that changes in a row share an instant.
        var stamp: WallTime {
            let milliseconds = clock.now.millisecondsSince1970
            let rounded = [0, 0, 0, 3, 3, 3, 3, 7, 7, 7][milliseconds % 10]
            return WallTime(millisecondsSince1970: milliseconds - milliseconds % 10 + rounded)
        }

        func nextNumber(_ series: String, from first: Int, step: Int = 1) -> Int {
            let number = lastNumbers[series].map { $0 + step } ?? first
            lastNumbers[series] = number
            return number
        }

        func find(_ type: EntityType, _ id: String) throws(Refusal) -> Row {
            guard let row = self[type][id] else { throw .noRecord(id) }
            return row
        }

        // MARK: What can be done to a record

        func create(_ type: EntityType, _ body: WriteBody, under parent: Row? = nil) throws(Refusal) -> Row {
            if let kind = DocumentKind.ofDocuments(type) { return try createDocument(kind, body) }
            if let parent, DocumentKind.ofLines(type) != nil { return try createLine(body, of: parent) }
            switch type.set {
            case "dimensionSetLines": return try createDimensionLine(body, of: parent)
            case "defaultDimensions": return try createDefaultDimension(body, of: parent)
            case "journals": return try createJournal(body)
            case "journalLines", "vendorPayments": return try createJournalLine(type, body, of: parent)
            default: return try createEntry(type, body)
            }
        }

        func change(_ row: Row, _ body: WriteBody, stamp: WallTime? = nil) throws(Refusal) -> Row {
            if DocumentKind.ofDocuments(row.type) != nil { return try changeDocument(row, body, stamp: stamp) }
            if DocumentKind.ofLines(row.type) != nil { return try changeLine(row, body) }
            switch row.type.set {
            case "dimensionSetLines": return try changeDimensionLine(row, body)
            case "journals": return try changeJournal(row, body)
            case "journalLines", "vendorPayments": return try changeJournalLine(row, body)
            default: return try changeEntry(row, body, stamp: stamp)
            }
        }

        func delete(_ row: Row) throws(Refusal) {
            if DocumentKind.ofDocuments(row.type) != nil {
                try demandOpen(row)
                return deleteDocument(row)
            }
            if DocumentKind.ofLines(row.type) != nil { return try deleteLine(row) }
            switch row.type.set {
            case "dimensionSetLines": try deleteDimensionLine(row)
            case "vendors", "customers": try deleteParty(row)
            default: remove(row)
            }
        }

        // MARK: Keeping

        /// An update that changes nothing moves the stamp, and is not told to anybody.
        @discardableResult
        func write(_ row: Row, _ kind: Event.Kind, stamp given: WallTime? = nil) -> Row {
            var row = row
            let table = self[row.type]
            let before = table[row.id]
            if kind == .updated, let before, differsInCalculatedOnly(row, before) {
                table.recalculate(row.id) { $0 = row }
                return row
            }
            let isReal = kind != .updated || before?.values != row.values
            let stamp = given ?? stamp
            if let place = row.type.stampPlace { row.values[place] = .time(stamp) }
            row = table.write(row, at: clock.instant)
            if isReal { tell(kind, row, stamp) }
            return row
        }

        private func differsInCalculatedOnly(_ row: Row, _ before: Row) -> Bool {
            let differing = row.values.indices.filter { row.values[$0] != before.values[$0] }
            return !differing.isEmpty && differing.allSatisfy { row.type.fields[$0].isCalculated }
        }

        func remove(_ row: Row) {
            for line in self[.dimensionSetLines].find("parentId", .guid(row.id)) {
                self[.dimensionSetLines].remove(line.id, at: clock.instant)
            }
            for navigation in row.type.navigation {
                guard case .many(let field) = navigation.way, let type = EntityType.named(navigation.target),
                    type !== EntityType.dimensionSetLines
                else { continue }
                for child in self[type].find(field, .guid(row.id)) { remove(child) }
            }
            self[row.type].remove(row.id, at: clock.instant)
            tell(.deleted, row, stamp)
        }

        func tell(_ kind: Event.Kind, _ row: Row, _ stamp: WallTime) {
            changed(Event(kind: kind, company: id, set: row.type.set, id: row.id, modified: stamp))
        }

        static func notInTable(_ table: String, _ value: String) -> Refusal {
            Refusal(
                400,
                "Internal_InvalidTableRelation",
                "The field cannot be found in the related table (\(table)). Value: '\(value)'",
                rule: "not in the related table"
            )
        }

        static func fixed(_ name: String) -> Refusal {
            .dialog("'\(name)' cannot be changed.", rule: "change of a fixed property")
        }
    }
}
