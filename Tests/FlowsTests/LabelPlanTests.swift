import Core
import Testing

@testable import Flows
@testable import Systems

@Suite struct `a column's labels` {
    private static func column(_ labels: [Monday.Label], _ type: Monday.ColumnType = .dropdown) -> Monday.Column {
        var column = Monday.Column(id: "vendor", title: "Vendor", typeName: type.rawValue)
        column.labels = labels
        return column
    }

    private static func label(_ id: Int, _ text: String, off: Bool = false) -> Monday.Label {
        var label = Monday.Label(id: id, text: text)
        label.isDeactivated = off
        return label
    }

    private static func option(
        _ key: String,
        _ text: String,
        number: String = "",
        off: Bool = false
    )
        -> LabelPlan.Option
    {
        LabelPlan.Option(key: key, number: number.isEmpty ? key : number, text: text, isOff: off)
    }

    private static let usual = LabelPlan.Policy(most: 200, longest: 255)

    private func texts(_ plan: LabelPlan) -> [String]? {
        plan.labels.map { $0.map { ($0.isDeactivated ? "-" : "") + $0.text } }
    }

    private func entry(_ label: Int, _ number: String) -> LabelPlan.Entry { .init(label: label, number: number) }

    @Test func `are made for what the books have, once, and learned from Monday's answer`() {
        var column = Self.column([Self.label(1, "Ours")])
        let plan = LabelPlan(column, [Self.option("b", "Beta"), Self.option("a", "Alpha")], known: [:], Self.usual)
        #expect(texts(plan) == ["Ours", "Alpha", "Beta"] && plan.complaint.isEmpty)
        #expect(plan.labels?.map(\.id) == [1, nil, nil])
        column.labels = [Self.label(1, "Ours"), Self.label(2, "Alpha"), Self.label(3, "Beta")]
        let entries = plan.entries(made: column)
        #expect(entries == ["a": entry(2, "a"), "b": entry(3, "b")])
        let again = LabelPlan(
            column,
            [Self.option("b", "Beta"), Self.option("a", "Alpha")],
            known: entries,
            Self.usual
        )
        #expect(again.labels == nil && again.entries == entries)
    }

    @Test func `that people have added already are taken over, and all others are left alone`() {
        let column = Self.column([Self.label(4, " acme "), Self.label(5, "Theirs"), Self.label(6, "Off", off: true)])
        let plan = LabelPlan(column, [Self.option("1", "ACME")], known: [:], Self.usual)
        #expect(plan.entries == ["1": entry(4, "1")] && plan.additions.isEmpty)
        #expect(texts(plan) == ["ACME", "Theirs", "-Off"])
    }

    @Test func `are renamed where they stand, and may even change their names with each other`() {
        let column = Self.column([Self.label(1, "A"), Self.label(2, "B")])
        let known = ["x": entry(1, "x"), "y": entry(2, "y")]
        let plan = LabelPlan(column, [Self.option("x", "B"), Self.option("y", "A")], known: known, Self.usual)
        #expect(texts(plan) == ["B", "A"] && plan.labels?.map(\.id) == [1, 2] && plan.entries == known)
    }

    @Test func `are switched off, not deleted, when their record is gone or blocked, and on again when it is back`() {
        let column = Self.column([Self.label(1, "A"), Self.label(2, "B"), Self.label(3, "C", off: true)])
        let known = ["a": entry(1, "a"), "b": entry(2, "b"), "c": entry(3, "c")]
        let plan = LabelPlan(
            column,
            [Self.option("a", "A", off: true), Self.option("c", "C")],
            known: known,
            Self.usual
        )
        #expect(texts(plan) == ["-A", "-B", "C"] && plan.entries == known)
    }

    @Test func `of a part of the list say nothing of what is gone`() {
        let column = Self.column([Self.label(1, "A")])
        var part = Self.usual
        part.isWhole = false
        let plan = LabelPlan(column, [Self.option("b", "B")], known: ["a": entry(1, "a")], part)
        #expect(plan.labels == nil && plan.complaint.contains("far too many"))
    }

