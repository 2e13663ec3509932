import Core
import Testing

@testable import Flows
@testable import Systems

@Suite struct `the columns of a board` {
    private func board(_ columns: Monday.Column...) -> Monday.Board {
        Monday.Board(id: "1", name: "AP", state: "active", groups: [], columns: columns)
    }

    private func mapping() throws -> BoardMapping {
        try BoardMapping(
            JSONField(["board": "1", "columns": ["number": "name", "due": "date4", "amount": "numbers"]])
        )
    }

    private let values: (String) -> JSON = { ["number": "100", "due": "2026-11-20", "amount": 5][$0] ?? .null }

    @Test func `are known by their ids, whatever they are called`() throws {
        let before = try mapping().fit(
            to: board(
                Monday.Column(id: "date4", title: "Due", typeName: "date"),
                Monday.Column(id: "numbers", title: "Amount", typeName: "numbers")
            )
        )
        let after = try mapping().fit(
            to: board(
                Monday.Column(id: "numbers", title: "Sum", typeName: "numbers"),
                Monday.Column(id: "date4", title: "Pay until", typeName: "date")
            )
        )
        #expect(before.complaints.isEmpty && after.complaints.isEmpty)
        #expect(try before.values(values) == after.values(values))
    }

    @Test func `that were deleted are left out alone, and said`() throws {
        let fitted = try mapping().fit(to: board(Monday.Column(id: "numbers", title: "Amount", typeName: "numbers")))
        #expect(fitted.complaints.count == 1 && fitted.complaints[0].contains("has no column date4"))
        #expect(try fitted.values(values).members.map(\.name) == ["name", "numbers"])
    }
}
