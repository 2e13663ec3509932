import Core
import Store
import Transport

/// `reconcile`: everything that a connection has on both sides is compared, and what differs is repaired or reported.
enum ReconcileCommand {
    private static let patience = Duration.milliseconds(200)

    static let command = Command(
        name: "reconcile",
        arguments: "TENANT/NAME",
        summary: "compare both sides of a connection as a whole, and have repaired what differs",
        flags: [
            CommandTable.data, CommandTable.json, Flag("route", "ROUTE", "of one route only"),
            Flag("report", nil, "begin nothing: show what the last one found, and how far one under way has come"),
            Flag("report-only", nil, "repair nothing, whatever the connection's file says"),
            Flag("put-away-most", nil, "put items away even if most of them have lost their records"),
            Flag("wait", nil, "until it has ended, and show what it found"),
            Flag("limit", "N", "so many findings at most", usually: "100"),
        ]
    ) { arguments in
        let (tenant, name) = try ConnectionCommand.names(arguments.words.first)
        let limit = try arguments.integer("limit", in: 1...Reconciliation.mostLines) ?? 100
        guard !arguments.has("report") || !(arguments.has("report-only") || arguments.has("put-away-most")) else {
            throw UsageError("--report begins nothing, so there is nothing to say of how it is done")
        }
        let folder = try DataFolder(arguments.data, firstUser: nil)
        let control = try await SQLiteControlPlane.open(folder.control)
        let connection = try await control.known(tenant, name)
        await control.close()
        let talk = ServerTalk(data: arguments.data)
        let visit = Visit(
            store: try await TenantVisit.required(tenant, in: folder),
            connection: connection.number,
            title: "\(tenant)/\(name)",
            route: arguments["route"],
            isJSON: arguments.has("json")
        )
        let before = try await visit.facts()
        if arguments.has("report") {
            try await visit.show(before, limit: limit)
            return await visit.end()
        }
        try await visit.ask(
            ReconcileWish(
                reportsOnly: arguments.has("report-only"),
                putsAwayMost: arguments.has("put-away-most")
            ),
            before
        )
        let isHeard = (try? await talk?.ask(NudgeQuestion(tenant: tenant.text, name: name.text))) != nil
        if arguments.has("wait") {
            guard isHeard else {
                throw CommandFailure(
                    code: .unavailable,
                    text: "\(tenant)/\(name) is not running; it begins when it does"
                )
            }
            try await visit.show(try await visit.wait(for: before), limit: limit)
        } else if !arguments.has("json") {
            Terminal.print(
                "asked for"
                    + (isHeard ? "" : "; it begins when the connection is running")
                    + ". See how it goes with: ml-connector reconcile \(tenant)/\(name) --report"
            )
        } else {
            for facts in before { Terminal.print(visit.asked(facts).text()) }
        }
        return await visit.end()
    }

    /// A look into the connection's part of its tenant's store.
    private struct Visit {
        let store: SQLiteTenantStore
        let connection: Int64
        let title: String
        let route: String?
        let isJSON: Bool

        func end() async -> ExitCode {
            await store.close()
            return .done
        }

        func facts() async throws -> [ReconcileFacts] {
            let all = try await store.reconciles(for: connection)
            let wanted = all.filter { route == nil || $0.route == route }
            guard wanted.isEmpty else { return wanted }
            let known = all.map(\.route).joined(separator: ", ")
            throw CommandFailure(
                code: .failed,
                text: all.isEmpty
                    ? "\(title) has no route that can be compared, or has not been started yet"
                    : "\(title) has no route \(route ?? ""); it has \(known)"
            )
        }

        func ask(_ wish: ReconcileWish, _ routes: [ReconcileFacts]) async throws {
            for facts in routes { _ = try await store.wish(wish, reconciling: facts.route, for: connection) }
        }

