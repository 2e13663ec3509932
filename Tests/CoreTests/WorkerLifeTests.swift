import Core
import Testing

@Suite struct `a worker's life` {
    @Test func `goes from wanted to up and down again`() {
        var life = WorkerLife(policy: .init())
        #expect(life.wanted(at: second(0)) == [.spawn])
        #expect(life.wanted(at: second(0)) == [])
        #expect(life.spawned(pid: 7, at: second(0)) == [])
        #expect(life.ready(pid: 7, at: second(1)) == [])
        #expect(life.isUp && life.pid == 7)
        #expect(life.unwanted(at: second(2)) == [.terminate(pid: 7)])
        #expect(life.unwanted(at: second(2)) == [])
        #expect(life.exited(pid: 7, .code(0), at: second(3)) == [])
        #expect(life.state == .down)
        #expect(life.lastCause == .drained)
        #expect(life.restarts.isEmpty)
        #expect(life.nextDeadline == nil)
    }

    @Test func `does not believe a ready from a process that is gone`() {
        var life = up(pid: 1)
        _ = life.exited(pid: 1, .signal(11), at: second(1))
        _ = life.spawned(pid: 2, at: second(1))
        #expect(life.ready(pid: 1, at: second(1)) == [])
        #expect(!life.isUp)
        #expect(life.ready(pid: 2, at: second(1)) == [])
        #expect(life.isUp)
        #expect(life.exited(pid: 1, .code(0), at: second(2)) == [])
        #expect(life.isUp)
    }

    @Test(arguments: [
        (WorkerLife.Exit.code(0), WorkerLife.Cause.crashed), (.code(1), .crashed), (.signal(11), .crashed),
        (.signal(9), .killed), (.signal(15), .killed), (.code(78), .hopeless),
    ])
    func `names why it had to be started again`(exit: WorkerLife.Exit, cause: WorkerLife.Cause) {
        var life = up(pid: 1)
        _ = life.exited(pid: 1, exit, at: second(1))
        #expect(life.lastCause == cause)
        #expect(life.restarts == [cause: 1])
    }
}

@Suite struct `a process whose pid is under way` {
    @Test func `is told to end when it is no longer wanted`() {
        var life = asked()
        #expect(life.unwanted(at: second(0)) == [])
        #expect(life.spawned(pid: 3, at: second(1)) == [.terminate(pid: 3)])
        #expect(life.exited(pid: 3, .signal(15), at: second(2)) == [])
        #expect(life.state == .down)
    }

    /// The first spawn cannot be called back, so a second one would make two processes of one connection.
    @Test func `is not joined by a second when it is unwanted and wanted again`() {
        var life = asked()
        #expect(life.unwanted(at: second(0)) == [])
        #expect(life.wanted(at: second(0)) == [])
        #expect(life.spawned(pid: 3, at: second(1)) == [.terminate(pid: 3)])
        #expect(life.exited(pid: 3, .signal(15), at: second(2)) == [.spawn])
    }

    @Test func `is replaced too, for it may have begun with the old configuration`() {
        var life = asked()
        #expect(life.replaced(at: second(0)) == [])
        #expect(life.spawned(pid: 3, at: second(1)) == [.terminate(pid: 3)])
        #expect(life.exited(pid: 3, .code(0), at: second(2)) == [.spawn])
        #expect(life.spawned(pid: 4, at: second(2)) == [])
    }

    @Test func `leaves nothing behind when it never came to be`() {
        var unwanted = asked()
        _ = unwanted.unwanted(at: second(0))
        #expect(unwanted.notSpawned(at: second(1)) == [])
        #expect(unwanted.state == .down)
        var replaced = asked()
        _ = replaced.replaced(at: second(0))
        #expect(replaced.notSpawned(at: second(1)) == [.spawn])
        #expect(replaced.restarts.isEmpty)
    }

    @Test func `has no deadline: whoever spawns owes the answer`() {
        #expect(asked().nextDeadline == nil)
    }

    @Test func `may have exited before, which is told after the pid`() {
        var life = asked()
        #expect(life.exited(pid: 3, .code(1), at: second(0)) == [])
        #expect(life.spawned(pid: 3, at: second(0)) == [])
        #expect(life.exited(pid: 3, .code(1), at: second(0)) == [.spawn])
        #expect(life.restarts == [.crashed: 1])
    }

    @Test func `counts as a crash when it cannot be spawned`() {
        var life = asked()
        #expect(life.notSpawned(at: second(0)) == [.spawn])
        #expect(life.notSpawned(at: second(0)) == [])
        #expect(life.state == .waiting(until: second(0) + .milliseconds(100)))
        #expect(life.restarts == [.notSpawned: 2])
    }
}

@Suite struct `a wish` {
    @Test func `to end it reaches a process that is starting`() {
        var life = asked()
        _ = life.spawned(pid: 1, at: second(0))
        #expect(life.unwanted(at: second(0)) == [.terminate(pid: 1)])
        #expect(life.ready(pid: 1, at: second(0)) == [])
        #expect(life.exited(pid: 1, .code(0), at: second(0)) == [])
        #expect(life.state == .down)
    }

