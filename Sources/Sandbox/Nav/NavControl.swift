import Core
import Transport

/// What people at the customer can do to their NAV.
///
///     GET    invoices|orders|posted                 the documents, in short
///     POST   invoices|orders                        {"count": 3, "vendor": "10000", "amount": 12.5, …}: makes them
///     POST   posted                                 the same, and posts each at once
///     GET    invoices|orders|posted/{no}            one in full, with its lines
///     PATCH  invoices|orders/{no}                   {"Due_Date": …, "amount": …}: edits it, as a person may
///     DELETE invoices|orders/{no}
///     POST   invoices|orders/{no}/{verb}            release, reopen, send, approve, reject, receive, post
///     POST   posted/{no}/{pay|cancel}               {"amount": 10}: a part only
///     GET    vendors|items|accounts|entries|approvals|journal|dimensionValues
///     POST   vendors|dimensionValues                {"No": …, "Name": …}, {"Dimension_Code": …, "Code": …, "Name": …}
///     PATCH  vendors/{no}, dimensionValues/{dimension}/{code}
///     DELETE vendors/{no}, dimensionValues/{dimension}/{code}
///     POST   journal/{template}/{batch}/post
///     GET    services                               what is published, and the functions beside it
///     POST   services                               {"page": 26, "service": "Kreditorkort"}
///     PATCH  services/{service}                     {"service": …, "published": false, "hidden": […], "renamed": {…}}
///     POST   functions                              {"service": …, "name": …, "effect": "approve", "parameter": …}
///     DELETE functions/{service}/{name}
///     GET    calls                                  which function was called with which document
///     PATCH  settings                               {"authentication": "ntlm", …}: those of `Settings`
///
/// A body may name a `company`; without, it is the first.
extension NavSimulator {
    package func control(_ path: [Substring], _ method: HTTPMethod, body: JSON) async throws -> JSON {
        let field = JSONField(body)
        let company = try controlledCompany(field)
        do {
            switch (method, path.first, path.count) {
            case (_, "invoices", _), (_, "orders", _), (_, "posted", _):
                return try controlDocuments(path, method, field, company)
            case (.get, let name?, 1) where Self.lists[name] != nil: return list(Self.lists[name] ?? .vendors, company)
            case (_, "vendors", _), (_, "dimensionValues", _): return try controlMasters(path, method, field, company)
            case (.post, "journal", 4) where path[3] == "post":
                try company.postBatch(String(path[1]), String(path[2]))
                return [:]
            case (_, "services", _), (_, "functions", _): return try controlServices(path, method, field)
            case (.get, "calls", 1): return .array(calls.map(\.json))
            case (.patch, "settings", 1):
                var changed = settings
                try changed.change(field)
                settings = changed
                return [:]
            default: throw ControlRefusal.unknown("there is no \(method.name) \(path.joined(separator: "/")) here")
            }
        } catch let refusal as Refusal {
            throw ControlRefusal(HTTPStatus(rawValue: UInt16(clamping: refusal.status)), refusal.message)
        }
    }

    private static let lists: [Substring: TableName] = [
        "vendors": .vendors, "items": .items, "accounts": .accounts, "entries": .vendorEntries,
        "approvals": .approvalEntries, "journal": .journalLines, "dimensionValues": .dimensionValues,
    ]

    private func controlledCompany(_ field: JSONField) throws -> Company {
        let name = try field["company"].orNil?.string()
        guard let company = companies.first(where: { name == nil || $0.name == name }) else {
            throw ControlRefusal.unknown("there is no company \(name ?? "") here")
        }
        return company
    }

    private func list(_ table: TableName, _ company: Company) -> JSON {
        .array(company.rows(table).map(\.json))
    }

    // MARK: Masters

    private func controlMasters(
        _ path: [Substring],
        _ method: HTTPMethod,
        _ field: JSONField,
        _ company: Company
    ) throws -> JSON {
        let page = path[0] == "vendors" ? Page.vendorCard : Page.dimensionValueCard
        let key = path.dropFirst().map { Value.text($0.uppercased()) }
        switch (method, key.count) {
        case (.post, 0): return try company.insert(page, try values(field, page)).json
        case (.patch, page.key.count):
            return try company.modify(page, try known(page, key, company), try values(field, page)).json
        case (.delete, page.key.count):
            try company.delete(page, try known(page, key, company))
            return [:]
        default: throw ControlRefusal.unknown("there is no \(method.name) \(path.joined(separator: "/")) here")
        }
    }

