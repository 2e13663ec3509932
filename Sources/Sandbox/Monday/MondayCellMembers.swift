import Core

extension MondayCellReader {
    /// The object that a value is made of; what is missing, or not what it should be, is refused with the column's name.
    struct Members {
        var object: JSON.Object
        var column: MondayColumn
        var value: JSON

        func refusal(_ problem: String) -> GraphQL.Fault {
            .value(column, problem, value)
        }

        func allowOnly(_ names: Set<String>) throws(GraphQL.Fault) {
            for member in object.members where !names.contains(member.name) {
                throw refusal("Invalid value: \(member.name) is unknown here")
            }
        }

        func string(_ name: String, atLeast least: Int = 0) throws(GraphQL.Fault) -> String {
            guard case .string(let text)? = object[name], text.utf8.count >= least else {
                throw refusal("Invalid value: \(name) has to be a string")
            }
            return text
        }

        func string(_ name: String, default text: String) throws(GraphQL.Fault) -> String {
            object[name] == nil ? text : try string(name)
        }

        func int(_ name: String, in range: ClosedRange<Int>, default value: Int? = nil) throws(GraphQL.Fault) -> Int {
            if object[name] == nil, let value { return value }
            guard case .number(let number)? = object[name], let int = number.int, range.contains(int) else {
                throw refusal(
                    "Invalid value: \(name) has to be a number from \(range.lowerBound) to \(range.upperBound)"
                )
            }
            return int
        }

        func day(_ name: String) throws(GraphQL.Fault) -> Day {
            guard let day = Day(try string(name)) else { throw refusal("Invalid value: \(name) is no day") }
            return day
        }

        func time(_ name: String) throws(GraphQL.Fault) -> String? {
            guard object[name] != nil, object[name] != .null else { return nil }
            let text = try string(name)
            guard WallTime("2000-01-01T\(text)Z") != nil else { throw refusal("Invalid value: \(name) is no time") }
            return text
        }

        func members(_ name: String) throws(GraphQL.Fault) -> Members {
            guard case .object(let inner)? = object[name] else {
                throw refusal("Invalid value: \(name) has to be an object")
            }
            return Members(object: inner, column: column, value: value)
        }

        func list(_ name: String) throws(GraphQL.Fault) -> [Members] {
            var list: [Members] = []
            for element in try elements(name) {
                guard case .object(let inner) = element else { throw refusal("Invalid value: \(name) holds objects") }
                list.append(Members(object: inner, column: column, value: value))
            }
            return list
        }

        /// Whole numbers, which may be written as strings.
        func ids(_ name: String) throws(GraphQL.Fault) -> [Int] {
            var ids: [Int] = []
            for element in try elements(name) {
                let id: Int? =
                    switch element {
                    case .number(let number): number.int
                    case .string(let text): Int(text)
                    case .null, .bool, .array, .object: nil
                    }
                guard let id else { throw refusal("Invalid value: \(name) holds ids") }
                ids.append(id)
            }
            return ids
        }

        func strings(_ name: String) throws(GraphQL.Fault) -> [String] {
            var strings: [String] = []
            for element in try elements(name) {
                guard case .string(let text) = element else { throw refusal("Invalid value: \(name) holds strings") }
                strings.append(text)
            }
            return strings
        }

        private func elements(_ name: String) throws(GraphQL.Fault) -> [JSON] {
            guard case .array(let elements)? = object[name], elements.count <= 500 else {
                throw refusal("Invalid value: \(name) has to be a list")
            }
            return elements
        }
    }
}
