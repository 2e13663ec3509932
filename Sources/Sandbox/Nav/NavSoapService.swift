import Core
import Transport

extension NavSimulator {
    /// The operations of one page over SOAP.
    @OnLoop struct SoapService {
        let simulator: NavSimulator
        let company: Company
        let publication: Publication

        private var page: Page { publication.page }
        private var service: String { publication.service }

        func perform(_ call: SoapCall) throws(Refusal) -> String {
            switch call.operation {
            case "Read": return try read(call)
            case "ReadMultiple": return try readMultiple(call)
            case "ReadByRecId":
                try call.demandOnly(["recId"])
                let wanted = (call.element["recId"]?.text ?? "").uppercased()
                return element(company.rows(of: page).first { recId($0).uppercased() == wanted })
            case "IsUpdated":
                try call.demandOnly(["Key"])
                let (row, version) = try find(call.element["Key"], page)
                return "<IsUpdated_Result>\(SoapKey.version(of: row) != version)</IsUpdated_Result>"
            case "GetRecIdFromKey":
                try call.demandOnly(["Key"])
                let (row, _) = try find(call.element["Key"], page)
                return "<GetRecIdFromKey_Result>\(XML.escaped(recId(row)))</GetRecIdFromKey_Result>"
            case "Create" where page.inserts: return element(try create(try one(call), call))
            case "CreateMultiple" where page.inserts:
                var made: [Row] = []
                for row in try several(call) { made.append(try create(row, call)) }
                return list(made)
            case "Update" where page.modifies: return element(try update(try one(call)))
            case "UpdateMultiple" where page.modifies:
                var made: [Row] = []
                for row in try several(call) { made.append(try update(row)) }
                return list(made)
            case "Delete" where page.deletes:
                try call.demandOnly(leading.union(["Key"]))
                try company.delete(page, try current(call.element["Key"], page))
                return "<Delete_Result>true</Delete_Result>"
            default: return try special(call)
            }
        }

        private func special(_ call: SoapCall) throws(Refusal) -> String {
            if let part = page.part, call.operation == "Delete_\(part.name)", part.page.deletes {
                try call.demandOnly(["\(part.name)_Key"])
                try company.delete(part.page, try current(call.element["\(part.name)_Key"], part.page))
                return "<\(call.operation)_Result>true</\(call.operation)_Result>"
            }
            let found = simulator.functions.first { $0.service == service && $0.name == call.operation }
            guard let function = found else { throw call.unknown }
            try call.demandOnly([function.parameter])
            let row = try current(call.element[function.parameter], page)
            let after = try simulator.call(function, on: row, in: company, door: "SOAP")
            guard let after else { return "" }
            return "<\(function.parameter)>\(SoapKey.text(of: after, page.table, company))</\(function.parameter)>"
        }

        // MARK: Reading

        /// Variables of the page that come before everything else.
        private var leading: Set<String> { page.table == .journalLines ? ["CurrentJnlBatchName"] : [] }

        /// In a session of web services a journal takes the first template, and the batch that it is told.
        private func batch(_ call: SoapCall) -> String {
            let name = (call.element["CurrentJnlBatchName"]?.text ?? "").uppercased()
            return name.isEmpty ? "DEFAULT" : name
        }

        private func rows(_ call: SoapCall) -> [Row] {
            guard page.table == .journalLines else { return company.rows(of: page) }
            return company.journalLines("GENERAL", batch(call))
        }

        /// What it is told is a condition like any other: the first record that fits comes back.
        private func read(_ call: SoapCall) throws(Refusal) -> String {
            let keys = page.table == .journalLines ? ["Line_No"] : page.key.filter { $0 != "Document_Type" }
            try call.demandOnly(leading.union(keys))
            var conditions: [(Field, NavCriteria)] = []
            for name in keys {
                guard let field = page.field(name), let text = call.element[name]?.text else { continue }
                conditions.append((field, try criteria(text, field)))
            }
            return element(rows(call).first { row in fits(row, conditions) })
        }

        private func readMultiple(_ call: SoapCall) throws(Refusal) -> String {
            try call.demandOnly(leading.union(["filter", "bookmarkKey", "setSize"]))
            guard !call.element.all("filter").isEmpty else {
                throw .badRequest("The element 'filter' is missing.", rule: "no filter element")
            }
            guard let size = Int(call.element["setSize"]?.text ?? "") else {
                throw .badRequest("The element 'setSize' is missing or no number.", rule: "no setSize")
            }
            var conditions: [(Field, NavCriteria)] = []
            for filter in call.element.all("filter") {
                let name = filter["Field"]?.text ?? ""
                guard let field = page.field(name), !field.isVariable, !field.isHiddenKey else {
                    throw .badRequest("'\(name)' is no member of \(service)_Fields.", rule: "unknown property")
                }
                let text = filter["Criteria"]?.text ?? ""
                if !text.isEmpty { conditions.append((field, try criteria(text, field))) }
            }
            var found = rows(call).filter { fits($0, conditions) }
            if size < 0 { found.reverse() }
            if let bookmark = call.element["bookmarkKey"], !bookmark.text.isEmpty {
                let key = try SoapKey.read(bookmark.text, page.table).key
                found = Array(
                    found.drop {
                        let place = company.keyText(page.table, $0)
                        return size < 0 ? place >= key : place <= key
                    }
                )
            }
            let most = size == 0 ? found.count : abs(size)
            let elements = found.prefix(most).map {
                rowElement($0, page, service, withLines: simulator.settings.listsShowLines)
            }
            return "<ReadMultiple_Result>\(elements.joined())</ReadMultiple_Result>"
        }

