import Core

/// What a plain value becomes in a column, and what was done to it to make it fit.
extension Monday {
    package struct Fitted: Sendable, Equatable {
        /// Nil empties the cell.
        package var value: ColumnValue?
        /// For the audit, where something was left out.
        package var note: String?

        init(_ value: ColumnValue?, note: String? = nil) {
            self.value = value
            self.note = note
        }
    }

    package static let mostNameCharacters = 255
    /// Published for long text only; nothing is known of text columns, so they get no more.
    package static let mostTextCharacters = 2_000

    /// An item's name, which Monday wants to have 1 to 255 characters.
    package static func itemName(_ text: String) throws(CallError) -> (name: String, note: String?) {
        let line = oneLine(text)
        guard !line.isEmpty else {
            throw CallError(
                .skipRecord,
                Monday.name,
                .validation,
                "the item would have no name; map a field that is never empty"
            )
        }
        let name = cut(line, to: mostNameCharacters)
        return (name, name == line ? nil : "the name was cut to \(mostNameCharacters) characters")
    }

    package static func oneLine(_ text: String) -> String {
        let spaced = text.map { $0.isNewline || $0 == "\t" ? " " : $0 }
        return trimmed(String(spaced))
    }

    package static func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }

    /// Counted as the vendor's servers count, in units of UTF-16; never within what people see as one character.
    package static func cut(_ text: String, to most: Int) -> String {
        guard text.utf16.count > most else { return text }
        var result = ""
        var count = 1
        for character in text {
            count += character.utf16.count
            guard count <= most else { break }
            result.append(character)
        }
        return result + "…"
    }
}

extension Monday.Column {
    /// What keeps values from being written to the column, for people; nil where nothing does.
    package var refusal: String? {
        if isArchived { return "the column “\(title)” (\(id)) is archived" }
        guard let type else {
            return "the column “\(title)” (\(id)) is of the kind \(typeName), which is not known here"
        }
        return type.refusal.map { "the column “\(title)” (\(id)) \($0)" }
    }

    /// Makes a cell's value of an ERP's: a text, a number, true or false, a list of those where the column takes several,
    /// or an object where the value has parts. Null and empty texts empty the cell.
    ///
    /// Labels that the column lacks are asked for by text where `mayMakeLabels` says so, and else refused. An error is one
    /// of this record and names the column.
    package func value(from plain: JSON, mayMakeLabels: Bool = false) throws(CallError) -> Monday.Fitted {
        if let refusal { throw invalid(refusal) }
        guard let type else { throw invalid("the column “\(title)” (\(id)) cannot be written") }
        switch plain {
        case .null: return try emptied(type)
        case .string(let text) where Monday.trimmed(text).isEmpty: return try emptied(type)
        case .array(let elements) where elements.isEmpty: return try emptied(type)
        case .string, .number, .bool, .array, .object: break
        }
        switch type {
        case .name:
            let (name, note) = try Monday.itemName(try text(plain))
            return Monday.Fitted(.name(name), note: note)
        case .text: return try cutText(plain) { .text($0) }
        case .longText: return try cutText(plain) { .longText($0) }
        case .numbers: return Monday.Fitted(.number(try amount(plain)))
        case .status: return Monday.Fitted(try status(plain, mayMakeLabels))
        case .dropdown: return Monday.Fitted(try dropdown(plain, mayMakeLabels))
        // Without a time, always: with one, each reader's own time zone decides which day is shown.
        case .date: return Monday.Fitted(.date(try day(plain)))
        case .week: return Monday.Fitted(.week(from: monday(of: try day(plain))))
        case .timeline: return Monday.Fitted(try timeline(plain))
        case .hour: return Monday.Fitted(try hour(plain))
        case .people: return Monday.Fitted(.people(try people(plain)))
        case .boardRelation, .dependency: return Monday.Fitted(.items(try items(plain)))
        case .link: return Monday.Fitted(try link(plain))
        case .email: return Monday.Fitted(try email(plain))
        case .phone: return Monday.Fitted(try phone(plain))
        case .country: return Monday.Fitted(try country(plain))
        case .checkbox: return Monday.Fitted(.checkbox(try flag(plain)))
        case .rating:
            let stars = try whole(plain)
            guard 0...10 ~= stars else { throw wrong(plain, "a rating from 1 to 10") }
            return Monday.Fitted(stars == 0 ? nil : .rating(stars))
        case .tags: return Monday.Fitted(.tags(try each(plain) { tag throws(CallError) in try whole(tag) }))
        case .location: return Monday.Fitted(try location(plain))
        case .autoNumber, .button, .colorPicker, .creationLog, .directDoc, .doc, .file, .formula, .group, .integration,
            .itemAssignees, .itemID, .lastUpdated, .mirror, .person, .progress, .subtasks, .team, .timeTracking,
            .unsupported, .vote, .worldClock:
            throw invalid("the column “\(title)” (\(id)) cannot be written")
        }
    }

