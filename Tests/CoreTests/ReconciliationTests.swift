import Core
import Testing

@Suite struct `a reconciliation` {
    private func begun(_ wish: ReconcileWish = ReconcileWish()) -> Reconciliation {
        Reconciliation(run: 7, wish: wish, occasion: "asked", terms: "board 1", at: 100)
    }

    private func drift(_ number: Int, _ kind: Drift.Kind = .different, isRepaired: Bool = true) -> Drift {
        Drift(kind, key: "k\(number)", number: "N\(number)", item: "i", fields: ["due"], isRepaired: isRepaired)
    }

    @Test func `reads all records, then all items, then looks at what does not match`() {
        var run = begun()
        #expect(run.step == .records(next: nil))
        run.storedRecords(3, next: "two")
        #expect(run.step == .records(next: "two"))
        run.storedRecords(1, next: nil)
        #expect(run.step == .items(next: nil))
        run.storedItems(2, next: "b")
        #expect(run.step == .items(next: "b"))
        run.storedItems(2, next: nil)
        #expect(run.step == .check(after: "") && run.records == 4 && run.items == 4)
        #expect(run.checked([drift(1)], keys: 1, waiting: 0, parked: 0, through: "k1") == [drift(1)])
        #expect(run.step == .check(after: "k1"))
        #expect(run.checked([], keys: 0, waiting: 2, parked: 1, through: nil).isEmpty)
        #expect(run.step == .finish && run.checked == 1 && run.waiting == 2 && run.parked == 1)
        run.finished(at: 200)
        #expect(run.finishedMilliseconds == 200 && run.cause == "reconcile 7")
    }

    @Test func `counts a side anew whose place was lost, and keeps the other`() {
        var run = begun()
        run.storedRecords(3, next: "two")
        run.lostItsPlace()
        #expect(run.step == .records(next: nil) && run.records == 0)
        run.storedRecords(5, next: nil)
        run.storedItems(3, next: "b")
        run.lostItsPlace()
        #expect(run.step == .items(next: nil) && run.items == 0 && run.records == 5)
        run.storedItems(3, next: nil)
        run.lostItsPlace()
        #expect(run.step == .check(after: "") && run.items == 3)
    }

    @Test func `counts everything and keeps the first findings only`() {
        var run = begun()
        var kept = 0
        for batch in 0..<300 {
            let drifts = (0..<50).map { drift(batch * 50 + $0, isRepaired: $0 > 0) }
            kept += run.checked(drifts, keys: 50, waiting: 0, parked: 0, through: "k").count
        }
        #expect(kept == Reconciliation.mostLines && run.lines == kept)
        #expect(run[.different] == Reconciliation.Count(found: 15_000, repaired: 14_700))
        #expect(run[.missing] == Reconciliation.Count())
        #expect(run.summary == "0 records and 0 items: 15000 different (300 left)")
    }

    @Test(arguments: [(11, 20, true), (10, 10, false), (11, 22, false), (12, 22, true), (0, 0, false)])
    func `holds back when most items have lost their records`(extra: Int, items: Int, holds: Bool) {
        var run = begun()
        run.weighed(extra: extra, of: items)
        #expect(run.holdsExtrasBack == holds)
        var insisted = begun(ReconcileWish(putsAwayMost: true))
        insisted.weighed(extra: extra, of: items)
        #expect(!insisted.holdsExtrasBack)
    }

    @Test func `is stored and read as it was at every step`() throws {
        var run = begun(ReconcileWish(reportsOnly: true, putsAwayMost: true))
        func expectSame() throws {
            #expect(try Reconciliation(try JSON.parse(run.json.text())) == run)
        }
        try expectSame()
        run.storedRecords(3, next: "two")
        try expectSame()
        run.storedRecords(3, next: nil)
        try expectSame()
        run.storedItems(3, next: "x")
        try expectSame()
        run.storedItems(3, next: nil)
        run.weighed(extra: 1, of: 1)
        try expectSame()
        _ = run.checked(Drift.Kind.allCases.map { drift(1, $0) }, keys: 5, waiting: 1, parked: 1, through: nil)
        run.finished(at: 9)
        try expectSame()
    }

    @Test func `refuses a state that is none`() {
        for text in ["null", "{}", #"{"run":1}"#, #"{"run":"x"}"#] {
            #expect(throws: (any Error).self) { try Reconciliation(try JSON.parse(text)) }
        }
        #expect(throws: (any Error).self) { try Drift(try JSON.parse(#"{"kind":"odd","record":"a"}"#)) }
    }

    @Test func `writes each finding as a line that can be read again`() throws {
        for kind in Drift.Kind.allCases {
            let whole = drift(1, kind)
            #expect(try Drift(try JSON.parse(whole.json.text())) == whole)
            let bare = Drift(kind, key: "k", number: "")
            #expect(try Drift(try JSON.parse(bare.json.text())) == bare)
        }
    }
}
