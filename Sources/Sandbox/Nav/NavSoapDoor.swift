import Core
import Transport

/// SOAP has a port of its own.
@OnLoop package final class NavSoapDoor: SideDoor {
    package nonisolated static let name = "navSoap"
    package var address = ""
    weak var simulator: NavSimulator?

    package func serve(_ exchange: HTTPExchange) {
        exchange.answer(.notFound)
    }
}
