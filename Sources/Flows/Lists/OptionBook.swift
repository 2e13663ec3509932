import Core
import Store
import Transport

/// Which label stands for which record of a list: in memory for whoever writes it, and in the store over restarts. Names
/// change and are not unique, so nobody else could tell.
@OnLoop final class OptionBook {
    let list: String
    private let setting: String
    private let store: any TenantStore
    /// Board and column: labels of another one say nothing.
    private let place: String
    private(set) var entries: [String: LabelPlan.Entry] = [:]
    private var byName: [String: Int] = [:]
    /// What the books had when the labels were looked at last, when that was, and what there was to say of it.
    private(set) var seen = ""
    private(set) var looked = WallTime.first
    private(set) var complaint = ""
    private var isLoaded = false

    init(_ file: ListFile, store: any TenantStore, connection: Int64) {
        list = file.name
        setting = "list.\(connection).\(file.name)"
        place = "\(file.board)/\(file.column)"
        self.store = store
    }

    /// By the record's id in the books, or by its number.
    func label(for name: String) -> Int? {
        entries[name]?.label ?? byName[Self.folded(name)]
    }

    /// What the books call the record that a label stands for.
    func number(of label: Int) -> String? {
        entries.values.first { $0.label == label && !$0.number.isEmpty }?.number
    }

    /// Under what a record waits for its label.
    nonisolated static func folded(_ name: String) -> String { name.lowercased() }

    func load() async throws {
        guard !isLoaded else { return }
        let text = try await store.setting(setting)
        isLoaded = true
        guard let text, let document = try? JSON.parse(text) else { return }
        let field = JSONField(document)
        guard (try? field["place"].string()) == place, let members = try? field["labels"].members() else { return }
        for (key, member) in members {
            guard let label = try? member[0].int(), let number = try? member[1].string() else { continue }
            entries[key] = LabelPlan.Entry(label: label, number: number)
        }
        seen = (try? field["seen"].string()) ?? ""
        complaint = (try? field["complaint"].string()) ?? ""
        looked = (try? field["looked"].string()).flatMap { WallTime($0) } ?? .first
        index()
    }

    /// Answers under which names something can be found by now that could not be before.
    func keep(
        _ entries: [String: LabelPlan.Entry],
        seen: String,
        complaint: String,
        at now: WallTime
    ) async throws -> [String] {
        var labels = JSON.Object()
        for (key, entry) in entries.sorted(by: { $0.key < $1.key }) {
            labels[key] = [.number(entry.label), .string(entry.number)]
        }
        let document: JSON = [
            "place": .string(place), "seen": .string(seen), "complaint": .string(complaint),
            "looked": .string(now.text), "labels": .object(labels),
        ]
        // First on disk: what only memory knows would not be looked at again before it changes.
        try await store.put(document.text(), setting: setting)
        let before = self.entries
        (self.entries, self.seen, self.complaint, looked) = (entries, seen, complaint, now)
        index()
        return entries.filter { before[$0.key] != $0.value }.flatMap { key, entry in [key, entry.number] }
    }

    /// A number that two records have names neither.
    private func index() {
        byName = [:]
        var seen: Set<String> = []
        for entry in entries.values where !entry.number.isEmpty {
            let name = Self.folded(entry.number)
            byName[name] = seen.insert(name).inserted ? entry.label : nil
        }
    }
}
