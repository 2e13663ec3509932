import Core
import Transport

/// What one connection's engine has counted since its process began.
@OnLoop package final class Tally {
    package var figures = WorkerFigures()
    package private(set) var entries: UInt64 = 0

    package nonisolated init() {}

    package func count(_ entry: AuditEntry) {
        entries += 1
        figures.count(\.changes, entry.decision.rawValue)
    }

    package func written(_ change: Change, at now: Int64) {
        guard change.lane.isForeground else { return }
        figures.lagged(milliseconds: now - change.sinceMilliseconds)
    }
}
