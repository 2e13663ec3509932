import Core
import Transport

/// The machine's time, and a little more: it can be moved on, so that a token or a subscription of days expires at once.
@OnLoop package final class SandboxClock {
    private struct Entry {
        var due: Instant
        var alarm: Alarm
    }

    package private(set) var offset = Duration.zero
    /// In the order of their instants; those of one instant in the order they were set.
    private var entries: [Entry] = []
    private var timer: LoopTimer?

    package nonisolated init() {}

    package var now: WallTime { WallTime.now + offset }
    package var instant: Instant { Instant.now + offset }

    /// Moves the time on; all that becomes due by that happens now, one after the other. It never goes back.
    package func advance(by step: Duration) {
        offset += max(step, .zero)
        fire()
    }

    /// Calls `body` once, after `delay` of this clock's time.
    @discardableResult
    package func after(_ delay: Duration, _ body: @escaping @OnLoop () -> Void) -> Alarm {
        let alarm = Alarm(body)
        let due = instant + delay
        let place = entries.lastIndex { $0.due <= due }.map { $0 + 1 } ?? 0
        entries.insert(Entry(due: due, alarm: alarm), at: place)
        if place == 0 { arm() }
        return alarm
    }

    package func sleep(for delay: Duration) async {
        await withCheckedContinuation { waiting in
            after(delay) { waiting.resume() }
        }
    }

    private func fire() {
        while let first = entries.first, first.due <= instant {
            entries.removeFirst()
            first.alarm.ring()
        }
        arm()
    }

    private func arm() {
        timer?.cancel()
        timer = nil
        entries.removeAll { $0.alarm.isCancelled }
        guard let first = entries.first else { return }
        timer = EpollLoop.process.after(max(first.due - instant, .zero)) { [weak self] in self?.fire() }
    }

    /// Something that is to happen, until it is cancelled.
    @OnLoop package final class Alarm {
        private var body: (@OnLoop () -> Void)?

        fileprivate init(_ body: @escaping @OnLoop () -> Void) {
            self.body = body
        }

        var isCancelled: Bool { body == nil }

        package func cancel() {
            body = nil
        }

        fileprivate func ring() {
            let body = body
            self.body = nil
            body?()
        }
    }
}
