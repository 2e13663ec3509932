import Core
import Engine
import Store
import Systems
import Transport

/// The books of a company in NAV, on the customer's own server.
///
/// The server tells of nothing by itself, so everything is polled; and people work on it, so it is asked for little.
final class NavBooks: Books {
    nonisolated var name: String { Nav.name }

    let client: Nav.Client
    private let keeper: RateKeeper
    private let desk: NavDesk
    private let hand: NavHand
    private let store: any TenantStore
    private let connection: Int64
    private let isTrial: Bool
    /// By their names.
    private var routes: Set<String> = []

    init(_ file: NavFile, in context: FlowContext, isTrial: Bool) throws {
        let key = try context.secret("nav.key")
        let settings = file.settings
        if let fault = Nav.Settings.fault(inKey: key) {
            throw CallError(.stopConnection, Nav.name, .credentials, "nav.key: \(fault)")
        }
        // Limits are counted per user of a server.
        keeper = RateKeeper(
            account: AccountName.of(["nav", settings.url, settings.tenant ?? "", settings.user]),
            owner: context.connection,
            windows: file.windows.windows,
            settled: file.windows.settled,
            isTrial: isTrial,
            store: context.store
        )
        let client = Nav.Client(
            settings,
            key: key,
            http: HTTPClient(try settings.transport()),
            gate: keeper,
            log: context.log,
            deadlines: .limited(to: file.timing.longestCall, otherwise: Nav.Limits.deadlines)
        )
        self.client = client
        self.isTrial = isTrial
        store = context.store
        connection = context.connection
        desk = NavDesk(client, company: settings.company, at: settings.url + (settings.tenant.map { " \($0)" } ?? "")) {
            client.lookAgain()
        }
        hand = NavHand(desk, file.functions)
    }

    // MARK: Sources

    func source(of route: BoardFlowFile.Route) throws -> any RecordSource {
        routes.insert(route.name)
        return try source(of: route.name, fields: route.mapping.fields)
    }

    /// The records of a kind, with these fields; of documents, under the name of the route that reads them.
    func source(of kind: String, dimension: String? = nil, fields: [String]) throws -> any RecordSource {
        if let documents = documents(kind, fields, isListing: true) { return documents }
        let master: NavMasterSource.Kind
        switch kind {
        case "vendors": master = .vendors
        case "customers": master = .customers
        case "items": master = .items
        case "accounts": master = .accounts
        case "dimensionValues": master = .dimensionValues(of: dimension)
        default: throw CallError(.stopConnection, name, .configuration, "there are no records called \(kind) in NAV")
        }
        return NavMasterSource(master, words: fields, desk: desk)
    }

    func source(of list: ListFile, fields: [String]) throws -> any RecordSource {
        try source(of: list.kind, dimension: list.dimension, fields: fields)
    }

    nonisolated func blockedField(of list: ListFile) -> String? { "isBlocked" }

    func lines(of route: BoardFlowFile.Route, fields: [String]) throws -> any LineSource {
        guard let documents = documents(route.name, [NavDocument.linesField], isListing: false) else {
            throw CallError(.stopConnection, name, .configuration, "\(route.name) have no lines in NAV")
        }
        return NavLineSource(of: documents)
    }

    private func documents(_ kind: String, _ words: [String], isListing: Bool) -> NavDocumentSource? {
        let memory = isTrial || !isListing ? nil : NavMemory(store, connection: connection, route: kind)
        switch kind {
        case "purchaseInvoices":
            return NavDocumentSource(
                .invoices,
                posted: .postedInvoices,
                words: words,
                desk: desk,
                hand: hand,
                memory: memory
            )
        case "purchaseOrders":
            return NavDocumentSource(.orders, words: words, desk: desk, hand: hand, memory: memory)
        default: return nil
        }
    }

    // MARK: Life

    func begin() async throws {
        try await keeper.begin()
    }

    func listen(for routes: [String], in context: FlowContext, read: @escaping @OnLoop (String) -> Void) throws {}

    func drain() {}

    func close() async {
        await keeper.close()
    }

    func ended() async {}

    // MARK: What was heard

    func take(_ event: WaitingEvent, in context: FlowContext) -> Heard? {
        guard let news = NavNews(event.arrival.body.span) else { return nil }
        guard routes.contains(news.route) else { return Heard() }
        let mark = Mark(
            route: news.route,
            key: news.key,
            lane: .live,
            cause: "webhook \(event.id)",
            heardMilliseconds: event.arrival.receivedMilliseconds
        )
        return Heard(marks: [mark])
    }

    // MARK: For operators

    var stir: UInt64 {
        get async { await keeper.stir }
    }

    func add(to figures: inout WorkerFigures) async {
        await figures.add(keeper, of: name)
    }

    var troubles: [String] { [] }

    func isHeld() async -> Bool {
        await keeper.isHeld()
    }

    func examine(_ findings: inout [Finding]) async {
        let needed = Self.pages(for: routes)
        do {
            findings += try await client.survey(of: needed + [.setup], lane: .interactive).findings(needing: needed)
        } catch {
            findings.append(Finding(.broken, "NAV: server", (error as? CallError)?.reason ?? "\(error)"))
        }
        guard findings.allSatisfy({ $0.verdict != .broken }) else { return }
        if (try? await client.fields(of: .setup, lane: .interactive)) == .some(nil) {
            findings.append(
                Finding(
                    .notice,
                    "NAV: currency",
                    "\(Nav.Page.setup.inWords) is not published, so an amount in the company's own currency shows none",
                    remedy: Nav.Page.setup.publishing()
                )
            )
        }
    }

    private static func pages(for routes: Set<String>) -> [Nav.Page] {
        routes.sorted().flatMap { route -> [Nav.Page] in
            switch route {
            case "purchaseInvoices":
                [.purchaseInvoices, .purchaseInvoice, .postedPurchaseInvoices, .postedPurchaseInvoice]
            case "purchaseOrders": [.purchaseOrders, .purchaseOrder]
            case "vendors": [.vendorCard]
            case "customers": [.customerCard]
            case "items": [.itemCard]
            case "dimensionValues": [.dimensionValues]
            default: []
            }
        }
    }

    func retire(in context: FlowContext) async -> [Finding] { [] }
}
