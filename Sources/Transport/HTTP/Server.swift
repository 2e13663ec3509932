import CMicrohttpd
import CPosix
import Core
import Glibc

/// Answers HTTP/1.1 on a listening socket that somebody else holds, inside the process's loop and without a thread.
///
/// libmicrohttpd parses and writes; its epoll descriptor is one more descriptor of ours. What a request may be is decided
/// by its head (`Router`, `Limits`), and the handler gets it when it is whole. A handler answers at once or keeps the
/// `HTTPExchange` for later. The server lives from `init` until `stop()` or the end of `drain(within:)`, whoever holds it.
@OnLoop package final class HTTPServer {
    package let limits: Limits
    package internal(set) var counters = Counters()
    /// Memory that bodies take at the moment.
    var bodyBytes = 0
    package private(set) var isDraining = false
    let router: Router
    let hasTLS: Bool
    /// When the present turn of the loop began: good enough for deadlines, and one look at the clock for all.
    private(set) var turn = Instant.now

    private var daemon: OpaquePointer?
    private var words: UnsafeMutablePointer<ml_mhd_words>
    private var watch: Watch?
    private var isRunning = false
    private var willRun = false
    private var sweeper: LoopTimer?
    private var connections: [Connection] = []
    private var connectionsByAddress: [PeerAddress: Int] = [:]
    private var lingering: [Int32: Lingering] = [:]
    private var hasDrained = false
    private var drained: CheckedContinuation<Void, Never>?

    /// `listener` stays the caller's: other processes may listen on it too, and it is neither closed nor shut down here.
    package init(listener: Int32, router: Router, limits: Limits = Limits(), tls: TLS? = nil) throws(StartFailure) {
        self.limits = limits
        self.router = router
        hasTLS = tls != nil
        words = .allocate(capacity: 1)
        words.initialize(to: ml_mhd_words())
        // Of several listeners, all wake and one accepts; the others must not wait in `accept`.
        ml_set_nonblocking(listener)
        daemon = start(listener, tls)
        guard let daemon else {
            defer { words.deallocate() }
            let hint = hasTLS ? " Are certificate chain and key in PEM, and do they belong together?" : ""
            throw StartFailure(description: "the HTTP server does not start: \(spoken(words))\(hint)")
        }
        // Balanced in `stop()`: the library holds a pointer to us.
        _ = Unmanaged.passRetained(self)
        watch = EpollLoop.process.watch(ml_mhd_epoll(daemon), for: .reading) { [unowned self] _ in run() }
        runSoon()
    }

    private func start(_ listener: Int32, _ tls: TLS?) -> OpaquePointer? {
        var setup = ml_mhd_setup()
        setup.listener = listener
        // Ours is the lower one: at its own limit the library would stop to listen instead of refusing.
        setup.connections = UInt32(clamping: limits.connections + 64)
        setup.connection_memory = limits.connectionMemory
        setup.words = words
        setup.context = Unmanaged.passUnretained(self).toOpaque()
        setup.admit = { context, address, _ in
            inServer(context) { $0.admits(PeerAddress(address)) } ? .YES : .NO
        }
        setup.connection = { context, mhd, place, event in
            guard let mhd, let place else { return }
            switch event {
            case .CONNECTION_NOTIFY_STARTED: place.pointee = inServer(context) { $0.opened(mhd) }
            case .CONNECTION_NOTIFY_CLOSED:
                if let connection = place.pointee { inServer(context) { $0.closed(connection) } }
            @unknown default: break
            }
        }
        setup.target = { _, target, mhd in
            guard let target, let mhd, let connection = ml_mhd_context(mhd) else { return nil }
            inConnection(connection) { $0.begins(target: target) }
            return connection
        }
        setup.request = { _, _, path, method, version, bytes, count, context in
            guard let path, let method, let version, let count, let connection = context?.pointee else { return .NO }
            return inConnection(connection) { connection in
                if connection.phase == .head {
                    return connection.receivedHead(method: method, path: path, version: version)
                }
                if count.pointee == 0 { return connection.receivedAll() }
                defer { count.pointee = 0 }
                return connection.received(UnsafeRawBufferPointer(start: bytes, count: count.pointee))
            }
        }
        setup.completed = { _, _, context, reason in
            guard let connection = context?.pointee else { return }
            inConnection(connection) { $0.completed(reason) }
        }
        guard let tls else { return ml_mhd_start(&setup) }
        return withCText(tls.certificateChain) { certificate in
            tls.key.withBytes { key in
                withCText(key) { key in
                    TLS.priorities.withCString { priorities in
                        setup.certificate = certificate
                        setup.key = key
                        setup.priorities = priorities
                        return ml_mhd_start(&setup)
                    }
                }
            }
        }
    }

    // MARK: Turns

    private func run() {
        guard let daemon else { return }
        turn = .now
        isRunning = true
        // A request that was answered later takes two rounds: one to take the answer up, one to write it.
        var rounds = 0
        repeat {
            MHD_run(daemon)
            rounds += 1
        } while ml_mhd_pending(daemon) != 0 && rounds < 4
        isRunning = false
        if ml_mhd_pending(daemon) != 0 { runSoon() }
        if connections.isEmpty { finishDrain() }
    }

    /// Once for any number of answers given in this turn.
    func runSoon() {
        guard !willRun else { return }
        willRun = true
        EpollLoop.process.after(.zero) { [self] in
            willRun = false
            run()
        }
    }

    /// Deadlines are looked at in one pass over all connections: there are thousands at most, and a request then costs
    /// no timer of its own.
    private func sweep() {
        turn = .now
        for connection in connections where connection.due <= turn { connection.overdue() }
        if isDraining { closeIdleConnections() }
        runSoon()
        startSweeping()
    }

    private func startSweeping() {
        sweeper?.cancel()
        sweeper = nil
        guard !connections.isEmpty else { return }
        let period = isDraining ? .milliseconds(10) : limits.sweepPeriod
        sweeper = EpollLoop.process.after(period) { [weak self] in self?.sweep() }
    }

    // MARK: Connections

    private func admits(_ peer: PeerAddress) -> Bool {
        guard connections.count < limits.connections else {
            counters[.tooManyConnections] += 1
            return false
        }
        guard let place = peer.neighbourhood,
            connectionsByAddress[place, default: 0] >= limits.connectionsPerAddress
        else { return true }
        counters[.tooManyFromAddress] += 1
        return false
    }

    private func opened(_ mhd: OpaquePointer) -> UnsafeMutableRawPointer {
        let connection = Connection(mhd, of: self)
        connection.index = connections.count
        connections.append(connection)
        if let place = connection.peer.neighbourhood { connectionsByAddress[place, default: 0] += 1 }
        counters.accepted += 1
        counters.openNow += 1
        if sweeper == nil { startSweeping() }
        return Unmanaged.passRetained(connection).toOpaque()
    }

    private func closed(_ context: UnsafeMutableRawPointer) {
        let connection = Unmanaged<Connection>.fromOpaque(context).takeRetainedValue()
        connection.closed()
        let last = connections.removeLast()
        if last !== connection {
            last.index = connection.index
            connections[connection.index] = last
        }
        if let place = connection.peer.neighbourhood, let count = connectionsByAddress[place] {
            connectionsByAddress[place] = count > 1 ? count - 1 : nil
        }
        counters.openNow -= 1
    }

    /// Keeps a refused client's connection for a moment and throws away what it sends. Closed at once, the kernel would
    /// answer the rest of the body with a reset, and the client might never read why it was refused.
    func linger(_ descriptor: Int32) {
        guard lingering.count < Lingering.most, daemon != nil, !isDraining else { return }
        guard let linger = Lingering(descriptor, ended: { [weak self] copy in self?.lingering[copy] = nil }) else {
            return
        }
        lingering[linger.descriptor] = linger
    }

    // MARK: The end

    /// Takes no new connection, lets requests in hand finish, and closes. What is left after `longest` is cut; the answer
    /// is how many connections that were. Another process that listens on the same socket goes on undisturbed.
    package func drain(within longest: Duration) async -> Int {
        guard let daemon, !isDraining else { return 0 }
        isDraining = true
        MHD_quiesce_daemon(daemon)
        // What has arrived by now is read first, and so answered.
        run()
        sweep()
        if !connections.isEmpty {
            let deadline = EpollLoop.process.after(longest) { [weak self] in self?.resumeDrain() }
            await withCheckedContinuation { waiting in
                // Time has passed since the timer was set, when another task had the loop in between.
                if hasDrained { waiting.resume() } else { drained = waiting }
            }
            deadline.cancel()
        }
        let left = connections.count
        stop()
        return left
    }

    private func closeIdleConnections() {
        // A new client may not have had the time to ask.
        let youngest = turn + .seconds(-1)
        for connection in connections { connection.closeIfIdle(youngest: youngest) }
    }

    private func finishDrain() {
        if isDraining { resumeDrain() }
    }

    private func resumeDrain() {
        hasDrained = true
        drained?.resume()
        drained = nil
    }

    /// Ends everything at once. The listening socket stays open.
    package func stop() {
        guard !isRunning else {
            EpollLoop.process.after(.zero) { self.stop() }
            return
        }
        guard let daemon else { return }
        isDraining = true
        for linger in lingering.values { linger.end() }
        sweeper?.cancel()
        watch?.cancel()
        for connection in connections { connection.cut() }
        // A daemon that still listens closes its socket when it stops.
        MHD_quiesce_daemon(daemon)
        isRunning = true
        MHD_stop_daemon(daemon)
        isRunning = false
        self.daemon = nil
        words.deallocate()
        resumeDrain()
        Unmanaged.passUnretained(self).release()
    }
}

