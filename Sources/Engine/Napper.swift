import Core
import Transport

/// Sleeps until a time or until somebody calls, whichever comes first. A call that comes while awake is not lost.
@OnLoop package final class Napper {
    private var nap: Task<Void, Never>?
    private var wasCalled = false

    package init() {}

    package func wake() {
        wasCalled = true
        nap?.cancel()
    }

    /// For ever, with nil.
    package func sleep(for wait: Duration?) async {
        if !wasCalled {
            let nap = EpollLoop.process.task { () async -> Void in
                try? await EpollLoop.process.sleep(for: wait ?? .seconds(86_400))
            }
            self.nap = nap
            await nap.value
            self.nap = nil
        }
        wasCalled = false
    }
}
