import Core

extension Monday {
    /// What an item holds in one column.
    package struct Cell: Sendable, Equatable {
        package var column: String
        package var typeName: String
        /// For people: `text`, or what Monday shows where it has none.
        package var shown: String
        /// For comparing: equal texts mean equal values, the same as `ColumnValue.canonical`. Nil when the cell is empty.
        package var canonical: String?
        /// False for a kind of cell that we cannot read: it is kept, and never compared.
        package var isReadable = true
    }
}

extension Monday.Cell {
    init(_ field: JSONField) throws(JSONField.Wrong) {
        column = try field["id"].id()
        typeName = try field["type"].string()
        let text = (try? field["text"].string()) ?? ""
        let kind = (try? field["__typename"].string()) ?? ""
        shown = text.isEmpty ? (try? field["display_value"].string()) ?? "" : text
        switch kind {
        case "TextValue": canonical = Monday.canonical(text)
        case "LongTextValue":
            canonical = Monday.canonical((try? field["value"].unpacked["text"].string()) ?? text)
        case "NumbersValue": canonical = Self.amount(field, text)
        case "StatusValue": canonical = (try? field["index"].int()).map { "\($0)" }
        case "DropdownValue":
            canonical = Monday.canonical(
                list: try field["values"].each { label throws(JSONField.Wrong) in
                    try label["id"].id()
                }
            )
        case "DateValue": canonical = Self.date(field)
        case "TimelineValue": canonical = Self.span(field["from"], field["to"])
        case "WeekValue": canonical = Self.span(field["start_date"], field["end_date"])
        case "HourValue":
            if let hour = try? field["hour"].int(), let minute = try? field["minute"].int() {
                canonical = Monday.canonical(hour: hour, minute: minute)
            }
        case "BoardRelationValue", "DependencyValue":
            // Their `text` and `value` are always null: a list that is missing is a failure, never an empty cell.
            canonical = Monday.canonical(
                list: try field["linked_item_ids"].each { id throws(JSONField.Wrong) in
                    try id.id()
                }
            )
        case "PeopleValue":
            let people = field["persons_and_teams"].orNil
            canonical = Monday.canonical(
                list: try people?.each { person throws(JSONField.Wrong) in
                    "\((try? person["kind"].string()) ?? "person"):\(try person["id"].id())"
                } ?? []
            )
        case "LinkValue":
            canonical = Monday.canonical((try? field["url"].string()) ?? "", (try? field["url_text"].string()) ?? "")
        case "EmailValue":
            canonical = Monday.canonical((try? field["email"].string()) ?? "", (try? field["label"].string()) ?? "")
        case "PhoneValue":
            canonical = Monday.canonical(String(((try? field["phone"].string()) ?? "").drop { $0 == "+" }))
        case "CountryValue": canonical = Monday.canonical((try? field["country"]["code"].string()) ?? "")
        case "CheckboxValue": canonical = (try? field["checked"].bool()) == true ? "true" : nil
        case "RatingValue": canonical = (try? field["rating"].int()).flatMap { $0 == 0 ? nil : "\($0)" }
        case "TagsValue":
            canonical = Monday.canonical(list: try field["tag_ids"].each { id throws(JSONField.Wrong) in try id.id() })
        case "LocationValue": canonical = Monday.canonical((try? field["address"].string()) ?? text)
        case "MirrorValue", "FormulaValue", "ItemIdValue", "CreationLogValue", "LastUpdatedValue":
            // Made by Monday, for people: shown, never written back.
            canonical = Monday.canonical(shown)
        default: isReadable = false
        }
    }

    /// Out of `value`, which keeps the digits; `text` may have the column's unit around them.
    private static func amount(_ field: JSONField, _ text: String) -> String? {
        let raw = field["value"].unpacked
        if let amount = try? raw.decimal() { return amount.canonical }
        if let digits = try? raw.string(), let amount = Decimal(digits) { return amount.canonical }
        let digits = text.drop { !($0.isASCII && $0.isNumber) && $0 != "-" && $0 != "." }.reversed()
            .drop { !($0.isASCII && $0.isNumber) }.reversed().filter { $0 != "," }
        return Decimal(String(digits))?.canonical ?? Monday.canonical(text)
    }

    /// `value` has the time of UTC; the members and `text` have the reader's own.
    private static func date(_ field: JSONField) -> String? {
        let raw = field["value"].unpacked
        let day = (try? raw["date"].string()) ?? (try? field["date"].string()) ?? ""
        guard !day.isEmpty else { return nil }
        let time = raw["date"].orNil == nil ? field["time"] : raw["time"]
        guard let time = try? time.string(), !time.isEmpty else { return String(day.prefix(10)) }
        return "\(day.prefix(10)) \(time.utf8.count == 5 ? "\(time):00" : time)"
    }

    /// Days come with a time of midnight behind them now and then.
    private static func span(_ from: JSONField, _ to: JSONField) -> String? {
        guard let from = try? from.string(), let to = try? to.string(), !from.isEmpty, !to.isEmpty else { return nil }
        return "\(from.prefix(10))/\(to.prefix(10))"
    }
}