    @Test func `that two records would share get their numbers behind them`() {
        let plan = LabelPlan(
            Self.column([]),
            [
                Self.option("g1", "ACME", number: "10"), Self.option("g2", "acme ", number: "20"),
                Self.option("g3", "ACME", number: ""), Self.option("g4", "", number: "40"),
            ],
            known: [:],
            Self.usual
        )
        #expect(
            texts(plan) == ["40", "ACME (10)", "acme (20)", "ACME (g3)"].sorted { $0.lowercased() < $1.lowercased() }
        )
    }

    @Test func `never take the name of a label that stands for something else`() {
        let column = Self.column([Self.label(1, "Old"), Self.label(2, "New"), Self.label(3, "Gone", off: true)])
        let known = ["a": entry(1, "a"), "z": entry(3, "z")]
        let plan = LabelPlan(
            column,
            [Self.option("a", "New", number: "10"), Self.option("b", "Gone", number: "20")],
            known: known,
            Self.usual
        )
        #expect(texts(plan) == ["New (10)", "New", "-Gone", "Gone (20)"])
        // The names that they have by now are theirs, and stay so.
        var after = column
        after.labels = plan.labels ?? []
        after.labels[3].id = 4
        let again = LabelPlan(
            after,
            [Self.option("a", "New", number: "10"), Self.option("b", "Gone", number: "20")],
            known: plan.entries(made: after),
            Self.usual
        )
        #expect(again.labels == nil)
    }

    @Test(arguments: [("Caf\u{E9}", "Cafe\u{301}"), ("Ł\u{F3}d\u{17A}", "Ło\u{301}dz\u{301}")])
    func `are the same however an accent is spelled`(one: String, other: String) {
        let column = Self.column([Self.label(1, one)])
        let plan = LabelPlan(column, [Self.option("a", other)], known: [:], Self.usual)
        #expect(plan.labels == nil && plan.entries["a"]?.label == 1)
    }

    @Test func `are on one line, trimmed, and cut where all can see it`() {
        let long = String(repeating: "x", count: 40)
        var status = Self.usual
        status.longest = 30
        let plan = LabelPlan(
            Self.column([]),
            [
                Self.option("1", "  two\nlines "), Self.option("2", long + "a", number: "10000"),
                Self.option("3", long + "b", number: "20000"), Self.option("4", "y" + long),
            ],
            known: [:],
            status
        )
        let made = plan.labels?.map(\.text) ?? []
        #expect(
            made == [
                "two lines", String(repeating: "x", count: 21) + "… (10000)",
                String(repeating: "x", count: 21) + "… (20000)", "y" + String(repeating: "x", count: 28) + "…",
            ]
        )
        #expect(made.allSatisfy { $0.utf16.count <= 30 })
    }

    @Test func `beyond what fits are not made at all, and the rest goes on`() {
        let column = Self.column([Self.label(1, "A"), Self.label(2, "B")])
        var few = Self.usual
        few.most = 3
        let known = ["a": entry(1, "a"), "b": entry(2, "b")]
        let plan = LabelPlan(
            column,
            [Self.option("a", "Renamed"), Self.option("c", "C"), Self.option("d", "D"), Self.option("e", "E")],
            known: known,
            few
        )
        #expect(texts(plan) == ["Renamed", "-B"] && plan.additions.isEmpty)
        #expect(plan.complaint.contains("4 labels") && plan.complaint.contains("a board of their own"))
    }

    @Test func `of a status count when they are off, of a dropdown they do not`() {
        let labels = [Self.label(1, "A"), Self.label(2, "Off", off: true)]
        var two = Self.usual
        two.most = 2
        let dropdown = LabelPlan(Self.column(labels), [Self.option("n", "New")], known: [:], two)
        #expect(texts(dropdown) == ["A", "-Off", "New"])
        let status = LabelPlan(Self.column(labels, .status), [Self.option("n", "New")], known: [:], two)
        #expect(status.labels == nil && status.complaint.contains("3 labels"))
    }

    @Test func `of a status get a place and a colour of their own`() throws {
        var first = Self.label(0, "Open")
        (first.index, first.color) = (0, "working_orange")
        let plan = LabelPlan(Self.column([first], .status), [Self.option("n", "New")], known: [:], Self.usual)
        let made = try #require(plan.labels?.last)
        #expect(made.index == 1 && made.color != nil && made.color != "working_orange" && made.color != "explosive")
    }

    @Test func `that are managed for the account are only matched`() {
        var managed = Self.usual
        managed.mayChange = false
        let column = Self.column([Self.label(1, "A"), Self.label(2, "B")])
        let plan = LabelPlan(column, [Self.option("a", "A"), Self.option("c", "C")], known: [:], managed)
        #expect(plan.labels == nil && plan.entries == ["a": entry(1, "a")])
        #expect(plan.complaint.contains("managed") && plan.complaint.contains("1 of them"))
    }

    @Test func `are deleted one at a time, unused, off for some time, and never with an addition`() {
        let column = Self.column([
            Self.label(1, "A", off: true), Self.label(2, "B", off: true), Self.label(3, "C"),
            Self.label(4, "Theirs", off: true),
        ])
        let known = ["a": entry(1, "a"), "b": entry(2, "b"), "c": entry(3, "c")]
        let look = LabelPlan(column, [], known: known, Self.usual)
        #expect(texts(look) == ["-A", "-B", "-C", "-Theirs"] && look.leavings == [1, 2])
        var unused = Self.usual
        unused.unused = [1, 2, 3, 4]
        let plan = LabelPlan(column, [Self.option("c", "C")], known: known, unused)
        #expect(texts(plan) == ["-B", "C", "-Theirs"] && Set(plan.entries.keys) == ["b", "c"])
        let adding = LabelPlan(column, [Self.option("c", "C"), Self.option("d", "D")], known: known, unused)
        #expect(texts(adding) == ["-A", "-B", "C", "-Theirs", "D"])
    }

    @Test func `that somebody deleted are made again`() {
        let plan = LabelPlan(Self.column([]), [Self.option("a", "A")], known: ["a": entry(7, "a")], Self.usual)
        #expect(texts(plan) == ["A"] && plan.entries.isEmpty)
    }

    @Test func `stay with a record that was entered anew under its number`() {
        let column = Self.column([Self.label(1, "A")])
        let plan = LabelPlan(
            column,
            [Self.option("new", "A & Sons", number: "10")],
            known: ["old": entry(1, "10")],
            Self.usual
        )
        #expect(texts(plan) == ["A & Sons"] && plan.entries == ["new": entry(1, "10")])
    }
}
