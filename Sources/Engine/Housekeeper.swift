import Core
import Store
import Transport

/// Keeps a tenant's store from growing for ever: forgets what is older than its retention and gives room back to the
/// disk, in small steps between which everybody else comes first. Of a tenant's workers one does it at a time.
@OnLoop package final class Housekeeper {
    package struct Pace: Sendable {
        /// A start has enough to do; and where a thousand workers start at once, they shall not meet here again.
        package var firstWait = Duration.seconds(60)
        package var spread = Duration.seconds(600)
        /// In one step, which is a transaction of a few milliseconds.
        package var keys = 200
        package var links = 200
        package var lines = 200
        /// The pause after a step, in its own lengths: a store that is busy answers late, and is left alone for longer.
        package var rest = 4

        package init() {}
    }

    /// Who has the turn, and how long each connection wants things kept.
    package nonisolated static let turn = "housekeeping"
    package nonisolated static let wish = "retention."

    private enum Chore: CaseIterable {
        case eventKeys, archivedLinks, audit, accounts, room
    }

    private let retention: Retention
    private let context: FlowContext
    private let pace: Pace
    private let napper = Napper()
    private var chance = Chance()
    private var task: Task<Void, Never>?
    private var isDraining = false
    private var trouble = ""
    private var fault: AuditChain.Fault?
    private var removedLines = 0
    /// Turns that this worker had and ended.
    package private(set) var turns = 0

    package init(_ retention: Retention, in context: FlowContext, pace: Pace = Pace()) {
        self.retention = retention
        self.context = context
        self.pace = pace
    }

    package func start() {
        task = EpollLoop.process.task { await self.run() }
    }

    /// Finishes the step in hand.
    package func drain() async {
        isDraining = true
        napper.wake()
        await task?.value
    }

    private func run() async {
        // At once: another worker may have the turn before us, and shall know what it must not forget.
        do { try await tellWish() } catch { tell("what is to be kept could not be stored: \(error)") }
        await napper.sleep(for: pace.firstWait + pace.spread * Double.random(in: 0..<1, using: &chance))
        while !isDraining {
            do {
                let due = try await look()
                trouble = ""
                guard !isDraining else { return }
                // Those of one tenant are not to wake in the same moment.
                await napper.sleep(for: .milliseconds(max(due - now, 0) + Int64.random(in: 0..<5_000, using: &chance)))
            } catch {
                tell("tidying up: \(error)")
                await napper.sleep(for: .seconds(300))
            }
        }
    }

    /// Once for each trouble: what is not tidied up today is tomorrow.
    private func tell(_ words: String) {
        guard words != trouble else { return }
        trouble = words
        context.log.warning("\(words)")
    }

    /// Has the turn if there is one to have; when to look again.
    private func look() async throws -> Int64 {
        let text = try await context.store.setting(Self.turn)
        switch HousekeepingTurn(text: text).step(for: context.connection, at: now) {
        case .rest(let until): return until
        case .take(let turn):
            guard try await context.store.replace(text, with: turn.text, setting: Self.turn) else { return now }
            return try await have(turn)
        }
    }

    private func have(_ turn: HousekeepingTurn) async throws -> Int64 {
        let retention = try await longest()
        var turn = turn
        for chore in Chore.allCases {
            while !isDraining {
                let began = Instant.now
                let isMore = try await perform(chore, retention, at: turn.clockMilliseconds)
                guard isMore else { break }
                if let renewed = turn.renewed(at: now) {
                    // Somebody else thought us dead, and does the rest.
                    guard try await replace(turn, with: renewed) else { return now + HousekeepingTurn.period }
                    turn = renewed
                }
                await napper.sleep(for: (Instant.now - began) * pace.rest)
            }
        }
        if removedLines > 0 {
            context.log.info("\(removedLines) lines were removed from the audit: they were older than it is kept")
            removedLines = 0
        }
        guard !isDraining else { return now }
        let ended = turn.ended(at: now, chance: Double.random(in: 0..<1, using: &chance))
        _ = try await replace(turn, with: ended)
        turns += 1
        return ended.dueMilliseconds
    }

    private func replace(_ turn: HousekeepingTurn, with next: HousekeepingTurn) async throws -> Bool {
        try await context.store.replace(turn.text, with: next.text, setting: Self.turn)
    }

    private func tellWish() async throws {
        let own = Self.wish + "\(context.connection)"
        guard try await context.store.setting(own) != retention.text else { return }
        try await context.store.put(retention.text, setting: own)
    }

    /// Of all connections of the tenant: what one wants to keep, the others do not forget.
    private func longest() async throws -> Retention {
        try await tellWish()
        return try await context.store.settings(named: Self.wish).values.compactMap { Retention(text: $0) }
            .reduce(retention) { $0.orLonger($1) }
    }

    /// True when there is more of it to do.
    private func perform(_ chore: Chore, _ retention: Retention, at clock: Int64) async throws -> Bool {
        let store = context.store
        switch chore {
        case .eventKeys:
            let before = Retention.milliseconds(retention.eventKeyDays, before: clock)
            return try await store.forgetSettled(before: before, limit: pace.keys) == pace.keys
        case .archivedLinks:
            let before = Retention.milliseconds(retention.archivedLinkDays, before: clock)
            return try await store.forgetArchivedLinks(before: before, limit: pace.links) == pace.links
        case .audit:
            let removal = try await store.pruneAudit(
                before: Retention.milliseconds(retention.auditDays, before: clock),
                limit: pace.lines,
                by: AuditRemover(connection: context.connection, name: context.name, atMilliseconds: now)
            )
            removedLines += removal.lines
            guard let fault = removal.fault else { return removal.isMore }
            if fault != self.fault {
                context.log.alert("the audit is not whole: \(fault); what is old stays, see audit verify")
            }
            self.fault = fault
            return false
        case .accounts:
            // By the machine's own clock, as they were written.
            try await store.forgetAccounts(spentBefore: now, unusedSince: now - 30 * 86_400_000)
            return false
        case .room: return try await store.compact()
        }
    }

    private var now: Int64 { Int64(WallTime.now.millisecondsSince1970) }
}
