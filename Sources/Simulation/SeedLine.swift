import Core

/// What one process of a crew says of a seed, as a line of JSON: that it begins, then what it came to.
package enum SeedLine: Sendable, Equatable {
    case begins(UInt64)
    case ended(UInt64, broken: [String], Facts, digest: UInt64)

    package init(_ outcome: Outcome) {
        self = .ended(outcome.scenario.seed, broken: outcome.broken, outcome.facts, digest: outcome.digest)
    }

    package var text: String {
        var line = JSON.Object()
        switch self {
        case .begins(let seed): line["begins"] = .string("\(seed)")
        case .ended(let seed, let broken, let facts, let digest):
            line["ended"] = .string("\(seed)")
            line["broken"] = .array(broken.map { .string($0) })
            line["minutes"] = .number(Int(facts.hours * 60))
            for (name, path) in Facts.counts { line[name] = .number(facts[keyPath: path]) }
            var faults = JSON.Object()
            for (name, count) in facts.faults.sorted(by: { $0.key < $1.key }) { faults[name] = .number(count) }
            line["faults"] = .object(faults)
            line["digest"] = .string("\(digest)")
        }
        return JSON.object(line).text()
    }

    package init?(_ text: String) {
        guard let parsed = try? JSON.parse(text) else { return nil }
        let field = JSONField(parsed)
        do {
            if let begins = try field["begins"].orNil.flatMap({ UInt64(try $0.string()) }) {
                self = .begins(begins)
                return
            }
            guard let seed = UInt64(try field["ended"].string()) else { return nil }
            var facts = Facts()
            facts.hours = Double(try field["minutes"].int()) / 60
            for (name, path) in Facts.counts { facts[keyPath: path] = try field[name].int() }
            for (name, count) in try field["faults"].members() { facts.faults[name] = try count.int() }
            self = .ended(
                seed,
                broken: try field["broken"].elements().map { try $0.string() },
                facts,
                digest: UInt64(try field["digest"].string()) ?? 0
            )
        } catch {
            return nil
        }
    }
}

extension Facts {
    /// Those that are whole numbers, under the names they are shown by.
    static var counts: [(String, WritableKeyPath<Facts, Int>)] {
        [
            ("changes", \.changes), ("webhooks", \.webhooks), ("writes", \.writes), ("kills", \.kills),
            ("powerCuts", \.powerCuts), ("freezes", \.freezes), ("restarts", \.restarts), ("clockJumps", \.clockJumps),
            ("lostWrites", \.lostWrites),
        ]
    }

    package mutating func add(_ other: Facts) {
        hours += other.hours
        for (_, path) in Self.counts { self[keyPath: path] += other[keyPath: path] }
        faults.merge(other.faults) { $0 + $1 }
    }
}
