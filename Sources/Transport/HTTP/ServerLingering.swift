import CMicrohttpd
import Glibc

/// The rest of a refused request, read and thrown away until the client is done, has sent too much or takes too long.
@OnLoop final class Lingering {
    /// At once, for one server. Beyond that, clients are closed without this courtesy.
    static let most = 64
    private static let longest = Duration.seconds(2)
    private static let mostBytes = 16 << 20

    /// A copy: the library closes its own.
    nonisolated let descriptor: Int32
    private let ended: @OnLoop (Int32) -> Void
    private var watch: Watch?
    private var timer: LoopTimer?
    private var bytesLeft = Lingering.mostBytes

    init?(_ original: Int32, ended: @escaping @OnLoop (Int32) -> Void) {
        let copy = fcntl(original, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { return nil }
        descriptor = copy
        self.ended = ended
        shutdown(copy, Int32(SHUT_WR))
        watch = EpollLoop.process.watch(copy, for: .reading) { [unowned self] _ in read() }
        timer = EpollLoop.process.after(Lingering.longest) { [weak self] in self?.end() }
    }

    private func read() {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { scratch in
            let count = ml_socket_read(descriptor, scratch.baseAddress, scratch.count)
            bytesLeft -= max(count, 0)
            let isWaiting = count < 0 && (errno == EAGAIN || errno == EINTR)
            if !isWaiting, count <= 0 || bytesLeft <= 0 { end() }
        }
    }

    func end() {
        guard watch != nil else { return }
        watch?.cancel()
        watch = nil
        timer?.cancel()
        close(descriptor)
        ended(descriptor)
    }
}
