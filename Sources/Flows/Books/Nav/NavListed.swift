import Core

/// Which documents were still on their way when they were listed last: those not posted, and those posted and not paid.
///
/// NAV tells of no change, and what is posted or deleted is simply not listed any more. So the keys are remembered, and
/// what a walk through the lists did not come by has to be asked for by its number. A key is remembered before anything
/// is done with its page, and forgotten only when its document was read and is on its way no longer: whatever is
/// interrupted, none is missed, and some are read twice.
struct NavListed: Sendable, Equatable {
    private(set) var keys: Set<String>
    /// Of each walk under way, what it has not come by yet.
    private var left: [Int: Set<String>] = [:]
    private var walks: Int
    /// Whether there is something to be stored.
    private(set) var isChanged = false

    /// A reading and a comparison may be under way at once; one that was given up is in nobody's way.
    private static let mostWalks = 4

    /// The number of a walk must not be that of another process's.
    init(_ keys: Set<String> = [], after walks: Int = 0) {
        self.keys = keys
        self.walks = walks
    }

    mutating func begin() -> Int {
        walks += 1
        left[walks] = keys
        left[walks - Self.mostWalks] = nil
        return walks
    }

    /// Each key with whether something may become of its document yet.
    mutating func saw(_ seen: some Sequence<(String, Bool)>, in walk: Int) {
        for (key, isMoving) in seen {
            left[walk]?.remove(key)
            if isMoving, keys.insert(key).inserted { isChanged = true }
        }
    }

    /// What it did not come by; nothing of a walk that another process has begun.
    mutating func end(_ walk: Int) -> [String] {
        (left.removeValue(forKey: walk) ?? []).intersection(keys).sorted()
    }

    /// These were read, and are on their way no longer.
    mutating func settled(_ done: some Sequence<String>) {
        for key in done where keys.remove(key) != nil { isChanged = true }
    }

    mutating func stored() {
        isChanged = false
    }

    mutating func mustBeStored() {
        isChanged = true
    }

    // MARK: As it is stored

    init(_ state: JSON?, of books: String, after walks: Int) {
        let field = JSONField(state ?? .null)
        // Those of another company are nothing that this one could miss.
        let isOurs = (try? field["books"].string()) == books
        let keys = isOurs ? (try? field["keys"].elements().compactMap { try? $0.string() }) ?? [] : []
        self.init(Set(keys), after: walks)
    }

    func json(of books: String) -> JSON {
        ["books": .string(books), "keys": .array(keys.sorted().map { .string($0) })]
    }
}
