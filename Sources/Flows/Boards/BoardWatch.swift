import Core
import Engine
import Store
import Systems
import Transport

/// Hears of what people do on the boards of a connection: by webhooks, which it keeps in place, and where there are none
/// by looking.
///
///     at the start, after a gap ─▶ catch up ─▶ marks
///     each six hours ─▶ are the webhooks there? ─▶ make those that are not ─▶ catch up
///     a webhook ─▶ whose item? ─▶ marks
@OnLoop final class BoardWatch {
    private static let looksAgainEvery = Duration.seconds(86_400)
    private static let longestRest = Duration.seconds(3_600)
    private static let afterMakingWay = Duration.seconds(5)

    let routes: [BoardRoute]
    let client: Monday.Client
    let file: BoardWatchFile
    private let checksEvery: Duration
    let context: FlowContext
    /// There are new marks.
    private let onMarks: @OnLoop () -> Void
    /// What the vendor may be given; nil where it has no way to us.
    let address: HookAddress?

    var hooks = BoardHooks()
    private var isLoaded = false
    /// Boards that have to be looked at: something may have been missed there.
    private var behind: Set<String>
    /// Boards whose columns may have changed.
    private var stale: Set<String> = []
    private var lookedAgain = WallTime.now
    private var caughtUp = WallTime.first
    private var hooksTrouble = Trying()
    private var lookTrouble = Trying()
    private let napper = Napper()
    private(set) var isDraining = false

    init(
        _ routes: [BoardRoute],
        _ monday: MondaySide,
        _ file: BoardFlowFile,
        in context: FlowContext,
        onMarks: @escaping @OnLoop () -> Void
    ) {
        self.routes = routes
        client = monday.client
        self.file = file.watch
        checksEvery = file.timing.checksWebhooks
        self.context = context
        self.onMarks = onMarks
        address = HookAddress(context, insecurely: file.monday.apiURL.hasPrefix("http://"))
        behind = Set(routes.map(\.mapping.board))
    }

    /// In words for an operator; empty when all is well.
    var trouble: String { hooksTrouble.words.isEmpty ? lookTrouble.words : hooksTrouble.words }

    func drain() {
        isDraining = true
        napper.wake()
    }

    func run() async {
        sayHow()
        while !isDraining {
            var rest = Self.longestRest
            rest = min(rest, await attempt(hooksTrouble, "webhooks") { try await keepHooks() })
            rest = min(rest, await attempt(lookTrouble, "a look at the boards") { try await look() })
            if !isDraining { await napper.sleep(for: max(rest, .milliseconds(100))) }
        }
    }

    private func sayHow() {
        guard file.hasWebhooks, address == nil else { return }
        let looks = routes.contains(where: \.goesBack) ? "now and then" : "each night"
        context.log.warning(
            "no webhooks from Monday until the server is started with --public-url https://…; boards are looked at \(looks)"
        )
    }

    /// Answers when to come again.
    private func attempt(
        _ trying: Trying,
        _ what: String,
        _ body: @OnLoop () async throws -> Duration
    ) async -> Duration {
        let wait = trying.next - .now
        guard wait <= .zero, !isDraining else { return wait }
        do {
            let rest = try await body()
            if !trying.words.isEmpty { context.log.info("Monday: \(what): works again") }
            trying.succeeded()
            return rest
        } catch is CancellationError {
            // It made way for live changes.
            return Self.afterMakingWay
        } catch {
            let words = "\(what): \(error)"
            if words != trying.words { context.log.warning("Monday: \(words)") }
            return trying.failed(words, at: .now)
        }
    }

    // MARK: Webhooks in place

    private func keepHooks() async throws -> Duration {
        try await load()
        for board in behind.sorted() { try await begin(board) }
        let now = WallTime.now
        if let checked = hooks.checked, now >= checked, now - checked < checksEvery {
            try await makeHooks()
            return checksEvery - (now - checked)
        }
        for board in hooks.boards {
            let lost = hooks.missing(among: try await client.webhooks(on: board), on: board)
            guard !lost.isEmpty else { continue }
            context.log.warning("Monday: \(lost.count) webhooks of board \(board) are gone; they are made again")
            behind.insert(board)
            for kept in lost {
                // A list that leaves some out must not make one more of them each time.
                if let id = kept.id { try await client.deleteWebhook(id) }
                hooks.deleted(kept.slot)
            }
            try await store()
        }
        hooks.checked = now
        try await store()
        try await makeHooks()
        return checksEvery
    }

