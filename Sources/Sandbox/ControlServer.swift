import Core
import Transport

/// Where people and tests make things happen: faults, the clock, and what each simulator offers.
///
///     GET    /                        all URLs and credentials
///     GET    /facts                   all counters
///     GET    /faults                  what is still to go wrong
///     POST   /faults                  one fault, or an array of them
///     DELETE /faults                  nothing goes wrong any more
///     GET    /clock                   what time it is there
///     POST   /clock                   {"advanceSeconds": 3600}
///     *      /control/<system>/…      the simulator's own
@OnLoop final class ControlServer {
    private let simulators: [any Simulator]
    private let clock: SandboxClock
    private let description: JSON

    init(_ simulators: [any Simulator], clock: SandboxClock, description: JSON) {
        self.simulators = simulators
        self.clock = clock
        self.description = description
    }

    func serve(_ exchange: HTTPExchange) {
        let method = exchange.method
        let path = exchange.segment
        let body = exchange.bodyBytes
        EpollLoop.process.task {
            do {
                let document = body.isEmpty ? .null : try JSON.parse(body.span)
                let answer = try await self.perform(method, path.split(separator: "/"), document)
                exchange.answer(Reply(.ok, json: answer))
            } catch let error as JSONError {
                exchange.answer(Self.refusal(.badRequest, "the body is no JSON: \(error)"))
            } catch let error as JSONField.Wrong {
                exchange.answer(Self.refusal(.badRequest, error.description))
            } catch let refusal as ControlRefusal {
                exchange.answer(Self.refusal(refusal.status, refusal.description))
            } catch {
                exchange.answer(Self.refusal(.internalError, "\(error)"))
            }
        }
    }

    private static func refusal(_ status: HTTPStatus, _ text: String) -> Reply {
        Reply(status, json: ["error": .string(text)])
    }

    private func perform(_ method: HTTPMethod, _ path: [Substring], _ body: JSON) async throws -> JSON {
        switch (method, path.first) {
        case (.get, nil): return description
        case (.get, "facts") where path.count == 1: return facts
        case (.get, "faults") where path.count == 1: return .array(simulators.flatMap(\.faults.faults).map(\.json))
        case (.post, "faults") where path.count == 1: return try addFaults(JSONField(body))
        case (.delete, "faults") where path.count == 1:
            for simulator in simulators { simulator.faults.clear() }
            return [:]
        case (.get, "clock") where path.count == 1: return time
        case (.post, "clock") where path.count == 1:
            let field = JSONField(body)
            try field.allowOnly(["advanceSeconds"])
            clock.advance(by: .seconds(try field["advanceSeconds"].int(in: 0...400_000_000)))
            return time
        case (_, "control") where path.count > 1:
            return try await simulator(named: path[1]).control(Array(path.dropFirst(2)), method, body: body)
        default: throw ControlRefusal.unknown("there is no \(method.name) /\(path.joined(separator: "/"))")
        }
    }

    private var time: JSON {
        ["now": .string(clock.now.text), "offsetSeconds": .number(Int(clock.offset.nanoseconds / 1_000_000_000))]
    }

    private var facts: JSON {
        var facts = JSON.Object()
        for simulator in simulators {
            facts[type(of: simulator).name] = simulator.facts
        }
        return .object(facts)
    }

    /// All or none of them.
    private func addFaults(_ field: JSONField) throws -> JSON {
        let fields = if case .array = field.value { try field.elements() } else { [field] }
        var faults: [(any Simulator, Fault)] = []
        for field in fields {
            let fault = try Fault(field)
            faults.append((try simulator(named: fault.system[...]), fault))
        }
        for (simulator, fault) in faults {
            guard simulator.faults.add(fault) else {
                throw ControlRefusal("there are \(FaultPlan.most) faults already; DELETE /faults first")
            }
        }
        return ["added": .number(faults.count)]
    }

    private func simulator(named name: Substring) throws(ControlRefusal) -> any Simulator {
        for simulator in simulators where type(of: simulator).name == name { return simulator }
        let names = simulators.map { type(of: $0).name }.joined(separator: ", ")
        throw .unknown("there is no system \(name) here; there are: \(names)")
    }
}

extension ControlRefusal {
    fileprivate init(_ text: String) {
        self.init(.badRequest, text)
    }
}

extension Fault {
    /// As it was set, with what is left of it.
    var json: JSON {
        var object = JSON.Object()
        object["system"] = .string(system)
        object["on"] = .string(operation)
        object["effect"] = effect.json
        object["times"] = times.map { .number($0) }
        object["chance"] = chance.flatMap { Decimal("\($0)") }.map { .number($0) }
        if skip > 0 { object["skip"] = .number(skip) }
        return .object(object)
    }
}

extension Fault.Effect {
    fileprivate var json: JSON {
        switch self {
        case .status(let status, let retryAfter, let body, let processed):
            var object = JSON.Object()
            object["status"] = .number(status)
            object["retryAfterSeconds"] = retryAfter.map { .number($0) }
            object["body"] = body.map { .string($0) }
            object["processed"] = .bool(processed)
            return .object(object)
        case .hangUpBefore: return "hangUpBefore"
        case .hangUpAfter: return "hangUpAfter"
        case .garbage: return "garbage"
        case .truncated: return "truncated"
        case .stall(let seconds): return ["stallSeconds": .number(seconds)]
        case .delay(let milliseconds): return ["delayMilliseconds": .number(milliseconds)]
        case .named(let name): return ["named": .string(name)]
        }
    }
}