        /// What has been begun by now does not count: it may have gone past what somebody wants to have looked at.
        func wait(for before: [ReconcileFacts]) async throws -> [ReconcileFacts] {
            let runs = Dictionary(before.map { ($0.route, $0.run) }) { first, _ in first }
            while true {
                let now = try await facts()
                if now.allSatisfy({ ($0.last?.run ?? 0) > runs[$0.route, default: 0] }) { return now }
                try await EpollLoop.process.sleep(for: patience)
            }
        }

        // MARK: Showing

        func show(_ routes: [ReconcileFacts], limit: Int) async throws {
            for facts in routes {
                let drifts =
                    if let last = facts.last {
                        try await store.drifts(
                            of: facts.route,
                            run: last.run,
                            from: 0,
                            limit: limit,
                            for: connection
                        )
                    } else { [Drift]() }
                Terminal.print(isJSON ? json(facts, drifts).text() : text(facts, drifts))
            }
        }

        func asked(_ facts: ReconcileFacts) -> JSON {
            ["route": .string(facts.route), "asked": true]
        }

        private func json(_ facts: ReconcileFacts, _ drifts: [Drift]) -> JSON {
            [
                "route": .string(facts.route), "asked": .bool(facts.wish != nil),
                "running": facts.running.map(json) ?? .null, "last": facts.last.map(json) ?? .null,
                "findings": .array(drifts.map(\.json)),
            ]
        }

        private func json(_ run: Reconciliation) -> JSON {
            [
                "run": .number(run.run), "occasion": .string(run.occasion),
                "reportOnly": .bool(run.wish.reportsOnly), "step": .string(run.stepName),
                "beganAt": .string(timeText(run.beganMilliseconds)),
                "finishedAt": run.finishedMilliseconds.map { .string(timeText($0)) } ?? .null,
                "records": .number(run.records), "items": .number(run.items), "checked": .number(run.checked),
                "waiting": .number(run.waiting), "parked": .number(run.parked),
                "extraHeldBack": .bool(run.holdsExtrasBack), "found": run.found,
            ]
        }

        private func text(_ facts: ReconcileFacts, _ drifts: [Drift]) -> String {
            var lines: [String] = []
            if let running = facts.running { lines.append("\(facts.route): under way: \(progress(running))") }
            if facts.wish != nil { lines.append("\(facts.route): asked for, and not begun yet") }
            guard let last = facts.last, let finished = last.finishedMilliseconds else {
                return (lines + ["\(facts.route): has not been compared yet"]).joined(separator: "\n")
            }
            lines.append("\(facts.route): \(last.cause), ended at \(timeText(finished)): \(last.summary)")
            if last.wish.reportsOnly { lines.append("nothing was to be repaired") }
            if last.holdsExtrasBack {
                lines.append("most items have lost their records, so none was put away: see --put-away-most")
            }
            if last.waiting + last.parked > 0 {
                lines.append("\(last.waiting) of them were waiting to be written, \(last.parked) were parked")
            }
            guard !drifts.isEmpty else { return lines.joined(separator: "\n") }
            var rows = [["FOUND", "NUMBER", "RECORD", "ITEM", "FIELDS", "REPAIRED"]]
            for drift in drifts {
                rows.append([
                    drift.kind.rawValue, remark(drift.number.isEmpty ? "-" : drift.number), remark(drift.key),
                    remark(drift.item ?? "-"),
                    drift.fields.isEmpty ? "-" : remark(drift.fields.joined(separator: ", ")),
                    drift.isRepaired ? "yes" : "no",
                ])
            }
            lines.append(Terminal.table(rows))
            let all = Drift.Kind.allCases.reduce(0) { $0 + last[$1].found }
            if all > drifts.count { lines.append("\(all - drifts.count) more: --limit") }
            return lines.joined(separator: "\n")
        }

        private func progress(_ run: Reconciliation) -> String {
            switch run.step {
            case .records: "\(run.cause): \(run.records) records read"
            case .items: "\(run.cause): \(run.records) records and \(run.items) items read"
            case .check, .finish: "\(run.cause): \(run.summary) so far; \(run.checked) looked at once more"
            }
        }
    }
}
