import Foundation
import Glibc
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `killed again and again during intake` {
        @Test(arguments: ["zygote", "exec"])
        func `loses no acknowledged webhook and stores none twice`(spawner: String) throws {
            try Storm(spawner: spawner).rage(kills: 300)
        }

        /// `ops/soak` runs it by the thousand.
        @Test(.enabled(if: soakKills != nil, "set ML_SOAK to a number of kills"))
        func `keeps that up for as long as it is told to`() throws {
            try Storm(spawner: "zygote").rage(kills: soakKills ?? 0)
        }
    }
}

private let soakKills = ProcessInfo.processInfo.environment["ML_SOAK"].flatMap { Int($0) }

/// Random kills with a seed, while webhooks come in without pause. Now and then the binary is replaced as well, so that
/// some fall in the middle of an upgrade.
private final class Storm {
    private enum Victim: String, CaseIterable {
        case worker, gateway, zygote, supervisor
    }

    private let installation: Installation
    private var dice: SeededDice
    private var kills: [Victim: Int] = [:]
    private var upgrades = 0
    /// From the kill until the one that took its place said that it was ready, where nothing held it back.
    private var ready: [Victim: [Double]] = [:]
    private let clock = ContinuousClock()

    init(spawner: String) throws {
        dice = SeededDice()
        print("the storm has seed \(dice.seed)")
        let connections = (0..<18).map { Installation.Connection(tenant: "t\($0 / 3)", name: "c\($0 % 3)") }
        installation = try Installation(connections, "--spawner", spawner, "--restarts", "1000000/60")
    }

    func rage(kills count: Int) throws {
        try installation.serve()
        let senders = Senders(4, to: installation.hooks, at: installation.port)
        var reported = 0
        while killed < count {
            // At a point in the work that differs each time; sometimes at once after the kill before.
            if dice.roll(4) > 0 { usleep(UInt32(dice.roll(20_000))) }
            try expectServer()
            if dice.roll(20) == 0 { upgrade() }
            try kill(pick())
            if killed >= reported + 500 {
                reported = killed
                report("\(killed) kills, \(senders.acknowledged) webhooks, \(figures)")
            }
        }
        let record = senders.stop()
        try installation.untilReady(within: 60)
        try installation.untilSettled()
        #expect(try installation.stop() == .code(0))
        #expect(installation.logLines(containing: "Fatal error").isEmpty)
        var allOnce = true
        for title in installation.hooks.keys {
            allOnce = try installation.expectExactly(record.acknowledged[title] ?? [], in: title) && allOnce
        }
        let total = record.acknowledged.values.reduce(0) { $0 + $1.count }
        #expect(total > count)
        report(
            "seed \(dice.seed): \(count) kills, \(total) webhooks, \(allOnce ? "all stored once" : "NOT all stored once"); \(figures)"
        )
    }

    /// One that ends by itself is a finding, not something to wait for.
    private func expectServer() throws {
        try #require(installation.server?.hasEnded == false, "the server ended: \(installation.picture)")
    }

    private var killed: Int { kills.values.reduce(0, +) }

    private var figures: String {
        Victim.allCases.map { victim in
            let times = ready[victim].map { ", kill to ready " + $0.summary } ?? ""
            return "\(kills[victim] ?? 0) of \(victim.rawValue)\(times)"
        }.joined(separator: "; ") + "; \(upgrades) upgrades"
    }

    private func pick() -> Victim {
        switch dice.roll(100) {
        case ..<70: .worker
        case ..<85: .gateway
        case ..<92: .zygote
        default: .supervisor
        }
    }

    private func kill(_ victim: Victim) throws {
        // Between two binaries nobody answers, and just after it no connection is read yet.
        guard let status = try? installation.status(), !status.workers.isEmpty else { return }
        switch victim {
        case .supervisor: try killSupervisor()
        case .gateway: try kill(status.gateway, as: .gateway) { $0.gateway }
        case .worker:
            let worker = status.workers[dice.roll(status.workers.count)]
            try kill(worker, as: .worker) { status in status.workers.first { $0.connection == worker.connection } }
        case .zygote:
            guard let zygote = ProcessTable.children(of: installation.pid).first(where: { $0.name == "ml zygote" })
            else { return }
            kills[.zygote, default: 0] += 1
            Glibc.kill(zygote.pid, SIGKILL)
        }
    }

    private func kill(_ process: Status.Process, as victim: Victim, find: (Status) -> Status.Process?) throws {
        // Only a child of our own server is shot at: pids are given again.
        guard let pid = process.pid, ProcessTable.entry(pid)?.parent == installation.pid else { return }
        kills[victim, default: 0] += 1
        let began = clock.now
        Glibc.kill(pid, SIGKILL)
        // Now and then the next kill comes before this one is mended.
        guard dice.roll(5) > 0 else { return }
        var isHeld = false
        try untilSoon("another \(process.name) is up, or held down") {
            guard let status = try? installation.status(), let now = find(status) else { return false }
            isHeld = now.state == "waiting"
            return isHeld || now.state == "up" && now.pid != pid
        }
        if !isHeld { ready[victim, default: []].append((clock.now - began).milliseconds) }
    }

    private func upgrade() {
        upgrades += 1
        installation.server?.send(SIGUSR2)
    }

    private func killSupervisor() throws {
        var began = try endSupervisor()
        if dice.roll(4) == 0 {
            // The next one falls while it starts.
            installation.start()
            usleep(UInt32(dice.roll(100_000)))
            began = try endSupervisor()
        }
        installation.start()
        try untilSoon("everything is up") { installation.isReady }
        ready[.supervisor, default: []].append((clock.now - began).milliseconds)
    }

    /// What takes seconds is mended by some deadline, and hides what went wrong: a soak fails, with a picture taken then.
    /// In each test run it is told, and fails when no deadline mends it.
    private func untilSoon(_ what: String, _ isSo: () throws -> Bool) throws {
        do {
            try until(what, within: 4, isSo)
        } catch is Overdue {
            let picture = installation.picture
            let late = try? until(what, within: 20, isSo)
            let story = "\(what) after \(late.map { "4 s + \($0)" } ?? "more than 24 s")\n\(picture)"
            if late == nil || soakKills != nil { Issue.record("\(story)") }
            report("slow: \(story)")
        }
    }

    private func endSupervisor() throws -> ContinuousClock.Instant {
        let children = ProcessTable.children(of: installation.pid)
        kills[.supervisor, default: 0] += 1
        let began = clock.now
        installation.server?.kill()
        do {
            try until("all children of the dead supervisor are gone", within: 1) {
                children.allSatisfy { !ProcessTable.isRunning($0.pid) }
            }
        } catch {
            let left = children.compactMap { ProcessTable.entry($0.pid) }.filter { $0.state != "Z" }
            Issue.record("\(error): \(left.map { "\($0) \(ProcessTable.waits(of: $0.pid))" }), \(installation.picture)")
        }
        return began
    }
}

/// Rolls the same again for the same seed; `ML_SEED` repeats a run.
struct SeededDice {
    let seed: UInt64
    private var state: UInt64

    init() {
        seed = ProcessInfo.processInfo.environment["ML_SEED"].flatMap { UInt64($0) } ?? .random(in: 0..<1_000_000)
        state = seed
    }

    init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// A number below `sides`.
    mutating func roll(_ sides: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((mixed ^ (mixed >> 31)) % UInt64(sides))
    }
}
