import Core

extension Monday {
    /// What is written into one cell. Writing nil empties it.
    package enum ColumnValue: Sendable, Equatable {
        case name(String)
        case text(String)
        case longText(String)
        case number(Decimal)
        /// A label by its id: the number that Monday's documents call `index` when it is written.
        case status(Int)
        /// A label by its text, which Monday makes where that is allowed.
        case newStatus(String)
        case dropdown([Int])
        case newDropdown([String])
        case date(Day)
        /// A day with a time, in UTC.
        case moment(WallTime)
        case timeline(from: Day, to: Day)
        /// The seven days from that one.
        case week(from: Day)
        case hour(Int, minute: Int)
        case people([Person])
        /// Items of connected boards, or those that an item depends on.
        case items([String])
        case link(url: String, text: String)
        case email(address: String, text: String)
        /// With the country's two letters, where they are known.
        case phone(String, country: String?)
        case country(code: String, name: String?)
        case checkbox(Bool)
        case rating(Int)
        case tags([Int])
        case location(latitude: Decimal, longitude: Decimal, address: String)
        /// Made of one of the others and kept since then, as it is sent.
        case stored(JSON)
    }

    package struct Person: Sendable, Equatable {
        package var id: Int
        package var isTeam = false

        package init(id: Int, isTeam: Bool = false) {
            self.id = id
            self.isTeam = isTeam
        }
    }

    /// A cell's new value, under its column's id.
    package struct CellWrite: Sendable, Equatable {
        package var column: String
        package var value: ColumnValue?

        package init(_ column: String, _ value: ColumnValue?) {
            self.column = column
            self.value = value
        }
    }

    /// The JSON that `column_values` takes as a string: one member per column, sorted by column, so that the same values
    /// always have the same text. Of two values for one column the last counts.
    package static func columnValues(_ cells: [CellWrite]) -> String {
        var object = JSON.Object()
        let ordered = cells.enumerated().sorted { a, b in
            a.element.column == b.element.column ? a.offset < b.offset : a.element.column < b.element.column
        }
        for (_, cell) in ordered { object[cell.column] = cell.value?.json ?? .null }
        return JSON.object(object).text()
    }
}

extension Monday.ColumnValue {
    /// As it stands in `column_values`.
    package var json: JSON {
        switch self {
        case .name(let text), .text(let text): .string(text)
        case .longText(let text): ["text": .string(text)]
        // A string: Monday would read a number as a binary one.
        case .number(let amount): .string(amount.text)
        case .status(let id): ["index": .number(id)]
        case .newStatus(let text): ["label": .string(text)]
        case .dropdown(let ids): ["ids": .array(ids.map { .number($0) })]
        case .newDropdown(let texts): ["labels": .array(texts.map { .string($0) })]
        case .date(let day): ["date": .string(day.text)]
        case .moment(let time):
            [
                "date": .string(time.day.text),
                "time": .string(String(time.text(fractionDigits: 0).dropFirst(11).prefix(8))),
            ]
        case .timeline(let from, let to): ["from": .string(from.text), "to": .string(to.text)]
        case .week(let from):
            ["week": ["startDate": .string(from.text), "endDate": .string(from.adding(days: 6).text)]]
        case .hour(let hour, let minute): ["hour": .number(hour), "minute": .number(minute)]
        case .people(let people):
            [
                "personsAndTeams": .array(
                    people.map { ["id": .number($0.id), "kind": .string($0.isTeam ? "team" : "person")] }
                )
            ]
        case .items(let ids): ["item_ids": .array(ids.map { id in Int(id).map { .number($0) } ?? .string(id) })]
        case .link(let url, let text): ["url": .string(url), "text": .string(text)]
        case .email(let address, let text): ["email": .string(address), "text": .string(text)]
        case .phone(let number, let country):
            country.map { ["phone": .string(number), "countryShortName": .string($0)] } ?? ["phone": .string(number)]
        case .country(let code, let name):
            name.map { ["countryCode": .string(code), "countryName": .string($0)] } ?? ["countryCode": .string(code)]
        // A string, and only ever this one: an empty cell is what is not checked.
        case .checkbox(let isChecked): isChecked ? ["checked": "true"] : .null
        case .rating(let stars): ["rating": .number(stars)]
        case .tags(let ids): ["tag_ids": .array(ids.map { .number($0) })]
        case .location(let latitude, let longitude, let address):
            ["lat": .string(latitude.text), "lng": .string(longitude.text), "address": .string(address)]
        case .stored(let json): json
        }
    }

    /// The same text as a cell has that holds this value (`Cell.canonical`), whichever way Monday shows it: amounts
    /// without zeros at their ends, labels by id, lists in order. Nil for what leaves a cell empty. Labels that are yet
    /// to be made have no id, so theirs is like no cell's.
    package var canonical: String? {
        switch self {
        case .name(let text), .text(let text), .longText(let text): Monday.canonical(text)
        case .number(let amount): amount.canonical
        case .status(let id): "\(id)"
        case .newStatus(let text): "new:\(text)"
        case .dropdown(let ids), .tags(let ids): Monday.canonical(list: ids.map { "\($0)" })
        case .newDropdown(let texts): texts.isEmpty ? nil : "new:\(texts.joined(separator: ","))"
        case .date(let day): day.text
        case .moment(let time): "\(time.day.text) \(time.text(fractionDigits: 0).dropFirst(11).prefix(8))"
        case .timeline(let from, let to): "\(from.text)/\(to.text)"
        case .week(let from): "\(from.text)/\(from.adding(days: 6).text)"
        case .hour(let hour, let minute): Monday.canonical(hour: hour, minute: minute)
        case .people(let people):
            Monday.canonical(list: people.map { "\($0.isTeam ? "team" : "person"):\($0.id)" })
        case .items(let ids): Monday.canonical(list: ids)
        case .link(let url, let text): Monday.canonical(url, text)
        case .email(let address, let text): Monday.canonical(address, text)
        case .phone(let number, _): Monday.canonical(String(number.drop { $0 == "+" }))
        case .country(let code, _): code.isEmpty ? nil : code
        case .checkbox(let isChecked): isChecked ? "true" : nil
        case .rating(let stars): stars == 0 ? nil : "\(stars)"
        case .location(_, _, let address): Monday.canonical(address)
        case .stored(let json): "stored:\(json.text())"
        }
    }
}

extension Monday {
    static func canonical(_ text: String) -> String? {
        text.isEmpty ? nil : text
    }

    static func canonical(list: [String]) -> String? {
        list.isEmpty ? nil : Set(list).sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }.joined(separator: ",")
    }

    /// An address, and what is shown instead of it where that differs.
    static func canonical(_ address: String, _ text: String) -> String? {
        guard !address.isEmpty else { return nil }
        return text.isEmpty || text == address ? address : "\(address) \(text)"
    }

    static func canonical(hour: Int, minute: Int) -> String {
        "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }
}

extension Decimal {
    /// Equal amounts have equal texts: without a sign of zero or zeros after the last digit that counts.
    var canonical: String {
        guard scale > 0 else { return text }
        var digits = text[...]
        while digits.hasSuffix("0") { digits = digits.dropLast() }
        if digits.hasSuffix(".") { digits = digits.dropLast() }
        return digits == "-0" ? "0" : String(digits)
    }
}
