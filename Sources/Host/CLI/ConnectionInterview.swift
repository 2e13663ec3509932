import Core
import Engine
import Flows
import Glibc
import Store
import Transport

/// `connection add --interactive`: asks a person for what a connection needs, tries each answer as soon as it can be tried,
/// shows what would be written, and adds the connection only after a yes. Until then nothing is made anywhere.
@OnLoop final class ConnectionInterview {
    let asker = Asker()
    let desk: OnboardingDesk
    private let arguments: Arguments
    var draft: InterviewDraft
    /// Boards that lack the column for the records' keys.
    var boardsWithoutKey: [String] = []

    /// `start` is a file whose members are not asked for.
    init(_ start: String?, _ arguments: Arguments) throws {
        self.arguments = arguments
        desk = OnboardingDesk()
        draft = InterviewDraft()
        guard let start else { return }
        let text = try textFile(start)
        do {
            draft.document = try JSON.parse5(text)
        } catch {
            throw CommandFailure(
                code: .configuration,
                text: "\(start):\(error.line):\(error.column): expected \(error.expected)"
            )
        }
    }

    func run() async throws -> ExitCode {
        do {
            try await names()
            try await books()
            try await monday()
            try await routes()
            try await trial()
            return try await ending()
        } catch is Asker.Ended {
            throw CommandFailure(
                code: .failed,
                text: "ended before the last answer; nothing was added and nothing made"
            )
        }
    }

    // MARK: Who and what

    private func names() async throws {
        asker.say("A new connection. Ctrl-C ends this at any time; until the last yes nothing is made or written.\n")
        while true {
            try name("tenant", "Tenant, whose connection it is: lower-case letters, digits, hyphens")
            try name("name", "Its name, such as bc-board")
            guard await isTaken else { break }
            asker.say("  there is a connection \(draft.title) already; another name, please")
            draft[["name"]] = nil
        }
        if draft.text(["flow"]) == nil {
            let flows = SetupQuestion.flows
            let place = try asker.choice("Flow", of: flows.map { "\($0.name): \($0.words)" }, usually: 0)
            draft[["flow"]] = .string(flows[place].name)
        }
    }

    private func name(_ member: String, _ words: String) throws {
        while true {
            let text = try draft.text([member]) ?? asker.text(words)
            do {
                draft[[member]] = .string(try Name(text).text)
                return
            } catch {
                draft[[member]] = nil
                asker.say("  \(error)")
            }
        }
    }

    /// Where there is no installation yet, none is begun to find that out.
    private var isTaken: Bool {
        get async {
            guard access(arguments.data + "/control.db", F_OK) == 0,
                let folder = try? DataFolder(arguments.data, firstUser: nil),
                let control = try? await SQLiteControlPlane.open(folder.control)
            else { return false }
            let names = try? ConnectionCommand.names(draft.title)
            let known =
                if let names { try? await control.connection(names.name, of: names.tenant) } else {
                    nil as StoredConnection?
                }
            await control.close()
            return known != nil
        }
    }

    private var isNav: Bool { draft[["nav"]] != nil }

    // MARK: The books

    private func books() async throws {
        if draft.text(["flow"]) == "nav-monday", draft[["nav"]] == nil, draft[["businessCentral"]] == nil {
            let choices = ["on a server of your own: NAV 2016 to 2018", "online: Business Central"]
            let isOnline = try asker.choice("Where is NAV", of: choices, usually: 0) == 1
            draft[[isOnline ? "businessCentral" : "nav"]] = .object(JSON.Object())
        }
        try await untilItWorks(SetupQuestion.books(isNav: isNav)) { [self] in
            try askForPrivateNetwork()
            let (findings, companies) = try await desk.visit(draft) { try await $0.companies() }
            for finding in findings { asker.say(ConnectionTest.text(finding)) }
            guard !findings.contains(where: { $0.verdict == .broken }) else { return false }
            try choose(companies)
            return true
        }
    }

    private func askForPrivateNetwork() throws {
        guard let url = draft.text(["nav", "url"]), url.hasPrefix("http://"), draft[["nav", "privateNetwork"]] == nil
        else { return }
        let words = "Over plain http everybody on the way can read the key. Is the way a private network only"
        if try asker.yes(words, usually: false) { draft[["nav", "privateNetwork"]] = true }
    }

    private func choose(_ companies: [Onboarding.Company]?) throws {
        let place = [isNav ? "nav" : "businessCentral", "company"]
        guard draft[place] == nil else { return }
        guard let companies, !companies.isEmpty else {
            asker.say(
                companies == nil
                    ? "  the server does not list its companies"
                    : "  no company is shown to this user: give it permissions in the company"
            )
            draft[place] = .string(try asker.text("Company, written as in the books"))
            return
        }
        let chosen = try asker.choice("Company", of: companies.map(\.shown), usually: companies.count == 1 ? 0 : nil)
        draft[place] = .string(companies[chosen].name)
    }

