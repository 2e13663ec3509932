import Core
import Foundation
import Glibc
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `killed again and again while invoices change` {
        @Test func `has every invoice on the board exactly once at the end`() throws {
            try SyncStorm().rage(kills: 200)
        }

        @Test(.enabled(if: soakKills != nil, "set ML_SOAK_SYNC to a number of kills"))
        func `keeps that up for as long as it is told to`() throws {
            try SyncStorm().rage(kills: soakKills ?? 0)
        }
    }
}

private let soakKills = ProcessInfo.processInfo.environment["ML_SOAK_SYNC"].flatMap { Int($0) }

/// Random kills with a seed, while people work in Business Central without pause and both vendors drop answers to what
/// they have done.
private final class SyncStorm {
    private enum Victim: String, CaseIterable {
        case worker, gateway, supervisor
    }

    private let sync: SyncInstallation
    private let title = "acme/bc-board"
    private var dice = SeededDice()
    private var kills: [Victim: Int] = [:]
    private let clock = ContinuousClock()

    init() throws {
        print("the storm over invoices has seed \(dice.seed)")
        sync = try SyncInstallation([SyncInstallation.Connection()], "--restarts", "1000000/60")
    }

    func rage(kills count: Int) throws {
        let installation = sync.installation
        try sync.serve()
        try sync.untilQuiet()
        try spoil()
        let began = clock.now
        let people = People(at: sync.sandbox.controlPort, seed: dice.seed)
        var reported = 0
        while killed < count {
            usleep(UInt32(dice.roll(150_000)))
            try #require(installation.server?.hasEnded == false, "the server ended: \(installation.picture)")
            try kill(pick())
            if killed >= reported + 200 {
                reported = killed
                print("\(killed) kills, \(people.done) changes, \(try sync.mutations()) mutations")
            }
        }
        people.stop()
        try sync.sandbox.clearFaults()
        let stormed = clock.now - began
        try installation.untilReady(within: 60)
        // What could not be told while nobody listened is told again after a minute of Business Central's time.
        try sync.sandbox.control("POST", "/clock", #"{"advanceSeconds":61}"#)
        let calmed = try sync.untilInStep(within: 60)
        try sync.untilQuiet()
        #expect(try sync.differences().isEmpty)
        try expectNothingLost()
        #expect(installation.logLines(containing: "Fatal error").isEmpty)
        #expect(try installation.command("audit", "verify", "acme").code == 0)
        let facts = try sync.sandbox.facts()
        #expect(try installation.stop() == .code(0))
        let kept = try installation.kept(for: title)
        #expect(kept.integrity == "ok" && kept.waiting == 0 && kept.counts.settled == kept.counts.accepted)
        print(
            """
            seed \(dice.seed): \(killed) kills (\(figures)) in \(stormed), in step \(calmed) after; \
            \(people.done) changes, \(try facts["monday"]["mutations"]["executed"].int()) mutations, \
            \(try facts["monday"]["idempotentReplays"].int()) replays, \
            \(try facts["monday"]["faultsStruck"].int()) + \(try facts["businessCentral"]["faultsStruck"].int()) faults, \
            \(kept.counts.accepted) notifications kept, \(kept.counts.duplicates) twice
            """
        )
    }

    /// Answers are dropped after all was done, and some come late.
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

    private func expectNothingLost() throws {
        #expect(try sync.timesMade().values.allSatisfy { $0 == 1 }, "an invoice was made twice on the board")
        let told = try sync.sandbox.facts()["businessCentral"]["notifications"]
        // A refusal in the middle of a restart would end the subscription, and nobody would be told.
        #expect(try told["deletedByAnswer"].int() == 0)
        #expect(try told["deletedByFailures"].int() == 0)
        #expect(try told["dropped"].int() == 0)
    }

    private var killed: Int { kills.values.reduce(0, +) }

    private var figures: String {
        Victim.allCases.map { "\(kills[$0] ?? 0) of \($0.rawValue)" }.joined(separator: ", ")
    }

    private func pick() -> Victim {
        switch dice.roll(100) {
        case ..<70: .worker
        case ..<85: .gateway
        default: .supervisor
        }
    }

    private func kill(_ victim: Victim) throws {
        guard let status = try? sync.installation.status(), let worker = status.workers.first else { return }
        switch victim {
        case .worker: try kill(worker, as: .worker) { $0.workers.first }
        case .gateway:
            // What Business Central could not tell meanwhile, it tells a minute later: by its own clock.
            try kill(status.gateway, as: .gateway) { $0.gateway }
            try sync.sandbox.control("POST", "/clock", #"{"advanceSeconds":61}"#)
        case .supervisor: try killSupervisor()
        }
    }

    private func kill(_ process: Status.Process, as victim: Victim, find: (Status) -> Status.Process?) throws {
        // Only a child of our own server is shot at: pids are given again.
        guard let pid = process.pid, ProcessTable.entry(pid)?.parent == sync.installation.pid else { return }
        kills[victim, default: 0] += 1
        Glibc.kill(pid, SIGKILL)
        // Now and then the next kill comes before this one is mended.
        guard dice.roll(5) > 0 else { return }
        try sync.wait("another \(process.name) is up, or held down", within: 20, every: 1_000) {
            guard let status = try? sync.installation.status(), let now = find(status) else { return false }
            return now.state == "waiting" || now.state == "up" && now.pid != pid
        }
    }

    private func killSupervisor() throws {
        let installation = sync.installation
        let children = ProcessTable.children(of: installation.pid)
        kills[.supervisor, default: 0] += 1
        installation.server?.kill()
        try until("all children of the dead supervisor are gone", within: 2) {
            children.allSatisfy { !ProcessTable.isRunning($0.pid) }
        }
        installation.start()
        try installation.untilReady()
        try sync.sandbox.control("POST", "/clock", #"{"advanceSeconds":61}"#)
    }
}
