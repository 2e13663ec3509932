import Core
import Foundation
import Glibc
import Store
import Synchronization

/// Threads that send uniquely numbered webhooks without pause. Each webhook is sent again, with its id, until it has
/// been acknowledged; only then is it counted.
final class Senders: Sendable {
    struct Record: Sendable {
        /// By connection.
        var acknowledged: [String: [String]] = [:]
        /// Not answered, or answered with something else: by status, 0 when the connection failed.
        var failures: [Int: Int] = [:]
        var milliseconds: [Double] = []
    }

    private let shared = Shared()
    private let threads: [Aside]

    /// `pause` keeps a fast machine from spending its time on senders. With `newConnections` each request has its own.
    init(
        _ count: Int = 4,
        to hooks: [String: Installation.Hook],
        at port: Int,
        pauseMicroseconds: UInt32 = 500,
        newConnections: Bool = false
    ) {
        let run = UUID().uuidString.prefix(8)
        let targets = hooks.sorted { $0.key < $1.key }
        threads = (0..<count).map { [shared] thread in
            Aside {
                let caller = Caller(port)
                var number = 0
                while !shared.isOver.load(ordering: .relaxed) {
                    let target = targets[(number + thread) % targets.count]
                    number += 1
                    if newConnections { caller.hangUp() }
                    shared.send("\(run)-\(thread)-\(number)", to: target.key, target.value, by: caller, newConnections)
                    usleep(pauseMicroseconds)
                }
            }
        }
    }

    deinit { shared.isOver.store(true, ordering: .relaxed) }

    /// The webhooks under way are still acknowledged.
    func stop() -> Record {
        shared.isOver.store(true, ordering: .relaxed)
        for thread in threads { thread.join() }
        return record
    }

    var record: Record { shared.record.withLock { $0 } }
    var acknowledged: Int { shared.record.withLock { $0.acknowledged.values.reduce(0) { $0 + $1.count } } }
}

/// What the threads and their owner both hold.
private final class Shared: Sendable {
    let record = Mutex(Senders.Record())
    let isOver = Atomic(false)

    func send(
        _ id: String,
        to title: String,
        _ hook: Installation.Hook,
        by caller: Caller,
        _ newConnection: Bool
    ) {
        let body = #"{"id":"\#(id)"}"#
        let signature = signatureHeader(of: body)
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(60)
        while clock.now < deadline {
            let began = clock.now
            let status = caller.post(hook.path, body, [signature])?.status ?? 0
            let took = clock.now - began
            if 200..<300 ~= status {
                return record.withLock {
                    $0.acknowledged[title, default: []].append(id)
                    $0.milliseconds.append(took.milliseconds)
                }
            }
            record.withLock { $0.failures[status, default: 0] += 1 }
            if newConnection { caller.hangUp() }
            usleep(2_000)
        }
    }
}

extension Duration {
    var milliseconds: Double { Double(components.seconds) * 1_000 + Double(components.attoseconds) / 1e15 }
}

extension [Double] {
    func quantile(_ part: Double) -> Double {
        isEmpty ? .nan : sorted()[Swift.min(count - 1, Int(Double(count) * part))]
    }

    var summary: String {
        String(
            format: "p50 %.1f, p99 %.1f, max %.1f ms of %d",
            quantile(0.5),
            quantile(0.99),
            self.max() ?? .nan,
            count
        )
    }
}

/// Figures go to the test's output, and to the file that `ML_FIGURES` names.
func report(_ line: String) {
    print("figure: " + line)
    guard let path = ProcessInfo.processInfo.environment["ML_FIGURES"] else { return }
    if let file = fopen(path, "a") {
        fputs(line + "\n", file)
        fclose(file)
    }
}
