extension GraphQL.Schema {
    /// Everything that is wrong with a document by the specification's rules; empty when it can be executed.
    package func faults(of document: GraphQL.Document) -> [GraphQL.Fault] {
        var validator = GraphQL.Validator(schema: self, document: document)
        validator.run()
        return validator.faults
    }
}

extension GraphQL {
    /// Walks a document once and notes what breaks a rule. What follows from a fault that is noted already (the fields of a
    /// type that does not exist) is passed over.
    struct Validator {
        /// Where a variable stands, and what is expected there; nil inside a value without a type of its own.
        struct Usage {
            var name: String
            var location: Location
            var type: TypeReference?
            var hasDefault: Bool
        }

        /// What an operation or a fragment uses, before the fragments it spreads are looked into.
        struct Uses {
            var variables: [Usage] = []
            var spreads: [Spread] = []
        }

        let schema: Schema
        let document: Document
        let fragments: [String: Fragment]
        var faults: [Fault] = []
        var uses = Uses()
        private var fragmentUses: [String: Uses] = [:]
        /// What is left of the comparisons that fields of the same name may cost.
        var comparisons = 200_000

        init(schema: Schema, document: Document) {
            self.schema = schema
            self.document = document
            fragments = Dictionary(document.fragments.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        }

        mutating func fault(_ message: String, _ locations: Location...) {
            faults.append(Fault(message, at: locations))
        }

        mutating func run() {
            checkNames()
            for fragment in document.fragments { walk(fragment) }
            findCycles()
            for operation in document.operations { walk(operation) }
            checkThatFragmentsAreUsed()
            // Their fields may be anything as long as the types are not known.
            if faults.isEmpty { checkThatFieldsMerge() }
        }

        // MARK: Names

        private mutating func checkNames() {
            unique(document.operations.compactMap { operation in operation.name.map { ($0, operation.location) } }) {
                "There can be only one operation named \"\($0)\"."
            }
            for operation in document.operations where operation.name == nil && document.operations.count > 1 {
                fault("This anonymous operation must be the only defined operation.", operation.location)
            }
            unique(document.fragments.map { ($0.name, $0.location) }) {
                "There can be only one fragment named \"\($0)\"."
            }
        }

        mutating func unique(_ names: [(String, Location)], _ message: (String) -> String) {
            var seen: Set<String> = []
            for (name, location) in names where !seen.insert(name).inserted { fault(message(name), location) }
        }

        // MARK: Definitions

        private mutating func walk(_ fragment: Fragment) {
            uses = Uses()
            checkDirectives(fragment.directives, mayStand: false)
            if isComposite(fragment.typeName, fragment.location, "Fragment \"\(fragment.name)\"") {
                walk(fragment.selections, of: fragment.typeName)
            }
            fragmentUses[fragment.name] = uses
        }

        private mutating func walk(_ operation: Operation) {
            uses = Uses()
            checkDirectives(operation.directives, mayStand: false)
            unique(operation.variables.map { ($0.name, $0.location) }) {
                "There can be only one variable named \"$\($0)\"."
            }
            for variable in operation.variables { check(variable) }
            if let root = schema.rootName(operation.kind) {
                walk(operation.selections, of: root)
                checkVariables(of: operation)
            } else {
                fault("Schema is not configured to execute \(operation.kind.rawValue) operation.", operation.location)
            }
        }

        /// False, with a fault, when selections of that type make no sense.
        private mutating func isComposite(_ name: String, _ location: Location, _ what: String) -> Bool {
            guard let type = schema.types[name] else {
                fault("Unknown type \"\(name)\".", location)
                return false
            }
            guard type.isComposite else {
                fault("\(what) cannot condition on non composite type \"\(name)\".", location)
                return false
            }
            return true
        }

        // MARK: Selections

        private mutating func walk(_ selections: [Selection], of parent: String) {
            for selection in selections {
                switch selection {
                case .field(let field): walk(field, of: parent)
                case .spread(let spread):
                    checkDirectives(spread.directives, mayStand: true)
                    uses.spreads.append(spread)
                    guard let fragment = fragments[spread.name] else {
                        fault("Unknown fragment \"\(spread.name)\".", spread.location)
                        continue
                    }
                    checkThatTypesMeet(parent, fragment.typeName, spread.location, "Fragment \"\(spread.name)\"")
                case .inline(let inline):
                    checkDirectives(inline.directives, mayStand: true)
                    guard let name = inline.typeName else {
                        walk(inline.selections, of: parent)
                        continue
                    }
                    guard isComposite(name, inline.location, "Fragment") else { continue }
                    checkThatTypesMeet(parent, name, inline.location, "Fragment")
                    walk(inline.selections, of: name)
                }
            }
        }

        private mutating func walk(_ field: Field, of parent: String) {
            checkDirectives(field.directives, mayStand: true)
            guard let definition = schema.field(field.name, of: parent) else {
                fault("Cannot query field \"\(field.name)\" on type \"\(parent)\".", field.location)
                // What hangs below is unknown, but the variables there are used all the same.
                for argument in field.arguments { check(argument.value, against: nil) }
                return
            }
            check(field.arguments, definition.arguments, "field \"\(parent).\(field.name)\"", field.location)
            let name = definition.type.name
            let isComposite = schema.types[name]?.isComposite == true
            if isComposite, field.selections.isEmpty {
                fault(
                    "Field \"\(field.name)\" of type \"\(definition.type.text)\" must have a selection of subfields.",
                    field.location
                )
            } else if !isComposite, !field.selections.isEmpty {
                fault(
                    "Field \"\(field.name)\" must not have a selection since type \"\(definition.type.text)\" has no subfields.",
                    field.location
                )
            } else {
                walk(field.selections, of: name)
            }
        }

        private mutating func checkThatTypesMeet(_ parent: String, _ type: String, _ location: Location, _ what: String)
        {
            guard schema.types[type]?.isComposite == true else { return }
            if schema.possibleTypes(of: parent).isDisjoint(with: schema.possibleTypes(of: type)) {
                fault(
                    "\(what) cannot be spread here as objects of type \"\(parent)\" can never be of type \"\(type)\".",
                    location
                )
            }
        }

        mutating func checkDirectives(_ directives: [Directive], mayStand: Bool) {
            unique(directives.map { ($0.name, $0.location) }) {
                "The directive \"@\($0)\" can only be used once at this location."
            }
            for directive in directives {
                guard let definitions = schema.directives[directive.name] else {
                    fault("Unknown directive \"@\(directive.name)\".", directive.location)
                    continue
                }
                if !mayStand { fault("Directive \"@\(directive.name)\" may not be used here.", directive.location) }
                check(directive.arguments, definitions, "directive \"@\(directive.name)\"", directive.location)
            }
        }

        // MARK: Fragments

        private mutating func findCycles() {
            var done: Set<String> = []
            for fragment in document.fragments {
                var path: [String] = []
                findCycle(fragment.name, &path, &done)
            }
        }

        private mutating func findCycle(_ name: String, _ path: inout [String], _ done: inout Set<String>) {
            guard !done.contains(name) else { return }
            path.append(name)
            for spread in fragmentUses[name]?.spreads ?? [] {
                if path.contains(spread.name) {
                    fault("Cannot spread fragment \"\(spread.name)\" within itself.", spread.location)
                } else {
                    findCycle(spread.name, &path, &done)
                }
            }
            path.removeLast()
            done.insert(name)
        }

        private mutating func checkThatFragmentsAreUsed() {
            var used: Set<String> = []
            for operation in document.operations {
                var spreads: [Spread] = []
                collectSpreads(operation.selections, &spreads)
                for spread in spreads { reach(spread.name, &used) }
            }
            for fragment in document.fragments where !used.contains(fragment.name) {
                fault("Fragment \"\(fragment.name)\" is never used.", fragment.location)
            }
        }

        private func collectSpreads(_ selections: [Selection], _ spreads: inout [Spread]) {
            for selection in selections {
                switch selection {
                case .field(let field): collectSpreads(field.selections, &spreads)
                case .spread(let spread): spreads.append(spread)
                case .inline(let inline): collectSpreads(inline.selections, &spreads)
                }
            }
        }

        private func reach(_ name: String, _ reached: inout Set<String>) {
            guard reached.insert(name).inserted else { return }
            for spread in fragmentUses[name]?.spreads ?? [] { reach(spread.name, &reached) }
        }

        // MARK: Variables

        private mutating func checkVariables(of operation: Operation) {
            var reached: Set<String> = []
            for spread in uses.spreads { reach(spread.name, &reached) }
            // In the order of the document, so that the first fault is always the same one.
            let usages =
                uses.variables
                + document.fragments.filter { reached.contains($0.name) }
                .flatMap { fragmentUses[$0.name]?.variables ?? [] }
            let definitions = Dictionary(
                operation.variables.map { ($0.name, $0) },
                uniquingKeysWith: { first, _ in first }
            )
            for usage in usages {
                if let definition = definitions[usage.name] {
                    checkPosition(of: usage, definition)
                } else {
                    fault("Variable \"$\(usage.name)\" is not defined.", usage.location)
                }
            }
            let used = Set(usages.map(\.name))
            for variable in operation.variables where !used.contains(variable.name) {
                fault("Variable \"$\(variable.name)\" is never used.", variable.location)
            }
        }
    }
}
