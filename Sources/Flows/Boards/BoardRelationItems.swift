import Core
import Engine
import Store
import Transport

/// Which item each record of a connection has, whichever route it is on, and who waits for one that is yet to be made.
@OnLoop final class RelationItems {
    private let context: FlowContext
    private var waiting = RelationWaiting()
    /// Made a moment ago: their links may not be stored yet when those who waited for them are looked at.
    private var made: [RelationWaiting.Place: String] = [:]
    private var order: [RelationWaiting.Place] = []
    private static let mostMade = 1_000
    /// There are new marks.
    var onMarked: @OnLoop () -> Void = {}

    init(in context: FlowContext) {
        self.context = context
    }

    /// Those of the records that have a living item.
    func items(of keys: Set<String>, on route: String) async throws -> [String: String] {
        guard !keys.isEmpty else { return [:] }
        let links = try await context.store.links(keys.sorted(), of: route, for: context.connection)
        var items: [String: String] = [:]
        for key in keys {
            if let link = links[key] {
                items[key] = link.state == .live ? link.target : nil
            } else {
                items[key] = made[.init(route: route, key: key)]
            }
        }
        return items
    }

    func wait(_ key: String, on route: String, for other: String, on otherRoute: String, _ lane: Lane) {
        waiting.wait(.init(route: route, key: key), for: .init(route: otherRoute, key: other), lane)
    }

    /// These records have items: whoever waited for one is looked at again.
    func came(_ items: [String: String], on route: String) async {
        for (key, item) in items {
            let place = RelationWaiting.Place(route: route, key: key)
            if made.updateValue(item, forKey: place) == nil { order.append(place) }
        }
        while order.count > Self.mostMade { made[order.removeFirst()] = nil }
        await came(items.keys.sorted(), on: route)
    }

    /// These are there by now.
    func came(_ keys: [String], on route: String) async {
        var marks: [Mark] = []
        let now = Int64(WallTime.now.millisecondsSince1970)
        for key in keys {
            for (waiter, lane) in waiting.came(.init(route: route, key: key)) {
                marks.append(
                    Mark(
                        route: waiter.route,
                        key: waiter.key,
                        lane: lane,
                        cause: "\(route) \(key)",
                        heardMilliseconds: now
                    )
                )
            }
        }
        guard !marks.isEmpty else { return }
        do {
            try await context.store.mark(marks, advancing: nil, for: context.connection)
            onMarked()
        } catch {
            // A store that takes no marks has worse to say, and says it; the comparison finds these.
            context.log.warning("\(marks.count) records that waited for \(route) could not be marked: \(error)")
        }
    }
}
