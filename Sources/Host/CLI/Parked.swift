import Core
import Store

/// What a person reads of records that are parked: why, since when, and what to do.
enum Parked {
    static let kinds = CallError.Kind.allCases.map(\.rawValue).joined(separator: ", ")

    static func nextStep(_ parking: RecordFacts.Parking) -> String {
        CallError.Kind(rawValue: parking.kind)?.nextStep ?? "mend what the reason says; then replay"
    }

    /// A block for each: reasons are sentences, and a table would cut them or run off the screen.
    static func text(_ records: [RecordFacts], of title: String) -> String {
        guard !records.isEmpty else { return "no such records are parked" }
        let blocks = records.compactMap { record in record.parking.map { block(record, $0) } }
        return blocks.joined(separator: "\n\n")
            + "\n\nA newer change of a record tries it again by itself; when you say so: ml-connector replay \(title) --all-failed"
    }

    private static func block(_ record: RecordFacts, _ parking: RecordFacts.Parking) -> String {
        let number = record.link.map { $0.number + "  " } ?? ""
        let item = record.link.map { "  item \($0.target)" } ?? ""
        var lines = [
            remark("\(number)\(record.route) \(record.key)\(item)"),
            "  \(remark(parking.kind)) since \(timeText(parking.failingSinceMilliseconds)), tried "
                + "\(record.attempts == 1 ? "once" : "\(record.attempts) times"), parked "
                + "\(timeText(parking.parkedMilliseconds)), heard of by \(remark(parking.cause))",
        ]
        lines.append("  why:  " + remark(parking.reason))
        lines.append("  then: " + nextStep(parking))
        return lines.joined(separator: "\n")
    }
}
