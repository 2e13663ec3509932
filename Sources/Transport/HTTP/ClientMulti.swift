import CCurl
import Core
import Glibc

/// libcurl's multi handle on the process's loop: it says which sockets and which instant it waits for, and is told when
/// they come.
@OnLoop final class CurlMulti {
    private let handle: UnsafeMutableRawPointer
    private var sockets: [Int32: (watch: Watch, interest: Interest)] = [:]
    private lazy var alarm = Alarm { [weak self] in self?.act(CURL_SOCKET_BAD, 0) }
    private var depth = 0
    private var isOpen = true
    /// Called for each transfer that has come to its end.
    var finished: @OnLoop (_ easy: UnsafeMutableRawPointer, CURLcode) -> Void = { _, _ in }

    /// Whether one of libcurl's callbacks is running, from which it may not be called.
    var isInside: Bool { depth > 0 }

    init(keptConnections: Int) {
        precondition(initialised == CURLE_OK, "libcurl cannot be initialised: \(initialised)")
        guard let handle = curl_multi_init() else { preconditionFailure("libcurl has no memory left") }
        self.handle = handle
        ml_curl_multi_set_callbacks(handle, wantsSocket, wantsTimer, Unmanaged.passUnretained(self).toOpaque())
        ml_curl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, keptConnections)
    }

    /// Closes all connections. Every transfer has been removed before.
    func close() {
        guard isOpen else { return }
        isOpen = false
        inside { _ = curl_multi_cleanup(handle) }
        alarm.want(nil)
        for socket in sockets.values { socket.watch.cancel() }
        sockets = [:]
    }

    func add(_ easy: CurlEasy) {
        // What its connections call as long as they live, which is longer than this transfer.
        ml_curl_set_close_socket(easy.handle, closeSocket)
        ml_curl_set_pointer(easy.handle, CURLOPT_CLOSESOCKETDATA, Unmanaged.passUnretained(self).toOpaque())
        inside { _ = curl_multi_add_handle(handle, easy.handle) }
        // At once, instead of with the timer of no delay that it has just asked for.
        act(CURL_SOCKET_BAD, 0)
    }

    func remove(_ easy: CurlEasy) {
        inside { _ = curl_multi_remove_handle(handle, easy.handle) }
        alarm.arm()
    }

    func resume(_ easy: CurlEasy) -> CURLcode {
        var code = CURLE_OK
        inside { code = curl_easy_pause(easy.handle, CURLPAUSE_CONT) }
        act(CURL_SOCKET_BAD, 0)
        return code
    }

    private func act(_ socket: Int32, _ events: Int32) {
        var running: Int32 = 0
        inside { _ = curl_multi_socket_action(handle, socket, events, &running) }
        var left: Int32 = 0
        while let message = curl_multi_info_read(handle, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            finished(easy, message.pointee.data.result)
        }
        alarm.arm()
    }

    private func inside(_ body: () -> Void) {
        depth += 1
        body()
        depth -= 1
    }

    // MARK: What libcurl asks for

    fileprivate func watch(_ socket: Int32, for what: Int32) {
        let interest: Interest =
            switch what {
            case CURL_POLL_IN: .reading
            case CURL_POLL_OUT: .writing
            case CURL_POLL_INOUT: [.reading, .writing]
            default: []
            }
        // A broken socket is ready whatever one waits for: left in the loop without an interest, it would keep it busy.
        guard !interest.isEmpty else { return forget(socket) }
        if let known = sockets[socket] {
            if known.interest != interest { known.watch.change(to: interest) }
            sockets[socket]?.interest = interest
        } else {
            let watch = EpollLoop.process.watch(socket, for: interest) { [weak self] readiness in
                self?.act(
                    socket,
                    (readiness.canRead ? CURL_CSELECT_IN : 0) | (readiness.canWrite ? CURL_CSELECT_OUT : 0)
                )
            }
            sockets[socket] = (watch, interest)
        }
    }

    fileprivate func forget(_ socket: Int32) {
        sockets.removeValue(forKey: socket)?.watch.cancel()
    }

    fileprivate func wake(afterMilliseconds delay: Int) {
        alarm.want(delay < 0 ? nil : Instant.now + .milliseconds(delay))
    }
}

private let initialised = ml_curl_global_init()

extension HTTPClient {
    /// Loads what all clients share: once, in a process that is to be forked.
    package nonisolated static func prepareLibrary() {
        _ = initialised
    }
}

private func multi(_ context: UnsafeMutableRawPointer?) -> CurlMulti? {
    context.map { Unmanaged<CurlMulti>.fromOpaque($0).takeUnretainedValue() }
}

private func wantsSocket(
    easy: UnsafeMutableRawPointer?,
    socket: curl_socket_t,
    what: Int32,
    context: UnsafeMutableRawPointer?,
    ours: UnsafeMutableRawPointer?
) -> Int32 {
    let multi = multi(context)
    OnLoop.assumeIsolated { multi?.watch(socket, for: what) }
    return 0
}

private func wantsTimer(
    handle: UnsafeMutableRawPointer?,
    milliseconds: Int,
    context: UnsafeMutableRawPointer?
) -> Int32 {
    let multi = multi(context)
    OnLoop.assumeIsolated { multi?.wake(afterMilliseconds: milliseconds) }
    return 0
}

/// No number of a closed socket may stay in the loop's table, where the next socket of that number would meet it.
private func closeSocket(context: UnsafeMutableRawPointer?, socket: curl_socket_t) -> Int32 {
    let multi = multi(context)
    OnLoop.assumeIsolated { multi?.forget(socket) }
    return close(socket)
}
