import Core
import Engine
import Systems
import Transport

/// What a new connection can find out before there is one: whether both systems let it in, which companies and boards
/// there are, what would go where. The document is the connection's file as far as it is known; of what is not in it yet,
/// nothing is needed. Nothing is written but what `make` is asked for.
@OnLoop package struct Onboarding {
    package struct Company: Sendable, Equatable {
        /// As it stands in the file.
        package var name: String
        package var shown: String
    }

    package struct Board: Sendable, Equatable {
        package var number: String
        package var name: String
        package var items: Int?
    }

    /// What the records of a route would look like.
    package struct Sample: Sendable, Equatable {
        package var number: String
        package var cells: [(column: String, text: String)]
        package var refusal: String?

        package static func == (a: Sample, b: Sample) -> Bool {
            a.number == b.number && a.refusal == b.refusal && a.cells.map(\.column) == b.cells.map(\.column)
                && a.cells.map(\.text) == b.cells.map(\.text)
        }
    }

    /// A few are enough to see whether the mapping is right.
    package static let samples = 10

    let flow: String
    let document: JSON
    let context: FlowContext

    package init(_ flow: String, _ document: JSON, in context: FlowContext) {
        self.flow = flow
        self.document = document
        self.context = context
    }

    private var kind: BoardTemplate.BooksKind {
        JSONField(document)["nav"].orNil == nil ? .businessCentral : .nav
    }

    // MARK: The books

    /// The companies that can be chosen; or else what is in the way. Nil where the server does not list them.
    package func companies() async throws -> (findings: [Finding], companies: [Company]?) {
        let document = withPlaceholders
        switch kind {
        case .businessCentral:
            let file = try BusinessCentralFile(JSONField(document), timing: .init())
            let books = try BusinessCentralBooks(file, in: context, isTrial: true)
            return try await closing(books) {
                let companies = try await books.client.companies(lane: .interactive).map { company in
                    let alias = company.displayName.isEmpty || company.displayName == company.name
                    return Company(
                        name: company.name,
                        shown: company.name + (alias ? "" : " (\(company.displayName))")
                    )
                }
                return ([], companies)
            }
        case .nav:
            let books = try NavBooks(try NavFile(document, timing: .init()), in: context, isTrial: true)
            return try await closing(books) {
                let survey = try await books.client.survey(of: [], lane: .interactive)
                let findings = survey.findings().filter { $0.what != "NAV: company" }
                return (findings, survey.companies?.map { Company(name: $0, shown: $0) })
            }
        }
    }

    /// Which kinds of records can be chosen, those that people begin with first.
    package var kinds: [String] { BoardTemplate.kinds(of: kind) }

    /// A company and routes have to be named before anybody can be asked for companies and routes.
    private var withPlaceholders: JSON {
        guard case .object(var root) = document else { return document }
        let name = kind == .nav ? "nav" : "businessCentral"
        if case .object(var books)? = root[name], books["company"] == nil {
            books["company"] = "?"
            root[name] = .object(books)
        }
        if root["routes"] == nil { root["routes"] = .object(JSON.Object()) }
        return .object(root)
    }

    func closing<Value>(_ books: any Books, _ body: @OnLoop () async throws -> Value) async throws -> Value {
        do {
            let value = try await body()
            await books.close()
            return value
        } catch {
            await books.close()
            throw error
        }
    }

    // MARK: Monday

    func withMonday<Value>(_ body: @OnLoop (Monday.Client) async throws -> Value) async throws -> Value {
        let side = try MondaySide(
            Monday.Client.Settings(JSONField(document)["monday"]),
            windows: AccountWindows(JSONField(.null), names: [:], usual: Monday.Limits.windows),
            longestCall: nil,
            in: context,
            isTrial: true
        )
        do {
            let value = try await body(side.client)
            await side.close()
            return value
        } catch {
            await side.close()
            throw error
        }
    }

    /// Whose token it is, in words.
    package func mondayUser() async throws -> String {
        try await withMonday { monday in
            let ping = try await monday.ping(lane: .interactive)
            return ping.user.name + (ping.account.map { ", account \($0.name)" } ?? "")
        }
    }

    package func boards() async throws -> [Board] {
        try await withMonday { monday in
            try await monday.boards(lane: .interactive)
                .map { Board(number: $0.id, name: $0.name, items: $0.itemCount) }
                .sorted { ($0.name.lowercased(), $0.number) < ($1.name.lowercased(), $1.number) }
        }
    }

    /// What could go where on a board that there is.
    package func proposal(for kind: String, on board: String) async throws -> MappingProposal {
        let template = try template(kind)
        return try await withMonday { monday in
            guard let found = try await monday.board(board, lane: .interactive) else {
                throw CallError(
                    .stopConnection,
                    Monday.name,
                    .missing,
                    "there is no board \(board), or the token's user may not see it: subscribe the user to the board"
                )
            }
            return MappingProposal(template, on: found)
        }
    }

    /// What goes where on a board that is to be made.
    package func order(for kind: String) throws -> (columns: [(id: String, title: String)], rules: JSON) {
        let order = try BoardOrder.all(in: document).first { $0.route == kind }
        let columns = try order?.columns ?? template(kind).columns
        return (columns.map { ($0.id, $0.title) }, order?.rules ?? .null)
    }

    private func template(_ kind: String) throws -> BoardTemplate {
        guard let template = BoardTemplate.of(kind, in: self.kind) else {
            throw JSONField(document)["routes"].wrong("there is no template for \(kind)")
        }
        return template
    }

    // MARK: What is made

    /// The boards that the document asks for, each with its columns; by their routes.
    package func makeBoards() async throws -> [(order: BoardOrder, board: String)] {
        let orders = try BoardOrder.all(in: document)
        // What else is wrong with the file has to be known before anything is made.
        _ = try FlowCatalog.boards(flow, document: Self.numbered(document, orders))
        return try await withMonday { monday in
            let maker = BoardMaker(client: monday, connection: "\(context.tenant)/\(context.name)")
            var made: [(order: BoardOrder, board: String)] = []
            for order in orders { made.append((order, try await maker.make(order))) }
            return made
        }
    }

    package func makeKeyColumn(on board: String) async throws {
        try await withMonday { monday in
            let maker = BoardMaker(client: monday, connection: "\(context.tenant)/\(context.name)")
            guard try await monday.board(board)?.column(BoardMapping.usualKeyColumn) == nil else { return }
            try await maker.makeKeyColumn(BoardMapping.usualKeyColumn, on: board)
        }
    }
}