    private func known(_ page: Page, _ key: [Value], _ company: Company) throws -> Row {
        guard let row = company.row(page.table, key: key) else {
            throw ControlRefusal.unknown("there is no \(key.map(\.shown).joined(separator: "/")) here")
        }
        return row
    }

    /// The properties that a body names, read as a person's entries: nothing is read-only for them.
    func values(
        _ field: JSONField,
        _ page: Page,
        besides ours: Set<String> = []
    ) throws -> [(field: Field, value: Value)] {
        guard field.value != .null else { return [] }
        var values: [(field: Field, value: Value)] = []
        for (name, member) in try field.members() where name != "company" && !ours.contains(name) {
            guard let known = page.field(name), let json = member.value else {
                throw member.wrong("no property of \(page.name)")
            }
            do throws(Value.Mismatch) {
                values.append((known, try Value(json, as: known.kind, blank: "")))
            } catch {
                throw member.wrong(Refusal.wrong(known, error).message)
            }
        }
        return values
    }

    // MARK: Services

    private func controlServices(_ path: [Substring], _ method: HTTPMethod, _ field: JSONField) throws -> JSON {
        switch (method, path[0], path.count) {
        case (.get, "services", 1):
            return ["services": .array(publications.map(\.json)), "functions": .array(functions.map(\.json))]
        case (.post, "services", 1):
            try field.allowOnly(["page", "service"])
            let number = try field["page"].int(in: 1...99_999)
            let service = try field["service"].string()
            guard let page = Page.all.first(where: { $0.page.number == number })?.page else {
                throw ControlRefusal.unknown("page \(number) is not played")
            }
            guard !service.isEmpty, !publications.contains(where: { $0.service == service }) else {
                throw field["service"].wrong("the service exists already")
            }
            publications.append(Publication(service, page))
            return [:]
        case (.patch, "services", 2):
            let name = String(path[1])
            guard let place = publications.firstIndex(where: { $0.service == name }) else {
                throw ControlRefusal.unknown("there is no service \(name)")
            }
            publications[place] = try changed(publications[place], field)
            return publications[place].json
        case (.post, "functions", 1):
            customerFunctions.append(try Function(field))
            return [:]
        case (.delete, "functions", 3):
            customerFunctions.removeAll { $0.service == path[1] && $0.name == path[2] }
            return [:]
        default: throw ControlRefusal.unknown("there is no \(method.name) \(path.joined(separator: "/")) here")
        }
    }

    private func changed(_ publication: Publication, _ field: JSONField) throws -> Publication {
        try field.allowOnly(["service", "published", "hidden", "renamed"])
        var publication = publication
        publication.service = try field["service"].orNil?.string() ?? publication.service
        publication.isPublished = try field["published"].orNil?.bool() ?? publication.isPublished
        guard field["hidden"].orNil != nil || field["renamed"].orNil != nil else { return publication }
        let hidden = try field["hidden"].orNil?.elements().map { try $0.string() } ?? []
        var renamed: [String: String] = [:]
        for (name, field) in try field["renamed"].orNil?.members() ?? [] { renamed[name] = try field.string() }
        publication.change(hiding: Set(hidden), renaming: renamed)
        return publication
    }
}

extension NavSimulator.Function {
    fileprivate init(_ field: JSONField) throws(JSONField.Wrong) {
        try field.allowOnly(["service", "name", "effect", "parameter"])
        guard let effect = Effect(rawValue: try field["effect"].string()) else {
            let names = Effect.allCases.map(\.rawValue).joined(separator: ", ")
            throw field["effect"].wrong("expected one of \(names)")
        }
        self.init(service: try field["service"].string(), name: try field["name"].string(), effect: effect)
        if let parameter = try field["parameter"].orNil?.string() { self.parameter = parameter }
    }

    fileprivate var json: JSON {
        [
            "service": .string(service), "name": .string(name), "effect": .string(effect.rawValue),
            "parameter": .string(parameter),
        ]
    }
}

extension NavSimulator.Publication {
    fileprivate var json: JSON {
        ["service": .string(service), "page": .number(base.number), "published": .bool(isPublished)]
    }
}

extension NavSimulator.FunctionCall {
    fileprivate var json: JSON {
        [
            "service": .string(function.service), "name": .string(function.name), "door": .string(door),
            "type": .string(type), "number": .string(number), "refusal": .string(refusal),
        ]
    }
}

extension NavSimulator.Row {
    /// All that is stored, by its names.
    var json: JSON {
        var object = JSON.Object()
        for (name, value) in values.sorted(by: { $0.key < $1.key }) { object[name] = value.json(as: .text(most: 0)) }
        return .object(object)
    }
}
