import Core
import Store
import Transport

/// What a connection does. The engine knows no flow by name.
@OnLoop package protocol Flow: AnyObject {
    /// Which records an event says may have changed. It may come again after a crash, so reading it twice must do no harm.
    func take(_ event: WaitingEvent, in context: FlowContext) async throws -> [Mark]
    /// Begins whatever it does by itself: subscribing, polling, writing.
    func start(in context: FlowContext) async throws
    /// There is something new in the store: marks.
    func wake()
    /// There may be something in the store that a person asked for.
    func nudged()
    /// Finishes what is in hand and begins nothing new.
    func drain() async
    var figures: WorkerFigures { get async }
    /// Tries both systems as the connection would use them, and changes nothing in either.
    func examine(in context: FlowContext) async -> [Finding]
    /// Says what it would do with the records as they are now, and does nothing of it.
    func preview(
        _ wish: PreviewWish,
        in context: FlowContext,
        _ each: @OnLoop (PreviewNews) -> Void
    ) async throws
    /// Takes back what it has set up at the vendors', before the connection is removed: says what could not be.
    func retire(in context: FlowContext) async -> [Finding]
}

extension Flow {
    package func start(in context: FlowContext) async throws {}
    package func wake() {}
    package func nudged() { wake() }
    package func drain() async {}
    package var figures: WorkerFigures { get async { WorkerFigures() } }
    package func examine(in context: FlowContext) async -> [Finding] { [] }
    package func preview(
        _ wish: PreviewWish,
        in context: FlowContext,
        _ each: @OnLoop (PreviewNews) -> Void
    ) async throws {
        throw NoPreview()
    }
    package func retire(in context: FlowContext) async -> [Finding] { [] }
}

/// What a flow may use of its surroundings.
package struct FlowContext: Sendable {
    package var log: Log
    package var store: any TenantStore
    /// The connection's number, which is never given twice.
    package var connection: Int64
    package var tenant: String
    package var name: String
    /// By their places in the connection's document: `monday.token`.
    package var secrets: [String: Secret]
    /// Where the connection's webhooks come in, seen from outside; nil while the server has no public address.
    package var hookURL: String?

    package init(
        log: Log,
        store: any TenantStore,
        connection: Int64,
        tenant: String,
        name: String,
        secrets: [String: Secret] = [:],
        hookURL: String? = nil
    ) {
        self.log = log
        self.store = store
        self.connection = connection
        self.tenant = tenant
        self.name = name
        self.secrets = secrets
        self.hookURL = hookURL
    }

    package func settle(_ event: WaitingEvent) async throws {
        _ = try await store.settle(
            [event.id],
            for: connection,
            atMilliseconds: Int64(WallTime.now.millisecondsSince1970)
        )
    }
}

/// A kind of webhooks that a flow needs the gateway to take for it. The secret is made when the connection is added, and
/// nobody has to know it.
package enum FlowHook: Sendable, Equatable, CaseIterable {
    /// Business Central: `?validationToken=` is answered with itself; every notification in the body must carry the
    /// secret as `clientState`; and whatever comes is answered with success, because any other refusal ends the
    /// subscription.
    case clientState
    /// Monday: a body with a `challenge` is answered with itself. What an app has registered is signed; of all else the
    /// address itself is the proof, so only those are taken whose names are a `HookName` of ours.
    case challenge
    /// What a customer's own code in NAV tells: the secret stands in a header, and each body has an `id` of its own.
    case news

    /// Where the secret is kept among the connection's own.
    package static let secretPlace = "hook.secret"
    /// Where the one is that Monday signs an app's webhooks with.
    package static let signingSecretPlace = "monday.signingSecret"
    /// Where the one is that NAV sends along; without it nothing is taken from there.
    package static let newsSecretPlace = "nav.webhookSecret"
    package static let newsHeader = "X-Webhook-Secret"

    /// What the last parts of its addresses begin with. Empty for whatever no other kind claims.
    package var names: String {
        switch self {
        case .clientState, .news: ""
        case .challenge: "monday-"
        }
    }
}
