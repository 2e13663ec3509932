import Core
import Sandbox
import Testing
import Transport

@Suite struct `a fault plan` {
    private func plan(_ faults: Fault..., seed: UInt64 = 1) -> FaultPlan {
        var plan = FaultPlan(seed: seed)
        for fault in faults { plan.add(fault) }
        return plan
    }

    @Test(arguments: [
        ("token", "token", true), ("token", "tokens", false), ("*", "anything", true),
        ("create_*", "create_item", true),
        ("create_*", "create_", true), ("create_*", "delete_item", false),
        ("GET purchase*", "GET purchaseInvoices", true),
    ])
    func `strikes the operations that fit`(pattern: String, operation: String, fits: Bool) {
        var plan = plan(Fault(system: "monday", on: pattern, .garbage))
        #expect(plan.effect(for: operation) == (fits ? .garbage : nil))
        #expect(plan.struck == (fits ? 1 : 0))
    }

    @Test func `lets some through first, strikes so often, and is over`() {
        var plan = plan(Fault(system: "monday", on: "*", .hangUpAfter, times: 2, skip: 1))
        let effects = (0..<5).map { _ in plan.effect(for: "any") }
        #expect(effects == [nil, .hangUpAfter, .hangUpAfter, nil, nil])
        #expect(plan.faults.isEmpty)
    }

    @Test func `makes one thing go wrong at a time`() {
        var plan = plan(
            Fault(system: "monday", on: "a", .garbage, times: 1),
            Fault(system: "monday", on: "*", .hangUpBefore, times: 1)
        )
        #expect(plan.effect(for: "a") == .garbage)
        #expect(plan.effect(for: "a") == .hangUpBefore)
        #expect(plan.effect(for: "a") == nil)
    }

    @Test func `strikes by chance as its seed has it`() {
        let fault = Fault(system: "monday", on: "*", .truncated, chance: 0.25)
        func strokes(seed: UInt64) -> [Bool] {
            var plan = plan(fault, seed: seed)
            return (0..<400).map { _ in plan.effect(for: "any") != nil }
        }
        #expect(strokes(seed: 7) == strokes(seed: 7))
        #expect(strokes(seed: 7) != strokes(seed: 8))
        #expect(70..<130 ~= strokes(seed: 7).count { $0 })
    }

    @Test(arguments: [
        (#"{"system":"monday","effect":"garbage"}"#, Fault(system: "monday", on: "*", .garbage)),
        (
            #"{"system":"a","on":"token","effect":{"status":503,"retryAfterSeconds":7},"times":2,"chance":0.5,"skip":1}"#,
            Fault(
                system: "a",
                on: "token",
                .status(503, retryAfterSeconds: 7, body: nil, processed: false),
                times: 2,
                chance: 0.5,
                skip: 1
            )
        ),
        (
            #"{"system":"a","effect":{"status":504,"body":"late","processed":true}}"#,
            Fault(system: "a", on: "*", .status(504, retryAfterSeconds: nil, body: "late", processed: true))
        ),
        (#"{"system":"a","effect":{"stallSeconds":9}}"#, Fault(system: "a", on: "*", .stall(seconds: 9))),
        (#"{"system":"a","effect":{"delayMilliseconds":9}}"#, Fault(system: "a", on: "*", .delay(milliseconds: 9))),
        (#"{"system":"a","effect":{"named":"minute"}}"#, Fault(system: "a", on: "*", .named("minute"))),
    ])
    func `is read from JSON`(text: String, fault: Fault) throws {
        #expect(try Fault(JSONField(try JSON.parse(text))) == fault)
    }

    @Test(arguments: [
        (#"{"effect":"garbage"}"#, "system: missing"), (#"{"system":"a"}"#, "effect"),
        (#"{"system":"a","effect":"nonsense"}"#, "effect: expected hangUpBefore"),
        (#"{"system":"a","effect":{"status":99}}"#, "effect.status: expected a whole number from 200"),
        (#"{"system":"a","effect":{"status":500,"times":1}}"#, "effect.times: unknown name"),
        (#"{"system":"a","effect":"garbage","chance":1.5}"#, "chance: expected a share"),
        (#"{"system":"a","effect":"garbage","time":1}"#, "time: unknown name"),
        ("[]", "the document: expected an object"),
    ])
    func `refuses JSON that makes no sense, and says where`(text: String, problem: String) throws {
        let field = JSONField(try JSON.parse(text))
        let wrong = #expect(throws: JSONField.Wrong.self) { try Fault(field) }
        #expect(wrong?.description.hasPrefix(problem) == true, "\(String(describing: wrong))")
    }

    @Test func `holds no more faults than anybody needs`() {
        var plan = FaultPlan()
        let accepted = (0...FaultPlan.most).map { _ in plan.add(Fault(system: "a", on: "*", .garbage)) }
        #expect(accepted.count { $0 } == FaultPlan.most && accepted.last == false)
    }
}
