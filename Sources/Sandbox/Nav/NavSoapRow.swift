import Core
import Transport

extension NavSimulator {
    /// Both name and version of a record: `24;FwAAAAJ7…;9;11234560;`.
    enum SoapKey {
        @OnLoop static func text(of row: Row, _ table: TableName, _ company: Company) -> String {
            let place = Base64.text(of: "\(table.rawValue)\u{2}\(company.keyText(table, row))".utf8)
            let version = version(of: row)
            return "\(place.utf8.count);\(place);\(version.utf8.count);\(version);"
        }

        static func version(of row: Row) -> String { "\(11_234_560 + row.version)0" }

        static func read(_ text: String, _ table: TableName) throws(Refusal) -> (key: String, version: String) {
            let parts = text.split(separator: ";", omittingEmptySubsequences: false)
            guard parts.count == 5, parts[4].isEmpty, Int(parts[0]) == parts[1].utf8.count,
                Int(parts[2]) == parts[3].utf8.count, let bytes = Base64.bytes(of: String(parts[1]))
            else { throw .badRequest("The key '\(text)' is not valid.", rule: "bad key") }
            let place = String(decoding: bytes, as: UTF8.self).split(separator: "\u{2}", maxSplits: 1)
            guard place.count == 2, place[0] == table.rawValue else {
                throw .badRequest("The key is of another table.", rule: "bad key")
            }
            return (String(place[1]), String(parts[3]))
        }
    }

    /// Fields as elements.
    enum SoapRow {
        /// What is to be written, in the order of the elements. Where a record is compared with, what it has already is left
        /// out: clients send records back as they got them.
        @OnLoop static func values(
            in element: XMLElement,
            _ page: Page,
            besides ours: Set<String>,
            comparing row: Row?,
            _ company: Company
        ) throws(Refusal) -> [(field: Field, value: Value)] {
            var values: [(field: Field, value: Value)] = []
            for child in element.children where !ours.contains(child.name) && child.name != page.part?.name {
                guard let field = page.field(child.name), !field.isHiddenKey else {
                    throw .badRequest("The element '\(child.name)' is not expected here.", rule: "unknown element")
                }
                let value = try value(child.text, field)
                if let row, company.value(of: field, in: row, of: page.table) == value { continue }
                guard !field.isReadOnly else { throw .readOnly(field.name) }
                values.append((field, value))
            }
            return values
        }

        static func value(_ text: String, _ field: Field) throws(Refusal) -> Value {
            do throws(Value.Mismatch) {
                switch field.kind {
                case .code, .text: return try Value.text(text, as: field.kind)
                case .option(let members):
                    guard let caption = members.first(where: { name(ofOption: $0) == text }) else {
                        throw .member(text)
                    }
                    return .text(caption)
                case .integer, .decimal:
                    guard let number = Decimal(text), field.kind == .decimal || number.int != nil else { throw .kind }
                    return .number(number)
                case .flag:
                    guard ["true", "false", "1", "0"].contains(text) else { throw .kind }
                    return .flag(text == "true" || text == "1")
                case .day:
                    guard let day = Day(text) else { throw .kind }
                    return .day(day)
                case .time:
                    guard let time = WallTime(text) else { throw .kind }
                    return .time(time)
                }
            } catch {
                throw .wrong(field, error)
            }
        }

        /// Empty texts and days are left out; everything else is always there.
        static func element(_ field: Field, _ value: Value, spoilt: Bool) -> String {
            let text: String
            switch (field.kind, value) {
            case (.option, .text(let caption)): text = name(ofOption: caption)
            case (_, .text(let inside)):
                guard !inside.isEmpty else { return "" }
                let isFree = field.name.hasSuffix("Name") || field.name == "Description"
                text = XML.escaped(inside) + (spoilt && isFree ? "&#x1F;" : "")
            case (_, .day(let day)):
                guard day != .first else { return "" }
                text = day.text
            case (_, .flag(let flag)): text = flag ? "true" : "false"
            case (_, .number(let number)): text = Value.shortest(number)
            case (_, .time(let time)):
                guard time != .first else { return "" }
                text = time.text(fractionDigits: 0)
            }
            return "<\(field.name)>\(text)</\(field.name)>"
        }

        /// `G/L Account` is `G_L_Account`, and a blank one `_blank_`.
        static func name(ofOption caption: String) -> String {
            guard !caption.isEmpty else { return "_blank_" }
            var name = ""
            for character in caption {
                if character == "'" {
                    name += "_x0027_"
                } else if character.isLetter || character.isNumber {
                    name.append(character)
                } else if name.last != "_" {
                    name.append("_")
                }
            }
            while name.last == "_" { name.removeLast() }
            return name
        }
    }
}
