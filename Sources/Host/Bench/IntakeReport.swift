import Core
import Glibc

/// The result of `bench intake`, for people and for scripts.
extension IntakeBench.Result {
    var text: String {
        var rows = [["CONNECTIONS", "RATE/S", "P50", "P99", "P99.9", "FAILED", "DELIVERED", "CPU PER REQUEST"]]
        for run in runs { rows.append(row(run)) }
        var text = Terminal.table(rows)
        if let disk { text += "\n\nfdatasync alone: p50 \(readable(disk, 0.5)), p99 \(readable(disk, 0.99))" }
        if let lone {
            text += """

                one webhook at rest: p50 \(readable(lone.acknowledgement, 0.5)), p99 \
                \(readable(lone.acknowledgement, 0.99)); fdatasync in the same rhythm: p50 \(readable(lone.disk, 0.5))
                """
        }
        if let verdict { text += "\n" + sentence(verdict) }
        return text
    }

    private func row(_ run: IntakeBench.Run) -> [String] {
        let figures = run.figures
        let failures = figures.failures.map { "\($0.count) × \($0.status == 0 ? "no answer" : "\($0.status)")" }
        return [
            "\(run.connections)", "\(Int(figures.rate))", readable(figures.latencies, 0.5),
            readable(figures.latencies, 0.99), readable(figures.latencies, 0.999),
            failures.isEmpty ? "none" : failures.joined(separator: ", "),
            run.deliverySeconds.map { "+\(tenths($0)) s" } ?? "-",
            run.processor.isEmpty
                ? "-" : run.processor.map { "\($0.role) \(tenths($0.microseconds)) us" }.joined(separator: ", "),
        ]
    }

    private func sentence(_ verdict: IntakeBench.Verdict) -> String {
        let unanswered = verdict.unanswered > 0 ? " (\(verdict.unanswered) more were never answered)" : ""
        let facts = """
            \(verdict.acknowledged) different events acknowledged\(unanswered), \(verdict.repeated) repetitions; \
            the tenant's store took \(verdict.stored)
            """
        return facts + (verdict.isWell ? ": nothing lost, nothing twice" : ": THIS DOES NOT ADD UP")
    }

    var json: JSON {
        var object = JSON.Object()
        object["processors"] = .number(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        if let disk { object["fdatasyncMicroseconds"] = percentiles(disk) }
        if let lone {
            object["loneAckMicroseconds"] = percentiles(lone.acknowledgement)
            object["loneFdatasyncMicroseconds"] = percentiles(lone.disk)
        }
        object["runs"] = .array(runs.map { json($0) })
        if let verdict {
            object["verified"] = [
                "acknowledged": .number(verdict.acknowledged), "unanswered": .number(verdict.unanswered),
                "repeated": .number(verdict.repeated), "stored": .number(verdict.stored),
                "nothingLost": .bool(verdict.isWell),
            ]
        }
        return .object(object)
    }

    private func json(_ run: IntakeBench.Run) -> JSON {
        var object = JSON.Object()
        object["connections"] = .number(run.connections)
        object["perSecond"] = .number(Int(run.figures.rate))
        object["microseconds"] = percentiles(run.figures.latencies)
        var statuses = JSON.Object()
        for (status, count) in run.figures.statuses.sorted(by: { $0.key < $1.key }) where count > 0 {
            statuses[status == 0 ? "none" : "\(status)"] = .number(count)
        }
        object["statuses"] = .object(statuses)
        object["reconnects"] = .number(run.figures.reconnects)
        if let seconds = run.deliverySeconds { object["deliveryMilliseconds"] = .number(Int(seconds * 1_000)) }
        if !run.processor.isEmpty {
            var processor = JSON.Object()
            for (role, microseconds) in run.processor { processor[role] = .number(Int(microseconds * 1_000)) }
            object["processorNanosecondsPerRequest"] = .object(processor)
        }
        return .object(object)
    }

    private func percentiles(_ latencies: Latencies) -> JSON {
        [
            "p50": .number(latencies.microseconds(at: 0.5)), "p99": .number(latencies.microseconds(at: 0.99)),
            "p999": .number(latencies.microseconds(at: 0.999)),
        ]
    }
}

func readable(_ latencies: Latencies, _ share: Double) -> String {
    let microseconds = latencies.microseconds(at: share)
    return microseconds < 10_000 ? "\(microseconds) us" : "\(tenths(Double(microseconds) / 1_000)) ms"
}

func tenths(_ value: Double) -> String {
    let all = Int((value * 10).rounded())
    return "\(all / 10).\(abs(all % 10))"
}
