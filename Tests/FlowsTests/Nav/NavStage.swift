import Core
import Engine
import Foundation
import Store
import Systems
import Transport

@testable import Flows

/// A company in NAV, a store, and one reader of invoices after another, as processes come and go.
@OnLoop final class NavStage {
    let world = NavWorld()
    let store: SQLiteTenantStore
    private let folder: URL
    private(set) var source: NavDocumentSource
    var progress = ReadProgress()
    /// The status of each record as it was read last, as if the engine had written it.
    private(set) var board: [String: JSON.Object] = [:]
    private let words: [String]

    init(_ words: [String] = ["number", "vendorName", "amount", "status"]) async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "ml-nav-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try await SQLiteTenantStore.open(folder.appending(path: "tenant.db").path)
        self.words = words
        source = Self.makeSource(world, words, store)
    }

    nonisolated deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    private static func makeSource(
        _ world: NavWorld,
        _ words: [String],
        _ store: SQLiteTenantStore
    ) -> NavDocumentSource {
        let desk = NavDesk(world, company: "CRONUS A/S")
        return NavDocumentSource(
            .invoices,
            posted: .postedInvoices,
            words: words,
            desk: desk,
            hand: NavHand(desk, NavFunctions()),
            memory: NavMemory(store, connection: 1, route: "purchaseInvoices")
        )
    }

    func restart() {
        source = Self.makeSource(world, words, store)
    }

    /// What a reading comes by: the records in their order, and what it missed.
    func readAll(at now: WallTime) async throws -> (records: [Record], vanished: [String]) {
        var records: [Record] = []
        while true {
            let page: RecordPage =
                switch progress.step(at: now) {
                case .begin(let since): try await source.page(changedSince: since, lane: .background)
                case .goOn(let next): try await source.page(next: next, lane: .background)
                }
            records += page.records
            if progress.stored(page, at: Int64(now.millisecondsSince1970)) { return (records, page.vanished) }
        }
    }

    /// As the engine does: what differs from what was written is read afresh, and written.
    func poll(at now: WallTime) async throws -> Set<String> {
        let (records, vanished) = try await readAll(at: now)
        let differing = records.filter { shown($0) != board[$0.id] }.map(\.id)
        let keys = Set(differing + vanished)
        for key in keys.sorted() { board[key] = try await source.read([key], lane: .live).first.map(shown) }
        return keys
    }

    func status(_ key: String) -> JSON? { board[key]?["status"] }

    private func shown(_ record: Record) -> JSON.Object {
        var values = JSON.Object()
        for word in words { values[word] = source.plain(word, of: record) }
        return values
    }
}

func day(_ text: String) throws -> WallTime {
    guard let day = Day(text) else { throw CancellationError() }
    return WallTime(startOf: day) + .seconds(43_200)
}
