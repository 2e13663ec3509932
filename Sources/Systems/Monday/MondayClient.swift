import Core
import Transport

extension Monday {
    /// Asks Monday, one call for each request: it tries once, and says in an error what to do next.
    ///
    /// Each call asks the account's gate for leave and tells it how it ended. Calls that change items of a board are made
    /// one at a time for that board.
    @OnLoop package final class Client {
        package struct Settings: Sendable {
            package var apiURL = Monday.apiURL
            /// Where Monday may keep the sheets and reports of imports.
            package var uploads: [String] = []
            package var apiVersion = Monday.apiVersion
            package var userAgent = "ml-connector"
            /// True for tokens of an app that come with a refresh token: a refused one is then worth another.
            package var tokenCanBeRefreshed = false
            package var deadlines = HTTPClient.Deadlines()
            package var largestAnswer = 16 << 20
            package var largestRequest = 1_000_000

            package init() {
                deadlines.idle = Limits.longestCall
                deadlines.total = Limits.longestCall
            }
        }

        /// Counted since the client was made.
        package struct Counts: Sendable, Equatable {
            package var calls = 0
            package var mutations = 0
            /// Refused because of a limit.
            package var throttled = 0
            /// Answered out of Monday's memory: the change had been made before.
            package var replayed = 0
            /// Without an answer.
            package var lost = 0
            /// Answered by another version of the API than the one asked for.
            package var otherVersion = 0
            /// What the last answer left of each limit that it named.
            package var left: [String: Int] = [:]
        }

        package private(set) var counts = Counts()
        let settings: Settings
        let log: Log
        private var token: Secret
        private let http: HTTPClient
        /// Where sheets and reports go, which is not Monday's API.
        var files: HTTPClient { http }
        private let gate: any CallGate
        private let listener: (any LimitsListener)?
        private let turns = BoardTurns()
        private var learned: [String: Quotas.Quota] = [:]
        private var strangeVersion: String?

        package init(
            token: Secret,
            settings: Settings = Settings(),
            http: HTTPClient,
            gate: any CallGate,
            listener: (any LimitsListener)? = nil,
            log: Log
        ) {
            self.token = token
            self.settings = settings
            self.http = http
            self.gate = gate
            self.listener = listener
            self.log = log
        }

        /// From the next call on.
        package func use(_ token: Secret) {
            self.token = token
        }
    }
}

// MARK: One call

extension Monday.Client {
    /// Sends one document. Throws where nothing came back that could be taken; what is in the answer, errors among it, is
    /// the caller's to judge.
    func send(
        _ document: Monday.Document,
        _ variables: JSON,
        lane: Lane,
        key: String? = nil,
        boards: Set<String> = []
    ) async throws -> Monday.Answer {
        let request = try self.request(document, variables, key)
        let pass = try await admit(document, boards, lane)
        counts.calls += 1
        counts.mutations += document.mutations
        let exchange = await exchange(request, document)
        turns.leave(boards)
        await gate.leave(pass, exchange.outcome)
        await tell(exchange.quotas)
        return try exchange.answer.get()
    }

    /// The same for a question, which is answered in full or not at all: a list that is missing is no empty list.
    func ask(_ document: Monday.Document, _ variables: JSON, lane: Lane) async throws -> Monday.Answer {
        let answer = try await send(document, variables, lane: lane)
        try answer.checkWhole()
        return answer
    }

    /// The same for a change that has one field.
    func change<Value>(
        _ document: Monday.Document,
        _ variables: JSON,
        lane: Lane,
        key: String?,
        boards: Set<String> = [],
        _ read: (JSONField) throws(JSONField.Wrong) -> Value
    ) async throws -> Value {
        let answer = try await send(document, variables, lane: lane, key: key, boards: boards)
        try answer.checkWhole()
        do {
            return try read(answer.data[document.roots[0]])
        } catch {
            throw answer.incomplete(error)
        }
    }

    private func request(
        _ document: Monday.Document,
        _ variables: JSON,
        _ key: String?
    ) throws(CallError) -> HTTPClient.Request {
        let body = Monday.body(document, variables)
        guard body.count <= settings.largestRequest else {
            throw CallError(
                .skipRecord,
                Monday.name,
                .validation,
                "the call would be \(body.count) bytes long; Monday gets \(settings.largestRequest) at most"
            )
        }
        var headers = [
            // The token alone: Monday wants no word before it.
            HTTPClient.Header("Authorization", secret: token),
            HTTPClient.Header("Content-Type", "application/json"),
            HTTPClient.Header("API-Version", settings.apiVersion),
            HTTPClient.Header("User-Agent", settings.userAgent),
        ]
        if let key, document.kind == .mutation {
            precondition(
                1...Monday.Limits.longestIdempotencyKey ~= key.utf8.count,
                "an idempotency key of \(key.utf8.count) bytes"
            )
            headers.append(HTTPClient.Header("Idempotency-Key", key))
        }
        var request = HTTPClient.Request(.post, settings.apiURL, headers: headers, body: body)
        request.deadlines = settings.deadlines
        request.limits.bodyBytes = settings.largestAnswer
        // A question may be asked again on another connection; a change may not, even with a key: keys are forgotten.
        request.mayRepeat = document.kind == .query
        return request
    }

