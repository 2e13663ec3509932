import Core

extension Nav {
    /// Reads OData's answers in one pass, row by row.
    enum RowReader {
        struct Read: Equatable {
            var row: Row
            /// The server has more lines of it than stand in the answer.
            var moreLines: String?
        }

        struct Answer: Equatable {
            var rows: [Read]
            var next: String?
            var count: Int?
        }

        /// `{"value":[…],"@odata.nextLink":"…"}`; the member named `way` holds lines.
        static func page(_ body: [UInt8], way: String? = nil) throws -> Answer {
            try JSONReader.read(body.span) { reader in
                var rows: [Read]?
                var next: String?
                var count: Int?
                try reader.object { reader, name in
                    switch name {
                    case "value":
                        var read: [Read] = []
                        try reader.array { reader in read.append(try row(&reader, way)) }
                        rows = read
                    case "@odata.nextLink": next = try reader.orNull { reader in try reader.string() }
                    // Some servers write whole numbers of 64 bits as texts.
                    case "@odata.count": count = plainText(try reader.value()).flatMap { Int($0) }
                    default: try reader.skip()
                    }
                }
                guard let rows else { throw reader.error("a member named value") }
                return Answer(rows: rows, next: next == "" ? nil : next, count: count)
            }
        }

        /// One row alone.
        static func row(_ body: [UInt8], way: String? = nil) throws -> Read {
            try JSONReader.read(body.span) { reader in try row(&reader, way) }
        }

        private static func row(_ reader: inout JSONReader, _ way: String?) throws -> Read {
            var read = Read(row: Row(fields: JSON.Object()))
            try reader.object { reader, name in
                let name = name.text
                if name == "@odata.etag" {
                    read.row.etag = try reader.orNull { reader in try reader.string() }
                } else if let way, name == way {
                    read.row.lines = try lines(&reader)
                } else if let way, name == way + "@odata.nextLink" {
                    read.moreLines = try reader.orNull { reader in try reader.string() }
                } else if name.contains("@") {
                    // Of the answer, not of the record.
                    try reader.skip()
                } else {
                    guard read.row.fields[name] == nil else { throw reader.error(JSONError.uniqueName) }
                    read.row.fields[name] = try reader.value()
                }
            }
            return read
        }

        private static func lines(_ reader: inout JSONReader) throws -> [JSON.Object] {
            var lines: [JSON.Object] = []
            // Null, where there are none.
            if try reader.null() { return lines }
            try reader.array { reader in lines.append(try row(&reader, nil).row.fields) }
            return lines
        }
    }
}
