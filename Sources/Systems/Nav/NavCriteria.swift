import Core

extension Nav {
    /// Filters as a person would type them in NAV, which is how SOAP takes them: `10000..20000`, `A|B`, `>7`.
    struct Criteria: Sendable, Equatable {
        var field: String
        var text: String

        /// One for each condition. Several of one field could not all be said, and would silently be one of them.
        static func list(
            of conditions: [Filter],
            _ description: PageDescription,
            dates: Settings.DateOrder
        ) throws(CallError) -> [Criteria] {
            var list: [Criteria] = []
            for condition in conditions {
                let criteria = try Criteria(condition, description, dates)
                guard !list.contains(where: { $0.field == criteria.field }) else {
                    throw CallError(.stopConnection, Nav.name, .defect, "two filters on the field \(criteria.field)")
                }
                list.append(criteria)
            }
            return list
        }

        private init(_ filter: Filter, _ description: PageDescription, _ dates: Settings.DateOrder) throws(CallError) {
            func value(_ field: String, _ value: JSON) throws(CallError) -> String {
                try Self.value(value, field: field, kind: description.fields[field]?.kind, dates)
            }
            func day(_ field: String, _ value: JSON) -> Day? {
                guard case .date = description.fields[field]?.kind, case .string(let text) = value else { return nil }
                return Day(text)
            }
            switch filter {
            case .equals(let field, let wanted):
                self.field = field
                if let day = day(field, wanted) {
                    let (from, to) = (Self.certain(day, -1), Self.certain(day, 1))
                    text = Self.date(from, dates) + ".." + Self.date(to, dates)
                } else {
                    text = try value(field, wanted)
                }
            case .atLeast(let field, let wanted):
                self.field = field
                if let day = day(field, wanted) {
                    text = Self.date(Self.certain(day, -1), dates) + ".."
                } else {
                    text = try value(field, wanted) + ".."
                }
            case .moreThan(let field, let wanted):
                self.field = field
                if let day = day(field, wanted) {
                    text = Self.date(Self.certain(day, -1), dates) + ".."
                } else {
                    text = ">" + (try value(field, wanted))
                }
            case .anyOf(let field, let values):
                self.field = field
                var texts: [String] = []
                for wanted in values { texts.append(try value(field, wanted)) }
                text = texts.joined(separator: "|")
            case .all: preconditionFailure("a filter of several conditions is taken apart before")
            }
        }

        // MARK: Dates

        /// The day itself where no order of day and month reads another one out of it, and else the nearest one in that
        /// direction. A server of another language then refuses the date instead of taking the fourth of March for the
        /// third of April, and the rows in between are sorted out by `admits`.
        static func certain(_ day: Day, _ step: Int) -> Day {
            var day = day
            for _ in 0..<31 {
                let parts = day.components
                if parts.day > 12 || parts.day == parts.month { return day }
                day = day.adding(days: step)
            }
            return day
        }

        static func date(_ day: Day, _ order: Settings.DateOrder) -> String {
            let (year, month, number) = day.components
            let months = month < 10 ? "0\(month)" : "\(month)"
            let days = number < 10 ? "0\(number)" : "\(number)"
            return switch order {
            case .monthFirst: "\(months)/\(days)/\(year)"
            case .dayFirst: "\(days)-\(months)-\(year)"
            case .yearFirst: day.text
            }
        }

        // MARK: Values

        private static func value(
            _ value: JSON,
            field: String,
            kind: PageDescription.Kind?,
            _ dates: Settings.DateOrder
        ) throws(CallError) -> String {
            guard let plain = plainText(value) else {
                throw CallError(
                    .skipRecord,
                    Nav.name,
                    .validation,
                    "the field \(field) cannot be compared with this value"
                )
            }
            switch kind {
            case .number:
                guard Decimal(plain) != nil else {
                    throw CallError(.skipRecord, Nav.name, .validation, "the field \(field) is a number")
                }
                // An amount is typed as the language has it, a number of an entry is the same everywhere.
                return plain
            case .date:
                guard let day = Day(plain) else {
                    throw CallError(.skipRecord, Nav.name, .validation, "the field \(field) is a date")
                }
                return date(day, dates)
            case .truth: return plain
            // What people see, not the name in XML: a filter is typed.
            case .option: return quoted(plain)
            case .time, .text, .other, nil: return quoted(plain)
            }
        }

        /// Between single quotes nothing is special but the quote, which is doubled.
        static func quoted(_ text: String) -> String {
            let isPlain =
                !text.isEmpty
                && text.unicodeScalars.allSatisfy { scalar in
                    scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal || scalar == "-"
                        || scalar == "_"
                }
            return isPlain ? text : Address.literal(text)
        }
    }
}

extension Nav.Filter {
    /// Whether a row that came is one that was asked for, as far as its dates tell: they are asked for in a wider span than
    /// is wanted.
    func admits(_ row: Nav.Row) -> Bool {
        func day(_ field: String) -> Day? {
            if case .string(let text)? = row[field] { Day(text) } else { nil }
        }
        func wanted(_ value: JSON) -> Day? {
            if case .string(let text) = value { Day(text) } else { nil }
        }
        switch self {
        case .equals(let field, let value):
            guard let day = day(field), let wanted = wanted(value) else { return true }
            return day == wanted
        case .atLeast(let field, let value):
            guard let day = day(field), let wanted = wanted(value) else { return true }
            return day >= wanted
        case .moreThan(let field, let value):
            guard let day = day(field), let wanted = wanted(value) else { return true }
            return day > wanted
        case .anyOf: return true
        case .all(let filters): return filters.allSatisfy { $0.admits(row) }
        }
    }
}
