import Core
import Transport

extension BusinessCentralSimulator {
    /// What one application may ask for at once and in five minutes. Beyond five at a time, requests wait in a queue.
    @OnLoop final class Turnstile {
        enum Verdict: Equatable {
            case admitted
            case windowFull(actual: Int, most: Int)
            case queueFull(actual: Int, most: Int)
            case waitedTooLong
        }

        private struct Waiting {
            var number: Int
            var resume: CheckedContinuation<Bool, Never>
            var alarm: SandboxClock.Alarm
        }

        /// All requests, whatever was answered: what a client is judged by.
        private(set) var arrivals: SlidingCount
        private var admitted: SlidingCount
        private(set) var highestAtOnce = 0
        private(set) var highestQueued = 0

        private let clock: SandboxClock
        private var atOnce = 0
        private var queue: [Waiting] = []
        private var nextNumber = 0
        /// Under way or waiting. With a fast simulator this, and not what is being worked on, shows a client's haste.
        private var present = 0

        nonisolated init(_ clock: SandboxClock, windowSeconds: Int) {
            self.clock = clock
            arrivals = SlidingCount(per: .seconds(windowSeconds))
            admitted = SlidingCount(per: .seconds(windowSeconds))
        }

        /// Call `leave` once for each admitted request.
        func enter(_ settings: Settings) async -> Verdict {
            let now = clock.instant
            arrivals.add(at: now)
            let inWindow = admitted.count(at: now)
            guard inWindow < settings.requestsPerWindow else {
                return .windowFull(actual: inWindow + 1, most: settings.requestsPerWindow)
            }
            let most = settings.parallelRequests + settings.queuedRequests
            guard present < most else { return .queueFull(actual: present + 1, most: most) }
            admitted.add(at: now)
            present += 1
            highestAtOnce = max(highestAtOnce, present)
            if atOnce < settings.parallelRequests {
                atOnce += 1
                return .admitted
            }
            if await waitForTurn(settings) { return .admitted }
            present -= 1
            return .waitedTooLong
        }

        func leave() {
            present -= 1
            guard !queue.isEmpty else {
                atOnce -= 1
                return
            }
            let next = queue.removeFirst()
            next.alarm.cancel()
            next.resume.resume(returning: true)
        }

        private func waitForTurn(_ settings: Settings) async -> Bool {
            nextNumber += 1
            let number = nextNumber
            return await withCheckedContinuation { resume in
                let alarm = clock.after(.seconds(settings.queueSeconds)) { [weak self] in self?.giveUp(number) }
                queue.append(Waiting(number: number, resume: resume, alarm: alarm))
                highestQueued = max(highestQueued, queue.count)
            }
        }

        private func giveUp(_ number: Int) {
            guard let place = queue.firstIndex(where: { $0.number == number }) else { return }
            queue.remove(at: place).resume.resume(returning: false)
        }
    }
}
