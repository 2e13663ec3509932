import Core

extension Monday {
    package enum Limits {
        package static let windows = [requests, inFlight, mutations, boardMutations, calls]

        /// Requests of any kind in a minute: 1,000 on the smallest plans. Answers name the account's own figure.
        package static let requests = Window("requests", 1_000, .sliding(.seconds(60)), reserve: 100)

        /// At once: 40 on the smallest plans. Answers name the account's own figure.
        package static let inFlight = Window("inFlight", 40, .concurrent, reserve: 4)

        /// Every field that changes something, each of a batch too. The vendor has no such limit; 40 a minute is what
        /// we promise customers who share a token with other tools. May be set up to the account's requests.
        package static let mutations = Window("mutations", 40, .sliding(.seconds(60)))

        /// Creating and duplicating boards and duplicating groups: the vendor's own 40 a minute, on every plan.
        package static let boardMutations = Window("boardMutations", 40, .sliding(.seconds(60)))

        /// The limit that binds: 1,000 calls from midnight to midnight of UTC on the smallest plans, failed ones
        /// included. No answer names it, so it is counted here and asked for once in a while (`dailyBudget`). A tenth is
        /// kept for what somebody waits for.
        package static let calls = Window("calls", 1_000, .daily, reserve: 100)

        /// One document's mutations, of which the board must see one at a time: parallel ones risk its data.
        package static let mostWrites = Documents.mostWrites
        /// Ids that one question by id may name, and keys that one of ours looks for.
        package static let mostIDs = 100
        package static let largestPage = 500
        /// Of pages with cells. A page that takes too long is halved.
        package static let usualPage = 100
        /// Lines of a board's log in one answer, as the vendor's own clients ask for them.
        package static let activityPage = 1_000
        package static let longestWebhookURL = 255
        package static let longestColumnID = 24
        package static let longestIdempotencyKey = 64
        /// A call is given up by Monday after 60 seconds.
        package static let longestCall = Duration.seconds(75)
        /// Monday keeps a scan's place for 60 minutes from its first request.
        package static let longestScan = Duration.seconds(50 * 60)
    }

    /// What the vendor allows by plan.
    package struct Plan: Sendable, Equatable {
        package var name: String
        package var callsPerDay: Int
        package var requestsPerMinute: Int
        package var inFlight: Int

        /// Marketplace aside. The support pages give free accounts 200 calls a day where the reference gives 1,000.
        package static let all = [
            Plan(name: "free", callsPerDay: 1_000, requestsPerMinute: 1_000, inFlight: 40),
            Plan(name: "basic", callsPerDay: 1_000, requestsPerMinute: 1_000, inFlight: 40),
            Plan(name: "standard", callsPerDay: 1_000, requestsPerMinute: 1_000, inFlight: 40),
            Plan(name: "pro", callsPerDay: 10_000, requestsPerMinute: 2_500, inFlight: 100),
            Plan(name: "enterprise", callsPerDay: 25_000, requestsPerMinute: 5_000, inFlight: 250),
        ]
    }
}
