import Core
import Transport

/// What the API shows of a cell.
extension MondayCell {
    /// For people; nil where the vendor shows none.
    @OnLoop func text(of column: MondayColumn, _ account: MondayAccount) -> String? {
        switch self {
        case .text(let text): text
        case .number(let number): Self.shown(number, account)
        case .status(let id): column.label(id)?.text
        case .dropdown(let ids): ids.compactMap { column.label($0)?.text }.joined(separator: ", ")
        case .date(let day, let time): time.map { "\(day.text) \($0.prefix(5))" } ?? day.text
        case .timeline(let from, let to), .week(let from, let to): "\(from.text) - \(to.text)"
        case .hour(let hour, let minute): "\(hour.twoDigits):\(minute.twoDigits)"
        case .people(let people): people.compactMap { account.users[$0.id]?.name }.joined(separator: ", ")
        case .items: nil
        case .link(let url, let text): text.isEmpty ? url : "\(text) - \(url)"
        case .email(_, let text): text
        case .phone(let phone, _): phone
        case .country(_, let name): name
        case .checked: "v"
        case .rating(let rating): "\(rating)"
        case .tags(let ids): ids.compactMap { account.tags[$0]?.name }.joined(separator: ", ")
        case .location(_, _, let address): address
        }
    }

    /// The raw value, which the API packs into a string; nil where it shows none.
    @OnLoop func value(of column: MondayColumn, changed: WallTime, _ account: MondayAccount) -> JSON? {
        switch self {
        case .text(let text):
            return column.type == "long_text" ? stamped(["text": .string(text)], changed) : .string(text)
        case .number(let number): return .string(Self.shown(number, account))
        case .status(let id): return stamped(["index": .number(id), "post_id": .null], changed)
        case .dropdown(let ids): return ["ids": .array(ids.map { .number($0) })]
        case .date(let day, let time): return ["date": .string(day.text), "time": time.map { .string($0) } ?? .null]
        case .timeline(let from, let to): return stamped(["from": .string(from.text), "to": .string(to.text)], changed)
        case .week(let from, let to): return ["week": ["startDate": .string(from.text), "endDate": .string(to.text)]]
        case .hour(let hour, let minute): return stamped(["hour": .number(hour), "minute": .number(minute)], changed)
        case .people(let people): return stamped(["personsAndTeams": Self.json(people)], changed)
        case .items: return nil
        case .link(let url, let text): return stamped(["url": .string(url), "text": .string(text)], changed)
        case .email(let email, let text): return stamped(["email": .string(email), "text": .string(text)], changed)
        case .phone(let phone, let country):
            return stamped(["phone": .string(phone), "countryShortName": .string(country)], changed)
        case .country(let code, let name):
            return stamped(["countryCode": .string(code), "countryName": .string(name)], changed)
        case .checked: return stamped(["checked": true], changed)
        case .rating(let rating): return stamped(["rating": .number(rating)], changed)
        case .tags(let ids): return ["tag_ids": .array(ids.map { .number($0) })]
        case .location(let latitude, let longitude, let address):
            return stamped(
                ["lat": .string(latitude), "lng": .string(longitude), "address": .string(address)],
                changed
            )
        }
    }

    /// As webhooks and the activity log show it.
    func hookValue(of column: MondayColumn) -> JSON {
        switch self {
        case .status(let id):
            let label = column.label(id)
            let color = MondayColor.hex(label?.color ?? 5)
            return [
                "label": [
                    "index": .number(id), "text": .string(label?.text ?? ""),
                    "style": ["color": .string(color), "border": .string(color), "var_name": "none"],
                    "is_done": .bool(label?.isDone ?? false),
                ],
                "post_id": .null,
            ]
        case .date(let day, let time):
            return ["date": .string(day.text), "icon": .null, "time": time.map { .string($0) } ?? .null]
        case .people(let people): return ["personsAndTeams": Self.json(people)]
        case .items(let ids): return ["linkedPulseIds": .array(ids.map { ["linkedPulseId": .number($0)] })]
        case .text(let text): return ["value": .string(text)]
        case .number(let number): return ["value": .number(number), "unit": .null]
        case .dropdown(let ids):
            return [
                "chosenValues": .array(ids.map { ["id": .number($0), "name": .string(column.label($0)?.text ?? "")] })
            ]
        case .timeline, .week, .hour, .link, .email, .phone, .country, .checked, .rating, .tags, .location:
            return ["value": "changed"]
        }
    }

    @OnLoop private static func shown(_ number: Decimal, _ account: MondayAccount) -> String {
        account.options.keepsTrailingZeros ? number.text : number.withoutTrailingZeros
    }

    private static func json(_ people: [Person]) -> JSON {
        .array(people.map { ["id": .number($0.id), "kind": .string($0.kind)] })
    }

    private func stamped(_ value: JSON, _ changed: WallTime) -> JSON {
        guard case .object(var object) = value else { return value }
        object["changed_at"] = .string(changed.text(fractionDigits: 3))
        return .object(object)
    }
}

extension MondayColumn {
    func label(_ id: Int) -> MondayLabel? { labels.first { $0.id == id } }
}

extension Decimal {
    var withoutTrailingZeros: String {
        guard scale > 0 else { return text }
        var text = text[...]
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text == "-0" ? "0" : String(text)
    }
}

extension Int {
    var twoDigits: String { self < 10 ? "0\(self)" : "\(self)" }
}
