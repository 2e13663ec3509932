import Core
import Engine
import Systems
import Transport

/// Keeps one entity set's subscription alive: makes it, renews it a day before it ends, and makes it anew when Business
/// Central has dropped it, which it does without a word.
@OnLoop final class SubscriptionKeeper {
    private let entitySet: String
    /// No two subscriptions share an address: one wrong answer ends all that do.
    private let address: String
    private let clientState: Secret
    private let client: BusinessCentral.Client
    private let survey: WebhookSurvey
    private let checksEvery: Duration
    private let log: Log
    /// Changes may have been missed.
    private let onGap: @OnLoop () -> Void

    private var life = SubscriptionLife()
    private var subscription: BusinessCentral.Subscription?
    private var checked = WallTime.first
    private let napper = Napper()
    private var isDraining = false
    /// The environment tells of its changes; nil while that is not known.
    private var isSupported: Bool?
    /// Why it could not be made or renewed, and why nobody knows whether it is there; empty when that went well last.
    private var failure = ""
    private var doubt = ""

    init(
        _ entitySet: String,
        at address: String,
        clientState: Secret,
        client: BusinessCentral.Client,
        survey: WebhookSurvey,
        checksEvery: Duration,
        log: Log,
        onGap: @escaping @OnLoop () -> Void
    ) {
        self.entitySet = entitySet
        self.address = address
        self.clientState = clientState
        self.client = client
        self.survey = survey
        self.checksEvery = checksEvery
        self.log = log
        self.onGap = onGap
    }

    /// In words for an operator; empty when all is well.
    var trouble: String { failure.isEmpty ? doubt : failure }

    var secondsLeft: Int64? { life.left(at: .now).map { $0.components.seconds } }

    func drain() {
        isDraining = true
        napper.wake()
    }

    func run() async {
        while !isDraining {
            if WallTime.now - checked >= checksEvery { await check() }
            if subscription == nil {
                let answer = await supports()
                guard answer == true else {
                    // Not known yet: somebody waits for it. Not supported: it takes a new version of theirs.
                    let rest = answer == nil ? min(checksEvery, .seconds(60)) : checksEvery
                    if !isDraining { await napper.sleep(for: rest) }
                    continue
                }
            }
            var actions = life.wake(at: .now)[...]
            var rest = checksEvery
            while let action = actions.popFirst(), !isDraining {
                switch action {
                case .create: actions += await create()
                case .renew: actions += await renew()
                case .readDelta: onGap()
                case .alert(let left): alert(left)
                case .nothing(let until): if let until { rest = min(rest, max(until - .now, .milliseconds(1))) }
                }
            }
            if !isDraining { await napper.sleep(for: rest) }
        }
    }

    // MARK: What is done

    /// An environment may learn to tell of an entity with its next version, so it is asked again and again.
    private func supports() async -> Bool? {
        do {
            let answer = try await survey.supports(entitySet)
            if answer != isSupported, !answer {
                log.info("\(entitySet): has no webhooks in this environment; changes are polled")
            }
            isSupported = answer
            if doubt.hasPrefix(Self.unknown) { doubt = "" }
            return answer
        } catch {
            note(error, as: &doubt, Self.unknown)
            return isSupported
        }
    }

    /// Looks whether it is still there, or is there from an earlier life of ours.
    private func check() async {
        do {
            let all = try await client.subscriptions().filter { $0.notificationURL == address }
            checked = .now
            doubt = ""
            // Of several one is enough; the others would tell everything twice.
            let (ours, others) = (all.max { $0.expires < $1.expires }, all)
            for extra in others where extra.subscriptionID != ours?.subscriptionID {
                try await client.unsubscribe(extra)
            }
            if let ours {
                subscription = ours
                life.found(expires: ours.expires)
            } else if subscription != nil {
                subscription = nil
                log.warning("\(entitySet): Business Central has dropped the subscription; it is made again")
                _ = life.gone()
                await perform(creation: await create())
            }
        } catch {
            // Whether it is there will be known next time; what it may have missed is polled.
            note(error, as: &doubt)
        }
    }

    private func perform(creation actions: [SubscriptionLife.Action]) async {
        if actions.contains(.readDelta) { onGap() }
        for case .alert(let left) in actions { alert(left) }
    }

    private func create() async -> [SubscriptionLife.Action] {
        do {
            let made = try await client.subscribe(to: entitySet, notifying: address, clientState: clientState)
            subscription = made
            if !failure.isEmpty { log.info("\(entitySet): subscribed") }
            failure = ""
            return life.created(expires: made.expires, at: .now)
        } catch {
            note(error, as: &failure)
            return life.failed(at: .now)
        }
    }

    private func renew() async -> [SubscriptionLife.Action] {
        guard let subscription else { return life.gone() }
        do {
            guard let renewed = try await client.renew(subscription, clientState: clientState) else {
                self.subscription = nil
                log.warning("\(entitySet): the subscription was gone when it was to be renewed; it is made again")
                return life.gone()
            }
            self.subscription = renewed
            failure = ""
            return life.renewed(expires: renewed.expires, at: .now)
        } catch {
            // Its etag may be an old one: it is looked up before the next try.
            checked = .first
            note(error, as: &failure)
            return life.failed(at: .now)
        }
    }

    private func alert(_ left: Duration) {
        let state =
            left > .zero
            ? "the subscription ends in \(left.components.seconds / 3_600) hours and cannot be renewed"
            : "there is no subscription"
        log.alert("\(entitySet): \(state); changes are polled: \(trouble)")
    }

    private static let unknown = "which records have webhooks: "

    private func note(_ error: any Error, as trouble: inout String, _ subject: String = "subscription: ") {
        let words = "\(subject)\(error)"
        if words != trouble { log.warning("\(entitySet): \(words)") }
        trouble = words
    }
}
