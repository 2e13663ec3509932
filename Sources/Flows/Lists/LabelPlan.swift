import Core
import Systems

/// What becomes of a column's labels: decided from the labels there are, the options that the books have, and which label
/// was made for which option.
///
/// A label is known by its id: one that is renamed stays where it is in every item. What people added is left alone. What
/// the books no longer have is deactivated, because items may show it; it is deleted only where that is allowed and no
/// item shows it, one at a time, and never together with an addition, as Monday wants it.
struct LabelPlan: Sendable, Equatable {
    /// What the books have: a vendor, a cost centre.
    struct Option: Sendable, Equatable {
        /// Who it is, whatever it is called.
        var key: String
        var number: String
        var text: String
        /// Blocked in the books: nothing new is to get this label.
        var isOff = false
    }

    /// The label that stands for an option.
    struct Entry: Sendable, Equatable {
        var label: Int
        var number: String
    }

    struct Policy: Sendable, Equatable {
        var most: Int
        var longest: Int
        /// Whether all options were read; of a part nobody can say what is gone.
        var isWhole = true
        /// False where the labels belong to the account and not to the board.
        var mayChange = true
        /// Labels that no item shows, and that may be deleted for that.
        var unused: Set<Int> = []
    }

    /// The whole list as it is to be; nil where it is so already.
    private(set) var labels: [Monday.Label]?
    /// By the options' keys. What is gone stays among them: it may come back.
    private(set) var entries: [String: Entry]
    /// Options whose label Monday has yet to make.
    private(set) var additions: [Option] = []
    /// Entries of what the books no longer have, deactivated for some time, which may be deleted once no item shows them.
    private(set) var leavings: [Int] = []
    /// For people; empty where all is well.
    private(set) var complaint = ""

    init(_ column: Monday.Column, _ options: [Option], known: [String: Entry], _ policy: Policy) {
        let there = Set(column.labels.compactMap(\.id))
        entries = known.filter { there.contains($0.value.label) }
        var options = LabelTexts.distinct(options, longest: policy.longest)
        if policy.isWhole { inherit(options) }
        adopt(options, column.labels)
        options = LabelTexts.apart(options, from: others(options, column.labels), longest: policy.longest)
        adopt(options, column.labels)
        guard policy.mayChange else {
            let missing = options.count { !$0.isOff && entries[$0.key] == nil }
            if missing > 0 {
                complaint =
                    "“\(column.title)” (\(column.id)) takes no labels from here, and lacks \(missing) of them: it is "
                    + "managed for the whole account, so add them where it is managed"
            }
            return
        }
        var list = column.labels
        rename(options, &list)
        switchOff(options, &list, policy)
        add(options, column, &list, policy)
        remove(options, &list, policy)
        if list != column.labels { labels = list }
    }

    /// The entries with the labels that Monday has made by now.
    func entries(made column: Monday.Column) -> [String: Entry] {
        var all = entries
        let taken = Set(all.values.map(\.label))
        for option in additions {
            let made = column.labels.last { $0.text == option.text && $0.id.map(taken.contains) == false }
            if let id = made?.id { all[option.key] = Entry(label: id, number: option.number) }
        }
        return all
    }

    // MARK: Which label is whose

    /// Something that was entered anew under its old number is what it was, to everybody but the books.
    private mutating func inherit(_ options: [Option]) {
        let keys = Set(options.map(\.key))
        var gone: [String: String] = [:]
        for (key, entry) in entries where !keys.contains(key) && !entry.number.isEmpty { gone[entry.number] = key }
        for option in options where entries[option.key] == nil {
            guard let before = gone.removeValue(forKey: option.number) else { continue }
            entries[option.key] = entries.removeValue(forKey: before)
        }
        for option in options { entries[option.key]?.number = option.number }
    }

