import Core
import Store
import Transport

/// What happens to a webhook between its address and the inbox.
extension Gateway {
    /// A handshake's token is no longer.
    private static let longestToken = 4_096

    func addHooks(to router: inout HTTPServer.Router) {
        // One address for each subscription where a connection has several: a refusal ends all that share one.
        for (path, isNamed) in [("/hooks/{token}", false), ("/hooks/{token}/{name}", true)] {
            router.add(
                .post,
                path,
                admit: { [weak self] token in self?.admit(token) ?? .refused(.tryAgainLater) },
                handler: { [weak self] exchange in self?.receive(exchange, isNamed: isNamed) }
            )
            router.add(
                .get,
                path,
                admit: { [weak self] token in self?.admitToRead(token) ?? .refused(.tryAgainLater) },
                handler: { [weak self] exchange in self?.receive(exchange, isNamed: isNamed) }
            )
        }
    }

    /// Strangers are turned away before they have sent a body.
    private func admit(_ token: UnsafeRawBufferPointer) -> HTTPServer.Admission {
        guard let found = hooks[token] else {
            metrics.refusals[.unknown, default: 0] += 1
            return .refused(.unknownHook)
        }
        return .admitted(bodyLimit: found.largestBody, guest: found)
    }

    /// Only a handshake is worth reading.
    private func admitToRead(_ token: UnsafeRawBufferPointer) -> HTTPServer.Admission {
        let admission = admit(token)
        if case .admitted(_, let hooks as PreparedHooks) = admission, !hooks.hasGetHandshake {
            return .refused(.postOnly)
        }
        return admission
    }

    private func receive(_ exchange: HTTPExchange, isNamed: Bool) {
        guard let hooks = exchange.guest as? PreparedHooks else {
            return refuse(exchange, .unavailable, .tryAgainLater)
        }
        var name: String?
        if isNamed {
            name = hookName(in: exchange.path)
            if name == nil { return refuse(exchange, .unknown, .unknownHook) }
        }
        guard let hook = hooks.face(at: name) else { return refuse(exchange, .unknown, .unknownHook) }
        switch hook.rules.dialect {
        case .plain, .news: take(exchange, hook, name)
        case .clientState: receiveNotifications(exchange, hook, name)
        case .challenge:
            guard exchange.method == .post else {
                exchange.answer(.postOnly)
                return
            }
            guard exchange.withBody({ $0.count <= hook.rules.largestBody }) else {
                return refuse(exchange, .malformed, .tooLarge)
            }
            // Signed or not: nobody says which, and it says nothing but that somebody listens here.
            guard let answer = exchange.withBody(challengeAnswer) else { return take(exchange, hook, name) }
            metrics.handshakes += 1
            exchange.answer(.ok, [HTTPHeader("Content-Type", "application/json")], body: answer.utf8)
        }
    }

    /// The part of the path after the token, where it is one that we give out.
    private func hookName(in path: String) -> String? {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let name = path.utf8[path.utf8.index(after: slash)...]
        return 1...64 ~= name.count && name.allSatisfy(isHookNameByte) ? String(Substring(name)) : nil
    }

    // MARK: Business Central

    /// Whatever comes is answered with success, or told to come again: any other answer ends the subscription, and
    /// nobody is told.
    private func receiveNotifications(_ exchange: HTTPExchange, _ hook: PreparedHook, _ name: String?) {
        // Before anything else: it is asked for while a subscription is made, by whoever waits for that, and says
        // nothing that could be refused.
        if let token = exchange.query("validationToken") { return shakeHands(exchange, token) }
        switch exchange.withBody({ hook.clientStates(in: $0) }) {
        case nil: refuse(exchange, .malformed, .accepted)
        case let states? where states.genuine == 0:
            metrics.forgedNotifications += states.forged
            refuse(exchange, .forged, .accepted)
        // The worker looks at each again, and counts those that are forged.
        case .some: take(exchange, hook, name)
        }
    }

    private func shakeHands(_ exchange: HTTPExchange, _ token: String) {
        guard token.utf8.count <= Self.longestToken else { return refuse(exchange, .malformed, .accepted) }
        metrics.handshakes += 1
        // Somebody else's text on our address: nothing a browser may take for a page.
        let headers = [HTTPHeader("Content-Type", "text/plain"), HTTPHeader("X-Content-Type-Options", "nosniff")]
        exchange.answer(.ok, headers, body: token.utf8)
    }

    // MARK: Into the inbox

    private func take(_ exchange: HTTPExchange, _ hook: PreparedHook, _ name: String?) {
        guard let intake else { return refuse(exchange, .unavailable, .tryAgainLater) }
        let path = exchange.path
        let arrival = exchange.withBody { body in
            exchange.withHeader(hook.rules.checkHeader) { proof in
                exchange.withHeader(hook.rules.identityName) { identity in
                    self.arrival(body, proof: proof, identity: identity, hook, name, at: path)
                }
            }
        }
        switch arrival {
        case .success(let arrival): intake.take(arrival, from: exchange)
        case .failure(.forged): refuse(exchange, .forged, hook.refusal)
        case .failure(let refusal): refuse(exchange, refusal, .malformed)
        }
    }

    private func arrival(
        _ body: UnsafeRawBufferPointer,
        proof: UnsafeRawBufferPointer?,
        identity: UnsafeRawBufferPointer?,
        _ hook: PreparedHook,
        _ name: String?,
        at path: String
    ) -> Result<Arrival, GatewayMetrics.Refusal> {
        guard hook.check(proof: proof, body: body, at: path) == .genuine else { return .failure(.forged) }
        guard let key = hooks.key(of: body, identity: identity, at: name, hook) else { return .failure(.malformed) }
        let now = Int64(WallTime.now.millisecondsSince1970)
        return .success(
            Arrival(
                connection: hook.connection,
                key: key,
                kind: name ?? "webhook",
                receivedMilliseconds: now,
                body: Array(body)
            )
        )
    }

    private func refuse(_ exchange: HTTPExchange, _ refusal: GatewayMetrics.Refusal, _ answer: HTTPServer.Answer) {
        metrics.refusals[refusal, default: 0] += 1
        exchange.answer(answer)
    }
}

private func isHookNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
        true
    default: false
    }
}

extension HTTPServer.Answer {
    // They say nothing: whoever gets them has no business here.
    static let unknownHook = HTTPServer.Answer(.notFound)
    static let malformed = HTTPServer.Answer(.badRequest)
    static let tooLarge = HTTPServer.Answer(.contentTooLarge)
    static let postOnly = HTTPServer.Answer(.methodNotAllowed, [HTTPHeader("Allow", "POST")])
}
