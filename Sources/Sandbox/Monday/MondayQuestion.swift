import Core

/// A request as far as it can be read without knowing who asks: headers, document, variables.
struct MondayQuestion: Sendable {
    /// What it asks for, or how it is refused.
    enum Content: Sendable {
        case operation(GraphQL.Prepared)
        case refused(MondayEnvelope, rule: String)
    }

    var token: String?
    var version: String?
    var key: String?
    var bodyHash = 0
    var content: Content

    /// The names of the fields at the top, each once: what faults and facts call it.
    var label: String {
        guard case .operation(let operation) = content else { return "invalid" }
        var names: [String] = []
        for field in operation.rootFields where !names.contains(field.name) { names.append(field.name) }
        return names.isEmpty ? "__typename" : names.joined(separator: ",")
    }

    var mutations: [String] {
        guard case .operation(let operation) = content, operation.kind == .mutation else { return [] }
        return operation.rootFields.map(\.name)
    }

    /// `status` is how a document is refused that cannot be executed.
    static func content(_ body: [UInt8], contentType: String?, status: Int) -> Content {
        guard contentType?.lowercased().hasPrefix("application/json") == true else {
            return .refused(
                .error(400, "Bad request", "The content type has to be application/json"),
                rule: "contentType"
            )
        }
        guard body.count <= 4 << 20, case .object(let object)? = try? JSON.parse(body.span) else {
            return .refused(.error(400, "JsonParseException", "The body is no JSON"), rule: "json")
        }
        guard case .string(let text)? = object["query"] else {
            return .refused(.error(400, "Bad request", "The body has no query"), rule: "json")
        }
        var variables = JSON.Object()
        switch object["variables"] {
        case .object(let given)?: variables = given
        case nil, .null?: break
        default: return .refused(.error(400, "Bad request", "The variables are no object"), rule: "json")
        }
        let document: GraphQL.Document
        do throws(GraphQL.Fault) {
            document = try GraphQL.Document(text)
        } catch {
            return .refused(coded(error, "GRAPHQL_PARSE_FAILED", status), rule: "syntax")
        }
        if let fault = MondaySchema.schema.faults(of: document).first {
            return .refused(coded(fault, "GRAPHQL_VALIDATION_FAILED", status), rule: "validation")
        }
        do throws(GraphQL.Fault) {
            let operation = try MondaySchema.schema.prepare(
                document,
                operationName: object.string("operationName"),
                variables: variables
            )
            try checkJSON(of: operation)
            return .operation(operation)
        } catch {
            guard error.extensions["problems"] == nil else {
                return .refused(.fault(error, status: 200), rule: "jsonArgument")
            }
            return .refused(coded(error, "GRAPHQL_VALIDATION_FAILED", status), rule: "variables")
        }
    }

    private static func coded(_ fault: GraphQL.Fault, _ code: String, _ status: Int) -> MondayEnvelope {
        var fault = fault
        fault.extensions["code"] = .string(code)
        return .fault(fault, status: status)
    }

    /// These arguments are strings that hold JSON: an object where columns or a configuration are meant.
    private static func checkJSON(of operation: GraphQL.Prepared) throws(GraphQL.Fault) {
        guard operation.kind == .mutation else { return }
        for field in operation.rootFields {
            for name in ["column_values", "config", "value"] {
                guard let value = field.arguments[name], value != .null else { continue }
                if name == "value", field.name != "change_column_value" { continue }
                guard case .string(let text) = value, let json = try? JSON.parse(text) else {
                    throw .noJSON(name, at: field.location)
                }
                if name == "value" { continue }
                guard case .object = json else { throw .noJSON(name, at: field.location) }
            }
            // Here a string is welcome too, but it has to be JSON.
            if case .string(let text)? = field.arguments["defaults"], (try? JSON.parse(text)) == nil {
                throw .noJSON("defaults", at: field.location)
            }
        }
    }
}
