import Core

/// Something that only a person can say, with the screen where it is found.
package struct SetupQuestion: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case text(usually: String?)
        /// May be left out.
        case optional
        case secret
    }

    /// Where the answer stands in the file.
    package var place: [String]
    package var words: String
    package var kind = Kind.text(usually: nil)

    package var path: String { place.joined(separator: ".") }
}

extension SetupQuestion {
    /// The flows that can be set up by questions, with what each does.
    package static let flows: [(name: String, words: String)] = [
        ("business-central-monday", "Business Central's records on Monday's boards; nothing goes back"),
        ("nav-monday", "NAV, on a server of your own or online, and Monday's boards, both ways"),
    ]

    /// Of these books, all but the company, which is chosen from a list.
    package static func books(isNav: Bool) -> [SetupQuestion] { isNav ? nav : businessCentral }

    private static let businessCentral: [SetupQuestion] = [
        SetupQuestion(
            place: ["businessCentral", "entraTenant"],
            words: "Directory: its id or a domain of it (Entra admin center > Overview)"
        ),
        SetupQuestion(
            place: ["businessCentral", "clientId"],
            words: "Application (client) ID (Entra admin center > App registrations > your application)"
        ),
        SetupQuestion(
            place: ["businessCentral", "clientSecret"],
            words: "Client secret (the application's Certificates & secrets)",
            kind: .secret
        ),
        SetupQuestion(
            place: ["businessCentral", "environment"],
            words: "Environment (Business Central admin center > Environments)",
            kind: .text(usually: "production")
        ),
    ]

    private static let nav: [SetupQuestion] = [
        SetupQuestion(
            place: ["nav", "url"],
            words: "Address of OData, up to the server instance, such as https://erp.example.com:7048/DynamicsNAV110"
        ),
        SetupQuestion(
            place: ["nav", "soapURL"],
            words: "Address of SOAP, such as https://erp.example.com:7047/DynamicsNAV110; empty for none",
            kind: .optional
        ),
        SetupQuestion(
            place: ["nav", "authorities"],
            words: "PEM file of your own certificate authority; empty where the certificate is of a public one",
            kind: .optional
        ),
        SetupQuestion(place: ["nav", "user"], words: "User of NAV, of its own (NAV > Users)"),
        SetupQuestion(
            place: ["nav", "key"],
            words: "Its web service access key (NAV > Users > the user's card)",
            kind: .secret
        ),
    ]

    package static let monday: [SetupQuestion] = [
        SetupQuestion(
            place: ["monday", "token"],
            words: "Monday's API token, of a user of its own (Monday > avatar > Developers > API token)",
            kind: .secret
        )
    ]
}
