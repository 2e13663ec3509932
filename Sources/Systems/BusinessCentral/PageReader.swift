import Core

extension BusinessCentral {
    /// Reads an answer of records in one pass, row by row.
    ///
    /// What every record has is taken out of its fields: the tag, the id, the stamp. The members of enumerations are
    /// decoded; values that stand for "none" stay as they are.
    enum PageReader {
        /// `{"value":[…],"@odata.nextLink":"…"}`
        static func page(_ body: [UInt8]) throws -> RecordPage {
            try JSONReader.read(body.span) { reader in
                var records: [Record]?
                var next: String?
                try reader.object { reader, name in
                    switch name {
                    case "value":
                        var rows: [Record] = []
                        try reader.array { reader in rows.append(try record(&reader)) }
                        records = rows
                    case "@odata.nextLink":
                        next = try reader.orNull { reader in try reader.string() }
                    default: try reader.skip()
                    }
                }
                guard let records else { throw reader.error("a member named value") }
                return RecordPage(records: records, next: next == "" ? nil : next)
            }
        }

        /// One record alone.
        static func record(_ body: [UInt8]) throws -> Record {
            try JSONReader.read(body.span) { reader in try record(&reader) }
        }

        private static func record(_ reader: inout JSONReader) throws -> Record {
            var id: String?
            var record = Record(id: "", fields: JSON.Object())
            try reader.object { reader, name in
                switch name {
                case "id": id = try reader.string().lowercased()
                case "@odata.etag": record.etag = try reader.orNull { reader in try reader.string() }
                case "lastModifiedDateTime":
                    record.modified = try reader.orNull { reader in try reader.string() }.flatMap(WallTime.init)
                default:
                    let name = name.text
                    // Of the answer, not of the record.
                    if name.hasPrefix("@odata.") { return try reader.skip() }
                    guard record.fields[name] == nil else { throw reader.error(JSONError.uniqueName) }
                    record.fields[name] = decoded(try reader.value())
                }
            }
            guard let id, !id.isEmpty, id.utf8.count <= 200 else { throw reader.error("an id in every record") }
            record.id = id
            return record
        }

        private static func decoded(_ value: JSON) -> JSON {
            switch value {
            case .string(let text): return .string(decodedMember(text))
            case .array(let elements): return .array(elements.map(decoded))
            case .object(var object):
                for member in object.members { object[member.name] = decoded(member.value) }
                return .object(object)
            case .null, .bool, .number: return value
            }
        }
    }
}
