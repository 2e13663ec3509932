import Core
import Transport

extension BusinessCentral {
    /// One call, before it is sent.
    struct Call: Sendable {
        var method = HTTPClient.Method.get
        var url: String
        var headers: [HTTPClient.Header] = []
        var accept = "application/json"
        var body: [UInt8] = []
        var effect = Refusal.Effect.read
        var lane: Lane
        var mostBytes = Limits.answerBytes

        /// What it is about, for the log: the last part of the path, without keys and questions.
        var topic: String {
            let path = url.prefix { $0 != "?" }
            return String((path.split(separator: "/").last ?? "").prefix { $0 != "(" })
        }
    }

    /// One call and what came of it.
    struct Exchange {
        let call: Call
        /// What it was sent with, so that nothing of it is ever shown.
        let token: Secret
        let outcome: Result<HTTPClient.Response, HTTPClient.Failure>

        var isUnauthorized: Bool {
            if case .success(let response) = outcome { response.status == 401 } else { false }
        }

        /// Whether a smaller page might have come.
        var wasTooMuch: Bool {
            switch outcome {
            case .success: refusal?.saysTooMuch ?? false
            case .failure(let failure): [.bodyTooLarge, .deadline(.idle), .deadline(.total)].contains(failure.kind)
            }
        }

        /// Whether the size alone was too much, so that less may be asked for at once.
        var isAboutSize: Bool {
            switch outcome {
            case .success(let response): response.status == 413
            case .failure(let failure): failure.kind == .bodyTooLarge
            }
        }

        /// nil for a success, and where there is no answer at all.
        var refusal: Refusal? {
            guard case .success(let response) = outcome, !response.isSuccess else { return nil }
            let said = VendorError(body: response.body, hiding: token)
            return Refusal(
                status: response.status,
                code: said.code ?? "",
                words: said.words,
                retryAfter: BusinessCentral.retryAfter(response.headers, at: .now),
                requestID: said.correlation ?? response.correlation,
                effect: call.effect
            )
        }

        func success() throws(CallError) -> HTTPClient.Response {
            switch outcome {
            case .success(let response):
                guard let refusal else { return response }
                throw refusal.error
            case .failure(let failure):
                throw BusinessCentral.error(failure, wasWrite: call.effect != .read)
            }
        }

        /// What the account is to know of it.
        var callOutcome: CallOutcome {
            switch outcome {
            case .success(let response):
                let retryAfter = BusinessCentral.retryAfter(response.headers, at: .now)
                // Only a 429 is about this account. Where an outage has a length, though, asking earlier is of no use.
                if response.status == 429 { return .throttled(for: retryAfter) }
                if [502, 503].contains(response.status), let retryAfter { return .throttled(for: retryAfter) }
                guard let kind = refusal?.error.kind, [.outage, .timeout].contains(kind) else { return .answered }
                return .failed
            case .failure(let failure): return failure.callOutcome
            }
        }

        /// An answer that is none.
        func garbage(_ problem: String) -> CallError {
            let correlation: String? = if case .success(let response) = outcome { response.correlation } else { nil }
            return CallError(
                .retry(after: nil),
                BusinessCentral.name,
                .garbage,
                "the answer about \(call.topic) makes no sense: \(problem)",
                isUncertain: call.effect != .read,
                requestID: correlation
            )
        }
    }

    /// What a failed exchange over HTTP means.
    static func error(_ failure: HTTPClient.Failure, wasWrite: Bool) -> CallError {
        let (remedy, kind): (CallError.Remedy, CallError.Kind) =
            switch failure.kind {
            case .badRequest, .hostNotAllowed: (.stopConnection, .configuration)
            case .redirectRefused, .tooManyRedirects: (.retry(after: nil), .configuration)
            case .nameNotFound, .notConnected, .proxy, .tls, .connectionLost, .cancelled, .closed, .other:
                (.retry(after: nil), .network)
            case .deadline: (.retry(after: nil), .timeout)
            case .bodyTooLarge, .headersTooLarge, .badAnswer: (.retry(after: nil), .garbage)
            }
        return CallError(
            remedy,
            name,
            kind,
            (failure.origin.isEmpty ? "" : "\(failure.origin): ") + failure.reason,
            isUncertain: wasWrite && failure.mayHaveReachedServer
        )
    }
}

extension HTTPClient.Response {
    /// Of the call, where the vendor's support finds it; nil where it is not what an id looks like.
    var correlation: String? {
        headers["ms-correlation-x"].flatMap { BusinessCentral.isGUID($0) ? $0 : nil }
    }
}
