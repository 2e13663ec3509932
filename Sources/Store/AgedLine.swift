import Core

/// A line of the audit, as seen by whoever removes old ones.
struct AgedLine {
    let atMilliseconds: Int64?
    private let isOfPruning: Bool

    init(_ line: AuditLine) {
        let entry = (try? JSON.parse(line.text)).map { JSONField($0) }
        let time = (try? entry?["at"].string()).flatMap { WallTime($0) }
        atMilliseconds = time.map { Int64($0.millisecondsSince1970) }
        isOfPruning = (try? entry?["decision"].string()) == AuditEntry.Decision.pruned.rawValue
    }

    /// One that does not say when it was written is for somebody to look at.
    func isOld(before milliseconds: Int64) -> Bool {
        atMilliseconds.map { $0 < milliseconds } ?? true
    }

    /// Written by a clock that went wrong: what stands behind it may be old all the same.
    func isAhead(of now: Int64) -> Bool {
        atMilliseconds.map { $0 > now } ?? false
    }

    /// How far the first lines are all older than that time and follow one from the other. A line from the future was
    /// written by a clock that went wrong: it goes with its neighbours.
    static func oldest(
        _ lines: [AuditLine],
        after start: AuditChain,
        before milliseconds: Int64,
        atMost limit: Int,
        now: Int64
    ) -> (through: AuditChain, AuditRemoval) {
        var chain = start
        var through = start
        var removal = AuditRemoval()
        var isWorthALine = false
        for line in lines {
            let aged = AgedLine(line)
            do throws(AuditChain.Fault) { try chain.follow(line) } catch {
                removal.fault = error
                break
            }
            if let at = aged.atMilliseconds, at > now { continue }
            guard let at = aged.atMilliseconds, at < milliseconds else { break }
            if !aged.isOfPruning { isWorthALine = true }
            through = chain
        }
        // Where nothing but such lines is old, each removal would only make room for the next one.
        guard isWorthALine || through.sequence - start.sequence == limit else { return (start, removal) }
        removal.lines = Int(through.sequence - start.sequence)
        removal.isMore = removal.lines == limit
        return (through, removal)
    }
}
