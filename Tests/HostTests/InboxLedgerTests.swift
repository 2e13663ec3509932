import Core
import Testing

@testable import Host

@Suite struct `the inbox ledger` {
    static func key(_ number: UInt64) -> EventKey { EventKey(high: number, low: 0) }

    static func ledger(_ change: (inout IntakeLimits) -> Void = { _ in }) -> InboxLedger {
        var limits = IntakeLimits()
        change(&limits)
        return InboxLedger(limits: limits)
    }

    @Test func `tells a new event from one that is being written and from one it has`() {
        var ledger = Self.ledger()
        #expect(ledger.arrived(Self.key(1), for: 1, bytes: 10) == .new)
        #expect(ledger.arrived(Self.key(1), for: 1, bytes: 10) == .underway)
        ledger.committed(Self.key(1))
        #expect(ledger.arrived(Self.key(1), for: 1, bytes: 10) == .known)
        #expect(ledger.total == .init(events: 1, bytes: 10))
    }

    @Test func `takes an event again that could not be written`() {
        var ledger = Self.ledger()
        #expect(ledger.arrived(Self.key(1), for: 1, bytes: 10) == .new)
        ledger.notCommitted(Self.key(1), for: 1, bytes: 10)
        #expect(ledger.total == .init())
        #expect(ledger.arrived(Self.key(1), for: 1, bytes: 10) == .new)
    }

    @Test func `knows an event after its removal`() {
        var ledger = Self.ledger()
        _ = ledger.arrived(Self.key(1), for: 1, bytes: 10)
        ledger.committed(Self.key(1))
        ledger.removed(from: 1, bytes: 10)
        #expect(ledger.total == .init() && ledger.connections.isEmpty)
        #expect(ledger.arrived(Self.key(1), for: 1, bytes: 10) == .known)
    }

    @Test func `leaves room for others when one connection is flooded`() {
        var ledger = Self.ledger {
            $0.events = 100
            $0.connectionShare = 0.25
        }
        let taken = (0..<100).filter { ledger.arrived(Self.key(UInt64($0)), for: 1, bytes: 1) == .new }
        #expect(taken.count == 25)
        #expect(ledger.arrived(Self.key(1_000), for: 2, bytes: 1) == .new)
    }

    @Test func `is full at its limit of bytes, and not before`() {
        var ledger = Self.ledger {
            $0.bytes = 100
            $0.connectionShare = 1
        }
        #expect(ledger.arrived(Self.key(1), for: 1, bytes: 60) == .new)
        #expect(ledger.arrived(Self.key(2), for: 1, bytes: 41) == .full)
        #expect(ledger.arrived(Self.key(3), for: 1, bytes: 40) == .new)
        #expect(ledger.arrived(Self.key(2), for: 1, bytes: 1) == .full)
    }

    @Test func `remembers at least half of its keys and never more than all`() {
        var recent = RecentKeys(limit: 100)
        for number in 0..<1_000 as Range<UInt64> {
            recent.insert(Self.key(number))
            let remembered = (0...number).filter { recent.contains(Self.key($0)) }
            #expect(remembered.count <= 100)
            #expect(remembered.count >= min(Int(number) + 1, 50))
            #expect(remembered.last == number)
        }
    }
}