    // MARK: Monday

    private func monday() async throws {
        try await untilItWorks(SetupQuestion.monday) { [self] in
            let user = try await desk.visit(draft) { try await $0.mondayUser() }
            asker.say("ok      Monday: sign in: as \(remark(user))\n")
            return true
        }
    }

    /// Asks, tries, and asks again for as long as somebody wants to.
    private func untilItWorks(_ questions: [SetupQuestion], _ attempt: @OnLoop () async throws -> Bool) async throws {
        let given = draft
        while true {
            try ask(questions)
            do {
                if try await attempt() { return }
            } catch let error as CallError {
                asker.say("BROKEN  " + remark(error.reason))
            } catch let error as JSONField.Wrong {
                asker.say("BROKEN  " + remark("\(error)"))
            }
            guard try asker.yes("Mend it, and answer these questions again", usually: true) else { throw Asker.Ended() }
            draft = given
        }
    }

    private func ask(_ questions: [SetupQuestion]) throws {
        for question in questions where draft.lacks(question) {
            switch question.kind {
            case .text(let usually):
                draft[question.place] = .string(try asker.text(question.words, usually: usually))
            case .optional:
                if let text = try asker.optional(question.words) { draft[question.place] = .string(text) }
            case .secret:
                let (reference, typed) = try asker.secret(question.words)
                draft[question.place] = reference
                draft.typed[question.path] = typed
            }
        }
    }

    // MARK: The preview, and the end

    private func trial() async throws {
        while true {
            asker.say("\nReading up to \(Onboarding.samples) records of each kind …")
            let (findings, routes) = try await desk.visit(draft) { try await $0.tryOut() }
            for finding in findings { asker.say(ConnectionTest.text(finding)) }
            for route in routes {
                asker.say("\n\(remark(route.route)):")
                for sample in route.samples { asker.say(Self.text(sample)) }
            }
            guard findings.contains(where: { $0.verdict == .broken }) else { return try await preview() }
            guard try asker.yes("Mend what is broken; try again", usually: true) else { throw Asker.Ended() }
        }
    }

    /// On boards that are ready, some items may have the keys already.
    private func preview() async throws {
        guard draft.newBoards.isEmpty, boardsWithoutKey.isEmpty else { return }
        let report = try await desk.visit(draft) { onboarding in
            var report = PreviewReport()
            try await onboarding.preview { report.add($0) }
            return report
        }
        asker.say("\n" + report.text)
    }

    private static func text(_ sample: Onboarding.Sample) -> String {
        if let refusal = sample.refusal { return "  \(remark(sample.number)): refused: \(remark(refusal))" }
        let cells = sample.cells.map { "\(remark($0.column)): \(remark($0.text))" }
        return "  \(remark(sample.number))  " + cells.joined(separator: " | ")
    }

    private func ending() async throws -> ExitCode {
        asker.say("")
        let path = try freePath()
        var question = "Add \(draft.title), write \(path)"
        let orders = draft.newBoards
        if !orders.isEmpty { question += ", make \(orders.count) new board\(orders.count == 1 ? "" : "s")" }
        if !boardsWithoutKey.isEmpty { question += ", make the key column" }
        guard try asker.yes(question + ", and start", usually: false) else { throw Asker.Ended() }
        for board in boardsWithoutKey { try await desk.visit(draft) { try await $0.makeKeyColumn(on: board) } }
        var text = draft.fileText
        if !orders.isEmpty {
            let made = try await desk.visit(draft) { try await $0.makeBoards() }
            text = try BoardOrder.filled(text, with: made)
            for each in made { asker.say("the board “\(remark(each.order.name))” is made: \(each.board)") }
        }
        try writeFile(text, to: path)
        let source = try ConnectionSource(path: path)
        try await ConnectionAdding.run(arguments) { try await $0.add(source, typed: draft.typed) }
        asker.say("See it: ml-connector connection show \(draft.title), ml-connector records \(draft.title)")
        return .done
    }

    /// A file that is there is somebody's, and stays as it is.
    private func freePath() throws -> String {
        while true {
            let path = try asker.text(
                "File to write it to",
                usually: draft.title.split(separator: "/").joined(separator: "-") + ".json5"
            )
            if access(path, F_OK) != 0 { return path }
            asker.say("  \(path) is there already; another name, please")
        }
    }
}
