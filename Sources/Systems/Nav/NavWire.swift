import Core
import Transport

extension Nav {
    /// Sends calls to one server as one user, within its account's limits.
    ///
    /// Everything here throws `CallError` and `CancellationError` only.
    @OnLoop final class Wire {
        let settings: Settings
        let address: Address
        private let http: HTTPClient
        private let gate: any CallGate
        private let key: Secret
        /// `Basic` in front of it makes the header.
        private let credential: Secret
        private let log: Log
        private let deadlines: HTTPClient.Deadlines
        private var lockout = Lockout()

        init(
            _ settings: Settings,
            key: Secret,
            http: HTTPClient,
            gate: any CallGate,
            log: Log,
            deadlines: HTTPClient.Deadlines
        ) {
            self.settings = settings
            address = Address(settings: settings)
            self.key = key
            credential = key.withBytes { bytes in
                Secret(Array(Base64.text(of: Array("\(settings.user):".utf8) + Array(bytes)).utf8))
            }
            self.http = http
            self.gate = gate
            self.log = log
            self.deadlines = deadlines
        }

        func subject(_ speech: Settings.Speech, _ service: String = "", page: Page? = nil) -> Refusal.Subject {
            Refusal.Subject(
                speech: speech,
                service: service,
                page: page,
                company: settings.company,
                user: settings.user
            )
        }

        func exchange(_ call: Call) async throws -> Exchange {
            if let fault = Settings.fault(inKey: key) {
                throw CallError(.stopConnection, Nav.name, .credentials, fault)
            }
            guard call.body.count <= Limits.longestRequest else {
                throw CallError(
                    .skipRecord,
                    Nav.name,
                    .validation,
                    "the record makes a request of \(call.body.count) bytes, and NAV takes at most "
                        + "\(Limits.longestRequest)"
                )
            }
            // The account holds the place as long as the call can take, should we die meanwhile.
            let pass = try await gate.enter(Limits.charge, lane: call.lane, longest: deadlines.total)
            // Only now: others may have been refused while we waited for the place.
            if let refusal = lockout.refusal(of: call.lane, at: .now) {
                await gate.leave(pass, .notSent)
                throw refusal
            }
            let exchange = Exchange(call: call, secrets: [key, credential], outcome: await send(call))
            await gate.leave(pass, exchange.callOutcome)
            if case .failure(let failure) = exchange.outcome, failure.kind == .cancelled { throw CancellationError() }
            note(exchange)
            if let status = exchange.status {
                if status == 401, let error = exchange.refusal?.error {
                    lockout.refused(error, at: .now)
                    throw error
                }
                lockout.admitted()
            }
            return exchange
        }

        private func send(_ call: Call) async -> Result<HTTPClient.Response, HTTPClient.Failure> {
            var request = HTTPClient.Request(
                call.method,
                call.url,
                headers: [
                    .init("Authorization", "Basic ", secret: credential),
                    // What keeps the captions of options the same, where the server listens to it.
                    .init("Accept-Language", "en-US"),
                ] + call.headers,
                body: call.body
            )
            request.deadlines = deadlines
            request.limits.bodyBytes = call.mostBytes
            // Every question over SOAP is a POST; one that changes nothing may be sent again on a connection that broke.
            request.mayRepeat = call.effect != .write
            do throws(HTTPClient.Failure) {
                return .success(try await http.send(request))
            } catch {
                return .failure(error)
            }
        }

        private func note(_ exchange: Exchange) {
            let what = "\(exchange.call.method.rawValue) \(exchange.call.subject.words)"
            switch exchange.outcome {
            case .success(let response):
                let milliseconds = response.timing.total.nanoseconds / 1_000_000
                log.debug("NAV: \(what): \(response.status), \(response.body.count) bytes, \(milliseconds) ms")
            case .failure(let failure): log.debug("NAV: \(what): \(failure.description)")
            }
        }
    }
}
