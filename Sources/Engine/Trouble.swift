import Core
import Store
import Transport

/// What keeps a loop from working, and when it tries again.
package struct Trouble: Sendable {
    package private(set) var words = ""
    private var backoff = Backoff(first: .seconds(1), longest: .seconds(60))
    /// A person has to do something first: asking often would not help, and some vendors count it against us.
    private var patience = Backoff(first: .seconds(30), longest: .seconds(300))
    private var random = Chance()

    package init() {}

    /// The wait until the next try.
    package mutating func met(_ error: any Error) -> Duration {
        words = "\(error)"
        guard let error = error as? CallError else { return backoff.failed(using: &random) }
        switch error.remedy {
        case .retry(let asked): return backoff.failed(asked: asked, using: &random)
        case .lookAgain, .skipRecord: return backoff.failed(using: &random)
        case .refreshToken, .stopConnection: return patience.failed(using: &random)
        }
    }

    package mutating func ended() {
        words = ""
        backoff.succeeded()
        patience.succeeded()
    }
}
