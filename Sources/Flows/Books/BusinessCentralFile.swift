import Core
import Engine
import Systems

/// What a connection's file says of Business Central.
struct BusinessCentralFile: Sendable {
    static let routes = ["purchaseInvoices"]

    var settings: BusinessCentral.Settings
    var windows: AccountWindows
    var timing: BoardFlowFile.Timing

    init(_ document: JSONField, timing: BoardFlowFile.Timing) throws {
        settings = try BusinessCentral.Settings(document["businessCentral"])
        windows = try AccountWindows(
            document["limits"]["businessCentral"],
            names: ["requestsPer5Minutes": "requests", "inFlight": "inFlight"],
            usual: BusinessCentral.Limits.windows
        )
        self.timing = timing
    }
}
