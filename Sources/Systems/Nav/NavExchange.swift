import Core
import Transport

extension Nav {
    /// One call, before it is sent.
    struct Call: Sendable {
        var method = HTTPClient.Method.get
        var url: String
        var headers: [HTTPClient.Header] = []
        var body: [UInt8] = []
        var effect = Refusal.Effect.list
        var subject: Refusal.Subject
        var lane: Lane
        var mostBytes = Limits.answerBytes
    }

    /// One call and what came of it.
    struct Exchange {
        let call: Call
        /// What it was sent with, so that nothing of it is ever shown.
        let secrets: [Secret]
        let outcome: Result<HTTPClient.Response, HTTPClient.Failure>

        var status: Int? {
            if case .success(let response) = outcome { response.status } else { nil }
        }

        /// nil for a success, and where there is no answer at all.
        var refusal: Refusal? {
            guard case .success(let response) = outcome, !response.isSuccess else { return nil }
            let said = VendorError(response.body, speech: call.subject.speech, hiding: secrets)
            return Refusal(
                status: response.status,
                exception: said.exception,
                isNavs: said.isNavs,
                words: said.words,
                retryAfter: BusinessCentral.retryAfter(response.headers, at: .now),
                schemes: Nav.schemes(response.headers),
                effect: call.effect,
                subject: call.subject
            )
        }

        func success() throws(CallError) -> HTTPClient.Response {
            switch outcome {
            case .success(let response):
                guard let refusal else { return response }
                throw refusal.error
            case .failure(let failure): throw Nav.error(failure, wasWrite: call.effect == .write)
            }
        }

        /// What the account is to know of it.
        var callOutcome: CallOutcome {
            switch outcome {
            case .success(let response):
                let retryAfter = BusinessCentral.retryAfter(response.headers, at: .now)
                if response.status == 429 { return .throttled(for: retryAfter) }
                if [502, 503].contains(response.status), let retryAfter { return .throttled(for: retryAfter) }
                guard let kind = refusal?.error.kind, [.outage, .timeout].contains(kind) else { return .answered }
                return .failed
            case .failure(let failure): return failure.callOutcome
            }
        }

        /// An answer that is none.
        func garbage(_ problem: String) -> CallError {
            CallError(
                .retry(after: nil),
                Nav.name,
                .garbage,
                "the answer about \(call.subject.words) makes no sense: \(problem)",
                isUncertain: call.effect == .write
            )
        }
    }

    /// An answer is well formed and not what it should be.
    struct Unreadable: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) {
            self.description = description
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
        let advice =
            switch failure.kind {
            case .tls:
                "; where the server has a certificate of the company's own, name its authority's PEM file as "
                    + "authorities under nav in the connection's file"
            case .badRequest, .hostNotAllowed, .redirectRefused, .tooManyRedirects, .nameNotFound, .notConnected,
                .proxy,
                .connectionLost, .cancelled, .closed, .other, .deadline, .bodyTooLarge, .headersTooLarge, .badAnswer:
                ""
            }
        return CallError(
            remedy,
            name,
            kind,
            (failure.origin.isEmpty ? "" : "\(failure.origin): ") + failure.reason + advice,
            isUncertain: wasWrite && failure.mayHaveReachedServer
        )
    }

    /// The ways to sign in that a server offers: `basic`, `ntlm`, `negotiate`.
    static func schemes(_ headers: HTTPClient.Headers) -> Set<String> {
        var schemes: Set<String> = []
        for value in headers.all("WWW-Authenticate") {
            for part in value.split(separator: ",") {
                let word = part.drop { $0 == " " }.prefix { $0 != " " }
                // Not a parameter of the one before.
                if !word.isEmpty, !word.contains("=") { schemes.insert(word.lowercased()) }
            }
        }
        return schemes
    }
}
