import Core
import Testing

/// A supervisor and its one process, played at random. It does what `WorkerLife` says, and checks after every fact that
/// the life is never stuck and never doubled.
private struct Play {
    var life = WorkerLife(policy: .init())
    var now = Instant(nanoseconds: 1_000_000_000)
    var dice: Dice
    var isWanted = false
    /// Spawns that were asked for and not answered yet.
    var owed = 0
    var living: Set<Int32> = []
    /// A process that ended before its pid was told.
    var early: Int32?
    var lastPid: Int32 = 100
    var spawns: [Instant] = []
    var broken: [String] = []

    init(seed: UInt64) {
        dice = Dice(state: seed)
    }

    mutating func step(crashesOnly: Bool) {
        switch dice.roll(crashesOnly ? 7 : 11) {
        case 0: answerSpawn()
        case 1: if let pid = life.pid { perform(life.ready(pid: pid, at: now)) }
        case 2: endOne()
        case 3: life.progressed(at: now)
        case 4: now = now + .milliseconds(dice.roll(3_000))
        case 5: jumpToDeadline()
        case 6: perform(life.tick(at: now))
        case 7:
            isWanted = true
            perform(life.wanted(at: now))
        case 8:
            isWanted = false
            perform(life.unwanted(at: now))
        case 9:
            isWanted = true
            perform(life.replaced(at: now))
        default:
            // Words from processes of long ago.
            perform(life.ready(pid: 7, at: now))
            perform(life.exited(pid: 7, .signal(9), at: now))
            perform(life.notSpawnedUnless(owed > 0, at: now))
        }
        check()
    }

    private mutating func answerSpawn() {
        guard owed > 0 else { return }
        owed -= 1
        guard dice.roll(6) > 0 else { return perform(life.notSpawned(at: now)) }
        lastPid += 1
        let diedAlready = dice.roll(6) == 0
        if !diedAlready { living.insert(lastPid) }
        perform(life.spawned(pid: lastPid, at: now))
        if diedAlready { perform(life.exited(pid: lastPid, exit(), at: now)) }
    }

    private mutating func endOne() {
        guard let pid = living.popFirst() else { return }
        perform(life.exited(pid: pid, exit(), at: now))
    }

    private mutating func exit() -> WorkerLife.Exit {
        [.code(0), .code(1), .code(78), .signal(9), .signal(11)][dice.roll(5)]
    }

    private mutating func jumpToDeadline() {
        guard let due = life.nextDeadline else { return }
        now = max(now, due + .milliseconds(dice.roll(20) == 0 ? dice.roll(90_000) : 0))
        for _ in 0..<4 {
            guard let due = life.nextDeadline, due <= now else { return }
            let before = life
            let actions = life.tick(at: now)
            if life == before, actions.isEmpty { broken.append("a tick at its deadline did nothing in \(life.state)") }
            perform(actions)
        }
        if let due = life.nextDeadline, due <= now { broken.append("the deadline never moves on in \(life.state)") }
    }

    private mutating func perform(_ actions: [WorkerLife.Action]) {
        for action in actions {
            switch action {
            case .spawn:
                if owed > 0 || !living.isEmpty { broken.append("a second process was asked for in \(life.state)") }
                if !isWanted { broken.append("an unwanted process was asked for") }
                owed += 1
                spawns.append(now)
            case .terminate(let pid), .kill(let pid):
                if pid != lastPid { broken.append("\(pid) was to end, which nobody started") }
                // Now and then it obeys.
                if living.contains(pid), dice.roll(3) == 0 {
                    living.remove(pid)
                    perform(life.exited(pid: pid, .signal(15), at: now))
                }
            case .quarantined(_, let pause):
                if life.state != .quarantined(until: now + pause) { broken.append("told of a quarantine, not in one") }
            case .recovered:
                if life.isSuspect { broken.append("recovered and still suspect") }
            }
        }
    }

    private mutating func check() {
        if isWanted, life.nextDeadline == nil, owed == 0 { broken.append("wanted, and stuck in \(life.state)") }
        if !isWanted, living.isEmpty, owed == 0, life.state != .down {
            broken.append("unwanted, with nothing left, and in \(life.state)")
        }
        if let pid = life.pid, !living.contains(pid) { broken.append("it believes in \(pid), which is gone") }
        if !living.isEmpty, life.pid == nil { broken.append("a process was forgotten in \(life.state)") }
    }
}

@Suite struct `whatever happens to a worker` {
    @Test func `its life is never stuck, never doubled, and never at an end`() {
        for seed in 0..<4_000 as Range<UInt64> {
            var play = Play(seed: seed)
            for _ in 0..<300 where play.broken.isEmpty { play.step(crashesOnly: false) }
            #expect(play.broken.isEmpty, "seed \(seed): \(play.broken)")
            if !play.broken.isEmpty { return }
        }
    }

    @Test func `a minute never sees more starts than the policy allows`() {
        var most = 0
        for seed in 0..<500 as Range<UInt64> {
            var play = Play(seed: seed)
            play.begin()
            for _ in 0..<1_000 where play.broken.isEmpty { play.step(crashesOnly: true) }
            #expect(play.broken.isEmpty, "seed \(seed): \(play.broken)")
            if !play.broken.isEmpty { return }
            for (index, start) in play.spawns.enumerated() {
                let inMinute = play.spawns[index...].prefix { $0 - start < .seconds(60) }.count
                most = max(most, inMinute)
            }
        }
        // The first start and one for each of the five crashes that a window admits.
        #expect(most == 6, "\(most) starts in a minute")
    }
}

extension Play {
    fileprivate mutating func begin() {
        isWanted = true
        for action in life.wanted(at: now) where action == .spawn {
            owed += 1
            spawns.append(now)
        }
    }
}

extension WorkerLife {
    /// `notSpawned` without a question means nothing, and may come from a spawner that answers twice.
    fileprivate mutating func notSpawnedUnless(_ isOwed: Bool, at now: Instant) -> [Action] {
        isOwed ? [] : notSpawned(at: now)
    }
}

/// SplitMix64: the same throws for the same seed, everywhere.
struct Dice {
    var state: UInt64

    mutating func roll(_ sides: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(sides))
    }
}
