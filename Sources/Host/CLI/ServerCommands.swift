import Core
import Transport

/// `reload`: the connections are read again, as SIGHUP does.
enum ReloadCommand {
    static let command = Command(
        name: "reload",
        summary: "read the connections again; what did not change goes on undisturbed",
        flags: [CommandTable.data, CommandTable.json]
    ) { arguments in
        let result = try await ServerTalk.required(data: arguments.data).ask(ReloadQuestion())
        Terminal.print(
            arguments.has("json")
                ? #"{"added":\#(result.added),"changed":\#(result.changed),"removed":\#(result.removed)}"#
                : "\(result.added) added, \(result.changed) changed, \(result.removed) removed"
        )
        return .done
    }
}

/// `retry`: a quarantined connection is started now instead of at its next turn.
enum RetryCommand {
    static let command = Command(
        name: "retry",
        arguments: "TENANT/NAME",
        summary: "start a connection anew, quarantined or not",
        flags: [CommandTable.data]
    ) { arguments in
        let (tenant, name) = try ConnectionCommand.names(arguments.words.first)
        let question = RetryQuestion(tenant: tenant.text, name: name.text)
        _ = try await ServerTalk.required(data: arguments.data).ask(question)
        Terminal.print("\(tenant)/\(name) is started anew")
        return .done
    }
}

/// `upgrade`: the binary at the server's path takes the place of the running one, as SIGUSR2 does. Waits for the end.
enum UpgradeCommand {
    private static let patience = Duration.seconds(120)

    static let command = Command(
        name: "upgrade",
        summary: "replace the running binary by the one at its path, without a failed request",
        flags: [CommandTable.data, CommandTable.json]
    ) { arguments in
        let talk = try ServerTalk.required(data: arguments.data)
        let before = try await talk.ask(StatusQuestion())
        _ = try await talk.ask(UpgradeQuestion())
        let began = Instant.now
        while Instant.now - began < patience {
            try await EpollLoop.process.sleep(for: .milliseconds(50))
            // For a moment nobody answers: the process is between two binaries.
            guard let now = try? await ServerTalk(data: arguments.data)?.ask(StatusQuestion()) else { continue }
            guard now.generation > before.generation, now.replacing == 0, now.gateway.state == "up" else { continue }
            Terminal.print(
                arguments.has("json")
                    ? #"{"from":"\#(before.build)","to":"\#(now.build)","generation":\#(now.generation)}"#
                    : "upgraded from \(before.build) to \(now.build) in \(readable(Instant.now - began))"
            )
            return .done
        }
        throw CommandFailure(
            code: .failed,
            text: "the upgrade did not finish within \(readable(patience)); see its log"
        )
    }
}
