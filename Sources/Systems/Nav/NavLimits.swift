import Core
import Transport

extension Nav {
    /// How much of a customer's own server we take: it publishes no limits, and people work on it at the same time.
    package enum Limits {
        package static let windows = [
            Window("requests", 5, .sliding(.seconds(1))),
            Window("inFlight", 2, .concurrent),
        ]

        /// The names of the windows in a connection's file.
        package static let fileNames = ["requestsPerSecond": "requests", "inFlight": "inFlight"]

        /// What each call takes.
        static let charge: Charge = ["requests": 1, "inFlight": 1]

        /// `SOAPServicesMaxMsgSize` as it is delivered, which counts for OData too.
        package static let longestRequest = 1_024 << 10

        /// The longest address. Proxies commonly end at 2,048 characters.
        static let longestURL = 2_047
        /// One criterion of a SOAP filter, in characters.
        static let longestCriteria = 1_000

        /// Rows of a SOAP answer, where the asker chooses. OData's pages have the size that the server was given.
        static let soapPage = 200

        /// A server page of 1,000 documents with their lines stays below 20 MB.
        static let pageBytes = 32 << 20
        static let answerBytes = 8 << 20
        /// `$metadata` lists every page that anybody has published: some megabytes in a large installation.
        static let catalogBytes = 48 << 20
        /// Followed for the lines of one document.
        static let mostLinePages = 100

        /// A locked table makes the server wait for half a minute before it gives up, and slow pages take a minute.
        package static let deadlines: HTTPClient.Deadlines = {
            var deadlines = HTTPClient.Deadlines()
            deadlines.idle = .seconds(120)
            deadlines.total = .seconds(300)
            return deadlines
        }()

        /// After a refused credential nothing is sent for so long, and longer each time: a Windows account is locked
        /// after a few wrong passwords.
        static let pauseAfterRefusal: Duration = .seconds(300)
        static let longestPauseAfterRefusal: Duration = .seconds(3_600)
    }
}
