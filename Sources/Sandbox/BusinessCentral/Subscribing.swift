import Core

/// Subscriptions: made and renewed only after a handshake with whoever is to hear.
extension BusinessCentralSimulator {
    var liveSubscriptions: [Subscription] {
        sender.removeExpired()
        return sender.subscriptions.values.sorted { $0.sequence < $1.sequence }
    }

    func subscription(_ id: String) throws(Refusal) -> Subscription {
        sender.removeExpired()
        guard let subscription = sender.subscriptions[id] else { throw .noRecord(id) }
        return subscription
    }

    func subscribe(_ body: WriteBody, route: String) async throws(Refusal) -> Subscription {
        let url = body.text("notificationUrl") ?? ""
        let resource = body.text("resource") ?? ""
        for (name, value) in [("notificationUrl", url), ("resource", resource)] where value.isEmpty {
            throw Refusal(
                400,
                "BadRequest_RequiredParamNotProvided",
                "'\(name)' must have a value.",
                rule: "subscription incomplete"
            )
        }
        let target = try target(resource)
        guard target.route == route else {
            throw .badBody("The resource '\(resource)' belongs to another API.", rule: "bad resource")
        }
        try checkRoom()
        try await shakeHands(url)
        // Others may have come while we waited.
        try checkRoom()
        let now = clock.now
        let subscription = Subscription(
            id: String(random.guid().filter { $0 != "-" }),
            url: url,
            resource: resource,
            clientState: body.text("clientState") ?? "",
            target: target,
            created: now,
            modified: now,
            expiration: now + .seconds(settings.subscriptionSeconds),
            version: 1,
            sequence: nextSubscription
        )
        nextSubscription += 1
        sender.put(subscription)
        return subscription
    }

    func renew(_ id: String, _ body: WriteBody) async throws(Refusal) -> Subscription {
        let before = try subscription(id)
        let url = body.text("notificationUrl") ?? before.url
        let resource = body.text("resource") ?? before.resource
        let target = try target(resource)
        try await shakeHands(url)
        // It may have gone while we waited.
        var subscription = try self.subscription(id)
        subscription.url = url
        subscription.resource = resource
        subscription.target = target
        subscription.clientState = body.text("clientState") ?? before.clientState
        subscription.modified = clock.now
        subscription.expiration = clock.now + .seconds(settings.subscriptionSeconds)
        subscription.version += 1
        sender.put(subscription)
        return subscription
    }

    private func checkRoom() throws(Refusal) {
        guard liveSubscriptions.count < settings.subscriptionLimit else {
            throw Refusal(
                settings.subscriptionLimitStatus,
                "BadRequest",
                "The maximum number of \(settings.subscriptionLimit) subscriptions has been reached.",
                rule: "too many subscriptions"
            )
        }
    }

    private func target(_ resource: String) throws(Refusal) -> Subscription.Target {
        guard let target = Subscription.Target(resource: resource) else {
            throw .badBody("The resource '\(resource)' is not valid.", rule: "bad resource")
        }
        guard companies.contains(where: { $0.id == target.company }) else { throw .noCompany }
        guard Subscription.supported(settings).contains("\(target.route)/\(target.set)") else {
            throw .badBody("The resource '\(target.set)' does not support webhooks.", rule: "resource without webhooks")
        }
        return target
    }

    private func shakeHands(_ url: String) async throws(Refusal) {
        guard origin(of: url) != nil, !settings.demandsHTTPS || url.hasPrefix("https://") else {
            throw .badBody("The notification URL is not valid.", rule: "bad notification URL")
        }
        guard await sender.shakeHands(with: url) else {
            throw Refusal(
                settings.handshakeFailureStatus,
                "BadRequest",
                "The notification URL did not return the validation token in time.",
                rule: "handshake failed"
            )
        }
    }
}

extension BusinessCentralSimulator.WriteBody {
    /// What was written for a text property of a subscription.
    fileprivate func text(_ name: String) -> String? {
        let wanted = BusinessCentralSimulator.EntityType.subscriptions.place(of: name)
        for (place, value) in values where place == wanted {
            if case .string(let text) = value { return text }
        }
        return nil
    }
}
