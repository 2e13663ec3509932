import Core
import Transport

extension BusinessCentral {
    /// Asks one company of Business Central, within its account's limits.
    ///
    /// Everything here throws `CallError` and `CancellationError` only. What may be tried again is left to the caller;
    /// a token that is no longer taken is the exception, and a page that is too large.
    @OnLoop package final class Client {
        package let settings: Settings
        private let http: HTTPClient
        private let gate: any CallGate
        private let admission: Admission
        private let log: Log
        private let deadlines: HTTPClient.Deadlines

        /// The settings' company, once it was found.
        var resolved: Company?
        /// Smaller after pages that were too large, larger again after many that were not.
        var largestPage = Limits.largestPage
        var pagesSinceChange = 0
        /// Of our route, once it was asked for.
        var schema: Schema?

        package init(
            _ settings: Settings,
            http: HTTPClient,
            gate: any CallGate,
            admission: Admission,
            log: Log,
            deadlines: HTTPClient.Deadlines = Limits.deadlines
        ) {
            self.settings = settings
            self.http = http
            self.gate = gate
            self.admission = admission
            self.log = log
            self.deadlines = deadlines
        }

        /// The same company along another route: an extension's own API. Its calls count with these.
        package func along(_ route: Settings.Route) -> Client {
            var settings = settings
            settings.route = route
            return Client(settings, http: http, gate: gate, admission: admission, log: log, deadlines: deadlines)
        }

        /// The answer of a success; every other answer is thrown.
        func answer(to call: Call) async throws -> HTTPClient.Response {
            try await exchange(call).success()
        }

        /// The answer of a success, which has to be a JSON document.
        func document(_ call: Call) async throws -> (JSONField, Exchange) {
            let exchange = try await exchange(call)
            let response = try exchange.success()
            do {
                return (JSONField(try JSON.parse(response.body.span)), exchange)
            } catch {
                throw exchange.garbage("\(error)")
            }
        }

        /// Sends the call, and once more with a new token when the one we have is not taken.
        func exchange(_ call: Call) async throws -> Exchange {
            let first = try await attempt(call)
            guard first.isUnauthorized else { return first }
            guard case .application(let tokens) = admission else {
                throw settings.notLetIn(requestID: first.refusal?.requestID)
            }
            await tokens.refused(first.token)
            let second = try await attempt(call)
            guard second.isUnauthorized else { return second }
            let error = settings.notLetIn(requestID: second.refusal?.requestID)
            await tokens.refused(second.token, forGood: error)
            throw error
        }

        private func attempt(_ call: Call) async throws -> Exchange {
            // The account holds the place as long as the call can take, should we die meanwhile.
            let longest = deadlines.total + Limits.tokenDeadlines.total
            let pass = try await gate.enter(Limits.charge, lane: call.lane, longest: longest)
            let token: Secret
            do {
                // Only now: the wait for a place can be longer than a token lives.
                token = try await admission.credential()
            } catch {
                await gate.leave(pass, .notSent)
                throw error
            }
            let exchange = Exchange(call: call, token: token, outcome: await send(call, token))
            await gate.leave(pass, exchange.callOutcome)
            if case .failure(let failure) = exchange.outcome, failure.kind == .cancelled { throw CancellationError() }
            note(exchange)
            return exchange
        }

        private func send(_ call: Call, _ token: Secret) async -> Result<HTTPClient.Response, HTTPClient.Failure> {
            var request = HTTPClient.Request(
                call.method,
                settings.addressed(call.url),
                headers: [
                    .init("Authorization", admission.scheme, secret: token),
                    .init("Accept", call.accept),
                    // Messages come in this language; it is also what keeps numbers and dates in them the same.
                    .init("Accept-Language", "en-US"),
                ] + call.headers,
                body: call.body
            )
            request.deadlines = deadlines
            request.limits.bodyBytes = call.mostBytes
            do throws(HTTPClient.Failure) {
                return .success(try await http.send(request))
            } catch {
                return .failure(error)
            }
        }

        private func note(_ exchange: Exchange) {
            let what = "\(exchange.call.method.rawValue) \(exchange.call.topic)"
            switch exchange.outcome {
            case .success(let response):
                let milliseconds = response.timing.total.nanoseconds / 1_000_000
                let facts = "\(response.status), \(response.body.count) bytes, \(milliseconds) ms"
                log.debug("Business Central: \(what): \(facts)", correlation: response.correlation)
            case .failure(let failure):
                log.debug("Business Central: \(what): \(failure.description)")
            }
        }
    }
}