    /// A label that has an option's text already, and stands for no other one, is the option's.
    private mutating func adopt(_ options: [Option], _ labels: [Monday.Label]) {
        var claimed = Set(entries.values.map(\.label))
        for option in options where entries[option.key] == nil {
            let alike = labels.filter { label in
                label.id.map { !claimed.contains($0) } == true && LabelTexts.fold(label.text) == option.folded
            }
            let exact = alike.filter { Monday.trimmed($0.text) == option.text }
            guard let label = exact.first ?? (alike.count == 1 ? alike[0] : nil), let id = label.id else { continue }
            entries[option.key] = Entry(label: id, number: option.number)
            claimed.insert(id)
        }
    }

    // MARK: The list

    /// Texts of labels that stand for none of these options, which no option's may equal.
    private func others(_ options: [Option], _ list: [Monday.Label]) -> Set<String> {
        let ours = Set(options.compactMap { entries[$0.key]?.label })
        return Set(list.filter { $0.id.map(ours.contains) != true }.map { LabelTexts.fold($0.text) })
    }

    private func rename(_ options: [Option], _ list: inout [Monday.Label]) {
        let others = others(options, list)
        let places = Self.places(list)
        for option in options where !others.contains(option.folded) {
            guard let place = entries[option.key].flatMap({ places[$0.label] }) else { continue }
            // Two spellings of one accent are the same text to everybody who reads it.
            guard Monday.trimmed(list[place].text) != option.text else { continue }
            list[place].text = option.text
        }
    }

    private mutating func switchOff(_ options: [Option], _ list: inout [Monday.Label], _ policy: Policy) {
        let places = Self.places(list)
        let wanted = Dictionary(options.map { ($0.key, $0) }) { first, _ in first }
        for (key, entry) in entries {
            guard let place = places[entry.label] else { continue }
            if wanted[key]?.isOff ?? policy.isWhole {
                if list[place].isDeactivated, wanted[key] == nil { leavings.append(entry.label) }
                list[place].isDeactivated = true
            }
        }
        leavings.sort()
    }

    /// All or none: which of them would fit is nothing that anybody could foresee.
    private mutating func add(
        _ options: [Option],
        _ column: Monday.Column,
        _ list: inout [Monday.Label],
        _ policy: Policy
    ) {
        let others = others(options, list)
        let places = Self.places(list)
        let on = options.filter { !$0.isOff }
        let new = on.filter { entries[$0.key] == nil }
        let back = on.compactMap { entries[$0.key].flatMap { places[$0.label] } }.filter { list[$0].isDeactivated }
        // A status has so many labels in all; of a dropdown's only those count that people have to choose from.
        let isStatus = column.type == .status
        let count = isStatus ? list.count : list.count { !$0.isDeactivated }
        let wanted = count + new.count + (isStatus ? 0 : back.count)
        guard policy.isWhole, new.isEmpty && (isStatus || back.isEmpty) || wanted <= policy.most else {
            complaint =
                "“\(column.title)” (\(column.id)) would have \(policy.isWhole ? "\(wanted)" : "far too many") labels, and "
                + "\(policy.most) are the most that are kept in one: none is added. Keep them on a board of their own, "
                + "and connect it to this one"
            return
        }
        for place in back { list[place].isDeactivated = false }
        for option in new {
            guard !others.contains(option.folded) else {
                complaint =
                    "“\(column.title)” (\(column.id)) has a label “\(option.text)” that stands for something else: "
                    + "put the number into the list's text"
                continue
            }
            list.append(column.newLabel(option.text, beside: list))
            additions.append(option)
        }
    }

    private mutating func remove(_ options: [Option], _ list: inout [Monday.Label], _ policy: Policy) {
        guard additions.isEmpty, let label = leavings.first(where: policy.unused.contains) else { return }
        list.removeAll { $0.id == label }
        entries = entries.filter { $0.value.label != label }
    }

    private static func places(_ list: [Monday.Label]) -> [Int: Int] {
        Dictionary(list.enumerated().compactMap { place, label in label.id.map { ($0, place) } }) { first, _ in first }
    }
}
