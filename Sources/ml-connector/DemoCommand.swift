import Core
import Glibc
import Host
import Transport

/// `demo`: the whole product against the sandbox, with a connection that brings purchase invoices to a board.
enum DemoCommand {
    static let command = Command(
        name: "demo",
        summary: "run everything against the sandbox, with one connection alive",
        flags: [
            Flag("data", "DIR", "where it keeps everything; begun anew each time", usually: "ml-connector-demo"),
            Flag("listen", "HOST:PORT", "where webhooks come in", usually: "127.0.0.1:8080"),
            Flag("control-port", "PORT", "where things are made to happen", usually: "a free one"),
        ]
    ) { arguments in
        let data = arguments["data"] ?? "ml-connector-demo"
        let listen = arguments["listen"] ?? "127.0.0.1:8080"
        guard let controlPort = Int(arguments["control-port"] ?? "0") else {
            throw UsageError("--control-port needs a port")
        }
        try makeFolder(data)
        let ending = Ending()
        let sandbox = try RunningSandbox(ports: ["control": controlPort], asTheVendors: false)
        let file = data + "/bc-board.json5"
        try put(connection(sandbox), in: file)
        let secrets = [
            "DEMO_BC_SECRET=\(try sandbox.businessCentral.credentials["clientSecret"])",
            "DEMO_MONDAY_TOKEN=\(try sandbox.monday.credentials["token"])",
        ]
        let added = try Child(["connection", "add", "--data", data, file], secrets)
        guard await added.end() == 0 else { throw CommandFailure(code: .failed, text: "the connection was not added") }
        try sandbox.write(to: data + "/sandbox.json")
        let server = try Child(["serve", "--data", data, "--listen", listen, "--public-url", "http://\(listen)"], [])
        Terminal.print(
            story(data: data, control: sandbox.host.controlURL, board: try sandbox.monday.credentials["board"])
        )
        EpollLoop.process.task {
            await ending.asked()
            server.stop()
        }
        let code = await server.end()
        sandbox.host.stop()
        guard code == 0 else { throw CommandFailure(code: .failed, text: "the server ended with code \(code)") }
        return .done
    }

    /// A folder of an earlier demonstration is begun anew; any other one is left alone.
    private static func makeFolder(_ data: String) throws {
        let mark = data + "/demo"
        if mkdir(data, 0o711) != 0 {
            guard errno == EEXIST, access(mark, F_OK) == 0 else {
                throw CommandFailure(
                    code: .configuration,
                    text: "\(data) cannot be used: it is there already and no demonstration's; choose another --data"
                )
            }
            for path in ["control.db", "control.db-wal", "control.db-shm", "master.key"] { unlink(data + "/" + path) }
            try removeAll(in: data + "/tenants")
            try removeAll(in: data + "/inbox")
        }
        try put("made by ml-connector demo, and made anew by the next one\n", in: mark)
    }

    private static func removeAll(in folder: String) throws {
        guard let directory = opendir(folder) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            let path = folder + "/" + name
            if unlink(path) != 0 {
                try removeAll(in: path)
                rmdir(path)
            }
        }
    }

    private static func put(_ text: String, in file: String) throws {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { if descriptor >= 0 { close(descriptor) } }
        let bytes = Array(text.utf8)
        guard descriptor >= 0, bytes.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == bytes.count
        else {
            throw CommandFailure(code: .failed, text: "\(file) cannot be written: \(String(cString: strerror(errno)))")
        }
    }

    @OnLoop private static func connection(_ sandbox: RunningSandbox) throws -> String {
        let businessCentral = sandbox.businessCentral.credentials
        let monday = sandbox.monday.credentials
        return """
            // Made by ml-connector demo: the same as for real systems, but for the two addresses.
            {
              tenant: "demo", name: "bc-board", flow: "business-central-monday",
              businessCentral: {
                entraTenant: "\(try businessCentral["entraTenant"])",
                clientId: "\(try businessCentral["clientId"])",
                clientSecret: { env: "DEMO_BC_SECRET" },
                environment: "\(try businessCentral["environment"])",
                company: "\(try businessCentral["company"])",
                apiURL: "\(try businessCentral["apiURL"])",
                loginURL: "\(try businessCentral["loginURL"])",
              },
              monday: { token: { env: "DEMO_MONDAY_TOKEN" }, apiURL: "\(try monday["apiURL"])" },
              routes: {
                purchaseInvoices: {
                  board: "\(try monday["board"])", poll: "every 5m",
                  columns: {
                    number: "name", vendorName: "vendor", totalAmountIncludingTax: "amount",
                    currencyCode: "currency", dueDate: "due_date", status: "status",
                  },
                },
              },
            }

            """
    }

    private static func story(data: String, control: String, board: String) -> String {
        """

        Business Central and Monday are played on this machine; ml-connector keeps them in step.
        Twelve invoices are brought to the board at the 40 changes a minute that Monday is promised.

          # the board, and the invoices
          curl -s \(control)/control/monday/boards/\(board)/items
          curl -s \(control)/control/businessCentral/invoices

          # change an invoice; a moment later the board shows it
          curl -s -X PATCH \(control)/control/businessCentral/invoices/NUMBER -d '{"amount": 1234.50}'
          curl -s -X POST \(control)/control/businessCentral/invoices/NUMBER/post

          # what ml-connector knows and did
          ml-connector status --data \(data)
          ml-connector records demo/bc-board --data \(data)
          ml-connector audit demo/bc-board --data \(data)
          ml-connector connection test demo/bc-board --data \(data)

        Ctrl-C ends everything. The log:

        """
    }
}

extension JSON {
    /// Of credentials that the sandbox itself made.
    fileprivate subscript(name: String) -> String {
        get throws { try JSONField(self)[name].string() }
    }
}

/// This binary with another command.
@OnLoop private final class Child {
    private let pid: pid_t

    init(_ words: [String], _ environment: [String]) throws {
        let path = "/proc/self/exe"
        var argv = (["ml-connector"] + words).map { strdup($0) } + [nil]
        let kept = ["PATH", "HOME", "TZ", "LANG"].compactMap { (name: String) -> String? in
            getenv(name).map { "\(name)=\(String(cString: $0))" }
        }
        var envp = (kept + environment).map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own: Ctrl-C comes to us, and we pass it on once. And none of our blocked signals.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        var started: pid_t = 0
        let failed = posix_spawn(&started, path, nil, &attributes, &argv, &envp)
        guard failed == 0 else {
            throw CommandFailure(
                code: .failed,
                text: "\(words[0]) cannot be started: \(String(cString: strerror(failed)))"
            )
        }
        pid = started
    }

    func stop() {
        kill(pid, SIGTERM)
    }

    /// Its exit code; 128 and more for a signal.
    func end() async -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0 { try? await EpollLoop.process.sleep(for: .milliseconds(50)) }
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f)
    }
}
