import CPosix
import Core
import Glibc
import Store
import Transport

/// How a command ended, as scripts see it. The numbers are those of sysexits(3).
package enum ExitCode: Int32, Sendable {
    case done = 0
    /// What was asked failed, or what was checked is not well.
    case failed = 1
    case usage = 64
    /// No server answers.
    case unavailable = 69
    /// The configuration has to be mended first.
    case configuration = 78
}

/// A failure with a text for the person at the terminal.
package struct CommandFailure: Error {
    var code: ExitCode
    var text: String

    package init(code: ExitCode, text: String) {
        self.code = code
        self.text = text
    }
}

/// One thing that `ml-connector` can be told to do.
package struct Command: Sendable {
    package typealias Run = @OnLoop @Sendable (Arguments) async throws -> ExitCode

    var name: String
    var arguments = ""
    var summary: String
    var flags: [Flag] = []
    /// Left out of the overview: what our own processes start each other as.
    var isInternal = false
    var run: Run

    package init(
        name: String,
        arguments: String = "",
        summary: String,
        flags: [Flag] = [],
        isInternal: Bool = false,
        run: @escaping Run
    ) {
        self.name = name
        self.arguments = arguments
        self.summary = summary
        self.flags = flags
        self.isInternal = isInternal
        self.run = run
    }
}

/// Where the binary begins.
package enum CommandTable {
    private static let own: [Command] = [
        ServeCommand.command, StatusCommand.command, DoctorCommand.command, ConnectionCommand.command,
        RecordsCommand.command, ReplayCommand.command, ReconcileCommand.command, AuditCommand.command,
        ReloadCommand.command, RetryCommand.command, UpgradeCommand.command, BenchCommand.command,
        Command(name: "version", summary: "say which build this is", flags: [json]) { arguments in
            Terminal.print(
                arguments.has("json") ? #"{"version":"\#(Build.version)"}"# : "ml-connector \(Build.version)"
            )
            return .done
        },
        Command(name: "takes-over", summary: "", isInternal: true) { arguments in
            arguments.words.first == "\(Handover.form)" ? .done : .failed
        },
    ]

    package static let json = Flag("json", nil, "print JSON")
    package static let data = Flag(
        "data",
        "DIR",
        "the server's data directory",
        environment: "ML_DATA",
        usually: "data"
    )

    /// Those of this module, and those that stand above it.
    static var commands: [Command] { own + added }
    // Set once, by the first line of the program, before there is anybody to read it.
    private nonisolated(unsafe) static var added: [Command] = []

    /// Never starts a thread or the loop before it knows what the process is to be: a zygote may have neither.
    package static func run(adding more: [Command] = []) -> Never {
        added = more
        signal(SIGPIPE, SIG_IGN)
        let given = CommandLine.arguments.dropFirst()
        switch given.first {
        case Role.worker.rawValue: Worker.run(control: 3)
        case Role.gateway.rawValue: Gateway.run(control: 3)
        case Role.zygote.rawValue: Zygote.run(control: 3)
        case "--version": run("version", [])
        case "help", "--help", "-h", nil:
            Terminal.print(overview)
            exit(given.isEmpty ? ExitCode.usage.rawValue : ExitCode.done.rawValue)
        case let name?: run(name, Array(given.dropFirst()))
        }
    }

    private static func run(_ name: String, _ rest: [String]) -> Never {
        guard let command = commands.first(where: { $0.name == name }) else {
            end(.usage, "there is no command '\(name)'; see ml-connector help")
        }
        if rest.contains("--help") {
            Terminal.print(help(command))
            exit(0)
        }
        EpollLoop.process.adopt()
        EpollLoop.process.task { await perform(command, rest) }
        EpollLoop.process.run()
        exit(0)
    }

    @OnLoop private static func perform(_ command: Command, _ rest: [String]) async {
        do {
            let arguments = try Arguments(rest, flags: command.flags, environment: environment)
            if command.arguments.isEmpty, !command.isInternal, let word = arguments.words.first {
                throw UsageError("\(command.name) takes no '\(word)'; see ml-connector \(command.name) --help")
            }
            exit(try await command.run(arguments).rawValue)
        } catch let error as UsageError {
            end(.usage, error.description)
        } catch let failure as CommandFailure {
            end(failure.code, failure.text)
        } catch let error as VaultError {
            end(.configuration, error.description)
        } catch {
            end(.failed, "\(error)")
        }
    }

    private static func end(_ code: ExitCode, _ text: String) -> Never {
        Terminal.complain(text)
        exit(code.rawValue)
    }

    static var environment: [String: String] {
        var result: [String: String] = [:]
        for flag in commands.flatMap(\.flags) {
            guard let name = flag.environment, let value = getenv(name) else { continue }
            result[name] = String(cString: value)
        }
        return result
    }

    // MARK: Help

    private static var overview: String {
        let shown = commands.filter { !$0.isInternal }
        let rows = shown.map { ["  " + $0.name, $0.summary] }
        return """
            ml-connector keeps Microsoft Dynamics in step with the systems people work in.

            \(Terminal.table(rows))

            ml-connector COMMAND --help tells more.
            """
    }

    private static func help(_ command: Command) -> String {
        let rows = command.flags.map { flag in
            var text = flag.help
            if let usually = flag.usually { text += " (usually \(usually))" }
            if let variable = flag.environment { text += " [\(variable)]" }
            return ["  --\(flag.name)" + (flag.value.map { " " + $0 } ?? ""), text]
        }
        let usage = ["ml-connector", command.name, command.arguments].filter { !$0.isEmpty }.joined(separator: " ")
        return "\(usage)\n\n\(command.summary)\n\n\(Terminal.table(rows))"
    }
}
