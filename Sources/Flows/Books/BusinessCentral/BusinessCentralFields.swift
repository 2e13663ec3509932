import Core
import Systems

/// The fields that a route asks for, as Business Central gives them: some stand in the record, some beside it.
///
///     dueDate                  a field of the record
///     vendor.email             a field of a record that it leads to
///     dimension.DEPARTMENT     the value that the document has of this dimension
///     lines                    its lines, one in each line of a text
///     dimensionCode            of a dimension's value, the code of the dimension
struct BusinessCentralFields: Sendable {
    private enum Place: Sendable {
        case field(String)
        case beside(String, String)
        case dimension(String)
        case lines(BusinessCentral.Entity.Lines)
        case stamp
        case id
    }

    let select: [String]
    let expand: [BusinessCentral.Expansion]
    private let entity: BusinessCentral.Entity?
    private static let dimensions = "dimensionSetLines"

    init(_ wanted: [String], of entity: BusinessCentral.Entity?) {
        self.entity = entity
        var select: [String] = []
        var expand: [BusinessCentral.Expansion] = []
        func expanding(_ name: String, _ fields: [String]) {
            let place = expand.firstIndex { $0.name == name } ?? expand.count
            if place == expand.count { expand.append(.init(name, select: [])) }
            for field in fields where !expand[place].select.contains(field) { expand[place].select.append(field) }
        }
        let known = entity.map { [$0.number] + ($0.hasState ? ["status"] : []) } ?? []
        for field in wanted + known {
            switch Self.place(of: field, in: entity) {
            case .field(let name): if !select.contains(name) { select.append(name) }
            case .beside(let name, let field): expanding(name, [field])
            case .dimension: expanding(Self.dimensions, ["code", "valueCode"])
            case .lines(let lines): expanding(lines.navigation, Self.fields(of: lines))
            case .stamp, .id: break
            }
        }
        // Without any, all of them would come.
        self.select = select.isEmpty ? ["id"] : select
        self.expand = expand
    }

    /// Whether the server itself can be asked for records by this field.
    static func isAskable(_ field: String, of entity: BusinessCentral.Entity?) -> Bool {
        if case .field = place(of: field, in: entity) { true } else { false }
    }

    /// A field's value as people read it; null where it holds none.
    func value(_ field: String, of record: Record) -> JSON {
        switch Self.place(of: field, in: entity) {
        case .field(let name): return Self.plain(record[name])
        case .beside(let name, let field):
            guard case .object(let other)? = record[name] else { return .null }
            return Self.plain(other[field])
        case .dimension(let code):
            let line = Self.elements(record[Self.dimensions]).first { $0["code"]?.word?.uppercased() == code }
            return Self.plain(line?["valueCode"])
        case .lines(let lines):
            return BusinessCentralLines(Self.elements(record[lines.navigation]), lines).text.map { .string($0) }
                ?? .null
        case .stamp: return record.modified.map { .string($0.text) } ?? .null
        case .id: return .string(record.id)
        }
    }

    private static func place(of field: String, in entity: BusinessCentral.Entity?) -> Place {
        if field == "lines", let lines = entity?.lines { return .lines(lines) }
        if field == "dimensionCode", entity?.name == "dimensionValues" { return .beside("dimension", "code") }
        if field == "lastModifiedDateTime" { return .stamp }
        if field == "id" { return .id }
        guard let dot = field.firstIndex(of: ".") else { return .field(field) }
        let (head, tail) = (String(field[..<dot]), String(field[field.index(after: dot)...]))
        return head == "dimension" ? .dimension(tail.uppercased()) : .beside(head, tail)
    }

    private static func fields(of lines: BusinessCentral.Entity.Lines) -> [String] {
        ["sequence", "description", "lineObjectNumber", "quantity", lines.date]
            + (lines.doneQuantity.map { [$0] } ?? [])
    }

    private static func plain(_ value: JSON?) -> JSON {
        guard let value, !BusinessCentral.isEmpty(value) else { return .null }
        return value
    }

    private static func elements(_ value: JSON?) -> [JSON.Object] {
        guard case .array(let elements)? = value else { return [] }
        return elements.compactMap { if case .object(let object) = $0 { object } else { nil } }
    }
}
