import Core

extension BusinessCentralSimulator {
    /// What one subscription has still to be told.
    struct Pending: Sendable {
        struct Item: Sendable, Equatable {
            var id: String
            var kind: Event.Kind
            var modified: WallTime
        }

        private(set) var items: [Item] = []
        /// More have come than are told one by one.
        private(set) var isCollection = false
        private(set) var hasDeletion = false
        private(set) var first: WallTime?
        private var last: WallTime = .first
        /// Where each record was mentioned last.
        private var places: [String: Int] = [:]

        var isEmpty: Bool { items.isEmpty && !isCollection }
        var count: Int { isCollection ? 1 : items.count }

        /// Updates of one record in a row become one; what was created or deleted is told separately.
        mutating func add(_ item: Item, limit: Int) {
            first = first.map { min($0, item.modified) } ?? item.modified
            last = max(last, item.modified)
            hasDeletion = hasDeletion || item.kind == .deleted
            guard !isCollection else { return }
            if item.kind == .updated, let place = places[item.id], items[place].kind == .updated {
                items[place].modified = max(items[place].modified, item.modified)
                return
            }
            places[item.id] = items.count
            items.append(item)
            guard items.count > limit else { return }
            isCollection = true
            items = []
            places = [:]
        }

        /// What could not be told before comes first; a collection stays one.
        mutating func putBack(_ earlier: Pending, limit: Int) {
            var merged = earlier
            for item in items { merged.add(item, limit: limit) }
            if isCollection {
                merged.isCollection = true
                merged.items = []
                merged.places = [:]
            }
            merged.hasDeletion = merged.hasDeletion || hasDeletion
            merged.last = max(merged.last, last)
            merged.first = [merged.first, first].compactMap { $0 }.min()
            self = merged
        }

        /// As the request's body lists them. A deletion takes the filter away: it could not be found by one.
        func values(of subscription: Subscription) -> [JSON] {
            guard isCollection else {
                return items.map { item in
                    value(of: subscription, "\(subscription.told)(\(item.id))", item.kind.rawValue, item.modified)
                }
            }
            var resource = subscription.told
            if !hasDeletion, let first {
                let since = (first - .milliseconds(50)).text(fractionDigits: 3)
                resource += "?$filter=lastModifiedDateTime%20gt%20" + since
            }
            return [value(of: subscription, resource, "collection", last)]
        }

        private func value(
            of subscription: Subscription,
            _ resource: String,
            _ change: String,
            _ modified: WallTime
        ) -> JSON {
            [
                "subscriptionId": .string(subscription.id), "clientState": .string(subscription.clientState),
                "expirationDateTime": .string(subscription.expiration.text(fractionDigits: 0)),
                "resource": .string(resource), "changeType": .string(change),
                "lastModifiedDateTime": .string(modified.text),
            ]
        }
    }
}
