import Glibc
import Testing

@testable import Transport

/// A signal goes to any thread that does not block it. One that came to a thread of ours would end the process, although
/// the loop's thread waits for it on a descriptor.
@Suite struct `a thread of ours` {
    @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGUSR2])
    func `takes no signal from the loop`(signal: Int32) async {
        let blocked = await withCheckedContinuation { answer in
            withUnblocked(signal) {
                runOnThread(named: "signals") { answer.resume(returning: blocks(signal)) }
                #expect(!blocks(signal), "its starter still takes them")
            }
        }
        #expect(blocked)
    }
}

/// As on the thread a process begins with; those of the test runner take no signals.
private func withUnblocked(_ signal: Int32, _ body: () -> Void) {
    var taken = sigset_t()
    var usual = sigset_t()
    sigemptyset(&taken)
    sigaddset(&taken, signal)
    pthread_sigmask(SIG_UNBLOCK, &taken, &usual)
    body()
    pthread_sigmask(SIG_SETMASK, &usual, nil)
}

private func blocks(_ signal: Int32) -> Bool {
    var mask = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &mask)
    return sigismember(&mask, signal) == 1
}
