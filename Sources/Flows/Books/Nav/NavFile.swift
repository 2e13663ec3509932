import Core
import Engine
import Systems

/// What a connection's file says of a NAV server.
struct NavFile: Sendable {
    static let routes = ["purchaseInvoices", "purchaseOrders", "vendors", "customers", "items", "dimensionValues"]
    /// Nothing tells of a change, so what people wait for is asked for often.
    static let polls: [String: Duration] = [
        "purchaseInvoices": .seconds(300), "purchaseOrders": .seconds(300), "vendors": .seconds(900),
        "customers": .seconds(900), "items": .seconds(900), "dimensionValues": .seconds(900),
    ]

    var settings: Nav.Settings
    var functions: NavFunctions
    var windows: AccountWindows
    var timing: BoardFlowFile.Timing

    init(_ document: JSON, timing: BoardFlowFile.Timing) throws {
        let field = JSONField(document)
        functions = try NavFunctions(field["nav"]["functions"])
        // The rest is about the server, and its client's.
        settings = try Nav.Settings(JSONField(Self.ofServer(document))["nav"])
        windows = try AccountWindows(
            field["limits"]["nav"],
            names: Nav.Limits.fileNames,
            usual: Nav.Limits.windows
        )
        self.timing = timing
    }

    private static func ofServer(_ document: JSON) -> JSON {
        guard case .object(var members) = document, case .object(var nav) = members["nav"] else { return document }
        nav["functions"] = nil
        nav["webhookSecret"] = nil
        members["nav"] = .object(nav)
        return .object(members)
    }
}
