import Core
import Transport

/// Items by the thousand: a job is made, a file is uploaded to it, and a report tells what became of each row.
///
///     upload pending ──PUT──▶ processing ──▶ completed
///          │                      └──▶ failed
///          └──PUT of what is no such file──▶ rejected
@OnLoop final class MondayImports {
    struct Match {
        var column: String
        var updates: Bool
    }

    struct Counts {
        var submitted = 0
        var invalid = 0
        var skipped = 0
        var created = 0
        var updated = 0
        var failed = 0
    }

    struct Job {
        let id: String
        let board: MondayBoard
        let group: String
        let match: Match?
        /// How many rows, and whether webhooks and the log hear of them.
        let mostRows: Int
        let hasSideEffects: Bool
        let began: Instant
        var state = "UPLOAD_PENDING"
        var reason: String?
        var message: String?
        var counts = Counts()
        var report: [[String]] = []
        var ended: Instant?
    }

    private static let life = Duration.seconds(600)
    private static let mostJobs = 1_000
    private static let matched: Set<String> = [
        "date", "email", "link", "long_text", "name", "numbers", "phone", "status", "text",
    ]
    private static let supported: Set<String> = [
        "board_relation", "checkbox", "date", "dropdown", "email", "link", "location", "long_text", "numbers", "people",
        "phone", "status", "text", "timeline", "name",
    ]

    let account: MondayAccount
    var jobs: [String: Job] = [:]

    init(_ account: MondayAccount) {
        self.account = account
    }

    func begin(_ arguments: JSON.Object, isBackfill: Bool) throws(GraphQL.Fault) -> Job {
        let board = try account.board(arguments["board_id"])
        let group = try board.group(arguments.string("group_id") ?? "").id
        var match: Match?
        if let wish = arguments.object("on_match") {
            let id = wish.string("match_column_id") ?? ""
            let type = board.columns[try board.columnIndex(id)].type
            guard Self.matched.contains(type) else { throw .argument("Columns of the type \(type) cannot be matched") }
            match = Match(column: id, updates: wish.string("behaviour") == "UPSERT")
        }
        if jobs.count >= Self.mostJobs { jobs = [:] }
        let job = Job(
            id: "\(account.digits(8))-\(account.digits(4))",
            board: board,
            group: group,
            match: match,
            mostRows: isBackfill ? 20_000 : 10_000,
            hasSideEffects: !isBackfill,
            began: account.clock.instant
        )
        jobs[job.id] = job
        return job
    }

    func job(_ id: String) throws(GraphQL.Fault) -> Job {
        guard let job = jobs[id] else { throw .monday("ResourceNotFoundException", "Job not found", status: 404) }
        return job
    }

    /// PUT to the address of a job; nil where there is none that waits.
    func upload(_ id: String, _ bytes: [UInt8]) -> HTTPStatus {
        guard var job = jobs[id], job.began + Self.life > account.clock.instant else { return .forbidden }
        guard job.state == "UPLOAD_PENDING" else { return .conflict }
        guard let rows = CSVRows.read(bytes), let header = rows.first else {
            reject(&job, "The file is no CSV")
            return .ok
        }
        if let problem = problem(header, job) ?? (rows.count - 1 > job.mostRows ? "The file has too many rows" : nil) {
            reject(&job, problem)
            return .ok
        }
        job.state = "PROCESSING"
        job.counts.submitted = rows.count - 1
        jobs[id] = job
        account.clock.after(.milliseconds(account.options.importMilliseconds)) { [weak self] in
            self?.carryOut(id, header, Array(rows.dropFirst()))
        }
        return .ok
    }

    /// For ten minutes after the job was done.
    func report(_ id: String) -> String? {
        guard let job = jobs[id], let ended = job.ended, ended + Self.life > account.clock.instant else { return nil }
        return CSVRows.text([["serialNo", "status", "itemId", "error"]] + job.report)
    }

    private func reject(_ job: inout Job, _ message: String) {
        (job.state, job.reason, job.message) = ("REJECTED", "INVALID_UPLOAD", message)
        jobs[job.id] = job
    }

    private func problem(_ header: [String], _ job: Job) -> String? {
        guard header.first == "name" else { return "The first column has to be name" }
        guard Set(header).count == header.count else { return "A column is there twice" }
        for id in header.dropFirst() {
            guard let column = job.board.column(id) else { return "The board has no column \(id)" }
            guard Self.supported.contains(column.type) else {
                return "Columns of the type \(column.type) are not imported"
            }
        }
        if let match = job.match, !header.contains(match.column) { return "The match column is not in the file" }
        return nil
    }
}
