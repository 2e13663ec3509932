import Core
import Engine
import Store
import Systems
import Transport

/// What is asked of Monday, always in the background: live changes go before it, and a tenth of the day's calls is theirs.
extension BoardWatch {
    // MARK: Webhooks

    func makeHooks() async throws {
        var sketch = hooks
        guard !sketch.plan(wishes, at: address?.digest ?? "").isEmpty else { return }
        // A board may lack a column of the file, and nobody can tell of that.
        for route in routes where !wishes.isEmpty { try await route.prepare() }
        let before = hooks
        let actions = hooks.plan(wishes, at: address?.digest ?? "")
        // Before anything is asked for, so that what comes of it is known for ours.
        if hooks != before { try await store() }
        for action in actions where !isDraining {
            switch action {
            case .delete(let slot, let id):
                if let id { try await client.deleteWebhook(id) }
                hooks.deleted(slot)
                try await store()
            case .create(let wish, let slot):
                guard let address else { continue }
                // The first that fails ends it: what keeps Monday from one address keeps it from all.
                let made = try await client.createWebhook(
                    on: wish.board,
                    url: try address.url(of: slot),
                    event: wish.event,
                    key: address.idempotencyKey(of: slot),
                    lane: .background
                )
                hooks.created(slot, id: made.id)
                try await store()
            }
        }
    }

    /// Takes all of them back, for a connection that is removed.
    func retire() async -> [Finding] {
        do {
            try await load()
            for kept in hooks.kept {
                if let id = kept.id { try await client.deleteWebhook(id, lane: .interactive) }
                hooks.deleted(kept.slot)
            }
            hooks.checked = nil
            try await store()
            return []
        } catch {
            return [
                Finding(
                    .notice,
                    "Monday: webhooks",
                    "\(error)",
                    remedy: "those that are left can be taken away in the board's integrations; nothing listens to them"
                )
            ]
        }
    }

    // MARK: Catching up

    /// Of a board that nobody has looked at yet: what people do from now on is found, though it may take until after the
    /// first load before anybody tells of it.
    func begin(_ board: String) async throws {
        let place = CatchUp.place(of: board)
        guard try await context.store.progress(of: place, for: context.connection) == nil else { return }
        try await context.store.mark([], advancing: progress(place, .now), for: context.connection)
    }

    /// Whether there are new marks.
    func catchUp(_ board: String) async throws -> Bool {
        let place = CatchUp.place(of: board)
        guard let known = CatchUp.known(try await context.store.progress(of: place, for: context.connection)) else {
            // Nothing was missed before anything was there. What is on a board already, the first load compares.
            try await context.store.mark([], advancing: progress(place, .now), for: context.connection)
            return false
        }
        for route in routes where route.mapping.board == board { try await route.prepare() }
        var walk = CatchUp(knownUntil: known)
        var step = Monday.Scan.Step.newest
        var hasMarks = false
        repeat {
            var marks: [Mark] = []
            if file.readsLogs {
                let page = try await client.activity(of: board, from: walk.since, page: walk.pages + 1)
                for (item, line) in walk.took(page).sorted(by: { $0.key < $1.key }) {
                    let cause = "monday activity" + (line.user.map { " by user \($0)" } ?? "")
                    marks += try await self.marks([item: line.time], on: board, cause: cause)
                }
            } else {
                let page = try await client.page(step, of: board, columns: keyColumns(board), size: CatchUp.pageSize)
                guard let page else { break }
                step = page.cursor.map { .next(cursor: $0) } ?? .done
                let items = Dictionary(walk.took(page).map { ($0.id, $0.updated) }) { $1 }
                marks = try await self.marks(items, on: board, cause: "monday catch-up")
            }
            hasMarks = hasMarks || !marks.isEmpty
            // It moves with the last of the marks: a crash before that looks at the same once more.
            let end = walk.isDone ? progress(place, walk.watermark) : nil
            try await context.store.mark(marks, advancing: end, for: context.connection)
        } while !walk.isDone && !isDraining
        if walk.isCut {
            context.log.warning("Monday: more changed on board \(board) than is looked at; a reconcile finds the rest")
        }
        return hasMarks
    }

    private func progress(_ place: String, _ known: WallTime) -> Progress {
        Progress(route: place, state: CatchUp.state(knownUntil: known))
    }

    /// Something has to be asked for beside who the items are, or Monday gives all of their cells.
    private func keyColumns(_ board: String) -> [Monday.Column] {
        routes.first { $0.mapping.board == board }?.keyColumn.map { [$0] } ?? []
    }

    /// For those items of ours that were changed at these times, if it was not us.
    private func marks(_ items: [String: WallTime?], on board: String, cause: String) async throws -> [Mark] {
        let now = Int64(WallTime.now.millisecondsSince1970)
        var marks: [Mark] = []
        for route in routes where route.mapping.board == board {
            for link in try await links(of: Array(items.keys), on: route) {
                let changed = items[link.target] ?? nil
                guard CatchUp.isNews(changed: changed, writtenMilliseconds: link.writtenMilliseconds) else { continue }
                marks.append(route.mark(link.key, lane: .background, cause: cause, heardMilliseconds: now))
            }
        }
        return marks
    }

    /// Who these items are, as far as they are in use.
    func links(of items: [String], on route: BoardRoute) async throws -> [Link] {
        guard !items.isEmpty else { return [] }
        let keys = try await context.store.keys(ofTargets: items, of: route.name, for: context.connection)
        let known = Set(keys.values.joined()).sorted()
        let links = try await context.store.links(known, of: route.name, for: context.connection)
        return known.compactMap { links[$0] }.filter { $0.state == .live }
    }
}
