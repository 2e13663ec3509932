import Core
import Transport

extension Nav {
    /// What a service offers over SOAP, by its own description of itself (WSDL).
    struct PageDescription: Sendable, Equatable {
        enum Kind: Sendable, Equatable {
            case text
            case number
            case truth
            case date
            case time
            /// With the names of its members.
            case option(Set<String>)
            /// Rows of a sub-page, or something that we do not know.
            case other
        }

        struct Field: Sendable, Equatable {
            var kind: Kind
            /// Of its type, where that is described in the same document.
            var type: String
        }

        /// Of one row, by their names, without the key.
        var fields: [String: Field] = [:]
        /// In the order in which the description lists them, which is the order in which they have to be sent.
        var order: [String] = []
        /// What each operation is called with.
        var operations: [String: [String]] = [:]
        /// The rows of a sub-page: the control, the element of one row, and what a row has.
        var lines: Lines?
        /// Those that may be filtered by, where the service says so: what a page calculates by itself is none.
        var filterable: Set<String> = []

        /// One that a filter may name which says nothing.
        func plainField(of page: Page) -> String? {
            page.keyFields.first { fields[$0] != nil } ?? order.first(where: filterable.contains) ?? order.first
        }

        struct Lines: Sendable, Equatable {
            var control: String
            var element: String
            var fields: [String: Field]
            var order: [String]
        }
    }
}

extension Nav.PageDescription {
    private static let mostFields = 10_000

    /// `control` is that of the sub-page, if any is looked for. Of a codeunit there are only operations.
    init(wsdl: [UInt8], service: String, control: String?) throws {
        let root = try XML.element(wsdl)
        guard root.name == "definitions" else { throw Nav.Unreadable("it describes no service") }
        let schemas = (root["types"]?.children ?? []).filter { $0.name == "schema" }
        let named = schemas.flatMap(\.children)
        var options: [String: Set<String>] = [:]
        var types: [String: [XMLElement]] = [:]
        for element in named {
            guard let name = element.attributes["name"] else { continue }
            switch element.name {
            case "simpleType":
                let members = element["restriction"]?.all("enumeration").compactMap { $0.attributes["value"] } ?? []
                if !members.isEmpty { options[name] = Set(members) }
            case "complexType": types[name] = element["sequence"]?.all("element") ?? []
            case "element": operations[name] = Self.children(element)
            default: break
            }
        }
        (fields, order) = try Self.fields(types[service] ?? [], options)
        filterable = options["\(service)_Fields"] ?? []
        guard let control, let list = fields[control]?.type, let rows = types[list]?.first,
            let element = rows.attributes["name"], let type = rows.attributes["type"].map(Self.plain),
            let row = types[type]
        else { return }
        let read = try Self.fields(row, options)
        lines = Lines(control: control, element: element, fields: read.fields, order: read.order)
    }

    private static func children(_ element: XMLElement) -> [String] {
        (element["complexType"]?["sequence"]?.all("element") ?? []).compactMap { $0.attributes["name"] }
    }

    private static func fields(
        _ elements: [XMLElement],
        _ options: [String: Set<String>]
    ) throws -> (fields: [String: Field], order: [String]) {
        guard elements.count <= mostFields else { throw Nav.Unreadable("it has more than \(mostFields) fields") }
        var fields: [String: Field] = [:]
        var order: [String] = []
        for element in elements {
            guard let name = element.attributes["name"], name != "Key" else { continue }
            let type = plain(element.attributes["type"] ?? "")
            fields[name] = Field(kind: options[type].map { .option($0) } ?? kind(type), type: type)
            order.append(name)
        }
        return (fields, order)
    }

    private static func kind(_ type: String) -> Kind {
        switch type {
        case "string": .text
        case "decimal", "int", "long", "short", "double", "float": .number
        case "boolean": .truth
        case "date": .date
        case "dateTime", "time": .time
        default: .other
        }
    }

    /// Without its prefix.
    private static func plain(_ type: String) -> String {
        type.lastIndex(of: ":").map { String(type[type.index(after: $0)...]) } ?? type
    }
}
