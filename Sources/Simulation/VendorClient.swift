import Core
import Engine
import Systems
import Transport

/// How one process calls one account: a place within its limits, a token, the call, and what that says of both.
@OnLoop final class VendorClient {
    let keeper: RateKeeper
    private let vendor: Vendor
    private let process: SimulatedProcess
    private let tokens: TokenKeeper
    /// Nobody knows what became of a write.
    private let onDoubt: () -> Void

    init(_ vendor: Vendor, of process: SimulatedProcess, keeper: RateKeeper, onDoubt: @escaping () -> Void) {
        self.vendor = vendor
        self.process = process
        self.keeper = keeper
        self.onDoubt = onDoubt
        tokens = TokenKeeper(system: vendor.name) {
            try await process.pass()
            let fresh = try await vendor.issueToken()
            try await process.pass()
            return fresh
        }
    }

    func isHeld(_ system: String) async -> Bool { system == vendor.name ? await keeper.isHeld() : false }

    func call<Answer: Sendable>(
        _ units: [String: Int],
        lane: Lane,
        isWrite: Bool = false,
        _ work: @escaping @OnLoop () -> Result<Answer, CallError>
    ) async throws -> Answer {
        if let answer = try await attempt(units, lane, isWrite, isLast: false, work) { return try answer.get() }
        guard let second = try await attempt(units, lane, isWrite, isLast: true, work) else {
            throw CallError(.stopConnection, vendor.name, .credentials, "a new token is not taken either")
        }
        return try second.get()
    }

    /// Nil when the token was not taken.
    private func attempt<Answer: Sendable>(
        _ units: [String: Int],
        _ lane: Lane,
        _ isWrite: Bool,
        isLast: Bool,
        _ work: @escaping @OnLoop () -> Result<Answer, CallError>
    ) async throws -> Result<Answer, CallError>? {
        try await process.pass()
        let pass = try await keeper.enter(Charge(units), lane: lane, longest: Vendor.deadline + .seconds(10))
        let token: Secret
        do {
            token = try await tokens.token()
            try await process.pass()
        } catch {
            await keeper.leave(pass, .notSent)
            throw error
        }
        let exchange = await vendor.call(units, token, isWrite: isWrite, work)
        try await process.pass()
        switch exchange {
        case .answered(let answer):
            await keeper.leave(pass, .answered)
            return answer
        case .unauthorized:
            await keeper.leave(pass, .answered)
            await tokens.refused(token)
            return nil
        case .throttled(let pause):
            await keeper.leave(pass, .throttled(for: pause))
            throw CallError(.retry(after: pause), vendor.name, .throttled, "too many calls")
        case .failed(let error):
            if error.isUncertain { onDoubt() }
            await keeper.leave(pass, error.kind == .outage ? .failed : .answered)
            throw error
        case .noAnswer(let error):
            if error.isUncertain { onDoubt() }
            await keeper.leave(pass, .lost)
            throw error
        }
    }
}
