import Core
import Store
import Transport

/// Looks at what a run has left on disk, once all processes have ended.
@OnLoop struct Inspection {
    private let world: World

    init(_ world: World) {
        self.world = world
    }

    func run() async {
        do {
            for tenant in Set(world.sites.map(\.tenant)).sorted() { try await inspect(tenant) }
            let inbox = try await SQLiteInbox.open(
                world.disk.path("inbox.db"),
                fileSystem: world.disk.options(for: 1).fileSystem,
                on: EpollLoop.process
            )
            let left = try await inbox.usage().events
            if left > 0 { world.broken("the inbox holds \(left) events that nobody will take") }
            await inbox.close()
        } catch {
            world.broken("what was left cannot be read: \(error)")
        }
    }

    private func inspect(_ tenant: String) async throws {
        let store = try await SQLiteTenantStore.open(
            world.disk.path("\(tenant).db"),
            options: world.disk.options(for: 1),
            on: EpollLoop.process
        )
        let lines = try await auditLines(store, tenant)
        for site in world.sites where site.tenant == tenant {
            try await inspect(site, store)
            try audited(site, lines[site.name, default: []])
        }
        await store.close()
    }

    private func inspect(_ site: Site, _ store: SQLiteTenantStore) async throws {
        let open = try await store.openIntents(of: "records", for: site.number)
        if !open.isEmpty { world.broken("\(site.name): \(open.count) intents are left open") }
        let counts = try await store.counts(for: site.number)
        if counts.waiting != 0 { world.broken("\(site.name): \(counts.waiting) events wait for ever") }
        if counts.accepted != Int64(world.storeWatch.count(site.number)) {
            world.broken(
                "\(site.name): \(counts.accepted) events are counted, \(world.storeWatch.count(site.number)) came"
            )
        }
        let known = try await store.records(RecordQuery(limit: 10_000), for: site.number)
        let reasons = Dictionary(known.filter(\.isParked).map { ($0.key, $0.reason ?? "") }) { $1 }
        // A reading that finds it again has it tried once more, and the end may have come just then.
        let waiting = Set(known.filter(\.isWaiting).map(\.key))
        for key in site.books.keys {
            guard let entry = site.books.entries[key], !entry.isDeleted else { continue }
            let isParked = reasons[key].map { $0.contains("label") } ?? false
            if site.isRefused(entry), !isParked, !waiting.contains(key) {
                world.broken(
                    "\(site.name): \(key) cannot be written, and nobody is told why: \(reasons[key] ?? "it is not parked")"
                )
            } else if !site.isRefused(entry), reasons[key] != nil {
                world.broken("\(site.name): \(key) is parked although it is right by now: \(reasons[key] ?? "")")
            }
        }
    }

    // MARK: The audit

    private struct Line {
        var record: String
        var item: String?
        var decision: String
        var after: [String: JSON]
    }

    /// By connection, once the chain has been followed.
    private func auditLines(_ store: SQLiteTenantStore, _ tenant: String) async throws -> [String: [Line]] {
        var chain = AuditChain()
        var lines: [String: [Line]] = [:]
        for stored in try await store.audit(after: 0, limit: 1_000_000, for: nil) {
            do { try chain.follow(stored) } catch { return broken(tenant, error) }
            let field = JSONField(try JSON.parse(stored.text))
            var after: [String: JSON] = [:]
            for (name, change) in try field["fields"].orNil?.members() ?? [] { after[name] = change["after"].value }
            lines[try field["connection"].string(), default: []].append(
                Line(
                    record: try field["record"].string(),
                    item: try field["item"].orNil?.string(),
                    decision: try field["decision"].string(),
                    after: after
                )
            )
        }
        do { try chain.end(at: try await store.auditChain()) } catch { return broken(tenant, error) }
        return lines
    }

    private func broken(_ tenant: String, _ error: any Error) -> [String: [Line]] {
        world.broken("\(tenant): the audit is not whole: \(error)")
        return [:]
    }

    /// People wrote it, and nobody has been told yet.
    private func isByHand(_ value: JSON.Object.Member, _ entry: Books.Entry) -> Bool {
        world.scenario.isTwoWay && entry.fields[value.name] != value.value
    }

    /// Each item, and each value it holds, has a line.
    private func audited(_ site: Site, _ lines: [Line]) throws {
        let byRecord = Dictionary(grouping: lines, by: \.record)
        for id in site.board.ids {
            guard let item = site.board.items[id], !item.key.isEmpty else { continue }
            let own = byRecord[item.key, default: []].filter { $0.item == id }
            if own.isEmpty {
                world.broken("\(site.name): \(id) of \(item.key) is in no line of the audit")
                continue
            }
            // What was put away without an answer is found to be gone by whoever wants to put it away again.
            if item.isArchived, !own.contains(where: { $0.decision == "archived" || $0.decision == "lost" }) {
                world.broken("\(site.name): \(id) was put away, and no line of the audit says so")
            }
            // What was sent without an answer, and cannot be written any more since, nobody can vouch for.
            guard !item.isArchived, let entry = site.books.entries[item.key], !site.isRefused(entry) else { continue }
            // Of an item that was found, the audit says so; what it held by then nobody has written twice.
            guard !own.contains(where: { $0.decision == "adopted" }) else { continue }
            for value in item.values.members
            where !isByHand(value, entry) && !own.contains(where: { $0.after[value.name] == value.value }) {
                world.broken(
                    "\(site.name): no line of the audit says that \(id) got \(value.name) \(value.value.text())"
                )
            }
        }
    }
}
