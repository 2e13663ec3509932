import Core
import Glibc
import Store
import Transport

/// `connection show`: everything that is known of one connection.
enum ConnectionShow {
    @OnLoop static func run(_ word: String?, _ arguments: Arguments, _ folder: DataFolder) async throws {
        let (tenant, name) = try ConnectionCommand.names(word)
        let control = try await SQLiteControlPlane.open(folder.control)
        let connection = try await control.known(tenant, name)
        await control.close()
        var picture = Picture(connection)
        if let status = try? await ServerTalk(data: folder.path)?.ask(StatusQuestion()) { picture.add(status) }
        // Last: after this the command has the tenant's rights only.
        if let store = try await TenantVisit.open(tenant, in: folder) {
            try await picture.add(store)
            await store.close()
        }
        Terminal.print(arguments.has("json") ? picture.json.text(.pretty) : picture.text)
    }

    private struct Picture {
        let connection: StoredConnection
        private let file: ConnectionFile?
        private var worker: Status.Process?
        private var hasServer = false
        private var outside: String?
        private var queue = QueueFacts()
        private var events = EventCounts()
        private var progress: [(route: String, state: JSON)] = []

        init(_ connection: StoredConnection) {
            self.connection = connection
            file = try? ConnectionFile(text: connection.draft.document)
        }

        mutating func add(_ status: Status) {
            hasServer = true
            worker = status.workers.first { $0.connection == connection.number }
            outside = status.webhooksAt
        }

        mutating func add(_ store: SQLiteTenantStore) async throws {
            let now = Int64(WallTime.now.millisecondsSince1970)
            queue = try await store.queue(of: nil, at: now, for: connection.number)
            events = try await store.counts(for: connection.number)
            let routes = (try? file.map { try JSONField($0.document)["routes"].members().map(\.name) }) ?? []
            for route in routes {
                if let state = try await store.progress(of: route, for: connection.number) {
                    progress.append((route, state))
                }
            }
        }

        private var title: String { "\(connection.draft.tenant)/\(connection.draft.name)" }

        private var state: String {
            if connection.isPaused { return "paused" }
            guard hasServer else { return "no server runs" }
            return worker?.state ?? "not served: see the alerts of ml-connector status"
        }

        private var address: String? {
            file?.hookRules.isEmpty ?? true ? nil : (outside ?? "") + connection.hookPath
        }

        var text: String {
            var rows = [["flow", connection.draft.flow], ["state", state]]
            if let worker {
                rows[1][1] += " for \(readable(.seconds(worker.stateSeconds)))"
                rows[1][1] += worker.pid.map { ", pid \($0)" } ?? ""
                if worker.restarts > 0 { rows.append(["restarts", "\(worker.restarts)"]) }
                if let reason = worker.reason { rows.append(["reason", reason]) }
                rows.append(["trouble", worker.trouble.isEmpty ? "none" : worker.trouble])
            }
            rows.append(["webhooks", "\(events.accepted) taken, \(events.waiting) of them to be looked at"])
            rows.append(["queue", "\(queue.live) live, \(queue.background) in the background, \(queue.parked) parked"])
            for load in worker?.progress ?? [] {
                rows.append(["first load", load.route + ": " + (load.isEnded ? "ended, " : "") + load.words])
            }
            for (route, state) in progress { rows.append(["progress", remark(route) + ": " + members(of: state)]) }
            for window in worker?.windows ?? [] {
                rows.append(["window", "\(window.system) \(window.name): \(window.used) of \(window.limit) used"])
            }
            if let seconds = worker?.subscriptionSeconds {
                rows.append(["subscription", "ends in \(readable(.seconds(seconds)))"])
            }
            if let address { rows.append(["address", address]) }
            return title + "\n" + Terminal.table(rows.map { ["  " + $0[0], $0[1]] })
        }

        private func members(of state: JSON) -> String {
            guard case .object(let object) = state else { return remark(state.text()) }
            return object.members.map { member in
                let value = if case .string(let text) = member.value { text } else { member.value.text() }
                return remark("\(member.name) \(value)")
            }.joined(separator: ", ")
        }

        var json: JSON {
            var object = JSON.Object()
            object["connection"] = .number(Int(connection.number))
            object["tenant"] = .string(connection.draft.tenant.text)
            object["name"] = .string(connection.draft.name.text)
            object["flow"] = .string(connection.draft.flow)
            object["paused"] = .bool(connection.isPaused)
            object["state"] = .string(state)
            object["worker"] = worker.map { StatusCommand.json($0) } ?? .null
            object["queue"] = [
                "live": .number(queue.live), "background": .number(queue.background), "parked": .number(queue.parked),
            ]
            var routes = JSON.Object()
            for (route, state) in progress { routes[route] = state }
            object["progress"] = .object(routes)
            object["webhookAddress"] = address.map { .string($0) } ?? .null
            return .object(object)
        }
    }
}
