import Core
import Engine
import Systems
import Transport

/// What the file of a connection between a company's books and boards on Monday says, whichever books they are.
struct BoardFlowFile: Sendable {
    struct Route: Sendable {
        /// What kind of record it is: an entity set of Business Central, say.
        var name: String
        var mapping: BoardMapping
        var poll: Schedule
        var farewell: Farewell
        var reconciles: ReconcilePolicy
        /// Whether its first load goes by bulk import.
        var importsFirstLoad = false
        /// What becomes of changes by hand in columns that the books own.
        var handEdits = HandEdits.overwrite
        /// The documents' lines, where they go to the board as subitems.
        var lines: Lines?
    }

    struct Timing: Sendable {
        /// A record that is missing is asked for again after this long, before it counts as deleted.
        var confirmsAfter = Duration.seconds(30)
        /// How often it is made sure that the subscriptions are still there.
        var checksSubscriptions = Duration.seconds(3_600)
        /// The same of Monday's webhooks, which people can switch off. A call for each board.
        var checksWebhooks = Duration.seconds(6 * 3_600)
        /// How long a call may take; nil for what each vendor's servers take at most.
        var longestCall: Duration?
    }

    var monday: Monday.Client.Settings
    var mondayWindows: AccountWindows
    var watch: BoardWatchFile
    var routes: [Route]
    var lists: [ListFile]
    var timing: Timing

    /// `books` is the name of their part of the file; `known`, the routes that can be made of them. A route with one of the
    /// members that are `own` to these books is theirs to name and to check. `viewOf` names books to which nothing goes back.
    init(
        _ document: JSONField,
        books: String,
        routes known: [String],
        own: Set<String> = [],
        viewOf view: String? = nil,
        usualPoll: (String, JSONField) -> Duration? = { _, _ in nil }
    ) throws {
        try document.allowOnly([
            "tenant", "name", "flow", "process", "retention", books, "monday", "routes", "lists", "limits",
            "timing",
        ])
        monday = try Monday.Client.Settings(document["monday"])
        watch = try BoardWatchFile(document["monday"])
        if let limits = document["limits"].orNil { try limits.allowOnly([books, "monday"]) }
        mondayWindows = try AccountWindows(
            document["limits"]["monday"],
            names: [
                "mutationsPerMinute": "mutations", "boardMutationsPerMinute": "boardMutations",
                "requestsPerMinute": "requests", "inFlight": "inFlight", "callsPerDay": "calls",
            ],
            usual: Monday.Limits.windows
        )
        timing = try Timing(document["timing"])
        lists = try ListFile.all(document["lists"])
        routes = try document["routes"].members().map { name, field throws in
            guard known.contains(name) || own.contains(where: { field[$0].orNil != nil }) else {
                throw field.wrong("unknown route; known here: \(known.joined(separator: ", "))")
            }
            return try Route(name, field, own: own, viewOf: view, usualPoll: usualPoll(name, field) ?? .seconds(3_600))
        }
        if let route = routes.first(where: { $0.importsFirstLoad }), monday.uploads.isEmpty {
            throw document["routes"][route.name]["firstLoad"].wrong(
                "it needs monday.uploads: the addresses at which Monday keeps its sheets and reports, such as "
                    + "https://*.amazonaws.com"
            )
        }
        guard !routes.isEmpty else {
            throw document["routes"].wrong("expected at least one of \(known.joined(separator: ", "))")
        }
        try checkRelations(document)
    }
}

extension BoardFlowFile.Timing {
    init(_ field: JSONField) throws {
        guard let field = field.orNil else { return }
        try field.allowOnly([
            "confirmDeletedAfterSeconds", "checkSubscriptionsSeconds", "checkWebhooksSeconds", "longestCallSeconds",
        ])
        longestCall = try field["longestCallSeconds"].orNil.map { .seconds(try $0.int(in: 1...600)) }
        if let seconds = field["confirmDeletedAfterSeconds"].orNil {
            confirmsAfter = .seconds(try seconds.int(in: 0...3_600))
        }
        if let seconds = field["checkSubscriptionsSeconds"].orNil {
            checksSubscriptions = .seconds(try seconds.int(in: 1...86_400))
        }
        if let seconds = field["checkWebhooksSeconds"].orNil {
            checksWebhooks = .seconds(try seconds.int(in: 1...86_400))
        }
    }
}

extension BoardFlowFile.Route {
    fileprivate init(
        _ name: String,
        _ field: JSONField,
        own: Set<String>,
        viewOf view: String?,
        usualPoll: Duration
    ) throws {
        try field.allowOnly(
            own.union([
                "board", "group", "keyColumn", "columns", "poll", "whenDeleted", "handEdits", "reconcile", "firstLoad",
                "lines",
            ])
        )
        self.name = name
        mapping = try BoardMapping(field, viewOf: view)
        poll = .every(usualPoll)
        if let text = field["poll"].orNil {
            let words = try text.string()
            do { poll = try Schedule(words) { try TimeZoneRules(named: $0) } } catch { throw text.wrong("\(error)") }
        }
        lines = try BoardFlowFile.Lines(field["lines"], of: name, usualPoll: poll)
        reconciles = try ReconcilePolicy(field["reconcile"], of: mapping.board)
        if let load = field["firstLoad"].orNil {
            switch try load.string() {
            case "items": break
            case "import": importsFirstLoad = true
            default: throw load.wrong("expected \"items\", or \"import\" for Monday's bulk import")
            }
        }
        if let word = field["handEdits"].orNil {
            guard let choice = HandEdits(rawValue: try word.string()) else {
                throw word.wrong("expected \"overwrite\" or \"keep\"")
            }
            handEdits = choice
        }
        farewell = .archive
        guard let choice = field["whenDeleted"].orNil else { return }
        switch try choice.string() {
        case "archive": farewell = .archive
        case "keep": farewell = .keep
        default: throw choice.wrong("expected \"archive\" or \"keep\"")
        }
    }
}