private func spoken(_ words: UnsafePointer<ml_mhd_words>) -> String {
    withUnsafeBytes(of: words.pointee.text) { text in
        String(decoding: text.prefix { $0 != 0 && $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}

/// Bytes with a NUL behind them, wiped afterwards.
private func withCText<Result>(_ bytes: some Collection<UInt8>, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    let count = bytes.count + 1
    let text = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    text.copyBytes(from: bytes)
    text[count - 1] = 0
    defer {
        ml_wipe(text.baseAddress, count)
        text.deallocate()
    }
    return body(text.baseAddress?.assumingMemoryBound(to: CChar.self))
}

// The library calls back on the loop's thread, inside `MHD_run` and `MHD_stop_daemon`.

private func inServer<Result>(_ context: UnsafeMutableRawPointer?, _ body: @OnLoop (HTTPServer) -> Result) -> Result {
    guard let context else { preconditionFailure("libmicrohttpd has lost its context") }
    let server = Unmanaged<HTTPServer>.fromOpaque(context)
    return OnLoop.assumeIsolated { body(server.takeUnretainedValue()) }
}

private func inConnection<Result>(
    _ context: UnsafeMutableRawPointer,
    _ body: @OnLoop (HTTPServer.Connection) -> Result
) -> Result {
    let connection = Unmanaged<HTTPServer.Connection>.fromOpaque(context)
    return OnLoop.assumeIsolated { body(connection.takeUnretainedValue()) }
}
