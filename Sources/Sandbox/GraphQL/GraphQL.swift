import Core

/// A small strict GraphQL server: reads documents, holds them against a schema, and executes them through resolvers.
///
///     let document = try GraphQL.Document(text)
///     if let error = schema.faults(of: document).first { refuse(error) }
///     let run = try schema.prepare(document, operationName: nil, variables: variables)
///     let (data, errors) = await run.execute(root)
package enum GraphQL {
    /// Where something stands in a document, in lines and characters from 1.
    package struct Location: Sendable, Hashable {
        package var line: Int
        package var column: Int
    }

    /// One entry of the answer's `errors`, as the specification shapes it.
    package struct Fault: Error, Sendable, Equatable {
        package var message: String
        package var locations: [Location] = []
        /// Names and list places from the root, where a field failed.
        package var path: [JSON] = []
        package var extensions = JSON.Object()

        package init(_ message: String, at locations: [Location] = []) {
            self.message = message
            self.locations = locations
        }

        package var json: JSON {
            var object = JSON.Object()
            object["message"] = .string(message)
            if !locations.isEmpty {
                object["locations"] = .array(
                    locations.map { ["line": .number($0.line), "column": .number($0.column)] }
                )
            }
            if !path.isEmpty { object["path"] = .array(path) }
            if extensions.count > 0 { object["extensions"] = .object(extensions) }
            return .object(object)
        }
    }

    /// How much of a document is taken: a simulator is no place to find out how deep a stack is.
    package struct Bounds: Sendable {
        package var bytes = 1 << 20
        package var tokens = 20_000
        package var depth = 48

        package init() {}
    }
}