    /// Nothing is wished for where nothing can come.
    var wishes: [BoardHooks.Wish] {
        guard file.hasWebhooks, address != nil else { return [] }
        return Set(routes.map(\.mapping.board)).sorted().flatMap { board in
            BoardHooks.wishes(board, columns: columns(of: board))
        }
    }

    func columns(of board: String) -> Set<String> {
        routes.filter { $0.mapping.board == board }.reduce(into: []) { $0.formUnion($1.watched) }
    }

    // MARK: Looking

    private func look() async throws -> Duration {
        let now = WallTime.now
        if now - lookedAgain >= Self.looksAgainEvery || now < lookedAgain {
            stale = Set(routes.map(\.mapping.board))
            lookedAgain = now
        }
        for board in stale.sorted() where !isDraining {
            for route in routes where route.mapping.board == board { try await route.lookAgain() }
            stale.remove(board)
        }
        if now >= file.catchUp.next(after: caughtUp) || now < caughtUp { behind.formUnion(unheard) }
        for board in behind.sorted() where !isDraining {
            if try await catchUp(board) { onMarks() }
            behind.remove(board)
        }
        caughtUp = now
        return min(file.catchUp.next(after: now) - now, Self.longestRest)
    }

    /// Boards from which something goes to the books, and of which nobody tells.
    private var unheard: Set<String> {
        guard address == nil || !file.hasWebhooks || !hooks.covers(wishes, at: address?.digest ?? "") else { return [] }
        return Set(routes.filter(\.goesBack).map(\.mapping.board))
    }

    func lookAgain(at board: String) {
        stale.insert(board)
        napper.wake()
    }

    // MARK: What is kept

    func load() async throws {
        guard !isLoaded else { return }
        let text = try await context.store.setting(BoardHooks.place(of: context.connection))
        // Somebody else may have been faster, and gone on from there.
        guard !isLoaded else { return }
        hooks = BoardHooks(text)
        isLoaded = true
    }

    func store() async throws {
        try await context.store.put(
            hooks.kept.isEmpty && hooks.checked == nil ? nil : hooks.text,
            setting: BoardHooks.place(of: context.connection)
        )
    }
}

/// Where webhooks come in, seen from outside, and what the names there are made with.
struct HookAddress: Sendable {
    let url: String
    let key: Secret

    /// Over plain HTTP only from a Monday that is itself spoken to so: the sandbox.
    init?(_ context: FlowContext, insecurely: Bool) {
        guard let url = context.hookURL, let key = context.secrets[FlowHook.secretPlace],
            insecurely || url.hasPrefix("https://")
        else { return nil }
        self.url = url
        self.key = key
    }

    /// Tells it from others, and gives nothing of it away.
    var digest: String { String(Digest(of: Array(url.utf8)).hexadecimal.prefix(16)) }

    func url(of slot: String) throws -> String {
        "\(url)/\(try HookName.make(.challenge, slot: slot, key: key))"
    }

    /// The same for the same slot, however often it is asked for: Monday then makes one webhook of it.
    func idempotencyKey(of slot: String) -> String {
        "mlw1-" + Digest(of: Array("\(url) \(slot)".utf8)).hexadecimal.prefix(40)
    }
}

/// When something that failed is tried again.
@OnLoop final class Trying {
    private(set) var words = ""
    private(set) var next = WallTime.first
    private var failures = 0

    private static let first = Duration.seconds(60)
    /// A call of the day's at each.
    private static let longest = Duration.seconds(3_600)

    func succeeded() {
        words = ""
        next = .first
        failures = 0
    }

    func failed(_ words: String, at now: WallTime) -> Duration {
        self.words = words
        let wait = min(Self.first * (1 << min(failures, 10)), Self.longest)
        failures += 1
        next = now + wait
        return wait
    }
}
