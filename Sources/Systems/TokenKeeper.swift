import Core
import Transport

/// Keeps one credential's access token fresh: one request for a new one at a time, however many wait for it.
///
/// What it says of failures is what its `fetch` threw. A credential error is remembered and told to everybody who asks,
/// and tried again after a while.
package actor TokenKeeper {
    package struct Fresh: Sendable {
        package var token: Secret
        /// How long it works; nil where nobody said.
        package var lifetime: Duration?

        package init(_ token: Secret, lifetime: Duration?) {
            self.token = token
            self.lifetime = lifetime
        }
    }

    /// Asks for a token, by the vendor's way of doing it. It has to end by itself: others wait for it.
    package typealias Fetch = @OnLoop @Sendable () async throws -> Fresh

    private let system: String
    private let fetch: Fetch
    private var life: TokenLife
    private var held: Secret?
    private var refresh: Task<Result<Secret, CallError>, Never>?
    /// How many tokens have come.
    package private(set) var refreshes = 0
    /// How often none came.
    package private(set) var failures = 0

    package init(system: String, life: TokenLife = TokenLife(), fetch: @escaping Fetch) {
        self.system = system
        self.life = life
        self.fetch = fetch
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        EpollLoop.process.asUnownedSerialExecutor()
    }

    package var state: TokenLife.State { life.state }

    /// A token that should work for some minutes.
    package func token() async throws -> Secret {
        // From the question to the task there is no await: who came in between would find neither the one nor the other,
        // and ask for a token of its own.
        let task: Task<Result<Secret, CallError>, Never>
        switch life.asked(at: .now) {
        case .use: return kept()
        case .refuse(let error): throw error
        case .refresh, .wait: task = renewal()
        }
        return try await task.value.get()
    }

    /// A system did not take this token, so the next caller gets another. Late news of an older one changes nothing.
    package func refused(_ token: Secret) {
        guard held == token else { return }
        held = nil
        life.refused()
    }

    /// A system did not take this token although it was new: what everybody is told until it is tried again.
    package func refused(_ token: Secret, forGood error: CallError) {
        guard held == token else { return }
        held = nil
        life.refusedForGood(error, at: .now)
    }

    private func renewal() -> Task<Result<Secret, CallError>, Never> {
        if let refresh { return refresh }
        // A task of its own: that one caller gives up must not end it for all others.
        let task = EpollLoop.process.task { await self.renew() }
        refresh = task
        return task
    }

    private func renew() async -> Result<Secret, CallError> {
        defer { refresh = nil }
        do {
            let fresh = try await fetch()
            refreshes += 1
            held = fresh.token
            life.received(expiresIn: fresh.lifetime, at: .now)
            return .success(fresh.token)
        } catch {
            failures += 1
            return failed(error as? CallError ?? CallError(.retry(after: nil), system, .outage, "no token came"))
        }
    }

    private func failed(_ error: CallError) -> Result<Secret, CallError> {
        var random = Chance()
        switch life.failed(error, at: .now, using: &random) {
        case .use: return .success(kept())
        case .refuse(let error): return .failure(error)
        case .refresh, .wait: return .failure(error)
        }
    }

    private func kept() -> Secret {
        guard let held else { preconditionFailure("a token to use, and none is held: \(life.state)") }
        return held
    }
}
