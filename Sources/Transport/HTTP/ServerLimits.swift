import Core

extension HTTPServer {
    /// How much a client may take. What a route allows for its bodies stands in the route.
    package struct Limits: Sendable {
        package var connections = 8_192
        /// For one IPv4 address, or one IPv6 network of 64 bits: whoever has one address there has all of them.
        package var connectionsPerAddress = 1_024
        /// Request line and headers together. More is answered 431.
        package var headBytes = 8_192
        /// All bodies that are being received or handled, together: many large ones at once must not take our memory.
        package var bodyBytes = 256 << 20
        /// From a connection's start, or from the request line of a later request, until all of the body is here.
        package var receiving = Duration.seconds(10)
        /// How long a connection may wait for its next request line.
        package var idle = Duration.seconds(60)
        /// How long a handler may take; then the client is told 503, and the handler's own answer goes nowhere.
        package var answering = Duration.seconds(30)
        /// How long a client may take to read its answer.
        package var sending = Duration.seconds(30)

        package init() {}

        /// Overdue connections are looked for this often, and so may live longer by as much.
        var sweepPeriod: Duration {
            let shortest = min(receiving, idle, answering, sending)
            return max(.milliseconds(5), min(.milliseconds(500), shortest / 8))
        }

        /// The library keeps a request's head and its own notes about it in one piece of memory, and clears it between
        /// requests: a larger one costs time and memory for every connection.
        var connectionMemory: Int { headBytes + 4_096 }
    }

    /// Why a request or a connection was turned away.
    package enum Refusal: Int, Sendable, CaseIterable {
        case tooManyConnections
        case tooManyFromAddress
        case malformed
        case headTooLarge
        case bodyTooLarge
        case outOfMemory
        case unknownPath
        /// The path's segment names nobody we know.
        case notAdmitted
        case unknownMethod
        case methodNotAllowed
        /// The head or the body did not arrive in time.
        case slowRequest
        /// The client did not read its answer in time.
        case slowReader
        /// Our own handler gave no answer in time.
        case unanswered
    }

    /// Sums since the start, except where the name says otherwise.
    package struct Counters: Sendable {
        package var accepted = 0
        package var openNow = 0
        /// Connections that ended without one readable request line: scanners, probes, half-open clients.
        package var silent = 0
        package var requests = 0
        /// Heads and bodies as received; what TLS adds is not counted.
        package var bytesReceived = 0
        /// Bodies only: the library does not say how long a head it wrote.
        package var bytesSent = 0
        private var refusals = [Int](repeating: 0, count: Refusal.allCases.count)

        package internal(set) subscript(refusal: Refusal) -> Int {
            get { refusals[refusal.rawValue] }
            set { refusals[refusal.rawValue] = newValue }
        }
    }

    /// Certificate chain and key, both in PEM.
    package struct TLS: Sendable {
        package var certificateChain: [UInt8]
        package var key: Secret

        package init(certificateChain: [UInt8], key: Secret) {
            self.certificateChain = certificateChain
            self.key = key
        }

        /// TLS 1.2 or later, and no key exchange that a key stolen later could open.
        static let priorities = "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:%SERVER_PRECEDENCE"
    }

    package struct StartFailure: Error, Sendable, CustomStringConvertible {
        package let description: String
    }
}
