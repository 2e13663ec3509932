import Core

/// What was asked of a NAV server and how it was answered, for tests and for people.
struct NavFacts {
    /// By operation, then by status; 0 where nothing was carried out.
    private(set) var requests: [String: [Int: Int]] = [:]
    private(set) var refusals: [String: Int] = [:]
    var highestAtOnce = 0
    /// More operations than there are: names come from addresses of all kinds.
    private static let mostNames = 400

    mutating func answered(_ operation: String, _ status: Int) {
        guard requests[operation] != nil || requests.count < Self.mostNames else { return }
        requests[operation, default: [:]][status, default: 0] += 1
    }

    mutating func refused(_ rule: String) {
        refusals[rule, default: 0] += 1
    }

    var json: JSON.Object {
        var object = JSON.Object()
        var byOperation = JSON.Object()
        for (operation, statuses) in requests.sorted(by: { $0.key < $1.key }) {
            var counts = JSON.Object()
            for (status, count) in statuses.sorted(by: { $0.key < $1.key }) { counts["\(status)"] = .number(count) }
            byOperation[operation] = .object(counts)
        }
        object["requests"] = .object(byOperation)
        var byRule = JSON.Object()
        for (rule, count) in refusals.sorted(by: { $0.key < $1.key }) { byRule[rule] = .number(count) }
        object["refusals"] = .object(byRule)
        return object
    }
}
