import Core
import Transport

extension Nav {
    /// What a server publishes over OData, by its own description of itself.
    struct Catalog: Sendable, Equatable {
        struct Property: Sendable, Equatable {
            /// `Edm.String`
            var type: String
            /// In UTF-16 units, as the server counts.
            var mostLength: Int?
        }

        /// One published page.
        struct Service: Sendable, Equatable {
            var key: [String] = []
            var properties: [String: Property] = [:]
            /// To its sub-pages: the name of the way there, and the type of the rows.
            var ways: [String: String] = [:]
        }

        /// By the names of their services.
        var services: [String: Service] = [:]
        /// Rows of sub-pages, by the names of their types.
        var rows: [String: Service] = [:]
        /// Functions that are called on one record: type and function.
        var actions: Set<[String]> = []

        /// Of a hundred services that somebody has published once, a connection needs a handful.
        mutating func keep(_ names: Set<String>) {
            services = services.filter { names.contains($0.key) }
            let needed = Set(services.values.flatMap { $0.ways.values })
            rows = rows.filter { needed.contains($0.key) }
            actions = actions.filter { $0.first.map(names.contains) ?? false }
        }

        /// The way to the lines of a document, and what their rows have.
        func lines(of page: Page, service name: String) -> (way: String, rows: Service?)? {
            guard let control = page.linesControl, let service = services[name] else { return nil }
            // A service's name and the control's; where somebody has built the page anew, whatever ends like it.
            let ways = service.ways.keys.sorted()
            guard let way = ways.first(where: { $0 == name + control }) ?? ways.first(where: { $0.hasSuffix(control) })
            else { return nil }
            return (way, service.ways[way].flatMap { rows[$0] })
        }
    }
}

extension Nav.Catalog {
    /// More than any server has; a description beyond that is not one.
    private static let mostTypes = 5_000
    private static let mostProperties = 200_000

    /// Reads an EDMX document piece by piece: it lists everything that was ever published.
    init(metadata: [UInt8]) throws {
        var reading = Reading()
        try XML.read(metadata) { piece in reading.take(piece) }
        if let wrong = reading.wrong { throw Nav.Unreadable(wrong) }
        guard reading.hasContainer else { throw Nav.Unreadable("it describes no service") }
        for (name, type) in reading.sets { services[name] = reading.types[type] ?? Service() }
        for (name, service) in services {
            for type in service.ways.values where rows[type] == nil { rows[type] = reading.types[type] }
            guard let type = reading.sets[name] else { continue }
            for action in reading.actions where action[0] == type { actions.insert([name, action[1]]) }
        }
    }

    /// What has been understood of the pieces so far.
    private struct Reading {
        var types: [String: Service] = [:]
        var sets: [String: String] = [:]
        var actions: [[String]] = []
        var hasContainer = false
        var wrong: String?
        private var type: String?
        private var action: String?
        private var bindsAction = false
        private var inKey = false
        private var properties = 0

        mutating func take(_ piece: XML.Piece) {
            guard wrong == nil else { return }
            switch piece {
            case .begins(let element): begin(element)
            case .text: break
            case .ends(let name): end(name)
            }
        }

        private mutating func begin(_ element: XMLElement) {
            let name = element.attributes["Name"] ?? ""
            switch element.name {
            case "EntityType":
                type = name
                types[name] = Service()
                if types.count > mostTypes { wrong = "it has more than \(mostTypes) types" }
            case "Key": inKey = type != nil
            case "PropertyRef":
                if inKey, let type { types[type]?.key.append(name) }
            case "Property":
                guard let type else { return }
                properties += 1
                if properties > mostProperties { wrong = "it has more than \(mostProperties) properties" }
                types[type]?.properties[name] = Property(
                    type: element.attributes["Type"] ?? "",
                    mostLength: element.attributes["MaxLength"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
                )
            case "NavigationProperty":
                guard let type, let target = element.attributes["Type"] else { return }
                // Lookups lead to one row of another page, sub-pages to many of their own.
                guard target.hasPrefix("Collection("), target.hasSuffix(")") else { return }
                let rows = plain(String(target.dropFirst(11).dropLast()))
                types[type]?.ways[name] = rows
            case "Action":
                action = name
                bindsAction = element.attributes["IsBound"] == "true"
            case "Parameter":
                guard let bound = action, bindsAction, let target = element.attributes["Type"] else { return }
                actions.append([plain(target), bound])
                bindsAction = false
            case "EntityContainer": hasContainer = true
            case "EntitySet":
                guard Nav.isName(name), let type = element.attributes["EntityType"] else { return }
                sets[name] = plain(type)
                if sets.count > mostTypes { wrong = "it has more than \(mostTypes) services" }
            default: break
            }
        }

        private mutating func end(_ name: String) {
            switch name {
            case "EntityType": type = nil
            case "Key": inKey = false
            case "Action": action = nil
            default: break
            }
        }

        /// Without the schema's name before it.
        private func plain(_ type: String) -> String {
            type.lastIndex(of: ".").map { String(type[type.index(after: $0)...]) } ?? type
        }
    }
}
