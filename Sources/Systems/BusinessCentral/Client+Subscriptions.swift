import Core
import Transport

extension BusinessCentral.Client {
    /// The entity sets of our route that have webhooks in this environment; nil where it does not say. The published list
    /// is old, and leaves some out.
    package func webhookSupportedResources(lane: Lane = .live) async throws -> Set<String>? {
        let route = settings.route.segments.joined(separator: "/")
        let base = "\(settings.runtimeRoot)/companies(\(try await companyID(lane: lane)))/webhookSupportedResources"
        let url = BusinessCentral.Question(filter: "resource eq '\(route)*'").url(at: base)
        let exchange = try await exchange(BusinessCentral.Call(url: url, lane: lane))
        if let refusal = exchange.refusal, [400, 403, 404, 405, 501].contains(refusal.status) { return nil }
        let body = try success(of: exchange).body
        guard let answer = try? JSON.parse(body.span) else { throw exchange.garbage("it is no JSON") }
        let document = JSONField(answer)
        do {
            let resources = try document["value"].elements().map { try $0["resource"].string() }
            let prefix = route.lowercased() + "/"
            return Set(
                resources.filter { $0.lowercased().hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
            )
        } catch {
            throw exchange.garbage("\(error)")
        }
    }

    /// All of them in this environment that the application can see, other installations' among them.
    package func subscriptions(lane: Lane = .live) async throws -> [BusinessCentral.Subscription] {
        try await list("subscriptions", along: settings.route, lane: lane) { try BusinessCentral.Subscription($0) }
    }

    /// Has every change of one entity set of the company told to that URL, which has to answer a handshake meanwhile.
    package func subscribe(
        to entitySet: String,
        notifying url: String,
        clientState: Secret,
        lane: Lane = .live
    ) async throws -> BusinessCentral.Subscription {
        let resource = settings.resource(try named(entitySet), company: try await companyID(lane: lane))
        let call = BusinessCentral.Call(
            method: .post,
            url: subscriptionsURL,
            headers: [.init("Content-Type", "application/json")],
            body: body(url, resource, clientState),
            effect: .subscribe,
            lane: lane
        )
        let (document, exchange) = try await document(call)
        return try subscription(document, exchange)
    }

    /// The same subscription with a new end, or nil when it is gone and has to be made anew. The handshake is repeated.
    package func renew(
        _ subscription: BusinessCentral.Subscription,
        clientState: Secret,
        lane: Lane = .live
    ) async throws -> BusinessCentral.Subscription? {
        let call = BusinessCentral.Call(
            method: .patch,
            url: url(of: subscription),
            headers: [.init("Content-Type", "application/json"), ifMatch(subscription)],
            body: body(subscription.notificationURL, subscription.resource, clientState),
            effect: .subscribe,
            lane: lane
        )
        let exchange = try await exchange(call)
        if isGone(exchange) { return nil }
        let response = try exchange.success()
        guard let document = try? JSON.parse(response.body.span) else { throw exchange.garbage("it is no JSON") }
        return try self.subscription(JSONField(document), exchange)
    }

    /// Ends it. That it is gone already is as good.
    package func unsubscribe(_ subscription: BusinessCentral.Subscription, lane: Lane = .live) async throws {
        let call = BusinessCentral.Call(
            method: .delete,
            url: url(of: subscription),
            headers: [ifMatch(subscription)],
            effect: .write,
            lane: lane
        )
        let exchange = try await exchange(call)
        if !isGone(exchange) { _ = try exchange.success() }
    }

    private var subscriptionsURL: String { settings.root + "/subscriptions" }

    private func url(of subscription: BusinessCentral.Subscription) -> String {
        // In OData a quote within a string is written twice.
        let key = subscription.subscriptionID.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "''")
        return "\(subscriptionsURL)('\(BusinessCentral.URLText.encoded(key))')"
    }

    private func ifMatch(_ subscription: BusinessCentral.Subscription) -> HTTPClient.Header {
        HTTPClient.Header("If-Match", subscription.etag ?? "*")
    }

    private func body(_ url: String, _ resource: String, _ clientState: Secret) -> [UInt8] {
        let members: JSON = [
            "notificationUrl": .string(url), "resource": .string(resource), "clientState": .string(clientState.text),
        ]
        return members.bytes()
    }

    private func subscription(
        _ field: JSONField,
        _ exchange: BusinessCentral.Exchange
    ) throws -> BusinessCentral.Subscription {
        do {
            return try BusinessCentral.Subscription(field)
        } catch {
            throw exchange.garbage("\(error)")
        }
    }

    /// Which of its codes a 404 has here is not fixed; what must not be taken for it is a wrong address.
    private func isGone(_ exchange: BusinessCentral.Exchange) -> Bool {
        guard let refusal = exchange.refusal, refusal.status == 404, !refusal.code.isEmpty else { return false }
        return !["BadRequest_ResourceNotFound", "Internal_CompanyNotFound", "Internal_TenantUnavailable"]
            .contains(refusal.code)
    }
}
