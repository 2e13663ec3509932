import Core

/// The result of `bench store`, for people and for scripts: a row for each call, a column for each size.
extension StoreBench.Result {
    var text: String {
        var rows = [["RECORDS"] + runs.map { "\($0.records)" }]
        rows.append(["lines of audit"] + runs.map { "\($0.lines)" })
        rows.append(["file"] + runs.map { "\($0.fileMiB) MiB" })
        rows.append(["filled in"] + runs.map { "\(tenths($0.fillSeconds)) s" })
        rows.append(["memory"] + runs.map { "\($0.grownKiB) KiB" })
        for (index, step) in (runs.first?.steps ?? []).enumerated() {
            rows.append(
                ["\(step.name), p50 / p99"]
                    + runs.map { run in
                        let latencies = run.steps[index].latencies
                        return "\(readable(latencies, 0.5)) / \(readable(latencies, 0.99))"
                    }
            )
        }
        return Terminal.table(rows)
    }

    var json: JSON {
        .array(
            runs.map { run in
                var object = JSON.Object()
                object["records"] = .number(run.records)
                object["lines"] = .number(run.lines)
                object["fileMiB"] = .number(run.fileMiB)
                object["fillMilliseconds"] = .number(Int(run.fillSeconds * 1_000))
                object["memoryKiB"] = .number(run.grownKiB)
                for step in run.steps {
                    object["\(step.name), us"] = [
                        "p50": .number(step.latencies.microseconds(at: 0.5)),
                        "p99": .number(step.latencies.microseconds(at: 0.99)),
                    ]
                }
                return .object(object)
            }
        )
    }
}
