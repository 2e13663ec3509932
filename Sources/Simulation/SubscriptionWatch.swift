import Core
import Engine
import Transport

/// Performs what a subscription's life decides, for one process.
@OnLoop final class SubscriptionWatch {
    private let messenger: Messenger
    private let client: VendorClient
    private let onGap: @OnLoop () -> Void
    private var life = SubscriptionLife()
    private var held: Messenger.Subscription?
    private let napper = Napper()
    private var isDraining = false
    private var checked = WallTime.first

    private nonisolated static let checksEvery = Duration.seconds(900)

    init(_ messenger: Messenger, through client: VendorClient, onGap: @escaping @OnLoop () -> Void) {
        self.messenger = messenger
        self.client = client
        self.onGap = onGap
    }

    func drain() {
        isDraining = true
        napper.wake()
    }

    func run() async {
        while !isDraining {
            if WallTime.now - checked >= Self.checksEvery || checked > .now { await check() }
            var actions = life.wake(at: .now)[...]
            var rest = Self.checksEvery
            while let action = actions.popFirst(), !isDraining {
                switch action {
                case .create: actions += await create()
                case .renew: actions += await renew()
                case .readDelta: onGap()
                case .alert: break
                case .nothing(let until): if let until { rest = min(rest, max(until - .now, .milliseconds(1))) }
                }
            }
            if !isDraining { await napper.sleep(for: rest) }
        }
    }

    private func check() async {
        let messenger = messenger
        guard let all = try? await client.call(["requests": 1], lane: .background, { messenger.all() }) else { return }
        checked = .now
        if let newest = all.max(by: { $0.expires < $1.expires }) {
            held = newest
            life.found(expires: newest.expires)
        } else if held != nil {
            held = nil
            _ = life.gone()
            for case .readDelta in await create() { onGap() }
        }
    }

    private func create() async -> [SubscriptionLife.Action] {
        let messenger = messenger
        do {
            let made = try await client.call(["requests": 1], lane: .live, isWrite: true) { messenger.subscribe() }
            held = made
            return life.created(expires: made.expires, at: .now)
        } catch {
            return life.failed(at: .now)
        }
    }

    private func renew() async -> [SubscriptionLife.Action] {
        guard let id = held?.id else { return life.gone() }
        let messenger = messenger
        do {
            guard let renewed = try await client.call(["requests": 1], lane: .live, { messenger.renew(id) }) else {
                held = nil
                return life.gone()
            }
            held = renewed
            return life.renewed(expires: renewed.expires, at: .now)
        } catch {
            checked = .first
            return life.failed(at: .now)
        }
    }
}
