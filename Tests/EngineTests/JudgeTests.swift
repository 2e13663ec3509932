import Core
import Store
import Testing

@testable import Engine

@Suite struct `an item that is new to us and carries a record's key` {
    private func judgement(isTwoWay: Bool, state: JSON) -> Judge.Judgement {
        let judge = Judge(
            route: "invoices",
            connection: "board",
            policy: ReconcilePolicy(schedule: nil),
            farewell: .archive,
            isTwoWay: isTwoWay,
            reconciliation: Reconciliation(run: 1, wish: ReconcileWish(), occasion: "asked", terms: "", at: 0),
            now: 0
        )
        // An item's cell may say in another form what a draft says.
        let draft = Draft(number: "1", values: fields(["amount": "5", "state": ["index": 1]]))
        let item = Target(id: "9", key: "a", number: "1", values: fields(["amount": "5", "state": state]))
        return judge.judge(
            .init(
                key: "a",
                record: .success((draft, fields(["amount": "5", "state": "1"]))),
                link: Link(
                    route: "invoices",
                    key: "a",
                    target: "8",
                    number: "1",
                    values: draft.values,
                    writtenMilliseconds: 0
                ),
                standing: Standing(),
                items: [item],
                owners: [:]
            )
        )
    }

    /// A copy of an item shows what was asked for on the first one.
    @Test func `asks for nothing by what stands on it`() throws {
        let link = try #require(judgement(isTwoWay: true, state: "7").relink?.after)
        #expect(link.target == "9" && link.values == fields(["amount": "5"]))
        let same = try #require(judgement(isTwoWay: true, state: "1").relink?.after)
        #expect(same.values == fields(["amount": "5", "state": ["index": 1]]))
    }

    @Test func `is known with all that it holds where nothing goes back`() throws {
        let link = try #require(judgement(isTwoWay: false, state: "7").relink?.after)
        #expect(link.values == fields(["amount": "5", "state": "7"]))
    }
}

private func fields(_ document: JSON) -> JSON.Object {
    if case .object(let object) = document { object } else { JSON.Object() }
}
