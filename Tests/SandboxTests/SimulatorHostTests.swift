import Core
import Sandbox
import Testing
import Transport

/// The smallest system there can be: it counts what it has done.
@OnLoop private final class Counter: Simulator {
    nonisolated static let name = "counter"
    var address = ""
    var faults = FaultPlan()
    var done = 0

    var facts: JSON { ["done": .number(done)] }
    var credentials: JSON { ["url": .string(address)] }

    func serve(_ exchange: HTTPExchange) {
        exchange.reply(spoiledBy: faults.effect(for: exchange.method.name.description)) {
            self.done += 1
            return Reply(.ok, json: ["done": .number(self.done)])
        }
    }

    func control(_ path: [Substring], _ method: HTTPMethod, body: JSON) async throws -> JSON {
        guard path.first == "set" else { throw ControlRefusal.unknown("only set") }
        done = try JSONField(body)["done"].int(in: 0...100)
        return ["path": .string(path.joined(separator: "/"))]
    }

    func stop() {}
}

@Suite(.onLoop) struct `a host of simulators` {
    @Test @OnLoop func `gives each a port and tells where they are`() async throws {
        let counter = Counter()
        let place = try Place([counter])
        defer { place.close() }
        let described = try await place.control(.get, "/")
        #expect(described["counter"]["url"].value == .string(counter.address))
        #expect(described["control"]["url"].value == .string(place.host.controlURL))
        #expect(try await place.send(.get, counter.address + "/any/where").text == #"{"done":1}"#)
        #expect(try await place.facts("counter")["done"].int() == 1)
    }

