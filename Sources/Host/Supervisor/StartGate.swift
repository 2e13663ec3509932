import Core
import Transport

/// Lets a bounded number of processes start at once. A thousand that start together would all be slow, and each would be
/// taken for one that never gets ready.
///
/// A place is kept until the process is ready or gone, and for a second at most: who takes longer hinders nobody else.
@OnLoop final class StartGate {
    @OnLoop final class Place {
        private var leave: (@OnLoop () -> Void)?

        fileprivate init(leave: @escaping @OnLoop () -> Void) {
            self.leave = leave
        }

        func give() {
            leave?()
            leave = nil
        }
    }

    private let longest: Duration
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var first = 0

    init(places: Int, longest: Duration = .seconds(1)) {
        free = places
        self.longest = longest
    }

    /// In the order of asking.
    func enter() async -> Place {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
        let place = Place { [self] in next() }
        EpollLoop.process.after(longest) { place.give() }
        return place
    }

    private func next() {
        guard first < waiting.count else {
            free += 1
            return
        }
        // The place goes from hand to hand, so nobody can slip in between.
        waiting[first].resume()
        first += 1
        guard first == waiting.count else { return }
        waiting = []
        first = 0
    }
}
