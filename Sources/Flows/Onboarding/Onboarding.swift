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

    private let flow: String
    private let document: JSON
    private let context: FlowContext

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

    private func closing<Value>(_ books: any Books, _ body: @OnLoop () async throws -> Value) async throws -> Value {
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

    private func withMonday<Value>(_ body: @OnLoop (Monday.Client) async throws -> Value) async throws -> Value {
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

    // MARK: A try

    /// Reads records of each route as the connection will, and says what they would look like on their board. The boards
    /// that are to be made need not be there.
    package func tryOut() async throws -> (findings: [Finding], samples: [(route: String, samples: [Sample])]) {
        let orders = try BoardOrder.all(in: document)
        let parts = try FlowCatalog.boards(flow, document: Self.numbered(document, orders))
        let books = try parts.books(context, true)
        return try await closing(books) {
            let sources = try parts.file.routes.map { route throws in (route, try books.source(of: route)) }
            var findings: [Finding] = []
            await books.examine(&findings)
            var samples: [(route: String, samples: [Sample])] = []
            guard findings.allSatisfy({ $0.verdict != .broken }) else { return (findings, samples) }
            for (route, source) in sources {
                let order = orders.first { $0.route == route.name }
                await findings.look("\(books.name): \(route.name)") {
                    let fitted = try await fitted(route.mapping, order)
                    let page = try await source.page(changedSince: nil, lane: .interactive)
                    let records = page.records.prefix(Self.samples)
                    samples.append((route.name, records.map { Self.sample($0, source, fitted) }))
                    return records.isEmpty ? "can be read; there are none yet" : "can be read"
                }
            }
            return (findings, samples)
        }
    }

    private func fitted(_ mapping: BoardMapping, _ order: BoardOrder?) async throws -> BoardMapping.Fitted {
        guard let order else {
            let board = try await withMonday { try await $0.board(mapping.board, lane: .interactive) }
            return board.map { mapping.fit(to: $0) } ?? BoardMapping.Fitted()
        }
        var fitted = BoardMapping.Fitted()
        for rule in mapping.rules {
            guard let column = order.columns.first(where: { $0.id == rule.column }) else { continue }
            fitted.columns.append((rule, try column.asMade()))
        }
        return fitted
    }

    private static func sample(
        _ record: Record,
        _ source: any RecordSource,
        _ fitted: BoardMapping.Fitted
    ) -> Sample {
        var sample = Sample(number: source.number(of: record), cells: [])
        do {
            let values = try fitted.comparable { source.plain($0, of: record) }
            for (_, column) in fitted.columns {
                if case .string(let text)? = values[column.id] { sample.cells.append((column.title, text)) }
            }
        } catch {
            sample.refusal = error.reason
        }
        return sample
    }

    /// A file names boards by numbers; those that are to be made have none yet.
    private static func numbered(_ document: JSON, _ orders: [BoardOrder]) -> JSON {
        guard case .object(var root) = document, case .object(var routes)? = root["routes"] else { return document }
        for order in orders {
            guard case .object(var route)? = routes[order.route] else { continue }
            route["board"] = "0"
            if order.mapsAll { route["columns"] = order.rules }
            routes[order.route] = .object(route)
        }
        root["routes"] = .object(routes)
        return .object(root)
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

extension BoardTemplate.Column {
    /// As Monday will describe it once it is made.
    fileprivate func asMade() throws -> Monday.Column {
        guard type != .name else { return .name }
        let labels = labels.enumerated().map { place, text in
            ["id": .number(place), "label": .string(text)] as JSON
        }
        return try Monday.Column(
            JSONField([
                "id": .string(id), "title": .string(title), "type": .string(type.rawValue),
                "settings": ["labels": .array(labels)],
            ])
        )
    }
}
