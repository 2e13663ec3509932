import Core
import Transport

extension BusinessCentral.Client {
    /// The fields of an entity set as this environment has them, what can be expanded among them; nil for an entity set
    /// that it does not have, and where it does not say.
    package func fields(of entitySet: String, lane: Lane = .live) async throws -> Set<String>? {
        if let known = schema { return known.fields(of: entitySet) }
        let call = BusinessCentral.Call(
            url: settings.root + "/$metadata",
            accept: "application/xml",
            lane: lane,
            mostBytes: BusinessCentral.Limits.pageBytes
        )
        let exchange = try await exchange(call)
        if let refusal = exchange.refusal, [400, 403, 404, 405, 406, 415, 501].contains(refusal.status) { return nil }
        do {
            let read = try BusinessCentral.Schema(try exchange.success().body)
            schema = read
            return read.fields(of: entitySet)
        } catch let error as XML.Wrong {
            throw exchange.garbage("\(error)")
        }
    }
}

extension BusinessCentral {
    /// What `$metadata` says, as far as it is about the names of fields.
    struct Schema: Sendable {
        /// By the name of the type.
        private var fields: [String: Set<String>] = [:]
        /// The type of each entity set.
        private var types: [String: String] = [:]

        init(_ document: [UInt8]) throws(XML.Wrong) {
            var fields: [String: Set<String>] = [:]
            var types: [String: String] = [:]
            var type: String?
            try XML.read(document) { piece in
                switch piece {
                case .begins(let element):
                    guard let name = element.attributes["Name"] else { return }
                    switch element.name {
                    case "EntityType":
                        type = name
                        fields[name] = []
                    case "Property", "NavigationProperty":
                        if let type { fields[type]?.insert(name) }
                    case "EntitySet": types[name] = element.attributes["EntityType"]
                    default: break
                    }
                case .text: break
                case .ends(let name): if name == "EntityType" { type = nil }
                }
            }
            (self.fields, self.types) = (fields, types)
        }

        /// The type's name comes with that of its namespace.
        func fields(of entitySet: String) -> Set<String>? {
            guard let type = types[entitySet] else { return nil }
            return fields[type] ?? fields[String(type.split(separator: ".").last ?? "")]
        }
    }
}
