import Core
import Engine
import Systems
import Transport

/// A look at Business Central as the connection would use it: whether it lets us in, has the company, and has the fields.
@OnLoop struct BusinessCentralExamination {
    let client: BusinessCentral.Client
    let tokens: TokenKeeper?
    let sources: [BusinessCentralSource]

    func run(_ findings: inout [Finding]) async {
        let before = findings.count
        if let tokens {
            await findings.look("Business Central: sign in") {
                _ = try await tokens.token()
                return "Microsoft Entra gives a token to the application \(client.settings.clientID)"
            }
            guard findings[before].verdict == .works else { return }
        }
        let company = findings.count
        var isMisnamed = false
        await findings.look("Business Central: company") {
            do {
                let company = try await client.company()
                return "\(company.name) \(client.settings.placeName)"
            } catch let error as CallError {
                isMisnamed = error.kind == .configuration
                throw error
            }
        }
        guard findings[company].verdict == .works else {
            guard isMisnamed else { return }
            findings[company].remedy =
                "names of companies and environments stand under businessCentral in the connection's file; the environments "
                + "that there are, in the Business Central admin center"
            return await environment(&findings)
        }
        for source in sources { await fields(of: source, &findings) }
        await webhooks(&findings)
    }

    private func webhooks(_ findings: inout [Finding]) async {
        var surveys: [ObjectIdentifier: WebhookSurvey] = [:]
        var told: [String] = []
        var polled: [String] = []
        for source in sources {
            let client = source.client
            let survey = surveys[ObjectIdentifier(client)] ?? WebhookSurvey(client, every: .seconds(60))
            surveys[ObjectIdentifier(client)] = survey
            guard let isTold = try? await survey.supports(source.route.entitySet) else { return }
            if isTold { told.append(source.route.name) } else { polled.append(source.route.name) }
        }
        let words = [
            told.isEmpty ? "" : "the environment tells of changes of \(told.joined(separator: ", "))",
            polled.isEmpty ? "" : "\(polled.joined(separator: ", ")) can only be polled",
        ]
        let seen = words.filter { !$0.isEmpty }.joined(separator: "; ")
        findings.append(Finding(.works, "Business Central: webhooks", seen))
    }

    /// A misspelled environment looks like many other mistakes.
    private func environment(_ findings: inout [Finding]) async {
        let wanted = client.settings.environment
        guard let all = try? await client.environments(),
            !all.contains(where: { $0.name.lowercased() == wanted.lowercased() })
        else { return }
        let names = all.map { $0.type.isEmpty ? $0.name : "\($0.name) (\($0.type))" }.joined(separator: ", ")
        findings.append(
            Finding(
                .broken,
                "Business Central: environment",
                "there is no environment \(wanted); there are: \(names.isEmpty ? "none" : names)",
                remedy: "name one of them under businessCentral.environment in the connection's file"
            )
        )
    }

    /// What a mapping or a filter names has to be there. Where nobody says what is there, reading will show it.
    private func fields(of source: BusinessCentralSource, _ findings: inout [Finding]) async {
        let route = source.route
        guard let known = try? await source.client.fields(of: route.entitySet) else { return }
        let wanted = source.fields.select + source.fields.expand.map(\.name)
        for field in wanted where !known.contains(field) {
            let alike = known.filter { Likeness.distance($0.lowercased(), field.lowercased()) <= 3 }.sorted()
            let hint =
                alike.isEmpty
                ? "it has \(known.sorted().joined(separator: ", "))" : "there is \(alike.joined(separator: ", "))"
            findings.append(
                Finding(
                    .broken,
                    "Business Central: \(route.name)",
                    "\(route.entitySet) has no field \(field) in this environment; \(hint)",
                    remedy: "correct it under routes.\(route.name) in the connection's file"
                )
            )
        }
    }
}

/// How many letters lie between two words.
enum Likeness {
    static func distance(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one.unicodeScalars.prefix(60)), Array(other.unicodeScalars.prefix(60)))
        var row = Array(0...other.count)
        for (i, a) in one.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in other.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(diagonal + (a == b ? 0 : 1), above + 1, row[j] + 1)
                diagonal = above
            }
        }
        return row[other.count]
    }
}
