import Core
import Transport

// Everything two processes of ml-connector may say to each other. `Channel.version` is counted up when one changes.
//
//     supervisor ──Assignment, Link, Nudge───▶ worker      ──Ready, Beat, Parting──▶ supervisor
//     supervisor ──GatewayAssignment, Hooks,
//                  Link, Unlink───────────────▶ gateway    ──Ready, Beat, Parting──▶ supervisor
//     gateway    ──PoolQuestion───────────────▶ supervisor
//     gateway    ──Deliver────────────────────▶ worker      (the answer says what is in the worker's own store)
//     supervisor ──ForkQuestion───────────────▶ zygote
//     command line ──Status, Reload, Upgrade, Retry, Nudge──▶ supervisor
//
// A process is told to end by SIGTERM, which every version understands.

// MARK: Supervisor to worker

/// The first thing a worker hears, with its end of the gateway's link if there is a gateway.
struct Assignment: Notice, Codable {
    static let tag: UInt8 = 1
    var connection: ConnectionFacts
    var dataKey: Secret
    /// The connection's own, unsealed.
    var secrets: [PlacedSecret]
    /// Where its webhooks come in, seen from outside. Whoever knows it can send some.
    var hookURL: Secret?
    var confinement: Confinement
    var logStyle: Log.Style
}

/// A secret and its place in the connection's document: `monday.token`.
struct PlacedSecret: Wire, Codable, Equatable {
    var place: String
    var secret: Secret
}

extension [PlacedSecret] {
    /// As a flow asks for them.
    var byPlace: [String: Secret] {
        Dictionary(map { ($0.place, $0.secret) }) { first, _ in first }
    }
}

/// What a worker needs to know of the connection it serves.
struct ConnectionFacts: Wire, Codable, Equatable {
    var number: Int64
    var tenant: String
    var name: String
    var flow: String
    /// The connection's document, as JSON text.
    var document: String
    /// Where the tenant's data lies.
    var folder: String
}

/// A new way to the gateway; it comes with a descriptor. The one before is finished.
struct Link: Notice, Codable {
    static let tag: UInt8 = 2
    /// For the gateway: whose link it is.
    var connection: Int64
}

/// There is something new in the tenant's store, put there by a command.
struct Nudge: Notice, Codable {
    static let tag: UInt8 = 3
}

// MARK: Worker and gateway to supervisor

struct Ready: Notice, Codable {
    static let tag: UInt8 = 10
    /// The measures of confinement that this machine does not offer, in words.
    var missing: [String]
}

/// Progress: the loop turns. Sent without being asked, several times within the supervisor's patience.
struct Beat: Notice, Codable {
    static let tag: UInt8 = 11
    /// Webhooks in the worker's own store since the connection was made, and those that it had already.
    var accepted: UInt64 = 0
    var duplicates: UInt64 = 0
    /// Those that are stored and not yet dealt with.
    var waiting: UInt64 = 0
    /// Of its flow; nil when nothing has changed since they were sent last.
    var figures: WorkerFigures?
}

/// Why a process is about to end, in words for an operator.
struct Parting: Notice, Codable {
    static let tag: UInt8 = 12
    var reason: String
}

// MARK: Supervisor to gateway

/// The first thing a gateway hears, with the listening descriptor.
struct GatewayAssignment: Notice, Codable {
    static let tag: UInt8 = 20
    var folder: String
    var limits: IntakeLimits
    var certificate: String?
    var certificateKey: Secret?
    var confinement: Confinement
    var logStyle: Log.Style
    var hooks: [Hook]
    var connections: [Int64]
}

/// All webhook addresses there are; what is not among them exists no more.
struct Hooks: Notice, Codable {
    static let tag: UInt8 = 21
    var hooks: [Hook]
    /// All there are, with or without a webhook, paused or not. Nobody waits for what is pending for others.
    var connections: [Int64]
}

/// This connection has no worker for now.
struct Unlink: Notice, Codable {
    static let tag: UInt8 = 22
    var connection: Int64
}

/// What only the supervisor knows of the pool, for `/metrics` and `/readyz`.
struct PoolQuestion: Ask, Codable {
    static let tag: UInt8 = 23
    typealias Answer = PoolFacts
}

struct PoolFacts: Wire, Codable, Equatable {
    var workersByState: [Count]
    var restartsByCause: [Count]
    var gatewayRestarts: UInt64
    var workersMemoryBytes: UInt64
    var supervisorMemoryBytes: UInt64
    var supervisorDescriptors: UInt64
    var supervisorCPUSeconds: Double
    var accepted: UInt64
    var duplicates: UInt64
    var alerts: UInt64
    var startSeconds: Double
    var work: PoolFigures

