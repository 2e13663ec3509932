import Core
import Engine
import Systems
import Transport

/// What a connection's file says of this flow.
struct BusinessCentralMondayFile: Sendable {
    struct Route: Sendable {
        /// An entity set of Business Central.
        var entitySet: String
        var mapping: BoardMapping
        var poll: Schedule
        var farewell: Farewell
        var reconciles: ReconcilePolicy
    }

    var businessCentral: BusinessCentral.Settings
    var monday: Monday.Client.Settings
    var routes: [Route]
    var businessCentralWindows: AccountWindows
    var mondayWindows: AccountWindows
    /// A record that is missing is asked for again after this long, before it counts as deleted.
    var confirmsAfter = Duration.seconds(30)
    /// How often it is made sure that the subscriptions are still there.
    var checksSubscriptions = Duration.seconds(3_600)
    /// How long a call may take; nil for what each vendor's servers take at most.
    var longestCall: Duration?

    static let entitySets = ["purchaseInvoices"]

    init(_ document: JSONField) throws {
        try document.allowOnly([
            "tenant", "name", "flow", "process", "retention", "businessCentral", "monday", "routes", "limits", "timing",
        ])
        businessCentral = try BusinessCentral.Settings(document["businessCentral"])
        monday = try Monday.Client.Settings(document["monday"])
        routes = try document["routes"].members().map { name, field throws in try Route(name, field) }
        guard !routes.isEmpty else { throw document["routes"].wrong("expected at least one of \(Self.known)") }
        if let limits = document["limits"].orNil { try limits.allowOnly(["businessCentral", "monday"]) }
        businessCentralWindows = try AccountWindows(
            document["limits"]["businessCentral"],
            names: ["requestsPer5Minutes": "requests", "inFlight": "inFlight"],
            usual: BusinessCentral.Limits.windows
        )
        mondayWindows = try AccountWindows(
            document["limits"]["monday"],
            names: [
                "mutationsPerMinute": "mutations", "boardMutationsPerMinute": "boardMutations",
                "requestsPerMinute": "requests", "inFlight": "inFlight", "callsPerDay": "calls",
            ],
            usual: Monday.Limits.windows
        )
        guard let timing = document["timing"].orNil else { return }
        try timing.allowOnly(["confirmDeletedAfterSeconds", "checkSubscriptionsSeconds", "longestCallSeconds"])
        longestCall = try timing["longestCallSeconds"].orNil.map { .seconds(try $0.int(in: 1...600)) }
        if let seconds = timing["confirmDeletedAfterSeconds"].orNil {
            confirmsAfter = .seconds(try seconds.int(in: 0...3_600))
        }
        if let seconds = timing["checkSubscriptionsSeconds"].orNil {
            checksSubscriptions = .seconds(try seconds.int(in: 1...86_400))
        }
    }

    fileprivate static var known: String { entitySets.joined(separator: ", ") }
}

extension BusinessCentralMondayFile.Route {
    fileprivate init(_ name: String, _ field: JSONField) throws {
        guard BusinessCentralMondayFile.entitySets.contains(name) else {
            throw field.wrong("unknown route; known here: \(BusinessCentralMondayFile.known)")
        }
        try field.allowOnly(["board", "group", "keyColumn", "columns", "poll", "whenDeleted", "reconcile"])
        entitySet = name
        mapping = try BoardMapping(field)
        poll = .every(.seconds(3_600))
        if let text = field["poll"].orNil {
            let words = try text.string()
            do { poll = try Schedule(words) { try TimeZoneRules(named: $0) } } catch { throw text.wrong("\(error)") }
        }
        reconciles = try ReconcilePolicy(field["reconcile"], of: mapping.board)
        farewell = .archive
        guard let choice = field["whenDeleted"].orNil else { return }
        switch try choice.string() {
        case "archive": farewell = .archive
        case "keep": farewell = .keep
        default: throw choice.wrong("expected \"archive\" or \"keep\"")
        }
    }
}
