import Core
import Store
import Transport

/// Hands the events of one connection to its flow, in the order they came, one at a time.
@OnLoop package final class FlowRunner {
    private nonisolated static let batch = 64
    /// Settling is a commit: of several batches of quick events together, and after this long of slow ones.
    private nonisolated static let settlesAtMost = 1_024
    private nonisolated static let settlesAfter = Duration.milliseconds(100)

    private let flow: any Flow
    private let context: FlowContext
    private var task: Task<Void, Never>?
    private var woken = false
    private var draining = false
    /// Called when some events have been dealt with for good.
    package var onSettled: (@OnLoop () async -> Void)?

    package init(flow: any Flow, context: FlowContext) {
        self.flow = flow
        self.context = context
    }

    /// There may be something new to do.
    package func wake() {
        woken = true
        guard task == nil, !draining else { return }
        task = EpollLoop.process.task { [self] in
            await run()
            task = nil
        }
    }

    /// Finishes the event in hand and takes no other.
    package func drain() async {
        draining = true
        await task?.value
    }

    private func run() async {
        while woken, !draining {
            woken = false
            do {
                while !draining, try await takeBatches() {}
            } catch {
                context.log.error("\(error)")
                // The store or the flow is in trouble; what waits is safe and is tried again.
                try? await EpollLoop.process.sleep(for: .seconds(1))
                woken = true
            }
        }
    }

    /// False when nothing waited.
    private func takeBatches() async throws -> Bool {
        var settled: [Int64] = []
        var marks: [Mark] = []
        var trouble: (any Error)?
        do {
            try await take(into: &settled, &marks)
        } catch {
            trouble = error
        }
        if !settled.isEmpty { try await settle(settled, marks) }
        if let trouble { throw trouble }
        return !settled.isEmpty
    }

    private func take(into settled: inout [Int64], _ marks: inout [Mark]) async throws {
        let began = Instant.now
        while settled.count < Self.settlesAtMost, Instant.now - began < Self.settlesAfter {
            let events = try await context.store.waiting(
                for: context.connection,
                after: settled.last ?? 0,
                limit: Self.batch
            )
            for event in events {
                guard !draining else { return }
                marks += try await flow.take(event, in: context)
                settled.append(event.id)
            }
            if events.count < Self.batch { return }
        }
    }

    private func settle(_ settled: [Int64], _ marks: [Mark]) async throws {
        let now = Int64(WallTime.now.millisecondsSince1970)
        _ = try await context.store.settle(settled, marking: marks, for: context.connection, atMilliseconds: now)
        if !marks.isEmpty { flow.wake() }
        await onSettled?()
    }
}
