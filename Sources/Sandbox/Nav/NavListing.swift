import Core
import Transport

extension NavSimulator {
    /// One page of a list, and where the next begins: behind the last row's place, wherever that row may be by then.
    @OnLoop struct NavListing {
        private(set) var rows: [Row]
        private(set) var nextToken: String?
        /// Of all that fit, where it was asked for.
        let count: Int?
        private let company: Company
        private let page: Page
        private let ordering: [Query.Ordering]

        /// `rows` come in the order of their key.
        init(_ all: [Row], _ page: Page, _ query: Query, _ company: Company, pageSize: Int) throws(Refusal) {
            self.page = page
            self.company = company
            ordering = query.ordering
            var fitting = all
            if let filter = query.filter {
                fitting = all.filter { row in filter.holds { company.value(of: $0, in: row, of: page.table) } }
            }
            count = query.counts ? fitting.count : nil
            rows = []
            if !ordering.isEmpty { fitting = sorted(fitting) }
            var rest = fitting[...]
            if let token = query.skipToken {
                guard let last = marks(of: token) else {
                    throw .badRequest("The skip token is not valid.", rule: "bad skiptoken")
                }
                rest = rest.drop { order(marks(of: $0), last) <= 0 }
            } else {
                rest = rest.dropFirst(query.skip)
            }
            rows = Array(rest.prefix(min(query.top ?? pageSize, pageSize)))
            // With $top the vendor gives no link beyond it.
            if query.top == nil, rows.count < rest.count, let last = rows.last { nextToken = token(of: last) }
        }

        private func sorted(_ rows: [Row]) -> [Row] {
            rows.map { (marks(of: $0), $0) }.sorted { order($0.0, $1.0) < 0 }.map(\.1)
        }

        /// What a row is ordered by: the fields asked for, then its key.
        private func marks(of row: Row) -> [Value] {
            ordering.map { company.value(of: $0.field, in: row, of: page.table) }
                + [.text(company.keyText(page.table, row))]
        }

        private func order(_ a: [Value], _ b: [Value]) -> Int {
            for (place, pair) in zip(a, b).enumerated() {
                let order = pair.0.compared(to: pair.1) ?? 0
                guard order == 0 else { return place < ordering.count && ordering[place].isDescending ? -order : order }
            }
            return 0
        }

        private func token(of row: Row) -> String {
            Base64.text(of: JSON.array(marks(of: row).map { $0.json(as: .text(most: 0)) }).bytes(), .url)
        }

        private func marks(of token: String) -> [Value]? {
            guard let bytes = Base64.bytes(of: token, .url), let document = try? JSON.parse(bytes.span),
                case .array(let elements) = document, elements.count == ordering.count + 1
            else { return nil }
            var marks: [Value] = []
            for (place, element) in elements.enumerated() {
                let kind = place < ordering.count ? ordering[place].field.kind : .text(most: .max)
                guard let mark = try? Value(element, as: kind, blank: "") else { return nil }
                marks.append(mark)
            }
            return marks
        }
    }
}
