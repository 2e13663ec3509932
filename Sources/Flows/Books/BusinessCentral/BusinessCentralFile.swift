import Core
import Engine
import Systems

/// What a connection's file says of Business Central.
struct BusinessCentralFile: Sendable {
    static let routes = BusinessCentral.Entity.all.map(\.name)

    var settings: BusinessCentral.Settings
    var windows: AccountWindows
    var timing: BoardFlowFile.Timing
    /// By their names.
    var routes: [String: BusinessCentralRoute] = [:]

    init(_ document: JSONField, timing: BoardFlowFile.Timing) throws {
        settings = try BusinessCentral.Settings(document["businessCentral"])
        windows = try AccountWindows(
            document["limits"]["businessCentral"],
            names: ["requestsPer5Minutes": "requests", "inFlight": "inFlight"],
            usual: settings.server == nil ? BusinessCentral.Limits.windows : BusinessCentral.Limits.serverWindows
        )
        self.timing = timing
        for (name, field) in try document["routes"].members() {
            routes[name] = try BusinessCentralRoute(name, field, isStandard: Self.isStandard(settings.route))
        }
    }

    /// Nil for a name that is none; what is wrong with it is told when the routes are read.
    static func usualPoll(_ name: String, _ route: JSONField) -> Duration? {
        try? BusinessCentralRoute(name, route, isStandard: true).usualPoll
    }

    static func isStandard(_ route: BusinessCentral.Settings.Route) -> Bool {
        switch route {
        case .standard: true
        case .custom: false
        }
    }
}
