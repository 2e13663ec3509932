import Core
import Foundation
import Glibc
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `amid chaos` {
        @Test func `has every invoice on each board exactly once at the end`() throws {
            try Chaos().rage(until: .mischief(300))
        }

        /// `ops/soak` runs it for hours.
        @Test(.enabled(if: soak != nil, "set ML_SOAK_SYNC to a number of kills, or to minutes such as 30m"))
        func `keeps that up for as long as it is told to`() throws {
            try Chaos().rage(until: #require(soak))
        }
    }
}

private let soak = ProcessInfo.processInfo.environment["ML_SOAK_SYNC"].flatMap { Chaos.End($0) }

/// People work in Business Central without pause, two tenants' connections bring what they do to a board each, and all
/// that can go wrong does, as dice fall: see `Mischief`. What is promised is looked at from outside when it is over.
private final class Chaos {
    enum End: Sendable {
        case mischief(Int)
        case kills(Int)
        case minutes(Int)

        /// `10000`, or `30m`.
        init?(_ text: String) {
            if text.hasSuffix("m"), let minutes = Int(text.dropLast()), minutes > 0 {
                self = .minutes(minutes)
            } else if let kills = Int(text), kills > 0 {
                self = .kills(kills)
            } else {
                return nil
            }
        }
    }

    private let sync: SyncInstallation
    private let boards: [String]
    private var disk: SmallDisk?
    private var dice = SeededDice()
    private var done: [Mischief: Int] = [:]
    /// Processes that are stopped, and when they go on.
    private var stopped: [(pid: Int32, until: ContinuousClock.Instant)] = []
    private var roomAgain: ContinuousClock.Instant?
    private var vendorAgain: ContinuousClock.Instant?
    private let clock = ContinuousClock()

    private static let titles = ["acme/bc-board", "zenith/bc-board"]

    init() throws {
        print("the chaos has seed \(dice.seed)")
        var own = SyncInstallation.Connection()
        own.longestCallSeconds = 2
        sync = try SyncInstallation([], "--restarts", "1000000/60")
        var other = own
        other.tenant = "zenith"
        let twin = try Self.twin(of: sync.board, sync.sandbox)
        other.board = twin
        boards = [sync.board, twin]
        try sync.add([own, other])
    }

    /// Another board with the same columns.
    private static func twin(of board: String, _ sandbox: SandboxProcess) throws -> String {
        let labels = ["Draft", "Open", "Paid", "Canceled", "In review", "Corrective"].map { "\"\($0)\"" }
        let vendors = ["Fabrikam, Inc.", "First Up Consultants", "Graphic Design Institute", "Wide World Importers"]
            .map { "\"\($0)\"" }
        func column(_ id: String, _ type: String, _ labels: [String] = []) -> String {
            let settings = labels.isEmpty ? "" : #","settings":{"labels":[\#(labels.joined(separator: ","))]}"#
            return #"{"id":"\#(id)","title":"\#(id)","type":"\#(type)"\#(settings)}"#
        }
        let columns = [
            column("erp_key", "text"), column("amount", "numbers"), column("currency", "text"),
            column("due_date", "date"), column("status", "status", labels), column("vendor", "dropdown", vendors),
        ]
        return try sandbox.control(
            "POST",
            "/control/monday/boards",
            #"{"name":"Zenith","columns":[\#(columns.joined(separator: ","))]}"#
        )["id"].string()
    }

    func rage(until end: End) throws {
        let installation = sync.installation
        // Its own disk, where it can be had: then it can be full.
        try sync.serve()
        if geteuid() == 0 {
            try installation.stop()
            disk = try SmallDisk(under: installation.data + "/tenants/acme", megabytes: 128)
            try sync.serve()
        }
        defer { disk?.unmount() }
        try sync.untilInStep(on: boards[1])
        try sync.untilQuiet()
        try spoil()
        let began = clock.now
        let people = People(at: sync.sandbox.controlPort, seed: dice.seed)
        var reported = began
        while !isOver(end, since: began) {
            usleep(UInt32(dice.roll(150_000)))
            try #require(installation.server?.hasEnded == false, "the server ended: \(installation.picture)")
            try recover(all: false)
            try perform(pick())
            if clock.now - reported > .seconds(60) {
                reported = clock.now
                print("\(kills) kills (\(figures)), \(people.done) changes, \(try sync.mutations()) mutations")
            }
        }
        people.stop()
        let raged = clock.now - began
        let calmed = try calm()
        try expectNothingLost()
        let facts = try sync.sandbox.facts()
        let full = installation.logLines(containing: "no room left").count
        let hung = installation.logLines(containing: "does not respond: killed").count
        #expect(try installation.stop() == .code(0))
        for title in Self.titles {
            let kept = try installation.kept(for: title)
            #expect(kept.integrity == "ok" && kept.waiting == 0 && kept.counts.settled == kept.counts.accepted)
            print("\(title): \(kept.counts.accepted) notifications kept, \(kept.counts.duplicates) twice")
        }
        print(
            """
            figure: chaos with seed \(dice.seed): \(kills) kills (\(figures)) in \(raged), in step \(calmed) after; \
            \(people.done) changes, \(try facts["monday"]["mutations"]["executed"].int()) mutations, \
            \(try facts["monday"]["idempotentReplays"].int()) replays, \
            \(try facts["monday"]["faultsStruck"].int()) + \(try facts["businessCentral"]["faultsStruck"].int()) faults, \
            \(full) times no room, \(hung) hung: \
            every invoice once
            """
        )
    }

