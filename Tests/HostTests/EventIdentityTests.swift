import Core
import Store
import Testing
import Transport

@testable import Engine
@testable import Host

/// An event that comes again, and another one that says the same: as each vendor writes them.
@Suite(.onLoop) struct `an event's id` {
    @Test(arguments: [
        (
            "Monday", EventIdentity.monday,
            #"{"event":{"type":"update_name","subscriptionId":4667,"triggerUuid":"c95b","isRetry":false,"triggerTime":"2026-11-20T09:28:02.630Z","pulseId":17}}"#,
            #"{"event":{"triggerTime":"2026-11-20T09:29:02.630Z","type":"update_name","isRetry":true,"pulseId":17,"subscriptionId":4667,"triggerUuid":"c95b"}}"#,
            [
                #"{"event":{"type":"update_name","subscriptionId":4667,"triggerUuid":"c95c","isRetry":false,"triggerTime":"2026-11-20T09:28:02.630Z","pulseId":17}}"#,
                // The same event, as it is told to another subscription, which leads elsewhere.
                #"{"event":{"type":"update_name","subscriptionId":4668,"triggerUuid":"c95b","isRetry":false,"triggerTime":"2026-11-20T09:28:02.630Z","pulseId":17}}"#,
                #"{"event":{"type":"update_name","subscriptionId":466,"triggerUuid":"7c95b","pulseId":17}}"#,
            ]
        ),
        (
            "Finance and Operations", EventIdentity.financeOperations,
            #"{"BusinessEventId":"PurchaseOrderConfirmedBusinessEvent","ControlNumber":5637144576,"EventId":"55A81094-A14E","EventTime":"/Date(1637246655000)/","PurchaseOrderNumber":"BRMF-18"}"#,
            #"{"BusinessEventId":"PurchaseOrderConfirmedBusinessEvent","ControlNumber":5637144576,"EventId":"55A81094-A14E","EventTime":"/Date(1637246659000)/","EventTimeIso8601":"2026-11-20T13:51:15.2942742Z","PurchaseOrderNumber":"BRMF-18"}"#,
            [
                #"{"BusinessEventId":"PurchaseOrderConfirmedBusinessEvent","ControlNumber":5637144576,"EventId":"55A81094-A14F","EventTime":"/Date(1637246655000)/","PurchaseOrderNumber":"BRMF-18"}"#
            ]
        ),
        (
            "Procore, version 2", EventIdentity.procore,
            #"{"id":123,"ulid":"01J9ZK3N8W5X7Q2R4T6V8Y0A1B","timestamp":"2026-02-06T23:34:12.246562Z","event_type":"update","resource_id":870012}"#,
            #"{"id":124,"ulid":"01J9ZK3N8W5X7Q2R4T6V8Y0A1B","timestamp":"2026-02-06T23:35:12Z","event_type":"update","resource_id":870012}"#,
            [
                #"{"id":123,"ulid":"01J9ZK3N8W5X7Q2R4T6V8Y0A1C","timestamp":"2026-02-06T23:34:12.246562Z","event_type":"update","resource_id":870012}"#
            ]
        ),
        (
            "Procore, version 4", EventIdentity.procore,
            #"{"id":"01J9ZK3N8W5X7Q2R4T6V8Y0A1B","timestamp":"2026-02-06T23:34:12Z","reason":"update","resource_id":"870012"}"#,
            #"{"id":"01J9ZK3N8W5X7Q2R4T6V8Y0A1B","timestamp":"2026-02-06T23:39:12Z","reason":"update","resource_id":"870012","data":{}}"#,
            [
                #"{"id":"01J9ZK3N8W5X7Q2R4T6V8Y0A1C","timestamp":"2026-02-06T23:34:12Z","reason":"update","resource_id":"870012"}"#
            ]
        ),
        (
            "BILL", EventIdentity.bill,
            #"{"metadata":{"eventId":"625947c4","subscriptionId":"f6d0","eventType":"bill.updated","version":"1"},"bill":{"id":"00n02"}}"#,
            #""{\"metadata\":{\"eventId\":\"625947c4\",\"subscriptionId\":\"f6d0\",\"eventType\":\"bill.updated\",\"version\":1},\"bill\":{\"id\":\"00n02\"}}""#,
            [
                #"{"metadata":{"eventId":"625947c5","subscriptionId":"f6d0","eventType":"bill.updated","version":"1"},"bill":{"id":"00n02"}}"#
            ]
        ),
    ])
    @OnLoop func `is the same in what is sent again, and another in another`(
        vendor: String,
        identity: String,
        first: String,
        again: String,
        others: [String]
    ) throws {
        let hook = try Self.hook {
            $0.identity = .member
            $0.identityName = identity
        }
        let key = try #require(Self.key(hook, first))
        #expect(Self.key(hook, again) == key, "\(vendor)")
        #expect(first != again && !others.isEmpty)
        for other in others {
            #expect(Self.key(hook, other) != key && Self.key(hook, other) != nil, "\(vendor): \(other)")
        }
    }

