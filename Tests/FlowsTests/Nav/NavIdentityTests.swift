import Core
import Testing

@testable import Flows

@Suite struct `who a document of NAV is` {
    @Test(arguments: [
        ("1023", "1023"), ("PI-1023", "pi-1023"), ("F/2018/7", "f/2018/7"), ("ÆRØ 1", "ærø 1"), ("A_B.C", "a_b.c"),
        // What would not come back from lower case as it was, or would be taken for something else.
        ("STRAßE", "=53545241c39f45"), ("pi-1", "=70692d31"), ("POSTED:7", "=504f535445443a37"), ("=41", "=3d3431"),
    ])
    func `comes back from its key as it was`(number: String, key: String) {
        #expect(NavIdentity.number(number).id == key)
        #expect(NavIdentity(key) == .number(number))
        #expect(NavIdentity.posted(number).id == "posted:\(key)")
        #expect(NavIdentity("posted:\(key)") == .posted(number))
        #expect(key == key.lowercased())
    }

    @Test(arguments: ["", "posted:", "=", "=4", "=zz", "=ff"])
    func `is nobody where the key is none of ours`(key: String) {
        #expect(NavIdentity(key) == nil)
    }

    @Test(arguments: [
        ("Open", NavState.open), ("Released", .released), ("Pending Approval", .pendingApproval),
        // As SOAP has it.
        ("Pending_Prepayment", .pendingPrepayment), (" ", .other("")), ("Frigivet", .other("Frigivet")),
    ])
    func `has the state of its status before it is posted`(status: String, state: NavState) {
        #expect(NavState(unposted: object(["Status": status])) == state)
    }

    @Test(
        arguments: [
            (["Closed": false, "Remaining_Amount": 100, "Cancelled": false, "Corrective": false], .posted),
            (["Closed": true, "Remaining_Amount": 100], .paid), (["Remaining_Amount": 0], .paid),
            (["Remaining_Amount": -5], .posted), (["Closed": true, "Cancelled": true], .canceled),
            (["Closed": true, "Corrective": true], .corrective),
            // Versions that have none of these properties.
            ([:], .posted),
        ] as [(JSON, NavState)]
    )
    func `has a state that is derived once it is posted`(row: JSON, state: NavState) {
        #expect(NavState(posted: members(row)) == state)
    }
}

@Suite struct `what is listed` {
    @Test func `vanishes when a walk does not come by it`() {
        var listed = NavListed(["a", "b", "c"])
        let walk = listed.begin()
        listed.saw([("a", true), ("d", true)], in: walk)
        listed.saw([("b", true)], in: walk)
        #expect(listed.isChanged && listed.keys == ["a", "b", "c", "d"])
        #expect(listed.end(walk) == ["c"])
        // Until somebody has read it, each walk misses it again.
        let next = listed.begin()
        listed.saw([("a", true), ("b", true), ("d", true)], in: next)
        listed.settled(["c"])
        #expect(listed.end(next) == [])
    }

    @Test func `is nothing that is not on its way any more`() {
        var listed = NavListed(["a"])
        let walk = listed.begin()
        listed.saw([("a", false), ("b", false)], in: walk)
        #expect(listed.keys == ["a"] && !listed.isChanged)
        #expect(listed.end(walk) == [])
    }

    @Test func `is missed by none but the walks that have begun here`() {
        var listed = NavListed(["a"], after: 1_000)
        #expect(listed.end(7) == [])
        let walks = (0..<5).map { _ in listed.begin() }
        #expect(listed.end(walks[0]) == [] && listed.end(walks[4]) == ["a"])
    }

    @Test func `is kept as it was, for the same books`() {
        let listed = NavListed(["b", "a"])
        #expect(NavListed(listed.json(of: "one"), of: "one", after: 0).keys == ["a", "b"])
        #expect(NavListed(listed.json(of: "one"), of: "another", after: 0).keys == [])
        for broken: JSON? in [nil, .null, ["books": "one"], ["books": "one", "keys": 7]] {
            #expect(NavListed(broken, of: "one", after: 0).keys == [])
        }
    }
}

@Suite struct `a walk through the lists` {
    @Test func `goes through everything in two parts, and through what is new in three`() throws {
        let whole = NavPlace(changedSince: nil, walk: 1)
        #expect(whole.part == .unposted && whole.since == nil)
        let posted = try #require(whole.at("x").following(hasPosted: true, knowsUnpaid: true))
        #expect(posted.part == .posted && posted.next == nil)
        #expect(posted.following(hasPosted: true, knowsUnpaid: true) == nil)
        let since = NavPlace(changedSince: try day("2018-03-10"), walk: 1)
        #expect(since.since?.text == "2018-03-03")
        let recent = try #require(since.following(hasPosted: true, knowsUnpaid: true))
        #expect(recent.part == .recent)
        #expect(recent.following(hasPosted: true, knowsUnpaid: true)?.part == .unpaid)
        #expect(recent.following(hasPosted: true, knowsUnpaid: false) == nil)
        #expect(since.following(hasPosted: false, knowsUnpaid: false) == nil)
    }

    @Test func `is found again by its text, and by no other`() throws {
        var place = NavPlace(changedSince: try day("2018-03-10"), walk: 9).at("https://nav/x?$skiptoken='a b'")
        place.part = .unpaid
        #expect(try NavPlace(place.text) == place)
        for text in ["", "x", "{}", #"{"part":"sold","walk":1}"#, "[]"] {
            #expect(throws: CallError.self) { _ = try NavPlace(text) }
        }
    }
}
