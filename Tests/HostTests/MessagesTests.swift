import Core
import Testing
import Transport

@testable import Host

@Suite struct `what processes say to each other` {
    static func there<Value: Wire>(_ value: Value) throws -> Value {
        var writer = WireWriter()
        value.write(to: &writer)
        var reader = WireReader(writer.bytes[...])
        let back = try Value(from: &reader)
        try reader.finish()
        return back
    }

    static let event = Event(
        sequence: 7,
        arrival: Arrival(
            connection: 3,
            key: EventKey(high: 1, low: .max),
            kind: "webhook",
            receivedMilliseconds: -1,
            body: [1, 0, 255]
        )
    )

    @Test func `carries webhooks unchanged`() throws {
        let deliver = Deliver(events: [Self.event, Self.event])
        #expect(try Self.there(deliver).events == deliver.events)
        #expect(try Self.there(Deliver(events: [])).events.isEmpty)
    }

    @Test func `refuses a delivery that is cut anywhere`() {
        var writer = WireWriter()
        Deliver(events: [Self.event]).write(to: &writer)
        for length in writer.bytes.indices {
            #expect(throws: WireError.self) {
                var reader = WireReader(writer.bytes[..<length])
                _ = try Deliver(from: &reader)
            }
        }
    }

    @Test func `carries a status with all that is optional there and not there`() throws {
        var process = Status.Process(
            connection: 1,
            tenant: "acme",
            name: "a",
            flow: "f",
            state: "up",
            pid: 12,
            stateSeconds: 1.5,
            restarts: 2,
            lastCause: "hung",
            reason: "why",
            memoryBytes: 5,
            accepted: 6,
            waiting: 7,
            startMicroseconds: 8,
            readyNanoseconds: 9
        )
        #expect(try Self.there(process) == process)
        process.pid = nil
        process.lastCause = nil
        process.reason = nil
        #expect(try Self.there(process) == process)
    }

    @Test func `carries a connection's secrets, which show nothing of themselves`() throws {
        let assignment = Assignment(
            connection: ConnectionFacts(number: 1, tenant: "a", name: "b", flow: "c", document: "{}", folder: "/"),
            dataKey: Secret(text: "canary one"),
            secrets: [PlacedSecret(place: "monday.token", secret: Secret(text: "canary two"))],
            hookURL: Secret(text: "https://hooks.example.com/hooks/canary"),
            confinement: Confinement(memoryBytes: 1, descriptors: 1, readable: [], writable: []),
            logStyle: Log.Style()
        )
        let back = try Self.there(assignment)
        #expect(back.secrets.byPlace == ["monday.token": Secret(text: "canary two")])
        #expect(back.hookURL == assignment.hookURL)
        var dumped = "\(assignment)"
        dump(assignment, to: &dumped)
        #expect(!dumped.contains("canary") && dumped.contains("monday.token"))
    }

    @Test func `carries a hook with its secret`() throws {
        var rules = HookRules(.challenge, of: JSONField(["monday": ["signingSecret": ["env": "S"], "account": "7"]]))
        rules.webToken?.outside = "https://hooks.example.com"
        let faces = [
            Hook.Face(rules: HookRules(), secret: Secret(text: "s")),
            Hook.Face(rules: rules, secret: nil, nameKey: Secret(text: "n")),
        ]
        let hook = Hook(connection: 9, token: Secret(text: "t"), faces: faces)
        let back = try Self.there(Hooks(hooks: [hook], connections: [9])).hooks[0]
        #expect(back.token == hook.token && back.faces.map(\.rules) == faces.map(\.rules))
        #expect(back.faces.map(\.secret) == faces.map(\.secret) && back.faces.map(\.nameKey) == faces.map(\.nameKey))
    }
}
