import Core
import Transport

/// Runs simulators on ports of the loopback, each on its own, and the control server beside them.
@OnLoop package final class SimulatorHost {
    /// Where the control server is.
    package let controlURL: String
    /// URLs and credentials of all, by system.
    package let description: JSON
    private let simulators: [any Simulator]
    private var open: [(server: HTTPServer, listener: HTTPServer.Listener)] = []

    /// `ports` by the simulators' names, and `control`; whatever is not named gets a free one.
    package init(
        _ simulators: [any Simulator],
        clock: SandboxClock,
        host: String = "127.0.0.1",
        ports: [String: Int] = [:]
    ) throws(HTTPServer.StartFailure) {
        self.simulators = simulators
        let control = try HTTPServer.Listener(host: host, port: ports["control"] ?? 0)
        controlURL = "http://\(host):\(control.port)"
        var listeners = [control]
        var systems = JSON.Object()
        systems["control"] = ["url": .string(controlURL)]
        var serving: [HTTPServer.Handler] = []
        do {
            for simulator in simulators {
                let listener = try HTTPServer.Listener(host: host, port: ports[type(of: simulator).name] ?? 0)
                listeners.append(listener)
                serving.append { simulator.serve($0) }
                simulator.address = "http://\(host):\(listener.port)"
                for door in simulator.sideDoors {
                    let listener = try HTTPServer.Listener(host: host, port: ports[type(of: door).name] ?? 0)
                    listeners.append(listener)
                    serving.append { door.serve($0) }
                    door.address = "http://\(host):\(listener.port)"
                }
                systems[type(of: simulator).name] = simulator.credentials
            }
            description = .object(systems)
            let controlServer = ControlServer(simulators, clock: clock, description: description)
            try start(on: control) { controlServer.serve($0) }
            for (serve, listener) in zip(serving, listeners.dropFirst()) { try start(on: listener, serve) }
        } catch {
            for (server, _) in open { server.stop() }
            for listener in listeners { listener.close() }
            throw error
        }
    }

    /// Generous where a fault is meant to be slow: it is the client whose patience is tested.
    private static var limits: HTTPServer.Limits {
        var limits = HTTPServer.Limits()
        limits.headBytes = 32_768
        limits.answering = .seconds(7_200)
        limits.receiving = .seconds(60)
        return limits
    }

    private func start(
        on listener: HTTPServer.Listener,
        _ serve: @escaping HTTPServer.Handler
    ) throws(HTTPServer.StartFailure) {
        var router = HTTPServer.Router()
        let all: HTTPMethods = [.get, .head, .post, .put, .patch, .delete, .options]
        router.add(all, "/{rest...}", bodyLimit: 16 << 20, handler: serve)
        let server = try HTTPServer(listener: listener.descriptor, router: router, limits: Self.limits)
        open.append((server, listener))
    }

    package func stop() {
        for simulator in simulators { simulator.stop() }
        for (server, listener) in open {
            server.stop()
            listener.close()
        }
        open = []
    }
}
