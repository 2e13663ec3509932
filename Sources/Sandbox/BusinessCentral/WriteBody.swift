import Core

extension BusinessCentralSimulator {
    /// What a client wants to write, checked against the type. The order is kept: the vendor applies one property after
    /// the other, each with what follows from it.
    struct WriteBody {
        var values: [(place: Int, value: Value)] = []
        /// Lines that came along with their document.
        var lines: [WriteBody] = []

        /// `withLines` where children may come along: when a document is created.
        init(_ bytes: [UInt8], of type: EntityType, withLines: Bool) throws(Refusal) {
            let document: JSON
            do {
                document = try JSON.parse(bytes.span)
            } catch {
                throw .badBody("Cannot read the request body: \(error)", rule: "malformed body")
            }
            try self.init(document, of: type, withLines: withLines)
        }

        init(_ document: JSON, of type: EntityType, withLines: Bool) throws(Refusal) {
            guard case .object(let object) = document else {
                throw .badBody("The request body is no JSON object.", rule: "malformed body")
            }
            for member in object.members {
                // An etag in a body has no effect: it belongs into If-Match.
                if member.name.hasPrefix("@odata.") { continue }
                if member.name == "purchaseInvoiceLines", type.navigation.contains(member.name) {
                    lines = try Self.lines(member.value, allowed: withLines)
                    continue
                }
                guard let place = type.place(of: member.name) else {
                    throw .badBody(
                        "The property '\(member.name)' does not exist on type 'Microsoft.NAV.\(type.set)'.",
                        rule: "unknown property"
                    )
                }
                values.append((place, try Self.value(member.value, for: type, at: place)))
            }
        }

        private static func lines(_ value: JSON, allowed: Bool) throws(Refusal) -> [WriteBody] {
            guard allowed else {
                throw .badBody("Nested entities cannot be changed with their parent.", rule: "deep update")
            }
            guard case .array(let elements) = value else {
                throw .badBody("'purchaseInvoiceLines' must be an array.", rule: "malformed body")
            }
            var lines: [WriteBody] = []
            for element in elements {
                lines.append(try WriteBody(element, of: .purchaseInvoiceLines, withLines: false))
            }
            return lines
        }

        private static func value(_ json: JSON, for type: EntityType, at place: Int) throws(Refusal) -> Value {
            let field = type.fields[place]
            guard !field.isReadOnly else {
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
