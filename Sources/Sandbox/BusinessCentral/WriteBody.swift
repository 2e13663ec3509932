import Core

extension BusinessCentralSimulator {
    /// What a client wants to write, checked against the type. The order is kept: the vendor applies one property after
    /// the other, each with what follows from it.
    struct WriteBody {
        var values: [(place: Int, value: Value)] = []
        /// A person at the client may write more than the API lets anybody.
        var isByPerson = false
        /// What came along with its parent: lines, and dimensions.
        private var children: [(type: EntityType, bodies: [WriteBody])] = []

        /// `withChildren` where children may come along: when a record is created.
        init(_ bytes: [UInt8], of type: EntityType, withChildren: Bool) throws(Refusal) {
            let document: JSON
            do {
                document = try JSON.parse(bytes.span)
            } catch {
                throw .badBody("Cannot read the request body: \(error)", rule: "malformed body")
            }
            try self.init(document, of: type, withChildren: withChildren)
        }

        init(_ document: JSON, of type: EntityType, withChildren: Bool, byPerson: Bool = false) throws(Refusal) {
            isByPerson = byPerson
            guard case .object(let object) = document else {
                throw .badBody("The request body is no JSON object.", rule: "malformed body")
            }
            for member in object.members {
                // An etag in a body has no effect: it belongs into If-Match.
                if member.name.hasPrefix("@odata.") { continue }
                if let navigation = type.navigation.first(where: { $0.isToMany && $0.name == member.name }),
                    let target = EntityType.named(navigation.target)
                {
                    guard withChildren, target.canCreate else {
                        throw .badBody("Nested entities cannot be changed with their parent.", rule: "deep update")
                    }
                    children.append((target, try Self.children(member, target, byPerson)))
                    continue
                }
                guard let place = type.place(of: member.name) else {
                    throw .badBody(
                        "The property '\(member.name)' does not exist on type 'Microsoft.NAV.\(type.entityName)'.",
                        rule: "unknown property"
                    )
                }
                values.append((place, try Self.value(member.value, for: type, at: place, byPerson)))
            }
        }

        func children(of type: EntityType) -> [WriteBody] {
            children.first { $0.type === type }?.bodies ?? []
        }

        private static func children(
            _ member: JSON.Object.Member,
            _ type: EntityType,
            _ byPerson: Bool
        ) throws(Refusal) -> [WriteBody] {
            guard case .array(let elements) = member.value else {
                throw .badBody("'\(member.name)' must be an array.", rule: "malformed body")
            }
            var bodies: [WriteBody] = []
            for element in elements {
                bodies.append(try WriteBody(element, of: type, withChildren: true, byPerson: byPerson))
            }
            return bodies
        }

        private static func value(
            _ json: JSON,
            for type: EntityType,
            at place: Int,
            _ byPerson: Bool
        ) throws(Refusal) -> Value {
            let field = type.fields[place]
            guard byPerson || !field.isReadOnly else {
                throw .badBody("Control '\(field.name)' is read-only.", rule: "read-only property")
            }
            guard json != .null else {
                throw Refusal(
                    400,
                    "BadRequest_RequiredParamNotProvided",
                    "'\(field.name)' must have a value.",
                    rule: "null"
                )
            }
            guard let value = Value(json, field.kind) else {
                throw .badBody(
                    "Cannot convert a value to target type '\(type.typeName(at: place))' of '\(field.name)'.",
                    rule: "value of the wrong kind"
                )
            }
            switch (field.kind, value) {
            case (.string(let most), .string(let text)) where text.unicodeScalars.count > most:
                throw Refusal(
                    400,
                    "Application_StringExceededLength",
                    "The length of the string is \(text.unicodeScalars.count), but it must be less than or equal to "
                        + "\(most) characters. Value: \(text)",
                    rule: "string too long"
                )
            case (.choice(let members), .string(let text)) where !members.contains(text):
                throw Refusal(
                    400,
                    "Unknown",
                    "The value '\(text)' is not one of those of '\(field.name)'.",
                    rule: "unknown enum member"
                )
            default: return value
            }
        }
    }
}
