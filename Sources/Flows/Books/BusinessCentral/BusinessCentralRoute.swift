import Core
import Systems

/// What a route's part of the file says of its records in Business Central.
///
///     drafts: { entity: "purchaseInvoices", filter: { status: "Draft" }, board: "123", columns: { … } }
///     machines: { api: { publisher: "acme", group: "plant", version: "v1.0" }, board: "456", columns: { … } }
struct BusinessCentralRoute: Sendable, Equatable {
    /// Of the route. Two of them may show the same entity set on two boards.
    var name: String
    var entitySet: String
    /// Of an extension; nil for the connection's own.
    var api: BusinessCentral.Settings.Route?
    /// A record that does not meet it any more is gone from this route, as if it had been deleted.
    var filter: BusinessCentral.Filter?
    /// Nil for what an extension brought along.
    var entity: BusinessCentral.Entity?

    /// The members that a route's part of the file may have because of these books.
    static let members: Set<String> = ["entity", "api", "filter"]

    init(_ name: String, _ field: JSONField, isStandard: Bool) throws {
        self.name = name
        entitySet = try field["entity"].orNil.map { field throws in try Self.identifier(field, field.string()) } ?? name
        _ = try Self.identifier(field, name)
        api = try field["api"].orNil.map { field throws in try BusinessCentral.Settings.Route(field) }
        filter = try field["filter"].orNil.map { field throws in try BusinessCentral.Filter(field) }
        let isStandard =
            switch api {
            case .custom: false
            case .standard: true
            case nil: isStandard
            }
        guard isStandard else { return }
        entity = BusinessCentral.Entity.named(entitySet)
        guard entity != nil else {
            let place = field["entity"].orNil ?? field
            throw place.wrong(
                "unknown entity; known here: \(BusinessCentralFile.routes.joined(separator: ", ")). One of an extension "
                    + "needs the extension's api: { publisher, group, version }"
            )
        }
    }

    /// For code that has no file to read.
    init(_ name: String, entitySet: String? = nil, filter: BusinessCentral.Filter? = nil) {
        self.name = name
        self.entitySet = entitySet ?? name
        self.filter = filter
        entity = BusinessCentral.Entity.named(self.entitySet)
    }

    /// How often it is read where the file does not say: what has no webhooks, more often.
    var usualPoll: Duration { entity?.usualPoll ?? .seconds(300) }

    static func == (a: BusinessCentralRoute, b: BusinessCentralRoute) -> Bool {
        a.name == b.name && a.entitySet == b.entitySet && a.api == b.api && a.filter == b.filter
    }

    /// It becomes part of addresses and keys.
    private static func identifier(_ field: JSONField, _ text: String) throws -> String {
        let isPlain = text.unicodeScalars.allSatisfy { $0.isASCII && ($0.properties.isAlphabetic || "0"..."9" ~= $0) }
        guard (1...60).contains(text.utf8.count), isPlain, text.first?.isLetter == true else {
            throw field.wrong("the name of a route or an entity is a letter and up to 59 more letters and digits")
        }
        return text
    }
}
