import Core
import Engine
import Glibc
import Transport

/// `connection preview`: what a connection would do with the records as they are now, or what a file would do that is not
/// added yet. Nothing is written.
enum ConnectionPreview {
    static let flags = [
        Flag("limit", "N", "preview: so many records of each route", usually: "50"),
        Flag("all", nil, "preview: count what would become of all records, in the background"),
    ]

    /// A few records come within seconds, but an account that is closed for a while is waited for.
    private static let patience = Duration.seconds(300)
    /// All of them may have to wait for tomorrow's calls; who does not want to wait ends it.
    private static let patienceForAll = Duration.seconds(30 * 86_400)

    @OnLoop static func run(_ word: String?, _ arguments: Arguments, _ folder: DataFolder) async throws -> ExitCode {
        guard let word else { throw UsageError("connection preview needs TENANT/NAME, or the file that describes one") }
        let all = arguments.has("all")
        if all, arguments.has("limit") { throw UsageError("--all and --limit cannot be said together") }
        let limit = try arguments.integer("limit", in: 1...100_000) ?? 50
        let wish = PreviewWish(limit: all ? nil : limit)
        let asJSON = arguments.has("json")
        let subject = try await ConnectionSubject(word, arguments, folder)
        var report = PreviewReport()
        // Of very many nobody reads each; of a few everybody does.
        let showsProgress = all && !asJSON && isatty(2) == 1
        do {
            report = try await subject.ask(within: all ? patienceForAll : patience, folder) { flow, context in
                var report = PreviewReport()
                try await flow.preview(wish, in: context) { news in
                    report.add(news)
                    if let text = asJSON ? PreviewReport.json(news)?.text() : PreviewReport.text(news),
                        !all || !news.isLine
                    {
                        Terminal.print(text)
                    }
                    if showsProgress, news.isLine, report.records % 1_000 == 0 {
                        Terminal.complain("\(report.records) records looked at")
                    }
                }
                return report
            }
        } catch let error as NoPreview {
            throw CommandFailure(code: .failed, text: "\(word): \(error)")
        } catch let error as CallError {
            throw CommandFailure(code: .failed, text: error.reason)
        }
        Terminal.print(asJSON ? report.json.text() : report.text)
        return .done
    }
}

extension PreviewNews {
    var isLine: Bool { if case .line = self { true } else { false } }
}
