import Core
import Transport

/// What one connection's engine has counted since its process began.
@OnLoop package final class Tally {
    package var figures = WorkerFigures()

    package nonisolated init() {}

    package func count(_ entry: AuditEntry) {
        figures.count(\.changes, entry.decision.rawValue)
    }

    package func written(_ change: Change, at now: Int64) {
        guard change.lane == .live else { return }
        figures.lagged(milliseconds: now - change.sinceMilliseconds)
    }
}
