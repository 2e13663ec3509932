extension BusinessCentral {
    /// Where a record or a set of records stands below a company: `journals(id)/journalLines`.
    package struct Address: Sendable, Equatable {
        private var steps: [(name: String, id: String?)]

        package init(_ entitySet: String, _ id: String? = nil) {
            steps = [(entitySet, id)]
        }

        /// What stands below it.
        package func then(_ entitySet: String, _ id: String? = nil) -> Address {
            var address = self
            address.steps.append((entitySet, id))
            return address
        }

        /// Nil where a name or an id is none, which could lead anywhere.
        var path: String? {
            guard steps.allSatisfy({ isIdentifier($0.name) && ($0.id.map(isGUID) ?? true) }) else { return nil }
            return steps.map { step in step.name + (step.id.map { "(\($0.lowercased()))" } ?? "") }
                .joined(separator: "/")
        }

        package static func == (a: Address, b: Address) -> Bool {
            a.steps.count == b.steps.count && zip(a.steps, b.steps).allSatisfy { $0 == $1 }
        }
    }
}
