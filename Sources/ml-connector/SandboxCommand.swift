import Core
import Glibc
import Host
import Sandbox
import Transport

/// `sandbox`: the remote systems, played as strictly as their vendors play them, until it is told to end.
enum SandboxCommand {
    static let command = Command(
        name: "sandbox",
        summary: "play Business Central, NAV and Monday on this machine, to try connections with",
        flags: [
            Flag("control-port", "PORT", "where things are made to happen", usually: "a free one"),
            Flag("business-central-port", "PORT", "where Business Central is played", usually: "a free one"),
            Flag("nav-port", "PORT", "where NAV's OData is played", usually: "a free one"),
            Flag("nav-soap-port", "PORT", "where NAV's SOAP is played", usually: "a free one"),
            Flag("nav-invoices", "COUNT", "posted invoices in NAV to begin with", usually: "10"),
            Flag("monday-port", "PORT", "where Monday is played", usually: "a free one"),
            Flag("ports-file", "FILE", "write URLs and credentials there, as JSON"),
            Flag("invoices", "N", "how many purchase invoices Business Central begins with", usually: "12"),
            Flag("as-the-vendors", nil, "tell of changes after half a minute, as Business Central does, not at once"),
        ]
    ) { arguments in
        var ports: [String: Int] = [:]
        for (flag, name) in [
            ("control-port", "control"), ("business-central-port", BusinessCentralSimulator.name),
            ("nav-port", NavSimulator.name), ("nav-soap-port", NavSoapDoor.name), ("monday-port", MondaySimulator.name),
        ] {
            guard let text = arguments[flag] else { continue }
            guard let port = Int(text), (0...65_535).contains(port) else {
                throw UsageError("--\(flag) needs a port, from 0 to 65535")
            }
            ports[name] = port
        }
        let sandbox = try RunningSandbox(
            ports: ports,
            asTheVendors: arguments.has("as-the-vendors"),
            invoices: try count(arguments, "invoices"),
            navInvoices: try count(arguments, "nav-invoices")
        )
        if let file = arguments["ports-file"] { try sandbox.write(to: file) }
        Terminal.print(sandbox.host.description.text(.pretty))
        await Ending().asked()
        sandbox.host.stop()
        return .done
    }

    private static func count(_ arguments: Arguments, _ flag: String) throws -> Int? {
        guard let text = arguments[flag] else { return nil }
        guard let count = Int(text), (0...1_000_000).contains(count) else {
            throw UsageError("--\(flag) needs a count, from 0 to 1000000")
        }
        return count
    }
}

/// All simulators and their control.
@OnLoop struct RunningSandbox {
    let host: SimulatorHost
    let businessCentral: BusinessCentralSimulator
    let nav: NavSimulator
    let monday: MondaySimulator

    init(ports: [String: Int] = [:], asTheVendors: Bool, invoices: Int? = nil, navInvoices: Int? = nil) throws {
        var settings = BusinessCentralSimulator.Settings()
        // Half a minute is what the vendor takes. Nobody who tries things out wants to wait for it.
        if !asTheVendors { settings.notificationDelayMilliseconds = 200 }
        if let invoices { settings.seedInvoices = invoices }
        var installation = NavSimulator.Settings()
        if let navInvoices { installation.seedPosted = navInvoices }
        try self.init(ports: ports, settings, installation, MondayOptions())
    }

    /// Small enough to be looked through, on a plan of Monday's on which one can play all day.
    init(demonstratedAt controlPort: Int) throws {
        var settings = BusinessCentralSimulator.Settings()
        settings.notificationDelayMilliseconds = 200
        var installation = NavSimulator.Settings()
        (installation.seedInvoices, installation.seedOrders, installation.seedPosted) = (10, 6, 4)
        var options = MondayOptions()
        options.plan = .pro
        try self.init(ports: ["control": controlPort], settings, installation, options)
    }

    private init(
        ports: [String: Int],
        _ settings: BusinessCentralSimulator.Settings,
        _ installation: NavSimulator.Settings,
        _ options: MondayOptions
    ) throws {
        let clock = SandboxClock()
        businessCentral = BusinessCentralSimulator(settings, clock: clock)
        nav = NavSimulator(installation, clock: clock)
        monday = MondaySimulator(clock: clock, options: options)
        do {
            host = try SimulatorHost([businessCentral, nav, monday], clock: clock, ports: ports)
        } catch {
            throw CommandFailure(code: .unavailable, text: "the sandbox cannot listen: \(error)")
        }
    }

    /// It appears whole or not at all: whoever waits for it reads it at once.
    func write(to file: String) throws {
        let part = file + ".part"
        let bytes = Array((host.description.text(.pretty) + "\n").utf8)
        let descriptor = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let written = descriptor < 0 ? -1 : bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if descriptor >= 0 { close(descriptor) }
        guard written == bytes.count, rename(part, file) == 0 else {
            throw CommandFailure(code: .failed, text: "\(file) cannot be written: \(String(cString: strerror(errno)))")
        }
    }
}

/// Ctrl-C, or a supervisor's word.
@OnLoop final class Ending {
    private var signals: Signals?
    private var wasAsked = false
    private var waiter: CheckedContinuation<Void, Never>?

    init() {
        signals = Signals([SIGTERM, SIGINT, SIGHUP]) { [weak self] _ in
            self?.wasAsked = true
            self?.waiter?.resume()
            self?.waiter = nil
        }
    }

    func asked() async {
        guard !wasAsked else { return }
        await withCheckedContinuation { waiter = $0 }
    }
}