    private func emptied(_ type: Monday.ColumnType) throws(CallError) -> Monday.Fitted {
        guard type != .name else { throw invalid("an item's name cannot be empty") }
        return Monday.Fitted(nil)
    }

    private func cutText(
        _ plain: JSON,
        _ make: (String) -> Monday.ColumnValue
    ) throws(CallError) -> Monday.Fitted {
        let whole = try text(plain)
        let text = Monday.cut(whole, to: Monday.mostTextCharacters)
        let note = text == whole ? nil : "“\(title)” was cut to \(Monday.mostTextCharacters) characters"
        return Monday.Fitted(make(text), note: note)
    }

    /// Weeks begin on a Monday; 1970 began on a Thursday.
    private func monday(of day: Day) -> Day {
        let sinceMonday = (day.daysSince1970 + 3) % 7
        return day.adding(days: -(sinceMonday < 0 ? sinceMonday + 7 : sinceMonday))
    }

    private func timeline(_ plain: JSON) throws(CallError) -> Monday.ColumnValue {
        let (first, last): (JSON, JSON)
        switch plain {
        case .array(let days) where days.count == 2: (first, last) = (days[0], days[1])
        case .object(let span): (first, last) = (span["from"] ?? .null, span["to"] ?? .null)
        case .string, .number: (first, last) = (plain, plain)
        case .null, .bool, .array: throw wrong(plain, "two days")
        }
        let (from, to) = (try day(first), try day(last))
        guard from <= to else { throw wrong(plain, "a first day and a last one, in this order") }
        return .timeline(from: from, to: to)
    }

    private func hour(_ plain: JSON) throws(CallError) -> Monday.ColumnValue {
        let parts = try text(plain).split(separator: ":", omittingEmptySubsequences: false).map { part in
            part.utf8.count <= 2 ? Int(part) : nil
        }
        guard 2...3 ~= parts.count, let hour = parts[0], let minute = parts[1], 0..<24 ~= hour, 0..<60 ~= minute,
            parts.count == 2 || parts[2].map({ 0..<60 ~= $0 }) == true
        else { throw wrong(plain, "a time such as 09:30") }
        return .hour(hour, minute: minute)
    }

    private func people(_ plain: JSON) throws(CallError) -> [Monday.Person] {
        try each(plain) { person throws(CallError) in
            if case .object(let parts) = person {
                return Monday.Person(id: try whole(parts["id"] ?? .null), isTeam: parts["kind"] == "team")
            }
            return Monday.Person(id: try whole(person))
        }
    }

    private func items(_ plain: JSON) throws(CallError) -> [String] {
        let ids = try each(plain) { item throws(CallError) in "\(try whole(item))" }
        guard ids.count == 1 || takesSeveralItems else { throw wrong(plain, "one item, as its settings allow") }
        return ids
    }

    private func link(_ plain: JSON) throws(CallError) -> Monday.ColumnValue {
        let (url, words) = try pair(plain, "url", "text")
        let scheme = url.prefix { $0 != ":" }.lowercased()
        guard ["https", "http", "mailto"].contains(scheme), url.utf8.count > scheme.utf8.count + 1 else {
            throw wrong(plain, "an address that begins with https://")
        }
        return .link(url: url, text: words.isEmpty ? url : words)
    }

    private func email(_ plain: JSON) throws(CallError) -> Monday.ColumnValue {
        let (address, words) = try pair(plain, "email", "text")
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, !address.contains(where: \.isWhitespace) else {
            throw wrong(plain, "an e-mail address")
        }
        return .email(address: address, text: words.isEmpty ? address : words)
    }

    private func phone(_ plain: JSON) throws(CallError) -> Monday.ColumnValue {
        let (shown, country) = try pair(plain, "phone", "country")
        let digits = shown.filter { $0.isASCII && ($0.isNumber || $0 == "+") }
        guard 3...20 ~= digits.utf8.count else { throw wrong(plain, "a telephone number") }
        return .phone(digits, country: isCountry(country) ? country.uppercased() : nil)
    }

    private func country(_ plain: JSON) throws(CallError) -> Monday.ColumnValue {
        let (code, name) = try pair(plain, "code", "name")
        guard isCountry(code) else { throw wrong(plain, "a country's code of two letters") }
        return .country(code: code.uppercased(), name: name.isEmpty ? nil : name)
    }

    private func isCountry(_ code: String) -> Bool {
        code.utf8.count == 2 && code.allSatisfy { $0.isASCII && $0.isLetter }
    }

    private func location(_ plain: JSON) throws(CallError) -> Monday.ColumnValue {
        guard case .object(let parts) = plain else {
            throw wrong(plain, "an object of lat, lng and address: Monday finds no place by its address alone")
        }
        let (latitude, longitude) = (try amount(parts["lat"] ?? .null), try amount(parts["lng"] ?? .null))
        guard latitude.magnitude <= 90, longitude.magnitude <= 180 else { throw wrong(plain, "a place on the earth") }
        return .location(
            latitude: latitude,
            longitude: longitude,
            address: try parts["address"].map { address throws(CallError) in try text(address) } ?? ""
        )
    }
}
