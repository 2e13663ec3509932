import Core

/// The result of `bench workers`, for people and for scripts.
extension WorkersBench.Result {
    var text: String {
        var rows = [
            [
                "WORKERS", "BY", "PSS EACH", "PRIVATE", "THREADS", "ALL READY", "MEMORY IN ALL", "IDLE CPU",
                "START P50", "P99", "KILL TO READY P50", "P99",
            ]
        ]
        for run in runs {
            let lone = [run.loneStarts, run.recoveries].flatMap { latencies in
                latencies.count > 0 ? [readable(latencies, 0.5), readable(latencies, 0.99)] : ["-", "-"]
            }
            rows.append(
                [
                    "\(run.count)", run.spawner.rawValue, "\(run.proportionalKiB) KiB", "\(run.privateDirtyKiB) KiB",
                    tenths(run.threads), "\(tenths(run.allReadySeconds)) s", "\(run.allProportionalKiB >> 10) MiB",
                    "\(tenths(run.idlePercent)) %",
                ] + lone
            )
        }
        return Terminal.table(rows)
    }

    var json: JSON {
        .array(
            runs.map { run in
                var object = JSON.Object()
                object["workers"] = .number(run.count)
                object["spawner"] = .string(run.spawner.rawValue)
                object["proportionalKiB"] = .number(run.proportionalKiB)
                object["privateDirtyKiB"] = .number(run.privateDirtyKiB)
                object["threadsTenths"] = .number(Int(run.threads * 10))
                object["startTogetherMicroseconds"] = percentiles(run.starts)
                if run.loneStarts.count > 0 { object["startAloneMicroseconds"] = percentiles(run.loneStarts) }
                object["allReadyMilliseconds"] = .number(Int(run.allReadySeconds * 1_000))
                object["allProportionalKiB"] = .number(run.allProportionalKiB)
                object["supervisorKiB"] = .number(run.supervisorKiB)
                object["gatewayKiB"] = .number(run.gatewayKiB)
                if let zygote = run.zygoteKiB { object["zygoteKiB"] = .number(zygote) }
                object["idleThousandthsOfCore"] = .number(Int((run.idlePercent * 10).rounded()))
                if run.recoveries.count > 0 { object["killToReadyMicroseconds"] = percentiles(run.recoveries) }
                return .object(object)
            }
        )
    }

    private func percentiles(_ latencies: Latencies) -> JSON {
        ["p50": .number(latencies.microseconds(at: 0.5)), "p99": .number(latencies.microseconds(at: 0.99))]
    }
}