    private func admit(_ document: Monday.Document, _ boards: Set<String>, _ lane: Lane) async throws -> CallPass {
        let charge: Charge = [
            "requests": 1, "inFlight": 1, "calls": 1, "mutations": document.mutations,
            "boardMutations": document.boardMutations,
        ]
        while true {
            try await turns.untilFree(boards, lane)
            let pass: CallPass
            do {
                pass = try await gate.enter(charge, lane: lane, longest: settings.deadlines.total + .seconds(5))
            } catch {
                turns.wake()
                throw error
            }
            if turns.take(boards) { return pass }
            await gate.leave(pass, .notSent)
        }
    }

    private struct Exchange {
        var answer: Result<Monday.Answer, CallError>
        var outcome: CallOutcome
        var quotas: Monday.Quotas?
    }

    private func exchange(_ request: HTTPClient.Request, _ document: Monday.Document) async -> Exchange {
        let response: HTTPClient.Response
        do {
            response = try await http.send(request)
        } catch {
            counts.lost += error.mayHaveReachedServer ? 1 : 0
            return Exchange(
                answer: .failure(error.callError(isMutation: document.kind == .mutation)),
                outcome: error.callOutcome
            )
        }
        let token = token
        let circumstances = Monday.Fault.Circumstances(
            isMutation: document.kind == .mutation,
            requestID: response.headers["x-request-id"].map(Monday.identifier),
            retryAfter: response.headers["retry-after"].flatMap { Decimal($0) }.flatMap(Monday.wait),
            tokenCanBeRefreshed: settings.tokenCanBeRefreshed,
            now: .now,
            cleaned: { Monday.cleaned($0, hiding: token) }
        )
        checkVersion(response.headers["api-version"])
        let replayed = response.headers["idempotency-replayed"]?.lowercased() == "true"
        counts.replayed += replayed ? 1 : 0
        var exchange = Exchange(
            answer: Result { () throws(CallError) in
                try Monday.Answer(
                    response.body,
                    status: response.status,
                    circumstances: circumstances,
                    wasReplayed: replayed
                )
            },
            outcome: .answered,
            quotas: Monday.Quotas(policy: response.headers["ratelimit-policy"], state: response.headers["ratelimit"])
        )
        switch exchange.answer {
        case .success(let answer):
            if let limit = answer.faults.first(where: { $0.kind.closesAccount }) {
                exchange.outcome = .throttled(for: limit.wait(answer.circumstances))
            } else if !answer.hasData, let worst = answer.worst, [.broken, .tookTooLong, .blocked].contains(worst.kind)
            {
                exchange.outcome = .failed
            }
        case .failure(let error):
            switch (error.kind, error.remedy) {
            case (.throttled, .retry(let wait)): exchange.outcome = .throttled(for: wait)
            case (.outage, _), (.timeout, _): exchange.outcome = .failed
            default: break
            }
        }
        if case .throttled = exchange.outcome { counts.throttled += 1 }
        return exchange
    }
}

// MARK: What answers say beside their content

extension Monday.Client {
    /// A version that is no longer served is replaced by another without a word, and meanings change.
    private func checkVersion(_ served: String?) {
        guard let served, served != settings.apiVersion else { return }
        counts.otherVersion += 1
        let shown = Monday.identifier(served)
        guard strangeVersion != shown else { return }
        strangeVersion = shown
        log.alert(
            "Monday answers with version \(shown) of its API, not the \(settings.apiVersion) that is asked for: update ml-connector"
        )
    }

    private func tell(_ quotas: Monday.Quotas?) async {
        guard let quotas else { return }
        for window in Monday.Quotas.windows.values.sorted() {
            guard let quota = quotas[window] else { continue }
            counts.left[window] = quota.left
            guard let limit = quota.limit, limit > 0,
                learned[window]?.limit != limit || learned[window]?.period != quota.period
            else { continue }
            learned[window] = quota
            await listener?.learned(window, limit: limit, per: quota.period ?? .zero)
        }
    }

    /// Of limits that no head names.
    func learned(_ window: String, limit: Int, per period: Duration) async {
        await listener?.learned(window, limit: limit, per: period)
    }
}

extension Monday {
    /// What a call's body is, byte for byte: the same values make the same bytes.
    static func body(_ document: Document, _ variables: JSON) -> [UInt8] {
        let body: JSON = [
            "query": .string(document.text), "variables": variables, "operationName": .string(document.name),
        ]
        return body.bytes()
    }
}

extension HTTPClient.Failure {
    /// What a call without an answer means.
    fileprivate func callError(isMutation: Bool) -> CallError {
        let (remedy, kind): (CallError.Remedy, CallError.Kind) =
            switch self.kind {
            case .badRequest, .hostNotAllowed, .redirectRefused, .tooManyRedirects: (.stopConnection, .configuration)
            // Certificates are mended by whoever forgot them, and a proxy is switched on again.
            case .tls: (.retry(after: nil), .configuration)
            case .nameNotFound, .notConnected, .proxy, .connectionLost, .cancelled, .closed, .other:
                (.retry(after: nil), .network)
            case .deadline: (.retry(after: nil), .timeout)
            case .bodyTooLarge, .headersTooLarge, .badAnswer: (.retry(after: nil), .garbage)
            }
        return CallError(
            remedy,
            Monday.name,
            kind,
            "no answer from \(origin.isEmpty ? "the address in monday.apiURL" : origin): \(reason)",
            isUncertain: isMutation && mayHaveReachedServer
        )
    }
}
