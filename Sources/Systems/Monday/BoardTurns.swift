import Core
import Transport

/// One change at a time on each board: two at once may spoil its data, or are refused with 423.
///
/// Nobody holds a turn while waiting for the account's limits, or a change that nobody waits for would hold up one that
/// somebody does. So a turn is waited for, then the gate, and the turn is taken only then; who finds it taken again goes
/// back and waits.
@OnLoop final class BoardTurns {
    private struct Waiter {
        var number: Int
        var boards: Set<String>
        var lane: Lane
        var continuation: CheckedContinuation<Bool, Never>
    }

    private var busy: Set<String> = []
    private var waiters: [Waiter] = []
    private var lastNumber = 0

    /// Returns when the boards were free a moment ago. Throws when cancelled.
    func untilFree(_ boards: Set<String>, _ lane: Lane) async throws(CancellationError) {
        guard !busy.isDisjoint(with: boards) else { return }
        lastNumber += 1
        let number = lastNumber
        let woken = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else { return continuation.resume(returning: false) }
                waiters.append(Waiter(number: number, boards: boards, lane: lane, continuation: continuation))
            }
        } onCancel: {
            EpollLoop.process.task { self.cancel(number) }
        }
        guard woken else { throw CancellationError() }
    }

    func take(_ boards: Set<String>) -> Bool {
        guard busy.isDisjoint(with: boards) else { return false }
        busy.formUnion(boards)
        return true
    }

    func leave(_ boards: Set<String>) {
        busy.subtract(boards)
        wake()
    }

    /// Also for who was woken and does not come: those behind must not wait for it.
    func wake() {
        var claimed = busy
        let first = waiters.sorted { ($0.lane, $0.number) < ($1.lane, $1.number) }
        for waiter in first where claimed.isDisjoint(with: waiter.boards) {
            claimed.formUnion(waiter.boards)
            waiters.removeAll { $0.number == waiter.number }
            waiter.continuation.resume(returning: true)
        }
    }

    private func cancel(_ number: Int) {
        guard let place = waiters.firstIndex(where: { $0.number == number }) else { return }
        waiters.remove(at: place).continuation.resume(returning: false)
    }
}
