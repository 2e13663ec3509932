import Core
import Transport

/// Records as the bytes of an answer.
extension BusinessCentralSimulator {
    func context(_ root: String, _ type: EntityType, _ company: Company?) -> String {
        "\(root)/$metadata#" + (company.map { "companies(\($0.id))/" } ?? "") + type.set
    }

    func append(_ context: String, to body: inout [UInt8]) {
        body.append(contentsOf: "\"@odata.context\":".utf8)
        JSON.append(context, to: &body)
        body.append(UInt8(ascii: ","))
    }

    func append(
        _ row: Row,
        _ query: Query?,
        _ company: Company?,
        isBare: Bool,
        context: String? = nil,
        to body: inout [UInt8]
    ) {
        body.append(UInt8(ascii: "{"))
        if let context { append(context, to: &body) }
        var isFirst = true
        if !isBare {
            body.append(contentsOf: "\"@odata.etag\":".utf8)
            JSON.append(row.etag, to: &body)
            isFirst = false
        }
        for place in query?.selection ?? Array(row.values.indices) {
            if !isFirst { body.append(UInt8(ascii: ",")) }
            isFirst = false
            body.append(contentsOf: row.type.fields[place].label)
            row.values[place].append(to: &body)
        }
        for expansion in query?.expansions ?? [] {
            if !isFirst { body.append(UInt8(ascii: ",")) }
            isFirst = false
            append(expansion, of: row, company, isBare: isBare, to: &body)
        }
        body.append(UInt8(ascii: "}"))
    }

    func append(
        _ expansion: Query.Expansion,
        of row: Row,
        _ company: Company?,
        isBare: Bool,
        to body: inout [UInt8]
    ) {
        JSON.append(expansion.navigation.name, to: &body)
        body.append(UInt8(ascii: ":"))
        guard let company, let target = EntityType.named(expansion.navigation.target) else {
            return body.append(contentsOf: "null".utf8)
        }
        switch expansion.navigation.way {
        case .many(let field):
            body.append(UInt8(ascii: "["))
            for (index, child) in company[target].find(field, .guid(row.id)).enumerated() {
                if index > 0 { body.append(UInt8(ascii: ",")) }
                append(child, expansion.query, company, isBare: isBare, to: &body)
            }
            body.append(UInt8(ascii: "]"))
        case .one(let field):
            guard let one = company[target][row.guid(field)] else { return body.append(contentsOf: "null".utf8) }
            append(one, expansion.query, company, isBare: isBare, to: &body)
        }
    }

    /// Absolute, and all that was asked for in it.
    func nextLink(_ request: Request, _ token: String) -> String {
        let kept = request.query.filter { !["$skip", "$skiptoken"].contains($0.name) }
        let items = (kept + [("$skiptoken", token)]).map { "\($0.name)=\(PercentCoding.encoded($0.value))" }
        return "\(address)\(request.path)?\(items.joined(separator: "&"))"
    }
}
