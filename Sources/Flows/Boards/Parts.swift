import Core
import Engine
import Transport

/// What a flow is put together from: the books on one end, Monday on the other, and the routes between them.
@OnLoop final class Parts {
    let books: any Books
    let monday: MondaySide
    /// Which webhooks alone are taken from; nil where the file does not say.
    let account: String?
    let routes: [(file: BoardFlowFile.Route, route: BoardRoute)]

    /// A trial calls systems that are down as well.
    init(_ file: BoardFlowFile, books: any Books, in context: FlowContext, isTrial: Bool) throws {
        let monday = try MondaySide(file, in: context, isTrial: isTrial)
        routes = try file.routes.map { route throws in
            (route, BoardRoute(route, from: try books.source(of: route), books, to: monday, log: context.log))
        }
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

    func begin() async throws {
        try await books.begin()
        try await monday.begin()
    }

    func drain() {
        books.drain()
        monday.drain()
    }

    func close() async {
        await books.close()
        await monday.close()
    }

    func ended() async {
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
