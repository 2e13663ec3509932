import Core
import Transport

extension BusinessCentral {
    /// What the vendor allows, and what we take of it. Every figure is a default that a connection can change.
    package enum Limits {
        /// Of one application in one environment. An application counts as a user, so another application has windows
        /// of its own.
        package static let windows = [
            // Sliding, since December 2023 for each user. Older pages speak of 600 a minute for an environment.
            Window("requests", 6_000, .sliding(.seconds(300))),
            // Five are processed at once and 95 more are queued, where a request can grow old and end in a 503. One is
            // left for people who use the same application by hand.
            Window("inFlight", 4, .concurrent),
        ]

        /// Of a server of the customer's own, which limits nobody and has people waiting behind it.
        package static let serverWindows = [
            Window("requests", 1_500, .sliding(.seconds(300))), Window("inFlight", 2, .concurrent),
        ]

        /// What each call takes.
        static let charge: Charge = ["requests": 1, "inFlight": 1]

        /// The server's own page. What is asked beyond is refused or cut.
        package static let largestPage = 20_000
        /// Rows of some hundred bytes to two kilobytes: a page stays below 10 MB.
        package static let usualPage = 5_000
        /// With expanded lines a row is many times as large.
        package static let expandedPage = 1_000
        static func pageSize(_ expand: [Expansion]) -> Int { expand.isEmpty ? usualPage : expandedPage }

        /// Where a page that is too large or too slow stops being halved.
        static let smallestPage = 50
        /// How many good pages it takes until a larger one is tried again.
        static let pagesBeforeGrowing = 20

        /// Of companies and subscriptions, which are few.
        static let mostListPages = 50
        /// Of the rows below one record: the dimensions of a document, the lines of a journal.
        static let mostRowPages = 100

        /// The longest address. Gateways commonly end at 2,048 characters.
        static let longestURL = 2_047

        /// A token lives for an hour. With less than this left it is renewed, so that none expires on its way.
        package static let tokenMargin: Duration = .seconds(300)

        /// From the creation or renewal of a subscription.
        package static let subscriptionLife: Duration = .seconds(3 * 86_400)
        package static let subscriptionRenewal: Duration = .seconds(86_400)
        /// In one environment, for all its applications together.
        package static let subscriptions = 200

        /// How much of the past each poll reads again: a record's stamp is set within a transaction that may end later
        /// than another one with a younger stamp.
        package static let overlap: Duration = .seconds(120)

        /// The server ends an operation after eight minutes. Nothing we ask should take a tenth of that; who waits longer
        /// holds one of the few places.
        package static let deadlines = deadlines(idle: .seconds(120), total: .seconds(300))
        /// The login service answers within a second. Everybody waits for it.
        package static let tokenDeadlines = deadlines(idle: .seconds(15), total: .seconds(30))

        /// A page of the largest size is about 40 MB.
        static let pageBytes = 64 << 20
        static let answerBytes = 8 << 20
        static let tokenBytes = 256 << 10

        private static func deadlines(idle: Duration, total: Duration) -> HTTPClient.Deadlines {
            var deadlines = HTTPClient.Deadlines()
            deadlines.idle = idle
            deadlines.total = total
            return deadlines
        }
    }
}
