import Core
import Engine
import Systems
import Transport

/// A look at both systems as the connection would use them: what works, what is missing, and where it is mended.
@OnLoop struct Examination {
    let file: BusinessCentralMondayFile
    let parts: Parts
    let context: FlowContext

    func run() async -> [Finding] {
        var findings = await signIn()
        if findings.allSatisfy({ $0.verdict != .broken }) { findings += await records() }
        findings += await boards()
        findings.append(webhooks)
        return findings
    }

    private func signIn() async -> [Finding] {
        var findings: [Finding] = []
        await look("Business Central: sign in", &findings) {
            _ = try await parts.tokens.token()
            return "Microsoft Entra gives a token to the application \(file.businessCentral.clientID)"
        }
        guard findings.allSatisfy({ $0.verdict == .works }) else { return findings }
        await look("Business Central: company", &findings) {
            let company = try await parts.businessCentral.company()
            return "\(company.name) in the environment \(file.businessCentral.environment)"
        }
        return findings
    }

    private func records() async -> [Finding] {
        var findings: [Finding] = []
        for route in file.routes {
            await look("Business Central: \(route.entitySet)", &findings) {
                let page = try await parts.businessCentral.page(
                    route.entitySet,
                    changedSince: nil,
                    select: route.mapping.fields,
                    pageSize: 1,
                    lane: .live
                )
                return page.records.isEmpty ? "can be read; there are none yet" : "can be read"
            }
        }
        return findings
    }

    private func boards() async -> [Finding] {
        var findings: [Finding] = []
        await look("Monday: sign in", &findings) {
            let ping = try await parts.monday.ping()
            return "as \(ping.user.name)" + (ping.account.map { " in the account \($0.name)" } ?? "")
        }
        guard findings.allSatisfy({ $0.verdict == .works }) else { return findings }
        for (route, entity) in parts.routes {
            let what = "Monday: board \(route.mapping.board) for \(route.entitySet)"
            await look(what, &findings) {
                try await entity.lookAgain()
                return "has the key column and \(route.mapping.rules.count - entity.shortcomings.count) of "
                    + "\(route.mapping.rules.count) mapped columns"
            }
            for shortcoming in entity.shortcomings {
                findings.append(
                    Finding(
                        .broken,
                        what,
                        shortcoming,
                        remedy: "add the column to the board, or name another one under "
                            + "routes.\(route.entitySet).columns in the connection's file"
                    )
                )
            }
        }
        return findings
    }

    private var webhooks: Finding {
        guard let url = context.hookURL else {
            return Finding(
                .notice,
                "webhooks",
                "the server has no public address, so changes are polled",
                remedy: "start the server with --public-url https://…, where Business Central can reach it"
            )
        }
        let place = url.split(separator: "/", omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
        return Finding(.works, "webhooks", "come in at \(place)")
    }

    private func look(_ what: String, _ findings: inout [Finding], _ body: () async throws -> String) async {
        do {
            findings.append(Finding(.works, what, try await body()))
        } catch let error as CallError {
            findings.append(Finding(.broken, what, error.reason))
        } catch {
            findings.append(Finding(.broken, what, "\(error)"))
        }
    }
}
