import Core
import Engine
import Store
import Testing
import Transport

extension Stage {
    /// All that can be repaired is, and only when somebody asks.
    func reconcilesWhenAsked() {
        reconciles = ReconcilePolicy(schedule: nil)
        reconciles?.duplicate = .repair
    }

    var reconcileFacts: ReconcileFacts? {
        get async throws { try await real.reconciles(for: 1).first }
    }

    func ask(_ wish: ReconcileWish = ReconcileWish()) async throws {
        try await until { try await self.real.wish(wish, reconciling: "invoices", for: 1) }
        engine?.nudged()
    }

    /// One that is begun after this was called, and what came of it by the time everything was done.
    func reconcile(_ wish: ReconcileWish = ReconcileWish()) async throws -> Reconciliation {
        try await until { try await self.reconcileFacts != nil }
        let before = try await reconcileFacts?.run ?? 0
        try await ask(wish)
        try await until { try await (self.reconcileFacts?.last?.run ?? 0) > before }
        try await untilQuiet()
        return try #require(try await reconcileFacts?.last)
    }

    func drifts() async throws -> [Drift] {
        let run = try await reconcileFacts?.last?.run ?? 0
        return try await real.drifts(of: "invoices", run: run, from: 0, limit: 100, for: 1)
    }

    /// As it would be if the tenant's folder had been lost.
    func forgetLinks(of keys: String...) async throws {
        for key in keys {
            let gone = Conclusion(route: "invoices", key: key, version: 0, end: .done, unlinks: true)
            try await real.conclude([gone], at: 1, for: 1)
        }
    }
}
