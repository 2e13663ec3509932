import Core
import Engine
import Systems
import Transport

/// A look at both systems as the connection would use them: what works, what is missing, and where it is mended.
@OnLoop struct Examination {
    let parts: Parts
    let context: FlowContext

    func run() async -> [Finding] {
        var findings: [Finding] = []
        await parts.books.examine(&findings)
        if findings.allSatisfy({ $0.verdict != .broken }) { await records(&findings) }
        await boards(&findings)
        findings.append(webhooks)
        return findings
    }

    private func records(_ findings: inout [Finding]) async {
        for (_, route) in parts.routes {
            await findings.look("\(parts.books.name): \(route.name)") {
                let page = try await route.source.page(changedSince: nil, lane: .live)
                return page.records.isEmpty ? "can be read; there are none yet" : "can be read"
            }
        }
    }

    private func boards(_ findings: inout [Finding]) async {
        let before = findings.count
        await findings.look("Monday: sign in") {
            let ping = try await parts.monday.client.ping()
            if let expected = parts.account, let found = ping.account, expected != found.id {
                throw Stranger(expected: expected, found: found)
            }
            return "as \(ping.user.name)" + (ping.account.map { " in the account \($0.name)" } ?? "")
        }
        guard findings[before].verdict == .works else { return }
        for (file, route) in parts.routes {
            let what = "Monday: board \(file.mapping.board) for \(route.name)"
            await findings.look(what) {
                try await route.lookAgain()
                return "has the key column and \(file.mapping.rules.count - route.shortcomings.count) of "
                    + "\(file.mapping.rules.count) mapped columns"
            }
            for shortcoming in route.shortcomings {
                findings.append(
                    Finding(
                        .broken,
                        what,
                        shortcoming,
                        remedy: "add the column to the board, or name another one under "
                            + "routes.\(route.name).columns in the connection's file"
                    )
                )
            }
        }
        for (_, route, _) in parts.lines {
            let what = "Monday: subitems for \(route.name)"
            await findings.look(what) {
                try await route.lookAgain()
                return "have the key column"
            }
            for shortcoming in route.shortcomings { findings.append(Finding(.broken, what, shortcoming)) }
        }
        for list in parts.lists {
            await findings.look("Monday: column \(list.file.column) for the list \(list.file.name)") {
                "“\(try await list.column().title)” has labels"
            }
        }
    }

    private struct Stranger: Error, CustomStringConvertible {
        var expected: String
        var found: Monday.Account

        var description: String {
            "the token is of account \(found.id) (\(found.name)), and monday.account says \(expected), so every webhook "
                + "would be refused: put the right number there, or take the line out"
        }
    }

    private var webhooks: Finding {
        guard let url = context.hookURL else {
            return Finding(
                .notice,
                "webhooks",
                "the server has no public address, so changes are polled",
                remedy: "start the server with --public-url https://…, where the vendors can reach it"
            )
        }
        let place = url.split(separator: "/", omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
        return Finding(.works, "webhooks", "come in at \(place)")
    }
}

extension [Finding] {
    /// With what came of it, in words.
    @OnLoop mutating func look(_ what: String, _ body: @OnLoop () async throws -> String) async {
        do {
            append(Finding(.works, what, try await body()))
        } catch let error as CallError {
            append(Finding(.broken, what, error.reason))
        } catch {
            append(Finding(.broken, what, "\(error)"))
        }
    }
}
