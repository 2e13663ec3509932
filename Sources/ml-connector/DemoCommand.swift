import Core
import Host
import Transport

/// `demo`: the whole product against the sandbox, with a connection of each integration.
enum DemoCommand {
    static let command = Command(
        name: "demo",
        summary: "run everything against the sandbox, with Business Central and NAV each on boards",
        flags: [
            Flag("data", "DIR", "where it keeps everything; begun anew each time", usually: "ml-connector-demo"),
            Flag("listen", "HOST:PORT", "where webhooks come in", usually: "127.0.0.1:8080"),
            Flag("control-port", "PORT", "where things are made to happen", usually: "a free one"),
        ]
    ) { arguments in
        let data = arguments["data"] ?? "ml-connector-demo"
        let listen = arguments["listen"] ?? "127.0.0.1:8080"
        guard let controlPort = Int(arguments["control-port"] ?? "0"), (0...65_535).contains(controlPort) else {
            throw UsageError("--control-port needs a port, from 0 to 65535")
        }
        try DemoFolder.begin(data)
        let ending = Ending()
        let sandbox = try RunningSandbox(demonstratedAt: controlPort)
        let boards = try await DemoBoards(in: sandbox.monday)
        let connections = try DemoConnections(sandbox, boards)
        for (name, text) in connections.files {
            let file = "\(data)/\(name).json5"
            try DemoFolder.put(text, in: file)
            let added = try DemoChild(["connection", "add", "--data", data, file], connections.secrets)
            guard await added.end() == 0 else { throw CommandFailure(code: .failed, text: "\(name) was not added") }
        }
        try sandbox.write(to: data + "/sandbox.json")
        try DemoFolder.put(boards.json.text(.pretty) + "\n", in: data + "/boards.json")
        let server = try DemoChild(
            ["serve", "--data", data, "--listen", listen, "--public-url", "http://\(listen)"],
            []
        )
        Terminal.print(story(data: data, control: sandbox.host.controlURL, boards))
        EpollLoop.process.task {
            await ending.asked()
            server.stop()
        }
        let code = await server.end()
        sandbox.host.stop()
        guard code == 0 else { throw CommandFailure(code: .failed, text: "the server ended with code \(code)") }
        return .done
    }

    private static func story(data: String, control: String, _ boards: DemoBoards) -> String {
        """

        Business Central, NAV and Monday are played on this machine; ml-connector keeps them in step.

        demo/bc-board    Business Central's purchase invoices, orders with their lines, and vendors, as seen on boards
        demo/nav-board   NAV's purchase invoices and orders; people approve and post invoices by a label on the board

          # the boards: Business Central's invoices, orders and vendors; NAV's invoices and orders
          for board in \(boards.all.joined(separator: " ")); do curl -s \(control)/control/monday/boards/$board/items; done

          # change an invoice in Business Central; a moment later the board shows it
          curl -s \(control)/control/businessCentral/invoices
          curl -s -X PATCH \(control)/control/businessCentral/invoices/NUMBER -d '{"amount": 1234.50}'

          # approve an invoice on NAV's board; a moment later it is released in NAV. "Book it" posts it
          curl -s -X PATCH \(control)/control/monday/items/ITEM -d '{"values": {"status": {"label": "Approved"}}}'
          curl -s \(control)/control/nav/invoices

          # what ml-connector knows and did
          ml-connector status --data \(data)
          ml-connector records demo/nav-board --data \(data)
          ml-connector audit demo/nav-board --data \(data)
          ml-connector connection test demo/bc-board --data \(data)

        Ctrl-C ends everything. The log:

        """
    }
}