    struct Count: Wire, Codable, Equatable {
        var name: String
        var count: UInt64
    }
}

// MARK: Gateway to worker

/// Webhooks from the inbox, in the order they came. They may come again, until they have been answered for.
struct Deliver: Ask {
    static let tag: UInt8 = 30
    var events: [Event]

    init(events: [Event]) {
        self.events = events
    }

    // By hand: it is the one message that is sent by the thousand.
    init(from reader: inout WireReader) throws(WireError) {
        let count = Int(try reader.integer(UInt32.self))
        events = []
        for _ in 0..<count { events.append(try Event(from: &reader)) }
    }

    func write(to writer: inout WireWriter) {
        writer.integer(UInt32(events.count))
        for event in events { event.write(to: &writer) }
    }

    /// All of them are in the worker's own store now.
    struct Answer: Wire, Codable, Equatable {
        var stored: UInt32
        var duplicates: UInt32
    }
}

// MARK: Supervisor to zygote

/// Asks for a new process; it comes with the control socket that the process is to have.
struct ForkQuestion: Ask, Codable {
    static let tag: UInt8 = 40
    typealias Answer = Forked
}

struct Forked: Wire, Codable {
    var pid: Int32
}

// MARK: Command line to supervisor

struct StatusQuestion: Ask, Codable {
    static let tag: UInt8 = 50
    typealias Answer = Status
}

struct Status: Wire, Codable, Equatable {
    var build: String
    var pid: Int32
    /// Counted up with every upgrade.
    var generation: UInt32
    /// Processes of the generation before that are still to be replaced.
    var replacing: UInt32
    var upSeconds: Double
    var listen: String
    var publicURL: String?
    /// What stands before the path of each webhook address; nil where nobody said how the outside gets here.
    var webhooksAt: String?
    var spawner: String
    var gateway: Process
    var workers: [Process]
    var alerts: [String]

    struct Process: Wire, Codable, Equatable {
        var connection: Int64
        var tenant: String
        var name: String
        var flow: String
        var state: String
        var pid: Int32?
        var stateSeconds: Double
        var restarts: UInt32
        var lastCause: String?
        var reason: String?
        var memoryBytes: UInt64
        var accepted: UInt64
        var waiting: UInt64
        /// From the decision to start the last process to its word that it was ready; 0 before that.
        var startMicroseconds: UInt64
        /// When it said so, on this machine's monotonic clock.
        var readyNanoseconds: Int64
        /// What keeps the connection from working, in words; empty when nothing does.
        var trouble = ""
        /// Changed records that wait, and those that wait for a person.
        var queuedLive: UInt64 = 0
        var queuedBackground: UInt64 = 0
        var parked: UInt64 = 0
        var windows: [Window] = []
        /// How far the first load of each route is.
        var progress: [WorkerFigures.RouteProgress] = []
        /// Until the first of its subscriptions ends; nil without any.
        var subscriptionSeconds: Int64?
    }

    /// What a connection's account has used of one limit.
    struct Window: Wire, Codable, Equatable {
        var system: String
        var name: String
        var used: UInt32
        var limit: UInt32
    }
}

/// Read the connections again; what changed is restarted, the rest is left alone.
struct ReloadQuestion: Ask, Codable {
    static let tag: UInt8 = 51
    typealias Answer = Reloaded
}

struct Reloaded: Wire, Codable, Equatable {
    var added: UInt32
    var changed: UInt32
    var removed: UInt32
}

/// Put the binary that lies at the server's path now in the place of the running one.
struct UpgradeQuestion: Ask, Codable {
    static let tag: UInt8 = 52
    typealias Answer = Done
}

/// Start a quarantined connection now.
struct RetryQuestion: Ask, Codable {
    static let tag: UInt8 = 53
    typealias Answer = Done
    var tenant: String
    var name: String
}

/// Tell the connection's worker that there is something new in its store.
struct NudgeQuestion: Ask, Codable {
    static let tag: UInt8 = 54
    typealias Answer = Done
    var tenant: String
    var name: String
}

extension Event {
    fileprivate init(from reader: inout WireReader) throws(WireError) {
        let sequence: Int64 = try reader.integer()
        let arrival = Arrival(
            connection: try reader.integer(),
            key: EventKey(high: try reader.integer(), low: try reader.integer()),
            kind: try reader.text(),
            receivedMilliseconds: try reader.integer(),
            body: try reader.blob()
        )
        self.init(sequence: sequence, arrival: arrival)
    }

    fileprivate func write(to writer: inout WireWriter) {
        writer.integer(sequence)
        writer.integer(connection)
        writer.integer(key.high)
        writer.integer(key.low)
        writer.text(kind)
        writer.integer(receivedMilliseconds)
        writer.blob(body)
    }
}
