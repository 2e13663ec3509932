import Core
import Engine
import Store
import Systems
import Transport

/// What webhooks of Monday's come to.
extension BoardWatch {
    /// Nil for what is no event.
    func take(_ event: WaitingEvent) async throws -> Heard? {
        guard let delivery = try? Monday.Delivery(event.arrival.body.span), case .event(let told) = delivery else {
            return nil
        }
        try await load()
        // Without a slot of ours it is for a webhook that was taken back: what was still under way comes late.
        guard let slot = HookName.slot(in: event.arrival.kind, of: .challenge), let hook = hooks[slot] else {
            return Heard()
        }
        // Whether the id in an event is the webhook's own, nobody says; whose address it came to is proof enough.
        guard hook.board == told.board || told.parent != nil else { return Heard(forged: 1) }
        switch BoardWord(told, columns: columns(of: hook.board)) {
        case .nothing: return Heard()
        case .lookAgain:
            lookAgain(at: hook.board)
            return Heard()
        case .item(let item, let column):
            var heard = Heard()
            for route in routes where route.mapping.board == hook.board {
                for link in try await links(of: [item], on: route) {
                    if let column, told.echoes(link.held(in: column)) { continue }
                    let user = told.user.map { " by user \($0)" } ?? ""
                    heard.marks.append(
                        route.mark(
                            link.key,
                            lane: .live,
                            cause: "monday \(event.id)\(user)",
                            heardMilliseconds: event.arrival.receivedMilliseconds
                        )
                    )
                }
            }
            return heard
        }
    }
}
