import Core

extension Monday {
    /// The sheet of a bulk import: comma-separated, a head with `name` and column ids, values as people read them.
    package struct ImportSheet: Sendable, Equatable {
        /// A line of its report: which row, and the item that it became.
        package struct Line: Sendable, Equatable {
            /// Counted from 1.
            package var row: Int
            package var item: String?
            package var error: String

            package init(row: Int, item: String?, error: String) {
                self.row = row
                self.item = item
                self.error = error
            }
        }

        /// Rows of one sheet; Monday takes 10,000.
        package static let mostRows = 5_000
        /// Empties a cell of an item that was there before; an empty one leaves it as it is.
        static let emptied = "<NULL>"

        private let columns: [Column]
        private var text: String
        package private(set) var rows = 0

        /// Of these, without the name, whose cells a sheet can hold: the others are written later, one by one.
        package init(_ columns: [Column]) {
            self.columns = columns.filter { Self.types.contains($0.type) }
            text = ""
            add([Column.name.id] + self.columns.map(\.id))
            rows = 0
        }

        private static let types: Set<ColumnType?> = [.text, .longText, .numbers, .status, .dropdown, .date, .email]

        package func holds(_ column: String) -> Bool {
            column == Column.name.id || columns.contains { $0.id == column }
        }

        /// Nil, and nothing is added, where one of the values cannot be told in a sheet. `values` are as they would be sent,
        /// the name among them; those of other columns are left out.
        package mutating func add(_ values: JSON.Object) -> Bool {
            guard case .string(let name) = values[Column.name.id], !name.isEmpty else { return false }
            var cells = [name]
            for column in columns {
                guard let cell = Self.cell(values[column.id] ?? .null, column) else { return false }
                cells.append(cell)
            }
            add(cells)
            return true
        }

        package var bytes: [UInt8] { Array(text.utf8) }

        private mutating func add(_ cells: [String]) {
            text += cells.map(Self.quoted).joined(separator: ",") + "\r\n"
            rows += 1
        }

        private static func quoted(_ cell: String) -> String {
            guard
                cell.contains(where: { ",\"\r\n".contains($0) || $0 == "\r\n" }) || cell.first == " "
                    || cell.last == " "
            else { return cell }
            return "\"\(cell.replacing("\"", with: "\"\""))\""
        }

        private static func cell(_ value: JSON, _ column: Column) -> String? {
            let field = JSONField(value)
            let text: String? =
                switch (column.type, value) {
                case (_, .null): emptied
                case (.text, .string(let text)), (.numbers, .string(let text)): text
                case (.longText, .object): try? field["text"].string()
                case (.status, .object): label(field["index"], in: column) ?? (try? field["label"].string())
                case (.dropdown, .object): labels(field, in: column)
                case (.date, .object) where field["time"].orNil == nil: try? field["date"].string()
                case (.email, .object): try? field["email"].string()
                default: nil
                }
            // What means something else to the one who reads it cannot be said so.
            return value != .null && (text == emptied || text == "") ? nil : text
        }

        private static func label(_ id: JSONField, in column: Column) -> String? {
            guard let id = try? id.int() else { return nil }
            return column.labels.first { $0.id == id }?.text
        }

        /// Several stand in one cell with commas between them, so none may have one.
        private static func labels(_ field: JSONField, in column: Column) -> String? {
            let ids = try? field["ids"].elements().map { label($0, in: column) }
            let texts = try? field["labels"].elements().map { try? $0.string() }
            guard let known = ids ?? texts else { return nil }
            let all = known.compactMap { $0 }
            guard all.count == known.count, !all.contains(where: { $0.contains(",") }) else { return nil }
            return all.joined(separator: ", ")
        }

        // MARK: The report

        /// `serialNo,status,itemId,error`, in whichever order its head says.
        package static func report(_ bytes: [UInt8]) -> [Line]? {
            var table = Table(String(decoding: bytes, as: UTF8.self))
            guard let head = table.next(), let row = head.firstIndex(of: "serialNo"),
                let item = head.firstIndex(of: "itemId")
            else { return nil }
            let error = head.firstIndex(of: "error")
            var lines: [Line] = []
            while let cells = table.next() {
                guard cells.count > max(row, item), let number = Int(cells[row]), number > 0 else { continue }
                let id = cells[item]
                let isID = (1...19).contains(id.utf8.count) && id.utf8.allSatisfy { (0x30...0x39).contains($0) }
                let words = error.flatMap { $0 < cells.count ? cells[$0] : nil } ?? ""
                lines.append(Line(row: number, item: isID ? id : nil, error: String(words.prefix(300))))
            }
            return lines
        }
    }

    /// Reads comma-separated rows one after the other.
    private struct Table {
        private var rest: Substring.UnicodeScalarView
        private let whole: String

        init(_ text: String) {
            whole = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
            rest = Substring(whole).unicodeScalars
        }

        mutating func next() -> [String]? {
            guard !rest.isEmpty else { return nil }
            var cells: [String] = []
            var cell = String.UnicodeScalarView()
            var isQuoted = false
            while let scalar = rest.popFirst() {
                switch scalar {
                case "\"" where isQuoted && rest.first == "\"":
                    cell.append(scalar)
                    rest.removeFirst()
                case "\"" where isQuoted || cell.isEmpty: isQuoted.toggle()
                case "," where !isQuoted:
                    cells.append(String(cell))
                    cell = String.UnicodeScalarView()
                case "\r" where !isQuoted && rest.first == "\n": continue
                case "\n" where !isQuoted: return cells + [String(cell)]
                default: cell.append(scalar)
                }
            }
            return cells + [String(cell)]
        }
    }
}
