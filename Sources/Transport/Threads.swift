import Glibc

/// Starts a thread that nobody joins. `body` is nonisolated on purpose: a closure written in an isolated place and run
/// on a foreign thread ends the process.
///
/// It takes no signals: they belong to the loop's thread, which may begin to wait for them after this one has started.
func runOnThread(named name: String, _ body: @escaping @Sendable () -> Void) {
    final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void
        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, 512 * 1_024)
    var thread = pthread_t()
    let start = Unmanaged.passRetained(Start(name: name, body: body))
    // A thread begins with its starter's mask, so there is no moment in which it could take one.
    var all = sigset_t()
    var usual = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &usual)
    defer { pthread_sigmask(SIG_SETMASK, &usual, nil) }
    let failed = pthread_create(
        &thread,
        &attributes,
        { start in
            guard let start else { return nil }
            Unmanaged<Start>.fromOpaque(start).takeRetainedValue().body()
            return nil
        },
        start.toOpaque()
    )
    precondition(failed == 0, "no thread can be started: error \(failed)")
}