    @Test func `to end it leaves nobody waiting or quarantined`() {
        for crashes in [2, 6] {
            var life = crashed(times: crashes)
            #expect(life.nextDeadline != nil)
            #expect(life.unwanted(at: second(1)) == [])
            #expect(life.state == .down)
            #expect(life.tick(at: second(1_000)) == [])
        }
    }

    @Test func `to have it during its drain starts it after the drain`() {
        var life = up(pid: 1)
        _ = life.unwanted(at: second(1))
        #expect(life.wanted(at: second(2)) == [])
        #expect(life.tick(at: second(11)) == [.kill(pid: 1)])
        #expect(life.exited(pid: 1, .signal(9), at: second(12)) == [.spawn])
        #expect(life.restarts == [.drainOverdue: 1])
    }

    @Test func `to replace it is no crash`() {
        var life = up(pid: 1)
        #expect(life.replaced(at: second(1)) == [.terminate(pid: 1)])
        #expect(life.replaced(at: second(1)) == [])
        #expect(life.exited(pid: 1, .code(0), at: second(2)) == [.spawn])
        #expect(life.restarts == [.drained: 1])
    }

    @Test func `to replace it ends a hold-down and a quarantine, and forgives`() {
        for crashes in [2, 6] {
            var life = crashed(times: crashes)
            #expect(life.replaced(at: second(1)) == [.spawn])
            #expect(!life.isSuspect)
            _ = life.spawned(pid: 50, at: second(1))
            // The first crash after it is the first of all.
            #expect(life.exited(pid: 50, .code(1), at: second(1)) == [.spawn])
        }
    }

    @Test func `to end it holds while it is being killed`() {
        var life = up(pid: 1)
        #expect(life.tick(at: second(8)) == [.kill(pid: 1)])
        #expect(life.unwanted(at: second(8)) == [])
        #expect(life.exited(pid: 1, .signal(9), at: second(8)) == [])
        #expect(life.state == .down)
        #expect(life.lastCause == .hung)
    }
}

@Suite struct `a process that does not respond` {
    @Test func `is killed and started again`() {
        var life = up(pid: 1)
        life.progressed(at: second(5))
        #expect(life.nextDeadline == second(12.5))
        #expect(life.tick(at: second(12.4)) == [])
        #expect(life.tick(at: second(12.5)) == [.kill(pid: 1)])
        #expect(life.exited(pid: 1, .signal(9), at: second(12.6)) == [.spawn])
        #expect(life.restarts == [.hung: 1])
    }

    @Test func `is killed when it does not become ready`() {
        var life = asked()
        _ = life.spawned(pid: 1, at: second(3))
        #expect(life.nextDeadline == second(13))
        #expect(life.tick(at: second(13)) == [.kill(pid: 1)])
        #expect(life.ready(pid: 1, at: second(13)) == [])
        #expect(life.exited(pid: 1, .signal(9), at: second(13)) == [.spawn])
        #expect(life.restarts == [.neverReady: 1])
    }

    @Test func `is killed again for as long as it stays`() {
        var hung = up(pid: 1)
        #expect(hung.tick(at: second(8)) == [.kill(pid: 1)])
        #expect(hung.tick(at: second(9)) == [])
        #expect(hung.nextDeadline == second(13))
        #expect(hung.tick(at: second(13)) == [.kill(pid: 1)])
        #expect(hung.exited(pid: 1, .signal(9), at: second(13)) == [.spawn])
        #expect(hung.restarts == [.hung: 1])
        var drained = up(pid: 1)
        _ = drained.unwanted(at: second(1))
        #expect(drained.tick(at: second(11)) == [.kill(pid: 1)])
        #expect(drained.tick(at: second(16)) == [.kill(pid: 1)])
        #expect(drained.exited(pid: 1, .signal(9), at: second(16)) == [])
        #expect(drained.lastCause == .drainOverdue)
    }

    /// A supervisor that was stopped for a minute has not read a minute of heartbeats. Killing everybody for that would
    /// turn one pause of the machine into an outage of every tenant.
    @Test func `is heard out first when the supervisor itself was held up`() {
        var life = up(pid: 1)
        #expect(life.tick(at: second(60)) == [])
        #expect(life.nextDeadline == second(61))
        life.progressed(at: second(60))
        #expect(life.tick(at: second(61)) == [])
        #expect(life.nextDeadline == second(67.5))
        var silent = up(pid: 1)
        #expect(silent.tick(at: second(60)) == [])
        #expect(silent.tick(at: second(90)) == [.kill(pid: 1)])
        var starting = asked()
        _ = starting.spawned(pid: 1, at: second(0))
        #expect(starting.tick(at: second(60)) == [])
        #expect(starting.ready(pid: 1, at: second(60)) == [])
        #expect(starting.isUp)
        #expect(starting.tick(at: second(67.5)) == [.kill(pid: 1)])
    }
}