        private func criteria(_ text: String, _ field: Field) throws(Refusal) -> NavCriteria {
            try NavCriteria(text, field.kind, dates: simulator.settings.soapDates)
        }

        private func fits(_ row: Row, _ conditions: [(Field, NavCriteria)]) -> Bool {
            conditions.allSatisfy { $1.holds(company.value(of: $0, in: row, of: page.table)) }
        }

        private func recId(_ row: Row) -> String {
            let key = page.table.key.map { (row[$0.name] ?? .text("")).shown }
            return "\(page.table.rawValue): \(key.joined(separator: ","))"
        }

        // MARK: Keys

        private func find(_ element: XMLElement?, _ page: Page) throws(Refusal) -> (row: Row, version: String) {
            let key = try SoapKey.read(element?.text ?? "", page.table)
            guard let row = company.row(page.table, keyText: key.key) else {
                throw .noRecord(page.table, key.key.split(separator: "\u{1}").joined(separator: ","))
            }
            return (row, key.version)
        }

        /// The record, as long as nobody has changed it since.
        private func current(_ element: XMLElement?, _ page: Page) throws(Refusal) -> Row {
            let (row, version) = try find(element, page)
            guard version == SoapKey.version(of: row) else {
                throw Refusal(
                    .stale,
                    500,
                    "",
                    "Other user has modified \"\(page.name)\" \"\(recId(row))\".",
                    rule: "key stale"
                )
            }
            return row
        }

        // MARK: Writing

        private func one(_ call: SoapCall) throws(Refusal) -> XMLElement {
            try call.demandOnly(leading.union([service]))
            guard let element = call.element[service] else {
                throw .badRequest("The element '\(service)' is missing.", rule: "malformed body")
            }
            return element
        }

        private func several(_ call: SoapCall) throws(Refusal) -> [XMLElement] {
            try call.demandOnly(leading.union(["\(service)_List"]))
            return call.element["\(service)_List"]?.all(service) ?? []
        }

        private func create(_ element: XMLElement, _ call: SoapCall) throws(Refusal) -> Row {
            var values = try SoapRow.values(in: element, page, besides: ["Key"], comparing: nil, company)
            if page.table == .journalLines {
                let last = company.journalLines("GENERAL", batch(call)).last?.number("Line_No").int ?? 0
                values =
                    company.fields(
                        [
                            ("Journal_Template_Name", .text("GENERAL")), ("Journal_Batch_Name", .text(batch(call))),
                            ("Line_No", .number(Decimal(last + 10_000))),
                        ],
                        of: page
                    ) + values
            }
            let row = try company.insert(page, values)
            try writeLines(element, below: row)
            return newest(row)
        }

        private func update(_ element: XMLElement) throws(Refusal) -> Row {
            let row = try current(element["Key"], page)
            let values = try SoapRow.values(in: element, page, besides: ["Key"], comparing: row, company)
            let changed = values.isEmpty ? row : try company.modify(page, row, values)
            try writeLines(element, below: changed)
            return newest(changed)
        }

        /// A row with a key is changed, one without is new.
        private func writeLines(_ element: XMLElement, below header: Row) throws(Refusal) {
            guard let part = page.part, let lines = element[part.name] else { return }
            for line in lines.children {
                guard line.name == part.page.rowName else {
                    throw .badRequest("The element '\(line.name)' is not expected here.", rule: "unknown element")
                }
                guard let key = line["Key"], !key.text.isEmpty else {
                    let values = try SoapRow.values(in: line, part.page, besides: [], comparing: nil, company)
                    _ = try company.insert(part.page, values, below: newest(header))
                    continue
                }
                let row = try current(key, part.page)
                let values = try SoapRow.values(in: line, part.page, besides: ["Key"], comparing: row, company)
                if !values.isEmpty { _ = try company.modify(part.page, row, values) }
            }
        }

        private func newest(_ row: Row) -> Row {
            company.row(page.table, keyText: company.keyText(page.table, row)) ?? row
        }

        // MARK: Answers

        private func element(_ row: Row?) -> String {
            row.map { rowElement($0, page, service, withLines: true) } ?? ""
        }

        private func list(_ rows: [Row]) -> String {
            let inside = rows.map { rowElement($0, page, service, withLines: true) }.joined()
            return "<\(service)_List>\(inside)</\(service)_List>"
        }

        private func rowElement(_ row: Row, _ page: Page, _ name: String, withLines: Bool) -> String {
            var text = "<\(name)><Key>\(SoapKey.text(of: row, page.table, company))</Key>"
            for field in page.fields where !field.isHiddenKey && !leading.contains(field.name) {
                text += SoapRow.element(
                    field,
                    company.value(of: field, in: row, of: page.table),
                    spoilt: simulator.settings.sendsForbiddenCharacters
                )
            }
            if withLines, let part = page.part {
                let lines = company.lines(of: part.page, below: row).map {
                    rowElement($0, part.page, part.page.rowName, withLines: false)
                }
                text += "<\(part.name)>\(lines.joined())</\(part.name)>"
            }
            return text + "</\(name)>"
        }
    }
}
