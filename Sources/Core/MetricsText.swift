/// A page in the Prometheus text format, written family by family.
package struct MetricsText: Sendable {
    package enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    package private(set) var text = ""

    package init() {}

    /// Names carry their unit; a counter ends in `_total`.
    package mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP ml_connector_\(name) \(help)\n# TYPE ml_connector_\(name) \(kind.rawValue)\n"
    }

    package mutating func sample(_ name: String, _ value: some BinaryInteger) {
        line(name, [], "\(value)")
    }

    package mutating func sample(_ name: String, _ value: Double) {
        line(name, [], "\(value)")
    }

    package mutating func sample(_ name: String, _ labels: [(String, String)], _ value: some BinaryInteger) {
        line(name, labels, "\(value)")
    }

    package mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
        line(name, labels, "\(value)")
    }

    package mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram) {
        family(name, .histogram, help)
        var below = 0
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            let (sum, overflowed) = below.addingReportingOverflow(count)
            below = overflowed ? .max : sum
            sample(name + "_bucket", [("le", "\(bound)")], below)
        }
        sample(name + "_bucket", [("le", "+Inf")], histogram.count)
        sample(name + "_sum", histogram.sum)
        sample(name + "_count", histogram.count)
    }

    private mutating func line(_ name: String, _ labels: [(String, String)], _ value: String) {
        text += "ml_connector_" + name
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",") + "}"
        }
        text += " \(value)\n"
    }

    private func escaped(_ value: String) -> String {
        var result = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

/// How often a measured value fell below each of some bounds.
package struct Histogram: Sendable, Equatable {
    package let bounds: [Double]
    package private(set) var counts: [Int]
    package private(set) var count = 0
    package private(set) var sum = 0.0

    package init(bounds: [Double]) {
        self.bounds = bounds
        counts = [Int](repeating: 0, count: bounds.count)
    }

    /// Counted elsewhere: `counts` by bound, with those beyond the last one at its end.
    package init(bounds: [Double], counts: [Int], sum: Double) {
        self.init(bounds: bounds)
        for (place, count) in counts.enumerated() {
            if place < bounds.count { self.counts[place] = count }
            let (all, overflowed) = self.count.addingReportingOverflow(count)
            self.count = overflowed ? .max : all
        }
        self.sum = sum
    }

    package mutating func observe(_ value: Double) {
        count += 1
        sum += value
        if let place = bounds.firstIndex(where: { value <= $0 }) { counts[place] += 1 }
    }
}