@Suite struct `a crash loop` {
    @Test func `is held down longer each time, then quarantined`() {
        var life = asked()
        var pauses: [Duration] = []
        for pid in 1...6 as ClosedRange<Int32> {
            _ = life.spawned(pid: pid, at: second(Double(pid)))
            let actions = life.exited(pid: pid, .code(1), at: second(Double(pid)))
            if actions == [.spawn] {
                pauses.append(.zero)
            } else if case .waiting(let until) = life.state {
                pauses.append(until - second(Double(pid)))
                #expect(life.tick(at: until) == [.spawn])
            } else {
                #expect(actions == [.quarantined(.crashed, retryIn: .seconds(60))])
                #expect(life.state == .quarantined(until: second(66)))
            }
        }
        #expect(pauses == [0, 100, 200, 400, 800].map { .milliseconds($0) })
    }

    @Test func `is never held down for longer than the policy says`() {
        var policy = WorkerLife.Policy()
        policy.crashes = 1_000
        var life = WorkerLife(policy: policy)
        var now = second(0)
        _ = life.wanted(at: now)
        for pid in 1...100 as ClosedRange<Int32> {
            _ = life.spawned(pid: pid, at: now)
            _ = life.exited(pid: pid, .code(1), at: now)
            guard case .waiting(let until) = life.state else { continue }
            #expect(until - now <= .seconds(30))
            now = until
            _ = life.tick(at: now)
        }
        #expect(life.restarts == [.crashed: 100])
    }

    @Test func `lengthens its quarantine with each crash on probation, up to an hour`() {
        var life = crashed(times: 6)
        var pauses: [Int64] = []
        for pid in 100...108 as ClosedRange<Int32> {
            guard case .quarantined(let until) = life.state else {
                Issue.record("not quarantined but \(life.state)")
                return
            }
            #expect(life.isSuspect)
            #expect(life.tick(at: until) == [.spawn])
            _ = life.spawned(pid: pid, at: until)
            _ = life.ready(pid: pid, at: until)
            let actions = life.exited(pid: pid, .code(1), at: until)
            guard case .quarantined(_, let pause) = actions.first else { continue }
            pauses.append(pause.components.seconds)
        }
        #expect(pauses == [120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600, 3_600])
    }

    @Test func `ends in quarantine at once when the process says it is hopeless`() {
        var life = up(pid: 1)
        #expect(
            life.exited(pid: 1, .code(WorkerLife.hopelessCode), at: second(1))
                == [.quarantined(.hopeless, retryIn: .seconds(60))]
        )
    }

    @Test func `is forgiven after a stable time`() {
        var life = crashed(times: 6)
        _ = life.tick(at: second(1_000))
        _ = life.spawned(pid: 9, at: second(1_000))
        _ = life.ready(pid: 9, at: second(1_000))
        for later in 1...59 { life.progressed(at: second(1_000 + Double(later))) }
        #expect(life.nextDeadline == second(1_060))
        #expect(life.tick(at: second(1_059)) == [])
        #expect(life.tick(at: second(1_060)) == [.recovered])
        #expect(life.tick(at: second(1_060)) == [])
        #expect(!life.isSuspect)
        #expect(life.exited(pid: 9, .code(1), at: second(1_061)) == [.spawn])
    }

    @Test func `starts few processes in a day, and is never given up`() {
        var life = WorkerLife(policy: .init())
        var now = second(0)
        var spawned: Int32 = 0
        var actions = life.wanted(at: now)
        while now < second(86_400) {
            if actions == [.spawn] {
                spawned += 1
                _ = life.spawned(pid: spawned, at: now)
                actions = life.exited(pid: spawned, .signal(6), at: now)
            } else {
                now = life.nextDeadline ?? second(1e9)
                actions = life.tick(at: now)
            }
        }
        #expect((28...36).contains(spawned), "\(spawned) processes in a day")
        #expect(life.isSuspect && (actions == [.spawn] || life.nextDeadline != nil))
    }
}

func second(_ seconds: Double) -> Instant {
    Instant(nanoseconds: Int64(seconds * 1e9))
}

private func asked() -> WorkerLife {
    var life = WorkerLife(policy: .init())
    _ = life.wanted(at: second(0))
    return life
}

private func up(pid: Int32) -> WorkerLife {
    var life = asked()
    _ = life.spawned(pid: pid, at: second(0))
    _ = life.ready(pid: pid, at: second(0))
    return life
}

/// Two crashes are held down, six are quarantined.
private func crashed(times: Int) -> WorkerLife {
    var life = asked()
    for pid in 1...Int32(times) {
        if case .waiting(let until) = life.state { _ = life.tick(at: until) }
        _ = life.spawned(pid: pid, at: second(0))
        _ = life.exited(pid: pid, .code(1), at: second(0))
    }
    return life
}
