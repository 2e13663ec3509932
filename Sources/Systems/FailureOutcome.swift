import Core
import Transport

extension HTTPClient.Failure {
    /// What a call that got no answer says of its account, whichever system it was for.
    var callOutcome: CallOutcome {
        switch kind {
        // Something has answered, though nothing that could be taken.
        case .bodyTooLarge, .headersTooLarge, .badAnswer, .redirectRefused, .tooManyRedirects:
            mayHaveReachedServer ? .answered : .notSent
        case .badRequest, .hostNotAllowed: .notSent
        case .cancelled, .closed: mayHaveReachedServer ? .givenUp : .notSent
        case .nameNotFound, .notConnected, .proxy, .tls, .deadline, .connectionLost, .other:
            mayHaveReachedServer ? .lost : .unreached
        }
    }
}
