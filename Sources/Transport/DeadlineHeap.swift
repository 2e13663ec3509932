import Core

/// Things ordered by when they are due: a binary heap.
struct DeadlineHeap<Element> {
    private var entries: [(due: Instant, element: Element)] = []

    var count: Int { entries.count }
    var earliest: Instant? { entries.first?.due }

    mutating func push(_ element: Element, at due: Instant) {
        entries.append((due, element))
        var child = entries.count - 1
        while child > 0, case let parent = (child - 1) / 2, entries[child].due < entries[parent].due {
            entries.swapAt(child, parent)
            child = parent
        }
    }

    mutating func popDue(at now: Instant) -> Element? {
        guard let first = entries.first, first.due <= now else { return nil }
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        sink(from: 0)
        return first.element
    }

    /// Costs as much as making the heap anew.
    mutating func removeAll(where isGone: (Element) -> Bool) {
        entries.removeAll { isGone($0.element) }
        for parent in (0..<entries.count / 2).reversed() { sink(from: parent) }
    }

    private mutating func sink(from first: Int) {
        var parent = first
        while true {
            let left = 2 * parent + 1
            guard left < entries.count else { return }
            let right = left + 1
            let child = right < entries.count && entries[right].due < entries[left].due ? right : left
            guard entries[child].due < entries[parent].due else { return }
            entries.swapAt(child, parent)
            parent = child
        }
    }
}
