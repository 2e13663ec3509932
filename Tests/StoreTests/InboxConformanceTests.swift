import Core
import Store
import Testing

@Suite struct `an inbox` {
    @Test(arguments: inboxes) func `gives back what it stored, in order`(kind: Kind<InboxPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let inbox = try await place.open(nil)
        let first = try await inbox.commit(arrivals(0..<3), removing: []).sequences
        let second = try await inbox.commit(arrivals(3..<5, for: 7), removing: []).sequences
        #expect(first.count == 3 && second.count == 2 && first.upperBound <= second.lowerBound)

        let expected = zip(Array(first) + Array(second), arrivals(0..<3) + arrivals(3..<5, for: 7))
        let index = try await inbox.index()
        #expect(index == expected.map { InboxEntry(sequence: $0, connection: $1.connection, key: $1.key, bytes: 600) })
        let loaded = try await inbox.load(index.map(\.sequence))
        #expect(loaded == expected.map { Event(sequence: $0, arrival: $1) })
        #expect(try await inbox.usage().events == 5)
    }

    @Test(arguments: inboxes) func `keeps everything over a restart`(kind: Kind<InboxPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let before = try await place.open(nil)
        let stored = try await before.commit(arrivals(0..<100), removing: []).sequences
        _ = try await before.commit([], removing: Array(stored.prefix(40)))
        let index = try await before.index()
        await before.close()

        let after = try await place.open(nil)
        #expect(try await after.index() == index)
        #expect(index.map(\.sequence) == Array(stored.dropFirst(40)))
        #expect(try await after.usage().events == 60)
    }

    @Test(arguments: inboxes) func `never gives a sequence twice`(kind: Kind<InboxPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        var highest: Int64 = 0
        for round in 0..<6 as Range<UInt64> {
            let inbox = try await place.open(nil)
            let stored = try await inbox.commit(arrivals(round * 3..<round * 3 + 3), removing: []).sequences
            #expect(stored.lowerBound > highest)
            highest = stored.upperBound - 1
            // Empty when it closes, by one removal or by two in either order.
            switch round % 3 {
            case 0: _ = try await inbox.commit([], removing: Array(stored))
            case 1:
                _ = try await inbox.commit([], removing: [highest])
                _ = try await inbox.commit([], removing: Array(stored))
            default:
                _ = try await inbox.commit([], removing: Array(stored.dropLast()))
                _ = try await inbox.commit([], removing: [highest])
            }
            #expect(try await inbox.index().isEmpty)
            await inbox.close()
        }
    }

    @Test(arguments: inboxes) func `adds and removes in one step`(kind: Kind<InboxPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let inbox = try await place.open(nil)
        let old = try await inbox.commit(arrivals(0..<10), removing: []).sequences
        let new = try await inbox.commit(arrivals(10..<12), removing: [1, 2, 3, 7, 9].map { old.lowerBound + $0 })
        let left = [0, 4, 5, 6, 8].map { old.lowerBound + $0 } + Array(new.sequences)
        #expect(try await inbox.index().map(\.sequence) == left)
        #expect(try await inbox.usage().events == left.count)
    }

    @Test(arguments: inboxes) func `takes a removal of what is gone for done`(kind: Kind<InboxPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let inbox = try await place.open(nil)
        let stored = try await inbox.commit(arrivals(0..<4), removing: []).sequences
        for _ in 0..<2 { _ = try await inbox.commit([], removing: [stored.lowerBound, 99_999]) }
        #expect(try await inbox.usage().events == 3)
        #expect(
            try await inbox.load([stored.lowerBound, stored.lowerBound + 1]).map(\.sequence) == [stored.lowerBound + 1]
        )
    }

    @Test(arguments: inboxes) func `stores empty and large bodies and any text`(kind: Kind<InboxPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let inbox = try await place.open(nil)
        var odd = [arrival(1, bytes: 0), arrival(2, bytes: 1_048_576), arrival(3)]
        odd[0].body = []
        odd[0].kind = ""
        odd[2].kind = "Rechnung\u{0} \u{1F4C4} geändert"
        odd[2].connection = .max
        odd[2].receivedMilliseconds = .min
        odd[2].key = EventKey(high: .max, low: .max)
        let stored = try await inbox.commit(odd, removing: []).sequences
        #expect(try await inbox.load(Array(stored)).map(\.arrival) == odd)
    }

    @Test(arguments: inboxes) func `full, loses nothing, and works again once there is room`(
        kind: Kind<InboxPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let inbox = try await place.open(400_000)
        var acknowledged: [Int64] = []
        var number: UInt64 = 0
        await #expect {
            while number < 10_000 {
                acknowledged += try await inbox.commit(arrivals(number..<number + 20), removing: []).sequences
                number += 20
            }
        } throws: {
            if case StoreError.full = $0 { true } else { false }
        }
        #expect(acknowledged.count > 200)
        #expect(try await inbox.index().map(\.sequence) == acknowledged)
        #expect(try await inbox.usage().events == acknowledged.count)
        // All or nothing: the removal that came with what did not fit has not happened either.
        await #expect(throws: StoreError.self) {
            try await inbox.commit(arrivals(0..<5_000), removing: [acknowledged[0]])
        }
        #expect(try await inbox.index().map(\.sequence) == acknowledged)

        _ = try await inbox.commit([], removing: Array(acknowledged.prefix(100)))
        let more = try await inbox.commit(arrivals(number..<number + 50), removing: []).sequences
        #expect(more.lowerBound > acknowledged[acknowledged.count - 1])
        let left = acknowledged.dropFirst(100) + Array(more)
        await inbox.close()
        #expect(try await place.open(400_000).index().map(\.sequence) == Array(left))
    }

    @Test(arguments: inboxes) func `says so when it is used after it was closed`(kind: Kind<InboxPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let inbox = try await place.open(nil)
        await inbox.close()
        await #expect {
            try await inbox.commit(arrivals(0..<1), removing: [])
        } throws: {
            if case StoreError.closed = $0 { true } else { false }
        }
    }

    @Test(arguments: inboxes) func `has one owner at a time`(kind: Kind<InboxPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let owner = try await place.open(nil)
        await #expect {
            try await place.open(nil)
        } throws: {
            if case StoreError.owned = $0 { true } else { false }
        }
        let stored = try await owner.commit(arrivals(0..<1), removing: []).sequences
        await owner.close()
        #expect(try await place.open(nil).index().map(\.sequence) == Array(stored))
    }
}