    @Test @OnLoop func `is what a Monday flow's address goes by, and a body without one stands for itself`() throws {
        let hook = try PreparedHook(
            Hook(connection: 5, token: Secret(text: "t"), rules: HookRules(.challenge), secret: nil)
        )
        let event = #"{"event":{"subscriptionId":1,"triggerUuid":"a","isRetry":false}}"#
        let retry = #"{"event":{"subscriptionId":1,"triggerUuid":"a","isRetry":true}}"#
        #expect(Self.key(hook, event) == Self.key(hook, retry) && Self.key(hook, event) != nil)
        for (one, other) in [
            (#"{"event":{"subscriptionId":1}}"#, #"{"event":{"subscriptionId":2}}"#),
            (#"{"event":{"triggerUuid":""}}"#, #"{"event":{"triggerUuid":null}}"#), ("not JSON", "[1]"), ("", "{}"),
        ] {
            #expect(Self.key(hook, one) == Self.key(hook, one) && Self.key(hook, one) != nil)
            #expect(Self.key(hook, one) != Self.key(hook, other))
        }
    }

    /// Its notifications have no id. What its sender repeats is the same to the byte.
    @Test @OnLoop func `is the body itself where the vendor sends none`() throws {
        let hook = try PreparedHook(
            Hook(connection: 5, token: Secret(text: "t"), rules: HookRules(.clientState), secret: nil)
        )
        let body =
            #"{"value":[{"subscriptionId":"s","clientState":"c","resource":"r","changeType":"updated","lastModifiedDateTime":"2026-11-20T07:14:00Z"}]}"#
        #expect(Self.key(hook, body) == Self.key(hook, body))
        #expect(Self.key(hook, body) != Self.key(hook, body.replacing("07:14", with: "07:15")))
    }

    @Test @OnLoop func `is missing where a file names members that are not there`() throws {
        let hook = try Self.hook {
            $0.identity = .member
            $0.identityName = "a+b.c|d"
        }
        for body in ["{}", #"{"a":1}"#, #"{"b":{"c":2}}"#, #"{"a":1,"b":2}"#, #"{"d":{}}"#, "7"] {
            #expect(Self.key(hook, body) == nil, "\(body)")
        }
        #expect(Self.key(hook, #"{"a":1,"b":{"c":2},"d":9}"#) == Self.key(hook, #"{"b":{"c":2},"a":1}"#))
        #expect(Self.key(hook, #"{"d":9}"#) != nil)
        for wrong in ["", "a++b", "a|", ".a", "a.", "|"] { #expect(EventIdentity(wrong) == nil, "\(wrong)") }
    }

    @OnLoop private static func hook(_ change: (inout HookRules) -> Void) throws -> PreparedHook {
        var rules = HookRules()
        change(&rules)
        return try PreparedHook(Hook(connection: 5, token: Secret(text: "t"), rules: rules, secret: nil))
    }

    @OnLoop private static func key(_ hook: PreparedHook, _ body: String) -> EventKey? {
        Array(body.utf8).withUnsafeBytes { hook.key(identity: nil, body: $0, hasher: SHA256()) }
    }
}
