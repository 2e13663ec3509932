import Core

/// A deadline that is moved far more often than it is reached.
///
/// The loop's timers cannot be taken out before they are due, and a client moves its deadlines several times per request:
/// so one set for later stays where it is and, when it fires, finds that it is not needed yet.
@OnLoop final class Alarm {
    private var wanted: Instant?
    // Timers that are still in the loop, the soonest last. Each new one is sooner than all before it, so they stay few.
    private var pending: [Instant] = []
    private let ring: @OnLoop () -> Void

    init(ring: @escaping @OnLoop () -> Void) {
        self.ring = ring
    }

    /// Replaces what was wanted before. Takes effect with `arm()`.
    func want(_ due: Instant?) {
        wanted = due
    }

    /// Keeps what was wanted before where that is sooner.
    func wantAtLatest(_ due: Instant) {
        wanted = wanted.map { min($0, due) } ?? due
        arm()
    }

    func arm() {
        guard let wanted else { return }
        if let soonest = pending.last, soonest <= wanted { return }
        pending.append(wanted)
        EpollLoop.process.after(wanted - .now) { [weak self] in self?.fired() }
    }

    private func fired() {
        pending.removeLast()
        guard let due = wanted, due <= .now else { return arm() }
        wanted = nil
        ring()
    }
}
