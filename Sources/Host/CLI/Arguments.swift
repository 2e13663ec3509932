/// One option of a command, for parsing and for `--help`.
package struct Flag: Sendable {
    var name: String
    /// What its value is called; nil for a switch.
    var value: String?
    var help: String
    /// The variable that says the same where a command line is awkward: in containers.
    var environment: String?
    var usually: String?

    package init(_ name: String, _ value: String?, _ help: String, environment: String? = nil, usually: String? = nil) {
        self.name = name
        self.value = value
        self.help = help
        self.environment = environment
        self.usually = usually
    }
}

/// The command line was wrong; the text says how it is right.
package struct UsageError: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// What was given to a command: options by name, then plain words.
package struct Arguments: Sendable {
    private var values: [String: String] = [:]
    package private(set) var words: [String] = []

    init(_ arguments: some Sequence<String>, flags: [Flag], environment: [String: String] = [:]) throws(UsageError) {
        let known = Dictionary(flags.map { ($0.name, $0) }) { first, _ in first }
        for flag in flags {
            if let variable = flag.environment, let value = environment[variable], !value.isEmpty {
                values[flag.name] = value
            }
        }
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--"), argument.count > 2 else {
                words.append(argument)
                continue
            }
            let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1)
            let name = String(parts[0])
            guard let flag = known[name] else { throw UsageError("there is no option --\(name) here; see --help") }
            guard let valueName = flag.value else {
                guard parts.count == 1 else { throw UsageError("--\(name) takes no value") }
                values[name] = "yes"
                continue
            }
            guard let value = parts.count > 1 ? String(parts[1]) : rest.popFirst() else {
                throw UsageError("--\(name) needs a value: --\(name) \(valueName)")
            }
            values[name] = value
        }
    }

    package subscript(name: String) -> String? { values[name] }

    package func has(_ name: String) -> Bool { values[name] != nil }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = values[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError(
                "--\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'"
            )
        }
        return number
    }

    func choice<Choice: RawRepresentable & CaseIterable>(_ name: String) throws(UsageError) -> Choice?
    where Choice.RawValue == String {
        guard let text = values[name] else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError("--\(name) is one of \(choices), not '\(text)'")
        }
        return choice
    }
}
