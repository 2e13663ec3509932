import Core
import Transport

/// `connection test`: tries both systems as the connection would use them, and says what works and what does not.
enum ConnectionTest {
    /// Longer than all questions to both systems take, each at its own deadline.
    private static let patience = Duration.seconds(300)

    @OnLoop static func run(_ word: String?, _ arguments: Arguments, _ folder: DataFolder) async throws -> ExitCode {
        guard let word else { throw UsageError("connection test needs TENANT/NAME, or the file that describes one") }
        let subject = try await ConnectionSubject(word, arguments, folder)
        let findings = try await subject.ask(within: patience, folder) { flow, context in
            await flow.examine(in: context)
        }
        for finding in findings { Terminal.print(arguments.has("json") ? json(finding).text() : text(finding)) }
        if findings.isEmpty, !arguments.has("json") {
            Terminal.print(
                "\(word): the flow \(subject.file.flow) speaks with no other system, so there is nothing to test"
            )
        }
        return findings.contains { $0.verdict == .broken } ? .failed : .done
    }

    // MARK: What is said

    static func text(_ finding: Finding) -> String {
        let mark =
            switch finding.verdict {
            case .works: "ok      "
            case .notice: "notice  "
            case .broken: "BROKEN  "
            }
        let remedy = finding.remedy.map { "\n        -> " + remark($0) } ?? ""
        return mark + remark(finding.what) + ": " + remark(finding.seen) + remedy
    }

    private static func json(_ finding: Finding) -> JSON {
        [
            "verdict": .string(finding.verdict.rawValue), "what": .string(finding.what), "seen": .string(finding.seen),
            "remedy": finding.remedy.map { .string($0) } ?? .null,
        ]
    }
}
