import Core

extension Monday {
    /// What an answer's head says of the account's limits: how much in what time, and how much of it is left.
    ///
    ///     RateLimit-Policy: "minuteRate";q=1000;w=60, "concurrency";q=40;qu="concurrent-requests"
    ///     RateLimit: "minuteRate";r=998, "concurrency";r=39
    struct Quotas: Sendable, Equatable {
        struct Quota: Sendable, Equatable {
            var limit: Int?
            var period: Duration?
            var left: Int?
        }

        private(set) var quotas: [String: Quota] = [:]

        init(policy: String?, state: String?) {
            for (name, values) in Self.items(policy) {
                quotas[name, default: Quota()].limit = values["q"]
                quotas[name, default: Quota()].period = values["w"].map { .seconds($0) }
            }
            for (name, values) in Self.items(state) { quotas[name, default: Quota()].left = values["r"] }
        }

        /// Under the names that our limits have.
        static let windows = ["minuteRate": "requests", "concurrency": "inFlight", "complexityMinute": "complexity"]

        subscript(window: String) -> Quota? {
            Self.windows.first { $0.value == window }.flatMap { quotas[$0.key] }
        }

        /// Each policy's name with its whole numbers. What is not of this form is passed over, and nothing is long.
        private static func items(_ header: String?) -> [(name: String, values: [String: Int])] {
            guard let header, header.utf8.count <= 2_000 else { return [] }
            return header.split(separator: ",").prefix(20).compactMap { item in
                let parts = item.split(separator: ";").map { $0.filter { $0 != " " } }
                guard let name = parts.first, name.hasPrefix("\""), name.hasSuffix("\""), name.count > 2 else {
                    return nil
                }
                var values: [String: Int] = [:]
                for part in parts.dropFirst() {
                    let pair = part.split(separator: "=", maxSplits: 1)
                    guard pair.count == 2, let value = Int(pair[1]), 0...1_000_000_000_000 ~= value else { continue }
                    values[String(pair[0])] = value
                }
                return (String(name.dropFirst().dropLast()), values)
            }
        }
    }
}
