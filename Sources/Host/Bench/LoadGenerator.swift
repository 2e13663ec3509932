import CPosix
import Core
import Glibc
import Transport

/// Asks a server as fast as it answers: so many connections kept alive, one request in flight on each.
///
/// One thread with a loop of its own, so that it costs the machine, which it shares with the server, as little as it
/// can. Nothing in it allocates while the clock runs.
actor LoadGenerator {
    struct Plan: Sendable {
        var host: String
        var port: Int
        var connections: Int
        var seconds: Double
        /// Not counted: connections are made, memory is touched, the server finds its batch size.
        var warmUpSeconds = 0.5
        /// Between an answer and the next request.
        var pause = Duration.zero
    }

    private let thread = BlockingThread(named: "load")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private static let answerRoom = 4_096
    /// After the end, answers to what was sent are awaited for this long.
    private static let patience = Duration.seconds(10)

    /// One connection.
    private struct Lane {
        var descriptor: Int32 = -1
        var request: UnsafeMutablePointer<UInt8>
        var answer: UnsafeMutablePointer<UInt8>
        var received = 0
        /// The request in flight; -1 for none.
        var index = -1
        var sentAt = Instant(nanoseconds: 0)
    }

    private let plan: Plan
    private let requests: LoadRequests
    private var figures = LoadFigures()
    private var lanes: UnsafeMutableBufferPointer<Lane>
    private let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    private var statuses = [Int](repeating: 0, count: 1_000)
    /// Of each request: 0 not sent, 1 sent, 2 acknowledged.
    private var fates: [UInt8]
    private var nextRequest = 0
    private var inFlight = 0
    private var countsFrom = Instant(nanoseconds: 0)
    private var end = Instant(nanoseconds: 0)

    init(_ plan: Plan, _ requests: LoadRequests) {
        self.plan = plan
        self.requests = requests
        fates = [UInt8](repeating: 0, count: requests.count)
        lanes = .allocate(capacity: plan.connections)
        for index in lanes.indices {
            let request = UnsafeMutablePointer<UInt8>.allocate(capacity: requests.template.count)
            request.update(from: requests.template, count: requests.template.count)
            let lane = Lane(request: request, answer: .allocate(capacity: Self.answerRoom))
            lanes.initializeElement(at: index, to: lane)
        }
        figures.latencies = Latencies(reserving: requests.count)
    }

    /// Once: what it needed is given back with the result.
    func run() throws -> LoadFigures {
        defer { giveBack() }
        for index in lanes.indices { try connect(index) }
        let began = Instant.now
        countsFrom = began + .seconds(plan.warmUpSeconds)
        end = countsFrom + .seconds(plan.seconds)
        for index in lanes.indices { try sendNext(index, at: .now) }
        try withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 256) { events in
            while inFlight > 0, Instant.now < end + Self.patience {
                let count = Int(epoll_wait(epoll, events.baseAddress, Int32(events.count), 100))
                for place in 0..<max(count, 0) { try receive(Int(events[place].data.u64)) }
            }
        }
        finish()
        return figures
    }

    private func giveBack() {
        for lane in lanes {
            if lane.descriptor >= 0 { close(lane.descriptor) }
            lane.request.deallocate()
            lane.answer.deallocate()
        }
        lanes.deallocate()
        close(epoll)
    }

    private func finish() {
        for (status, count) in statuses.enumerated() where count > 0 { figures.statuses[status] = count }
        figures.statuses[0, default: 0] += inFlight
        var acknowledged = Set<Int>()
        var unanswered = Set<Int>()
        for index in 0..<nextRequest {
            let original = requests.original(of: index)
            if fates[index] == 2 { acknowledged.insert(original) }
            if fates[index] == 1 { unanswered.insert(original) }
        }
        figures.acknowledged = acknowledged.count
        figures.unanswered = unanswered.subtracting(acknowledged).count
        figures.latencies.sort()
    }

    // MARK: Connections

    private func connect(_ index: Int) throws {
        var why: UnsafePointer<CChar>?
        let descriptor = ml_tcp_connect(plan.host, "\(plan.port)", &why)
        guard descriptor >= 0 else {
            throw BenchFailure("\(plan.host):\(plan.port) takes no connection: \(String(cString: strerror(errno)))")
        }
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        var problem: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard poll(&ready, 1, 5_000) == 1, getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size) == 0,
            problem == 0
        else {
            close(descriptor)
            throw BenchFailure("nobody listens at \(plan.host):\(plan.port)")
        }
        lanes[index].descriptor = descriptor
        lanes[index].received = 0
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = UInt64(index)
        epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
    }

    private func reconnect(_ index: Int) throws {
        close(lanes[index].descriptor)
        lanes[index].descriptor = -1
        figures.reconnects += 1
        try connect(index)
    }

    // MARK: Requests

    private func sendNext(_ index: Int, at now: Instant) throws {
        guard now < end, nextRequest < requests.count else {
            // A run that has used up its requests ends here.
            if now < end { end = now }
            return
        }
        if plan.pause > .zero { usleep(UInt32(plan.pause.nanoseconds / 1_000)) }
        let request = nextRequest
        nextRequest += 1
        requests.write(request, to: lanes[index].request)
        lanes[index].index = request
        lanes[index].sentAt = .now
        fates[request] = 1
        inFlight += 1
        var sent = 0
        let size = requests.template.count
        while sent < size {
            let count = send(
                lanes[index].descriptor,
                lanes[index].request + sent,
                size - sent,
                Int32(MSG_NOSIGNAL)
            )
            if count < 0, errno == EAGAIN {
                var ready = pollfd(fd: lanes[index].descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, 1_000)
                continue
            }
            // A connection that the server has ended: `receive` finds out.
            guard count > 0 else { return }
            sent += count
        }
    }

    private func receive(_ index: Int) throws {
        let lane = lanes[index]
        let count = recv(lane.descriptor, lane.answer + lane.received, Self.answerRoom - lane.received, 0)
        if count < 0, errno == EAGAIN { return }
        guard count > 0 else { return try ended(index) }
        lanes[index].received += count
        guard let answer = Answer(UnsafeRawBufferPointer(start: lane.answer, count: lane.received + count)) else {
            guard lane.received + count < Self.answerRoom else {
                throw BenchFailure("an answer is larger than \(Self.answerRoom) bytes")
            }
            return
        }
        lanes[index].received = 0
        let now = Instant.now
        note(answer.status, of: index, at: now)
        if answer.closes { try reconnect(index) }
        try sendNext(index, at: now)
    }

    private func note(_ status: Int, of index: Int, at now: Instant) {
        let lane = lanes[index]
        guard lane.index >= 0 else { return }
        lanes[index].index = -1
        inFlight -= 1
        statuses[status] += 1
        if 200..<300 ~= status { fates[lane.index] = 2 }
        guard now >= countsFrom, now <= end else { return }
        figures.counted += 1
        figures.seconds = (now - countsFrom).inSeconds
        figures.latencies.add(nanoseconds: (now - lane.sentAt).nanoseconds)
    }

    private func ended(_ index: Int) throws {
        let now = Instant.now
        if lanes[index].index >= 0 {
            lanes[index].index = -1
            inFlight -= 1
            statuses[0] += 1
        }
        try reconnect(index)
        try sendNext(index, at: now)
    }

    /// The little of an answer that matters here. Nil until all of it is there.
    private struct Answer {
        var status: Int
        var closes: Bool

        init?(_ bytes: UnsafeRawBufferPointer) {
            guard bytes.count > 16 else { return nil }
            status = 0
            for place in 9..<12 { status = status * 10 + Int(bytes[place] & 15) }
            closes = false
            var bodyBytes = 0
            var lineStart = 0
            for place in 0..<bytes.count - 1 where bytes[place] == 13 && bytes[place + 1] == 10 {
                if place == lineStart {
                    guard bytes.count >= place + 2 + bodyBytes else { return nil }
                    return
                }
                let line = UnsafeRawBufferPointer(rebasing: bytes[lineStart..<place])
                if let value = Self.value("content-length:", in: line) {
                    for digit in value where digit != 32 { bodyBytes = bodyBytes * 10 + Int(digit & 15) }
                } else if let value = Self.value("connection:", in: line) {
                    // "close", and not "keep-alive".
                    closes = value.last == UInt8(ascii: "e") && !value.contains(UInt8(ascii: "-"))
                }
                lineStart = place + 2
            }
            return nil
        }

        private static func value(_ name: StaticString, in line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
            let size = name.utf8CodeUnitCount
            guard line.count > size, line[size - 1] == UInt8(ascii: ":") else { return nil }
            for place in 0..<size where line[place] | 0x20 != name.utf8Start[place] | 0x20 { return nil }
            return UnsafeRawBufferPointer(rebasing: line[size...])
        }
    }
}
