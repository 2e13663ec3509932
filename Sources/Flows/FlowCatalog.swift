import Core
import Engine
import Systems
import Transport

/// The flows there are, by the name that a connection's file gives.
package enum FlowCatalog {
    package struct Unknown: Error, Sendable, CustomStringConvertible {
        package var description: String
    }

    package static let names = ["business-central-monday", "nav-monday", "demonstration"]

    /// What the flow needs of the gateway by itself; nothing where the document's own `webhook` says it.
    package static func hooks(_ name: String, document: JSONField = JSONField(.null)) -> [FlowHook] {
        switch name {
        // NAV on a server of the customer's own tells nothing by itself, but somebody may have written code that does.
        case "nav-monday" where document["nav"].orNil != nil:
            document["nav"]["webhookSecret"].orNil == nil ? [.challenge] : [.news, .challenge]
        case "business-central-monday", "nav-monday": [.clientState, .challenge]
        default: []
        }
    }

    /// Refuses a document that the flow cannot work with, in words for whoever wrote it.
    @OnLoop package static func make(_ name: String, document: JSON) throws -> any Flow {
        switch name {
        case "business-central-monday", "nav-monday": try boards(name, document: document).flow
        case "demonstration": try Demonstration(JSONField(document))
        default:
            throw Unknown(
                description: "flow: there is no flow '\(name)'; there are: \(names.joined(separator: ", "))"
            )
        }
    }

    /// The flows that keep boards, taken apart.
    @OnLoop static func boards(_ name: String, document: JSON) throws -> BoardFlowParts {
        // The board of the one is a view of the books: nothing goes back.
        name == "nav-monday"
            ? try navMonday(document) : try businessCentral(JSONField(document), viewOf: BusinessCentral.name)
    }

    @OnLoop private static func businessCentral(_ document: JSONField, viewOf view: String?) throws -> BoardFlowParts {
        let file = try BoardFlowFile(
            document,
            books: "businessCentral",
            routes: BusinessCentralFile.routes,
            own: BusinessCentralRoute.members,
            viewOf: view,
            usualPoll: BusinessCentralFile.usualPoll
        )
        let books = try BusinessCentralFile(document, timing: file.timing)
        return BoardFlowParts(file: file) { context, isTrial in
            try BusinessCentralBooks(books, in: context, isTrial: isTrial)
        }
    }

    /// On the customer's own server, or online, where NAV is Business Central.
    @OnLoop private static func navMonday(_ document: JSON) throws -> BoardFlowParts {
        let field = JSONField(document)
        switch (field["nav"].orNil, field["businessCentral"].orNil) {
        case (nil, _?): return try businessCentral(field, viewOf: nil)
        case (_?, nil): break
        case (_?, let online?): throw online.wrong("a company is either on a server under nav or online, not both")
        case (nil, nil):
            throw field["nav"].wrong(
                "missing; expected nav: {…} for a server of your own, or businessCentral: {…} for NAV online"
            )
        }
        let file = try BoardFlowFile(field, books: "nav", routes: NavFile.routes) { name, _ in NavFile.polls[name] }
        let books = try NavFile(document, timing: file.timing)
        return BoardFlowParts(file: file) { context, isTrial in try NavBooks(books, in: context, isTrial: isTrial) }
    }
}

/// What a flow that keeps boards is made of.
struct BoardFlowParts {
    var file: BoardFlowFile
    var books: BoardFlow.MakesBooks

    @OnLoop var flow: BoardFlow { BoardFlow(file, books: books) }
}
