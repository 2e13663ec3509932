import CPosix
import Core
import Glibc

/// The signals of a process as events on its loop.
///
/// They are blocked and read from a descriptor, so no handler ever interrupts anything. Made before the first thread
/// starts: threads inherit what is blocked.
@OnLoop package final class Signals {
    private let descriptor: Int32
    private var watch: Watch?

    package init(_ signals: [Int32], handler: @escaping @OnLoop (Int32) -> Void) {
        // A peer that hangs up is an error of the write that met it, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        descriptor = ml_signalfd(signals, Int32(signals.count))
        precondition(descriptor >= 0, "the kernel gives no signal descriptor: errno \(errno)")
        let descriptor = descriptor
        watch = EpollLoop.process.watch(descriptor, for: .reading) { _ in
            while case let number = ml_read_signal(descriptor), number > 0 { handler(number) }
        }
    }
}
