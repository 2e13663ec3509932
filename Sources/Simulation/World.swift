import Core
import Engine
import Store
import Transport

/// One run: a machine with the product on it, two systems for each connection, people who work, and whatever goes wrong.
@OnLoop package final class World {
    nonisolated let scenario: Scenario
    nonisolated let sabotage: Sabotage?
    let trace: Trace
    let disk: MachineDisk
    var dice: SeededGenerator
    var facts = Facts()
    private let machine: SimulatedMachine
    private(set) var brokenWords: [String] = []
    private(set) var isTroubled = true
    private(set) var sites: [Site] = []
    private var vendors: [(vendor: Vendor, isHealthy: Bool)] = []
    private var workers: [Int64: SimulatedWorker] = [:]
    private var currentGateway: SimulatedGateway?
    private var supervisor: SimulatedSupervisor?
    private(set) lazy var storeWatch = StoreWatch(
        isTroubled: { [unowned self] in isTroubled },
        onBroken: { [unowned self] in broken($0) }
    )
    private var setForward: Instant?
    private let began = Instant.now
    private let calendar = WallTime.now

    init(
        _ scenario: Scenario,
        on machine: SimulatedMachine,
        disk: MachineDisk,
        _ style: Trace.Style,
        _ sabotage: Sabotage?
    ) {
        self.scenario = scenario
        self.machine = machine
        self.disk = disk
        self.sabotage = sabotage
        trace = Trace(style)
        dice = SeededGenerator(seed: scenario.seed ^ 0x00d1_ce00)
        build()
    }

    private func build() {
        var number: Int64 = 0
        for (index, tenant) in scenario.tenants.enumerated() {
            let chances = tenant.isHealthy ? Scenario.Chances() : scenario.chances
            func vendor(_ name: String, _ limits: [Vendor.Limit]) -> Vendor {
                let vendor = Vendor(name, limits, chances: chances, longestDelay: scenario.keyLife / 8, in: self)
                vendors.append((vendor, tenant.isHealthy))
                return vendor
            }
            let minute = Duration.seconds(60)
            let requests = Vendor.Limit(window: "requests", units: scenario.requestsPerMinute, period: minute)
            let mutations = Vendor.Limit(window: "mutations", units: scenario.mutationsPerMinute, period: minute)
            var accounts: [Int: Vendor] = [:]
            for connection in tenant.connections {
                number += 1
                let target = accounts[connection.account] ?? vendor("board-\(index)-\(number)", [requests, mutations])
                accounts[connection.account] = target
                let books = Books("books-\(number)", pageSize: scenario.pageSize, chances: chances, in: self)
                sites.append(
                    Site(
                        number,
                        of: "tenant-\(index)",
                        isHealthy: tenant.isHealthy,
                        books: books,
                        messenger: Messenger(
                            books,
                            connection: number,
                            life: scenario.subscriptionLife,
                            chances: chances,
                            in: self
                        ),
                        board: Board(
                            "item-\(number)",
                            searchLag: scenario.searchLag,
                            keyLife: scenario.keyLife,
                            in: self
                        ),
                        source: vendor("books-\(index)-\(number)", [requests]),
                        target: target,
                        in: self
                    )
                )
            }
        }
    }

    // MARK: What its parts ask

    /// The vendors' clocks are right, whatever ours says.
    var vendorTime: WallTime { calendar + (Instant.now - began) }

    func hits(_ chance: Double) -> Bool { isTroubled && dice.hits(chance) }

    func wasSetForward(within period: Duration) -> Bool {
        setForward.map { .now - $0 <= period } ?? false
    }

    func struck(_ fault: String) {
        facts.faults[fault, default: 0] += 1
    }

    func broken(_ words: String) {
        trace.note("BROKEN: \(words)")
        if brokenWords.count < 20 { brokenWords.append(words) }
    }

    /// The step at which the next process is to die; never, for most.
    func stepOfDeath() -> Int {
        guard hits(scenario.chances.doomed) else { return .max }
        return dice.roll(1...[10, 60, 400][dice.roll(0...2)])
    }

    var gateway: World { self }

    /// As a webhook's sender sees it: true when it was acknowledged.
    func receive(_ arrival: Arrival) async -> Bool {
        await currentGateway?.receive(arrival) ?? false
    }

    func gatewayDelivers(to connection: Int64) {
        currentGateway?.deliver(to: connection)
    }

    // MARK: The run

    func run() async -> Outcome {
        start()
        for site in sites { people(at: site) }
        plan()
        let length = Duration.milliseconds(Int64(scenario.hours * 3_600_000))
        try? await EpollLoop.process.sleep(for: length)
        isTroubled = false
        trace.note("troubles end")
        for (vendor, _) in vendors { vendor.comeBack() }
        disk.recover()
        for seat in supervisor?.seats ?? [] { seat.process?.thaw() }
        await settle()
        await supervisor?.stop()
        facts.lostWrites = disk.disk.facts.lostWrites + disk.disk.facts.tornWrites
        facts.faults["disk error", default: 0] += disk.disk.facts.faultsStruck
        facts.hours = Double((Instant.now - began).milliseconds) / 3_600_000
        if brokenWords.isEmpty { await Inspection(self).run() }
        trace.note("ends")
        return Outcome(scenario: scenario, broken: brokenWords, facts: facts, digest: trace.digest)
    }

    private func start() {
        let hasHealthy = sites.contains(where: \.isHealthy)
        let jobs = [gatewayJob(isKillable: !hasHealthy)] + sites.map(job)
        let supervisor = SimulatedSupervisor(jobs, in: self)
        self.supervisor = supervisor
        supervisor.start()
    }

    private func gatewayJob(isKillable: Bool) -> SimulatedSupervisor.Job {
        SimulatedSupervisor.Job(name: "gateway", isKillable: isKillable) { [unowned self] process, onReady in
            try process.step()
            let gateway = SimulatedGateway(process, sabotage: sabotage) { [unowned self] in workers[$0] }
            currentGateway = gateway
            try await gateway.start(disk.path("inbox.db"), disk.options(for: process.pid))
            onReady()
        } drain: { [unowned self] in
            await currentGateway?.end()
        } bury: { [unowned self] in
            let gateway = currentGateway
            currentGateway = nil
            await gateway?.end()
        }
    }

    private func job(_ site: Site) -> SimulatedSupervisor.Job {
        let number = site.number
        return SimulatedSupervisor.Job(name: site.name, isKillable: !site.isHealthy) {
            [unowned self] process, onReady in
            // One that is dead before it began must not stand in the place of the next.
            try process.step()
            let worker = SimulatedWorker(process, for: site, in: self)
            workers[number] = worker
            try await worker.start(onReady: onReady)
        } drain: { [unowned self] in
            await workers[number]?.stop()
        } bury: { [unowned self] in
            // Of what it had written nobody may have been told.
            site.board.isAllInDoubt = true
            let worker = workers.removeValue(forKey: number)
            await worker?.abandon()
        }
    }

    private func people(at site: Site) {
        let plan = scenario.tenants.flatMap(\.connections)[Int(site.number) - 1]
        for _ in 0..<plan.records {
            site.books.create(vendorTime - dice.roll(.seconds(1)...(.seconds(86_400))), isOld: true)
        }
        for _ in 0..<plan.changes {
            at(dice.roll(0...1_000)) { site.books.work() }
        }
    }

    /// At so many thousandths of the run.
    private func at(_ part: Int, _ body: @escaping @OnLoop () -> Void) {
        let length = Int64(scenario.hours * 3_600_000)
        EpollLoop.process.after(.milliseconds(length * Int64(part) / 1_000)) {
            if self.isTroubled || part >= 1_000 { body() }
        }
    }

    // MARK: What goes wrong

    private func plan() {
        let weak = vendors.filter { !$0.isHealthy }.map(\.vendor)
        for _ in 0..<scenario.outages where !weak.isEmpty {
            let vendor = weak[dice.roll(0...weak.count - 1)]
            let length = Duration.seconds(dice.hits(0.7) ? dice.roll(60...900) : dice.roll(900...5_400))
            at(dice.roll(0...900)) { vendor.goDown(for: length) }
        }
        for _ in 0..<scenario.revocations where !weak.isEmpty {
            let vendor = weak[dice.roll(0...weak.count - 1)]
            at(dice.roll(0...990)) { vendor.revokeTokens() }
        }
        let sick = sites.filter { !$0.isHealthy }
        for _ in 0..<scenario.vanishings where !sick.isEmpty {
            let site = sick[dice.roll(0...sick.count - 1)]
            at(dice.roll(0...990)) { site.messenger.vanish() }
        }
        for _ in 0..<scenario.handEdits where !sick.isEmpty {
            let site = sick[dice.roll(0...sick.count - 1)]
            at(dice.roll(10...990)) { site.board.editByHand() }
        }
        for site in sites {
            for _ in 0..<scenario.notes { at(dice.roll(10...990)) { site.takeNote() } }
        }
        planEnds()
        planDisk()
        for _ in 0..<scenario.powerCuts { at(dice.roll(0...990)) { self.losePower() } }
        for jump in scenario.clockJumps {
            at(dice.roll(0...990)) {
                self.trace.note("the clock is set by \(jump.seconds) s")
                self.facts.clockJumps += 1
                self.machine.setClock(by: jump)
                if jump > .zero { self.setForward = .now }
            }
        }
    }

    private func planEnds() {
        for _ in 0..<scenario.kills { at(dice.roll(0...990)) { self.anySeat()?.process?.finish(.killed) } }
        for _ in 0..<scenario.freezes {
            let length = dice.roll(.milliseconds(10)...(.seconds(12)))
            at(dice.roll(0...990)) {
                if let seat = self.anySeat() { self.supervisor?.freeze(seat, for: length) }
            }
        }
        for _ in 0..<scenario.restarts {
            at(dice.roll(0...990)) {
                guard let seat = self.anySeat() else { return }
                self.facts.restarts += 1
                self.supervisor?.replace(seat)
            }
        }
    }

    private func planDisk() {
        // A write whose conclusion could not be stored is made again.
        if scenario.chances.diskError > 0 || scenario.fullDisks > 0 {
            for site in sites { site.board.isAllInDoubt = true }
        }
        disk.disk.faults.writeErrors = scenario.chances.diskError / 100
        disk.disk.faults.syncErrors = scenario.chances.diskError / 100
        for _ in 0..<scenario.fullDisks {
            let length = Duration.seconds(dice.roll(1...900))
            at(dice.roll(0...950)) {
                self.trace.note("the disk is full for \(length.seconds) s")
                self.struck("full disk")
                self.disk.disk.faults.isFull = true
                EpollLoop.process.after(length) { self.disk.disk.faults.isFull = false }
            }
        }
    }

    private func anySeat() -> SimulatedSupervisor.Seat? {
        let seats = supervisor?.seats.filter(\.job.isKillable) ?? []
        return seats.isEmpty ? nil : seats[dice.roll(0...seats.count - 1)]
    }

    private func losePower() {
        trace.note("the power is cut")
        facts.powerCuts += 1
        let gateway = currentGateway
        currentGateway = nil
        let orphans = workers.sorted { $0.key < $1.key }.map(\.value)
        workers = [:]
        supervisor?.losePower()
        supervisor = nil
        for site in sites { site.board.isAllInDoubt = true }
        EpollLoop.process.task { [self] in
            disk.losePower()
            await gateway?.end()
            for worker in orphans { await worker.abandon() }
            let cuts = facts.powerCuts
            try? await EpollLoop.process.sleep(for: dice.roll(.seconds(1)...(.seconds(90))))
            // Gone again before it was back.
            if cuts == facts.powerCuts { start() }
        }
    }

    // MARK: The end

    /// When all went well again, everything has to come right by itself, and soon.
    private func settle() async {
        var patience = Duration.seconds(scenario.kills > 0 ? 7_500 : 3_600)
        if let reconcile = scenario.reconcile { patience += reconcile + .seconds(3_600) }
        let end = Instant.now + patience
        var difference = await difference()
        while difference != nil, brokenWords.isEmpty {
            guard Instant.now < end else {
                return broken("\(patience.seconds) s after all troubles, \(difference ?? "")")
            }
            try? await EpollLoop.process.sleep(for: .seconds(20))
            difference = await self.difference()
        }
    }

    private func difference() async -> String? {
        for site in sites {
            if let difference = site.difference { return difference }
            if site.books.underWay > 0 || site.messenger.underWay > 0 { return "\(site.name): something is under way" }
            guard let worker = workers[site.number] else { return "\(site.name) has no worker" }
            guard await worker.isQuiet() else { return "\(site.name): something waits" }
            if let overlooked = site.overlooked { return overlooked }
            if let lost = site.messenger.lost(among: storeWatch) { return "\(site.name): \(lost)" }
        }
        return currentGateway.map(\.isEmpty) ?? false ? nil : "the gateway holds events"
    }
}

/// What happened in a run, in numbers.
package struct Facts: Sendable, Equatable {
    package var hours = 0.0
    package var changes = 0
    package var webhooks = 0
    package var writes = 0
    package var kills = 0
    package var powerCuts = 0
    package var freezes = 0
    package var restarts = 0
    package var clockJumps = 0
    /// Of those that were not synced when the power went.
    package var lostWrites = 0
    package var faults: [String: Int] = [:]

    package init() {}
}

/// What a run came to.
package struct Outcome: Sendable {
    package var scenario: Scenario
    /// Empty when everything held.
    package var broken: [String]
    package var facts: Facts
    /// Of its trace, where there is one.
    package var digest: UInt64
}
