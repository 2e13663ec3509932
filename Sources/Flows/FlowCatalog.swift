import Core
import Engine
import Systems
import Transport

/// The flows there are, by the name that a connection's file gives.
package enum FlowCatalog {
    package struct Unknown: Error, Sendable, CustomStringConvertible {
        package var description: String
    }

    package static let names = ["business-central-monday", "demonstration"]

    /// What the flow needs of the gateway by itself; nothing where the document's own `webhook` says it.
    package static func hooks(_ name: String) -> [FlowHook] {
        switch name {
        case "business-central-monday": [.clientState, .challenge]
        default: []
        }
    }

    /// Refuses a document that the flow cannot work with, in words for whoever wrote it.
    @OnLoop package static func make(_ name: String, document: JSON) throws -> any Flow {
        switch name {
        case "business-central-monday": try businessCentralMonday(JSONField(document))
        case "demonstration": try Demonstration(JSONField(document))
        default:
            throw Unknown(
                description: "flow: there is no flow '\(name)'; there are: \(names.joined(separator: ", "))"
            )
        }
    }

    /// The board is a view of the books: nothing goes back.
    @OnLoop private static func businessCentralMonday(_ document: JSONField) throws -> any Flow {
        let file = try BoardFlowFile(
            document,
            books: "businessCentral",
            routes: BusinessCentralFile.routes,
            own: BusinessCentralRoute.members,
            viewOf: BusinessCentral.name,
            usualPoll: BusinessCentralFile.usualPoll
        )
        let books = try BusinessCentralFile(document, timing: file.timing)
        return BoardFlow(file) { context, isTrial in
            try BusinessCentralBooks(books, in: context, isTrial: isTrial)
        }
    }
}