    @Test @OnLoop func `hands control to a simulator, and says what is wrong with it`() async throws {
        let counter = Counter()
        let place = try Place([counter])
        defer { place.close() }
        #expect(
            try await place.control(.post, "/control/counter/set/more", #"{"done":7}"#).text == #"{"path":"set/more"}"#
        )
        #expect(counter.done == 7)
        let refusals = [
            (try await place.control(.post, "/control/counter/set", #"{"done":700}"#), 400, "done: expected"),
            (try await place.control(.post, "/control/counter/set", "{"), 400, "no JSON"),
            (try await place.control(.post, "/control/counter/get"), 404, "only set"),
            (try await place.control(.post, "/control/nobody/set"), 404, "there are: counter"),
            (try await place.control(.patch, "/faults"), 404, "there is no PATCH /faults"),
            (try await place.control(.post, "/faults", #"{"system":"x","effect":"garbage"}"#), 404, "no system x"),
        ]
        for (answer, status, text) in refusals {
            #expect(answer.status == status)
            #expect(try answer["error"].string().contains(text), "\(answer.text)")
        }
    }

    @Test @OnLoop func `makes go wrong what it is told to`() async throws {
        let counter = Counter()
        let place = try Place([counter])
        defer { place.close() }
        let plan = """
            [{"system":"counter","on":"GET","effect":{"status":503,"retryAfterSeconds":7},"times":1},
             {"system":"counter","on":"GET","effect":{"status":504,"body":"{}","processed":true},"times":1},
             {"system":"counter","on":"GET","effect":"garbage","times":1},
             {"system":"counter","on":"GET","effect":"truncated","times":1},
             {"system":"counter","on":"GET","effect":{"delayMilliseconds":1},"times":1},
             {"system":"counter","on":"GET","effect":{"stallSeconds":0},"times":1},
             {"system":"counter","on":"GET","effect":{"named":"what nobody knows"},"times":1},
             {"system":"counter","on":"POST","effect":"hangUpBefore","times":1},
             {"system":"counter","on":"POST","effect":"hangUpAfter","times":1}]
            """
        #expect(try await place.control(.post, "/faults", plan).text == #"{"added":9}"#)
        #expect(try await place.control(.get, "/faults").json.elementCount == 9)
        func get() async throws -> Place.Answer { try await place.send(.get, counter.address) }

        let unavailable = try await get()
        #expect(unavailable.status == 503 && unavailable.headers["Retry-After"] == "7" && counter.done == 0)
        let late = try await get()
        #expect(late.status == 504 && late.text == "{}" && counter.done == 1)
        let garbage = try await get()
        #expect(garbage.status == 200 && garbage.text.hasPrefix("<!DOCTYPE") && counter.done == 1)
        let half = try await get()
        #expect(half.status == 200 && half.text == #"{"don"# && counter.done == 2)
        #expect(try await get().text == #"{"done":3}"#)
        #expect(try await get().text == #"{"done":4}"#)
        #expect(try await get().text == #"{"done":5}"#)

        for done in [5, 6] {
            let failure = await #expect(throws: HTTPClient.Failure.self) {
                try await place.send(.post, counter.address)
            }
            #expect(failure?.kind == .connectionLost && counter.done == done)
        }
        #expect(try await place.control(.get, "/faults").text == "[]")
        #expect(counter.faults.struck == 9)
    }

    @Test @OnLoop func `forgets all faults when it is told to`() async throws {
        let counter = Counter()
        let place = try Place([counter])
        defer { place.close() }
        _ = try await place.control(.post, "/faults", #"{"system":"counter","effect":"hangUpBefore"}"#)
        _ = try await place.control(.delete, "/faults")
        #expect(try await place.send(.get, counter.address).status == 200)
    }

    @Test @OnLoop func `stalls for as long as it is told, with the work done`() async throws {
        let counter = Counter()
        let place = try Place([counter])
        defer { place.close() }
        _ = try await place.control(.post, "/faults", #"{"system":"counter","effect":{"stallSeconds":600},"times":1}"#)
        let failure = await #expect(throws: HTTPClient.Failure.self) {
            try await place.send(.get, counter.address, idle: .milliseconds(50))
        }
        #expect(failure?.kind == .deadline(.idle) && counter.done == 1)
    }
}

@Suite(.onLoop) struct `the sandbox's clock` {
    @Test @OnLoop func `can be moved on, and never back`() async throws {
        let place = try Place([Counter()])
        defer { place.close() }
        let before = WallTime.now
        let moved = try await place.control(.post, "/clock", #"{"advanceSeconds":259200}"#)
        #expect(try moved["offsetSeconds"].int() == 259_200)
        #expect(place.clock.now >= before + .seconds(259_200))
        #expect(place.clock.now < before + .seconds(259_260))
        #expect(try await place.control(.post, "/clock", #"{"advanceSeconds":-1}"#).status == 400)
        #expect(try await place.control(.get, "/clock")["offsetSeconds"].int() == 259_200)
    }

    @Test @OnLoop func `rings what has become due, in order, when it is moved`() {
        let clock = SandboxClock()
        var rung: [String] = []
        clock.after(.seconds(60)) {
            rung.append("minute")
            clock.after(.seconds(60)) { rung.append("second minute") }
        }
        clock.after(.seconds(30)) { rung.append("half") }
        clock.after(.seconds(30)) { rung.append("other half") }
        clock.after(.seconds(31)) { rung.append("cancelled") }.cancel()
        clock.advance(by: .seconds(29))
        #expect(rung.isEmpty)
        clock.advance(by: .seconds(100))
        #expect(rung == ["half", "other half", "minute"])
        clock.advance(by: .seconds(60))
        #expect(rung.last == "second minute")
    }

    @Test @OnLoop func `goes by itself`() async throws {
        let clock = SandboxClock()
        clock.advance(by: .seconds(1_000))
        await clock.sleep(for: .milliseconds(5))
        var rung = false
        clock.after(.seconds(5)) { rung = true }
        clock.after(.milliseconds(1)) { rung = true }
        try await until { rung }
    }
}

extension JSON {
    var elementCount: Int? {
        guard case .array(let elements) = self else { return nil }
        return elements.count
    }
}
