import Core
import Transport

/// What `serve` was told, by flags or by the environment.
struct ServeOptions: Sendable {
    enum SpawnerKind: String, CaseIterable, Sendable {
        case zygote, exec
    }

    var data = "data"
    var host = "127.0.0.1"
    var port = "8080"
    var publicURL: String?
    var masterKey = MasterKeySource()
    var logStyle = Log.Style()
    var spawner = SpawnerKind.zygote
    var certificate: String?
    var certificateKey: String?
    var workerPolicy = WorkerLife.Policy()
    var intake = IntakeLimits()
    /// The gateway's user id; a tenant's is this one plus the tenant's number. Used when the supervisor is root.
    var firstUser = Self.usualFirstUser

    var listen: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    static let usualFirstUser: UInt32 = 200_000

    static let flags: [Flag] =
        [
            Flag("data", "DIR", "where everything is kept", environment: "ML_DATA", usually: "data"),
            Flag("listen", "HOST:PORT", "where webhooks come in", environment: "ML_LISTEN", usually: "127.0.0.1:8080"),
            Flag("public-url", "URL", "how the outside reaches it", environment: "ML_PUBLIC_URL"),
            Flag("tls-certificate", "FILE", "certificate chain in PEM", environment: "ML_TLS_CERTIFICATE"),
            Flag("tls-key", "FILE", "its key in PEM", environment: "ML_TLS_KEY"),
            Flag("log", "text|json", "how log lines look", environment: "ML_LOG", usually: "text"),
            Flag(
                "log-level",
                "LEVEL",
                "debug, info, warning, error or alert",
                environment: "ML_LOG_LEVEL",
                usually: "info"
            ),
            Flag("spawner", "zygote|exec", "how workers are started", environment: "ML_SPAWNER", usually: "zygote"),
            Flag("restarts", "N/SECONDS", "crashes before quarantine", environment: "ML_RESTARTS", usually: "5/60"),
            Flag("drain", "SECONDS", "how long a worker may finish", environment: "ML_DRAIN", usually: "10"),
            Flag("inbox-limit", "MIB", "webhooks kept at most", environment: "ML_INBOX_LIMIT", usually: "1024"),
        ] + MasterKeySource.flags

    init(_ arguments: Arguments) throws(UsageError) {
        if let data = arguments["data"] { self.data = data }
        if let listen = arguments["listen"] { try setListen(listen) }
        if let url = arguments["public-url"] { try setPublicURL(url) }
        masterKey = try MasterKeySource(arguments)
        certificate = arguments["tls-certificate"]
        certificateKey = arguments["tls-key"]
        guard (certificate == nil) == (certificateKey == nil) else {
            throw UsageError("--tls-certificate and --tls-key belong together: give both or neither")
        }
        logStyle.format = try arguments.choice("log") ?? .text
        logStyle.lowest = try arguments.choice("log-level") ?? .info
        spawner = try arguments.choice("spawner") ?? .zygote
        if let restarts = arguments["restarts"] { try setRestarts(restarts) }
        if let drain = try arguments.integer("drain", in: 1...600) { workerPolicy.drainLimit = .seconds(drain) }
        if let limit = try arguments.integer("inbox-limit", in: 1...1_048_576) { intake.bytes = limit << 20 }
    }

    private mutating func setListen(_ text: String) throws(UsageError) {
        guard let colon = text.lastIndex(of: ":"), let number = UInt16(text[text.index(after: colon)...]) else {
            throw UsageError("--listen takes HOST:PORT, such as 0.0.0.0:8080, not '\(text)'")
        }
        host = String(text[..<colon].drop { $0 == "[" })
        if host.hasSuffix("]") { host.removeLast() }
        port = "\(number)"
    }

    private mutating func setPublicURL(_ text: String) throws(UsageError) {
        let isPlain = text.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
        }
        let place = ["https://", "http://"].first { text.hasPrefix($0) }.map { text.dropFirst($0.count) } ?? ""
        guard isPlain, let first = place.first, first != "/", !place.contains("@") else {
            throw UsageError("--public-url takes a URL such as https://hooks.example.com, not '\(text)'")
        }
        publicURL = text
    }

    private mutating func setRestarts(_ text: String) throws(UsageError) {
        let parts = text.split(separator: "/")
        guard parts.count == 2, let crashes = Int(parts[0]), let seconds = Int(parts[1]), crashes > 0, seconds > 0
        else {
            throw UsageError("--restarts takes N/SECONDS, such as 5/60, not '\(text)'")
        }
        workerPolicy.crashes = crashes
        workerPolicy.period = .seconds(seconds)
    }
}
