import Core

extension BusinessCentralSimulator {
    /// How the vendor behaves: its published figures, and a choice wherever nothing is published.
    package struct Settings: Sendable {
        package struct Application: Sendable {
            package var clientID: String
            package var secret: String

            package init(clientID: String, secret: String) {
                self.clientID = clientID
                self.secret = secret
            }
        }

        package var entraTenant = "6f1c9a52-3d0b-4c8e-9b7a-0e5d2f4a8c11"
        /// Each has limits of its own.
        package var applications = [
            Application(clientID: "81aa7be0-5c1f-4e0d-a1f3-7d20c3b9e644", secret: "sandbox-client-secret")
        ]
        package var environment = "production"
        package var companies = ["CRONUS International", "CRONUS Nordic"]
        /// What the first company begins with.
        package var seedInvoices = 12
        /// And with orders, sales invoices, journals and requests for approval.
        package var seedsOrders = true
        package var seed: UInt64 = 1

        // A server of the customer's own, which is there as well: other addresses, and a key instead of a token.
        package var instance = "BC"
        package var user = "CONNECTOR"
        package var webServiceKey = "sandbox-web-service-access-key"

        package var tokenSeconds = 3_599

        // The limits of one application.
        package var requestsPerWindow = 6_000
        /// Set before the first request: the windows in use keep theirs.
        package var windowSeconds = 300
        package var parallelRequests = 5
        package var queuedRequests = 95
        package var queueSeconds = 480
        /// The vendor promises no `Retry-After` with 429.
        package var retryAfterSeconds: Int?
        /// How long a request takes, so that several can be under way at once.
        package var processingMilliseconds = 0

        package var largestPage = 20_000
        /// A larger page asked for is refused with 413, or else clamped.
        package var refusesLargerPages = false
        /// What a stale etag is answered.
        package var staleStatus = 409
        /// How far reads with `Data-Access-Intent: ReadOnly` lie behind.
        package var replicaLagSeconds = 0
        package var acceptsPlainCaptions = false
        /// What was created is named in a `Location` header.
        package var sendsLocation = false

        package var subscriptionLimit = 200
        package var subscriptionLimitStatus = 400
        package var subscriptionSeconds = 259_200
        package var handshakeMilliseconds = 5_000
        package var handshakeFailureStatus = 400
        package var offersPurchaseOrders = false
        package var demandsHTTPS = false

        /// A purchase is posted only with the number that the vendor gave it.
        package var demandsVendorNumbers = true
        /// Orders are received, and then the answer is that the invoice cannot be found.
        package var losesInvoices = false
        package var demandsJournalApproval = false

        /// From the first change until it is told; the vendor promises no less than this.
        package var notificationDelayMilliseconds = 30_000
        package var notificationTimeoutMilliseconds = 30_000
        /// More changes than this of one subscription collapse into one `collection`.
        package var collectionLimit = 1_000
        package var pendingLimit = 1_000_000
        /// The share of notifications that are sent a second time.
        package var duplicateChance = 0.0

        package init() {}
    }
}

extension BusinessCentralSimulator.Settings {
    /// Changes what `field` names and leaves the rest: for the control server.
    mutating func change(_ field: JSONField) throws(JSONField.Wrong) {
        for (name, field) in try field.members() {
            switch name {
            case "tokenSeconds": tokenSeconds = try field.int(in: 1...86_400)
            case "requestsPerWindow": requestsPerWindow = try field.int(in: 1...1_000_000)
            case "parallelRequests": parallelRequests = try field.int(in: 1...1_000)
            case "queuedRequests": queuedRequests = try field.int(in: 0...10_000)
            case "queueSeconds": queueSeconds = try field.int(in: 1...86_400)
            case "retryAfterSeconds": retryAfterSeconds = try field.orNil?.int(in: 0...86_400)
            case "processingMilliseconds": processingMilliseconds = try field.int(in: 0...600_000)
            case "largestPage": largestPage = try field.int(in: 1...20_000)
            case "refusesLargerPages": refusesLargerPages = try field.bool()
            case "staleStatus": staleStatus = try field.int(in: 400...499)
            case "replicaLagSeconds": replicaLagSeconds = try field.int(in: 0...86_400)
            case "acceptsPlainCaptions": acceptsPlainCaptions = try field.bool()
            case "sendsLocation": sendsLocation = try field.bool()
            case "subscriptionLimit": subscriptionLimit = try field.int(in: 0...10_000)
            case "subscriptionLimitStatus": subscriptionLimitStatus = try field.int(in: 400...599)
            case "subscriptionSeconds": subscriptionSeconds = try field.int(in: 1...31_536_000)
            case "handshakeMilliseconds": handshakeMilliseconds = try field.int(in: 1...600_000)
            case "handshakeFailureStatus": handshakeFailureStatus = try field.int(in: 400...599)
            case "offersPurchaseOrders": offersPurchaseOrders = try field.bool()
            case "demandsHTTPS": demandsHTTPS = try field.bool()
            case "demandsVendorNumbers": demandsVendorNumbers = try field.bool()
            case "losesInvoices": losesInvoices = try field.bool()
            case "demandsJournalApproval": demandsJournalApproval = try field.bool()
            case "notificationDelayMilliseconds": notificationDelayMilliseconds = try field.int(in: 0...86_400_000)
            case "notificationTimeoutMilliseconds": notificationTimeoutMilliseconds = try field.int(in: 1...600_000)
            case "collectionLimit": collectionLimit = try field.int(in: 1...100_000)
            case "pendingLimit": pendingLimit = try field.int(in: 1...1_000_000)
            case "duplicateChance":
                guard let chance = Double(try field.decimal().text), 0...1 ~= chance else {
                    throw field.wrong("expected a share from 0 to 1")
                }
                duplicateChance = chance
            default: throw field.wrong("unknown setting")
            }
        }
    }
}