    private func isOver(_ end: End, since began: ContinuousClock.Instant) -> Bool {
        switch end {
        case .mischief(let count): done.values.reduce(0, +) >= count
        case .kills(let count): kills >= count
        case .minutes(let minutes): clock.now - began >= .seconds(60 * minutes)
        }
    }

    private var kills: Int {
        done.reduce(0) { $0 + ($1.key.isKill ? $1.value : 0) }
    }

    private var figures: String {
        Mischief.allCases.filter { done[$0] != nil }.map { "\(done[$0] ?? 0) \($0.rawValue)" }.joined(separator: ", ")
    }

    // MARK: What goes wrong

    /// All the time: answers are dropped after all was done, and some come late.
    private func spoil() throws {
        for (system, operations) in [
            ("monday", ["create_item*", "change_multiple_column_values*", "archive_item*"]),
            ("businessCentral", ["GET purchaseInvoices*"]),
        ] {
            for operation in operations {
                try sync.sandbox.fault(system, on: operation, #""hangUpAfter""#, #","chance":0.1"#)
                try sync.sandbox.fault(system, on: operation, #"{"delayMilliseconds":150}"#, #","chance":0.1"#)
            }
        }
    }

    private func pick() -> Mischief {
        var number = dice.roll(Mischief.allCases.map(\.weight).reduce(0, +))
        for mischief in Mischief.allCases {
            number -= mischief.weight
            if number < 0 { return mischief }
        }
        return .workerKilled
    }

    private func perform(_ mischief: Mischief) throws {
        let isDone =
            switch mischief {
            case .workerKilled, .gatewayKilled: try killOne(mischief)
            case .supervisorKilled: try killSupervisor()
            case .workerStopped, .gatewayStopped: stop(mischief)
            case .diskFull: try fillDisk()
            case .vendorDown: try breakVendor()
            case .socketBroken: breakSocket()
            }
        if isDone { done[mischief, default: 0] += 1 }
    }

    /// Only a child of our own server is shot at: pids are given again.
    private func victim(_ mischief: Mischief) -> Status.Process? {
        guard let status = try? sync.installation.status() else { return nil }
        let process = mischief.hitsGateway ? status.gateway : status.workers[dice.roll(max(status.workers.count, 1))]
        guard let pid = process.pid, ProcessTable.entry(pid)?.parent == sync.installation.pid else { return nil }
        return process
    }

    private func killOne(_ mischief: Mischief) throws -> Bool {
        guard let victim = victim(mischief), let pid = victim.pid else { return false }
        Glibc.kill(pid, SIGKILL)
        if mischief.hitsGateway { try passMinute() }
        // Now and then the next one comes before this one is mended.
        guard dice.roll(5) > 0 else { return true }
        try sync.wait("another \(victim.name) is up, or held down", within: 30, every: 1_000) {
            guard let status = try? sync.installation.status() else { return false }
            let all = status.workers + [status.gateway]
            return all.contains {
                $0.connection == victim.connection && $0.name == victim.name
                    && ($0.state == "waiting" || $0.state == "up" && $0.pid != pid)
            }
        }
        return true
    }

    private func killSupervisor() throws -> Bool {
        let installation = sync.installation
        let children = ProcessTable.children(of: installation.pid)
        installation.server?.kill()
        // A stopped process does not see its end before it goes on.
        try recover(all: true)
        try until("all children of the dead supervisor are gone", within: 5) {
            children.allSatisfy { !ProcessTable.isRunning($0.pid) }
        }
        installation.start()
        try installation.untilReady(within: 30)
        try passMinute()
        return true
    }

    /// For some moments; one in ten for longer than the supervisor waits for a sign of life.
    private func stop(_ mischief: Mischief) -> Bool {
        guard let pid = victim(mischief)?.pid, !stopped.contains(where: { $0.pid == pid }) else { return false }
        Glibc.kill(pid, SIGSTOP)
        let pause = dice.roll(10) == 0 ? 15_000 : dice.roll(2_000) + 50
        stopped.append((pid, clock.now + .milliseconds(pause)))
        return true
    }

    private func fillDisk() throws -> Bool {
        guard let disk, roomAgain == nil else { return false }
        try disk.fill()
        roomAgain = clock.now + .milliseconds(dice.roll(1_500) + 100)
        return true
    }

    /// For a time: who is asked less because of it must not have it for longer.
    private func breakVendor() throws -> Bool {
        guard vendorAgain == nil else { return false }
        let system = dice.roll(2) == 0 ? "monday" : "businessCentral"
        let effect = [
            #"{"status":503}"#, #"{"status":503,"retryAfterSeconds":1}"#, #"{"status":429,"retryAfterSeconds":1}"#,
            #"{"status":500,"processed":true}"#, #""garbage""#, #""truncated""#, #"{"stallSeconds":4}"#,
            #""hangUpBefore""#,
        ][dice.roll(8)]
        try sync.sandbox.clearFaults()
        try sync.sandbox.fault(system, on: "*", effect)
        vendorAgain = clock.now + .milliseconds(dice.roll(1_500) + 50)
        return true
    }

    /// Somebody speaks to the gateway and hangs up in the middle of a word.
    private func breakSocket() -> Bool {
        let caller = Caller(sync.installation.port, patienceSeconds: 1)
        guard let hook = sync.installation.hooks[Self.titles[dice.roll(2)]] else { return false }
        let request =
            "POST \(hook.path)/purchaseInvoices HTTP/1.1\r\nHost: here\r\nContent-Length: 900\r\n\r\n{\"value\":["
        let sent = caller.send(String(request.prefix(dice.roll(request.utf8.count) + 1)))
        caller.hangUp()
        return sent
    }

    // MARK: What is mended

    private func recover(all: Bool) throws {
        let now = clock.now
        for process in stopped where all || process.until <= now { Glibc.kill(process.pid, SIGCONT) }
        stopped.removeAll { all || $0.until <= now }
        if let until = roomAgain, all || until <= now {
            try disk?.empty()
            roomAgain = nil
        }
        if let until = vendorAgain, all || until <= now {
            try sync.sandbox.clearFaults()
            try spoil()
            vendorAgain = nil
        }
    }

    /// What could not be told while nobody listened is told again after a minute of Business Central's time.
    private func passMinute() throws {
        try sync.sandbox.control("POST", "/clock", #"{"advanceSeconds":61}"#)
    }

    /// Nothing goes wrong any more. Answers how long it takes until all is as it should be.
    private func calm() throws -> Duration {
        let began = clock.now
        try recover(all: true)
        // Those that strike all the time, too.
        try sync.sandbox.clearFaults()
        try sync.installation.untilReady(within: 60)
        for board in boards {
            var isInStep = false
            for round in 0..<8 where !isInStep {
                try passMinute()
                do {
                    try sync.untilInStep(within: 40, on: board)
                    isInStep = true
                } catch {
                    guard round == 7 else { continue }
                    throw error
                }
            }
        }
        let took = clock.now - began
        try sync.untilQuiet(within: 60)
        return took
    }

    private func expectNothingLost() throws {
        for board in boards {
            #expect(try sync.differences(on: board).isEmpty)
            #expect(try sync.timesMade(on: board).values.allSatisfy { $0 == 1 }, "an invoice was made twice")
        }
        let told = try sync.sandbox.facts()["businessCentral"]["notifications"]
        // A refusal in the middle of a restart would end the subscription, and nobody would be told.
        #expect(try told["deletedByAnswer"].int() == 0)
        #expect(try told["deletedByFailures"].int() == 0)
        #expect(try told["dropped"].int() == 0)
        #expect(sync.installation.logLines(containing: "Fatal error").isEmpty)
        for tenant in ["acme", "zenith"] {
            #expect(try sync.installation.command("audit", "verify", tenant).code == 0)
            #expect(try sync.installation.worker("\(tenant)/bc-board").parked == 0)
        }
    }
}

/// One thing that goes wrong, and how often among the others.
private enum Mischief: String, CaseIterable {
    case workerKilled = "of workers"
    case gatewayKilled = "of gateways"
    case supervisorKilled = "of supervisors"
    case workerStopped = "workers stopped"
    case gatewayStopped = "gateways stopped"
    case diskFull = "times a full disk"
    case vendorDown = "outages"
    case socketBroken = "broken sockets"

    var weight: Int {
        switch self {
        case .workerKilled: 50
        case .gatewayKilled: 12
        case .supervisorKilled: 10
        case .workerStopped: 6
        case .gatewayStopped: 2
        case .diskFull: 4
        case .vendorDown: 8
        case .socketBroken: 8
        }
    }

    var isKill: Bool {
        switch self {
        case .workerKilled, .gatewayKilled, .supervisorKilled: true
        case .workerStopped, .gatewayStopped, .diskFull, .vendorDown, .socketBroken: false
        }
    }

    var hitsGateway: Bool { self == .gatewayKilled || self == .gatewayStopped }
}
