import Core
import Engine
import Transport

/// What a flow is put together from: the books on one end, Monday on the other, and the routes and lists between them.
@OnLoop final class Parts {
    let books: any Books
    let monday: MondaySide
    /// Which webhooks alone are taken from; nil where the file does not say.
    let account: String?
    let routes: [(file: BoardFlowFile.Route, route: BoardRoute)]
    let lines: [(file: BoardFlowFile.Lines, route: LinesRoute, marker: LineMarker)]
    let lists: [ListKeeper]
    /// Which item each record has, for those who name it.
    let items: RelationItems
    private var tasks: [Task<Void, Never>] = []

    /// A trial calls systems that are down as well.
    init(_ file: BoardFlowFile, books: any Books, in context: FlowContext, isTrial: Bool) throws {
        let monday = try MondaySide(file, in: context, isTrial: isTrial)
        let items = RelationItems(in: context)
        let pages = Dictionary(
            file.lists.map { ($0.name, OptionBook($0, store: context.store, connection: context.connection)) }
        ) { first, _ in first }
        let sources = try file.routes.map { route throws in (route, try books.source(of: route)) }
        let routes = sources.map { route, source in
            let neighbours = Neighbours(route, source: source, items: items, lists: pages)
            return (route, BoardRoute(route, from: source, books, to: monday, beside: neighbours, log: context.log))
        }
        lines = try routes.compactMap { file, route throws in
            guard let lines = file.lines else { return nil }
            let source = try books.lines(of: file, fields: lines.mapping.fields)
            let marker = LineMarker(of: file.name, from: source, items: items, in: context)
            if !isTrial { route.neighbours.lines = marker }
            return (lines, LinesRoute(file, lines, from: source, books, to: monday, items: items, in: context), marker)
        }
        lists = try file.lists.compactMap { list throws in
            guard let page = pages[list.name] else { return nil }
            let blocked = books.blockedField(of: list)
            return ListKeeper(
                list,
                source: try books.source(of: list, fields: ListKeeper.fields(list, blocked: blocked)),
                blocked: blocked,
                book: page,
                monday: monday.client,
                items: items,
                log: context.log
            )
        }
        self.routes = routes
        self.items = items
        self.books = books
        self.monday = monday
        account = file.watch.account
    }

    /// `onMarks` is called when it has stored some.
    func watch(
        _ file: BoardFlowFile,
        in context: FlowContext,
        onMarks: @escaping @OnLoop () -> Void = {}
    ) -> BoardWatch {
        BoardWatch(routes.map(\.route), monday, file, in: context, onMarks: onMarks)
    }

    /// The kinds of records that are of no route, and yet wanted for a list.
    var listedOnly: Set<String> {
        Set(lists.map(\.file.kind)).subtracting(routes.map(\.file.name))
    }

    /// Records of that kind have changed.
    func wakeLists(of kind: String) {
        for list in lists where list.file.kind == kind { list.wake() }
    }

    func begin() async throws {
        try await books.begin()
        try await monday.begin()
    }

    func start(onMarked: @escaping @OnLoop () -> Void) {
        items.onMarked = onMarked
        for list in lists { tasks.append(EpollLoop.process.task { await list.run() }) }
        for (_, _, marker) in lines {
            marker.onMarked = onMarked
            tasks.append(EpollLoop.process.task { await marker.run() })
        }
    }

    /// What is not as it should be, in words.
    var troubles: [String] {
        books.troubles + routes.flatMap(\.route.shortcomings) + lines.flatMap(\.route.shortcomings)
            + lists.map(\.trouble)
    }

    func drain() {
        books.drain()
        monday.drain()
        for list in lists { list.drain() }
        for (_, _, marker) in lines { marker.drain() }
    }

    func close() async {
        await books.close()
        await monday.close()
    }

    func ended() async {
        for task in tasks { await task.value }
        await books.ended()
        await monday.ended()
    }

    var stir: UInt64 {
        get async { await books.stir &+ monday.keeper.stir }
    }

    func add(to figures: inout WorkerFigures) async {
        await books.add(to: &figures)
        await figures.add(monday.keeper, of: RemoteSystem.monday.rawValue)
    }
}
