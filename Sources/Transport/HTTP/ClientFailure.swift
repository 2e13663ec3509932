import CCurl
import Core

extension HTTPClient {
    /// Why there is no answer. Holds no header, no body, and of the URL nothing but the origin.
    package struct Failure: Error, Sendable, Equatable {
        package enum Kind: Sendable, Equatable {
            /// Wrong before anything was sent, and wrong again next time: a URL, a header, a settings value.
            case badRequest
            case hostNotAllowed
            case redirectRefused
            case tooManyRedirects
            case nameNotFound
            /// Refused, or unreachable.
            case notConnected
            case proxy
            /// No trust or no common ground. Never overruled.
            case tls
            case deadline(Deadline)
            case bodyTooLarge
            case headersTooLarge
            /// Broken between request and end of the answer.
            case connectionLost
            /// Not HTTP, or not what HTTP allows.
            case badAnswer
            case cancelled
            case closed
            case other
        }
        package enum Deadline: String, Sendable {
            case connect
            case idle
            case total
        }
        package var kind: Kind
        /// For people.
        package var reason: String
        /// `https://host:port`; empty when there was no such thing to be had from the URL.
        package var origin: String
        /// When true, the server may have done what it was asked: look before asking again.
        package var mayHaveReachedServer: Bool

        package init(_ kind: Kind, _ reason: String, origin: String = "", mayHaveReachedServer: Bool = false) {
            self.kind = kind
            self.reason = reason
            self.origin = origin
            self.mayHaveReachedServer = mayHaveReachedServer
        }
    }
}

extension HTTPClient.Failure: CustomStringConvertible {
    package var description: String {
        (origin.isEmpty ? "" : "\(origin): ") + reason
            + (mayHaveReachedServer ? " (the request may have reached the server)" : "")
    }
}

extension HTTPClient.Failure {
    /// A server that redirects has had the request, whatever becomes of the next hop.
    func after(hops: Int) -> HTTPClient.Failure {
        var failure = self
        failure.mayHaveReachedServer = mayHaveReachedServer || hops > 0
        return failure
    }

    /// What libcurl's code means to us. `words` are libcurl's own about this transfer; they are passed on only where they
    /// speak of names, addresses and certificates, because elsewhere they may quote what the server sent.
    static func of(_ code: CURLcode, words: String, sent: Bool, throughProxy: Bool) -> (kind: Kind, reason: String) {
        let standard = String(cString: curl_easy_strerror(code))
        let detailed = words.isEmpty ? standard : words
        return switch code {
        case CURLE_COULDNT_RESOLVE_HOST: (.nameNotFound, detailed)
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: (.proxy, detailed)
        // The proxy's refusal of a tunnel has no code of its own in this version.
        case CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_SEND_ERROR:
            !sent && throughProxy ? (.proxy, detailed) : (.connectionLost, standard)
        case CURLE_COULDNT_CONNECT: (.notConnected, detailed)
        case CURLE_OPERATION_TIMEDOUT:
            sent ? (.deadline(.total), standard) : (.deadline(.connect), "no connection before the connect deadline")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED:
            (.tls, detailed)
        case CURLE_PARTIAL_FILE: (.connectionLost, "the answer ended before its end")
        case CURLE_SEND_FAIL_REWIND, CURLE_HTTP2, CURLE_HTTP2_STREAM: (.connectionLost, standard)
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
            (.badAnswer, standard)
        case CURLE_URL_MALFORMAT: (.badRequest, standard)
        default: (.other, "\(standard) (libcurl \(code.rawValue))")
        }
    }
}
