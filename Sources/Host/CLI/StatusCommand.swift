import Core
import Transport

/// `status`: the server and its processes, as a table or as JSON. Fails when something is not well.
enum StatusCommand {
    static let command = Command(
        name: "status",
        summary: "show the server, its gateway and its workers",
        flags: [
            CommandTable.data, CommandTable.json, Flag("quiet", nil, "print nothing; the exit code says it"),
        ]
    ) { arguments in
        let status = try await ServerTalk.required(data: arguments.data).ask(StatusQuestion())
        if arguments.has("json") {
            Terminal.print(json(status).text(.pretty))
        } else if !arguments.has("quiet") {
            Terminal.print(text(status))
        }
        // A quarantined connection is its customer's trouble; the server is well while webhooks are taken.
        return status.gateway.state == "up" ? .done : .failed
    }

    private static func text(_ status: Status) -> String {
        var rows = [
            ["PROCESS", "STATE", "FOR", "PID", "RESTARTS", "MEMORY", "ACCEPTED", "WAITING", "QUEUED", "PARKED", "NOTE"]
        ]
        for process in [status.gateway] + status.workers { rows.append(row(process)) }
        var text = """
            ml-connector \(status.build), pid \(status.pid), up \(readable(.seconds(status.upSeconds))), \
            on \(status.listen), workers by \(status.spawner)
            """
        if status.replacing > 0 { text += "\nupgrading: \(status.replacing) processes of the version before are left" }
        text += "\n\n" + Terminal.table(rows)
        if !status.alerts.isEmpty { text += "\n\nalerts:\n" + status.alerts.map { "  " + $0 }.joined(separator: "\n") }
        return text
    }

    private static func row(_ process: Status.Process) -> [String] {
        [
            process.tenant.isEmpty ? process.name : "\(process.tenant)/\(process.name)", process.state,
            readable(.seconds(process.stateSeconds)), process.pid.map { "\($0)" } ?? "-", "\(process.restarts)",
            "\(process.memoryBytes >> 10) KiB", "\(process.accepted)", "\(process.waiting)",
            "\(process.queuedLive + process.queuedBackground)", "\(process.parked)", note(process),
        ]
    }

    private static func note(_ process: Status.Process) -> String {
        if !process.trouble.isEmpty { return process.trouble }
        if let load = process.progress.first(where: { !$0.isEnded }) { return "first load: \(load.words)" }
        return process.reason ?? process.lastCause.map { "last ended: \($0)" } ?? ""
    }

    private static func json(_ status: Status) -> JSON {
        [
            "build": .string(status.build), "pid": .number(Int(status.pid)),
            "generation": .number(Int(status.generation)), "replacing": .number(Int(status.replacing)),
            "upSeconds": .number(Int(status.upSeconds)), "listen": .string(status.listen),
            "publicURL": status.publicURL.map { .string($0) } ?? .null,
            "webhooksAt": status.webhooksAt.map { .string($0) } ?? .null, "spawner": .string(status.spawner),
            "gateway": json(status.gateway), "workers": .array(status.workers.map { json($0) }),
            "alerts": .array(status.alerts.map { .string($0) }),
        ]
    }

    static func json(_ process: Status.Process) -> JSON {
        [
            "connection": .number(Int(process.connection)), "tenant": .string(process.tenant),
            "name": .string(process.name), "flow": .string(process.flow), "state": .string(process.state),
            "pid": process.pid.map { .number(Int($0)) } ?? .null, "stateSeconds": .number(Int(process.stateSeconds)),
            "restarts": .number(Int(process.restarts)), "lastCause": process.lastCause.map { .string($0) } ?? .null,
            "reason": process.reason.map { .string($0) } ?? .null, "memoryBytes": .number(Int(process.memoryBytes)),
            "accepted": .number(Int(process.accepted)), "waiting": .number(Int(process.waiting)),
            "startMicroseconds": .number(Int(process.startMicroseconds)), "trouble": .string(process.trouble),
            "queuedLive": .number(Int(process.queuedLive)), "queuedBackground": .number(Int(process.queuedBackground)),
            "parked": .number(Int(process.parked)),
            "windows": .array(process.windows.map { json($0) }),
            "progress": .array(process.progress.map { json($0) }),
            "subscriptionSeconds": process.subscriptionSeconds.map { .number(Int($0)) } ?? .null,
        ]
    }

    private static func json(_ load: WorkerFigures.RouteProgress) -> JSON {
        [
            "route": .string(load.route), "done": .number(Int(clamping: load.done)),
            "total": load.total.map { .number(Int(clamping: $0)) } ?? .null,
            "queued": .number(Int(clamping: load.queued)),
            "secondsLeft": load.secondsLeft.map { .number(Int($0)) } ?? .null, "limit": .string(load.limit),
            "ended": .bool(load.isEnded),
        ]
    }

    private static func json(_ window: Status.Window) -> JSON {
        [
            "system": .string(window.system), "window": .string(window.name), "used": .number(Int(window.used)),
            "limit": .number(Int(window.limit)),
        ]
    }
}
