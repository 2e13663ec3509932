import Core
import Engine
import Testing

@Suite struct `a field with two sides` {
    private static func step(
        _ source: JSON,
        _ target: JSON,
        _ mirror: JSON?,
        _ owner: FieldOwner,
        _ handEdits: HandEdits = .overwrite
    ) -> TwoSides.Step {
        TwoSides.step(source: source, target: target, mirror: mirror, owner: owner, handEdits: handEdits)
    }

    @Test(arguments: [nil, "a", "b", .null] as [JSON?], [FieldOwner.source, .target])
    func `is in step when both hold the same, whatever they agreed on`(mirror: JSON?, owner: FieldOwner) {
        #expect(Self.step("a", "a", mirror, owner) == .inStep)
        #expect(Self.step(.null, .null, mirror, owner, .keep) == .inStep)
    }

    @Test(arguments: [FieldOwner.source, .target], HandEdits.allCases)
    func `takes what the source changed, whoever owns it`(owner: FieldOwner, handEdits: HandEdits) {
        #expect(Self.step("b", "a", "a", owner, handEdits) == .toTarget(.changed))
        #expect(Self.step(.null, "a", "a", owner, handEdits) == .toTarget(.changed))
        #expect(Self.step("b", .null, .null, owner, handEdits) == .toTarget(.changed))
    }

    @Test func `takes what people changed where it is theirs`() {
        #expect(Self.step("a", "b", "a", .target) == .toSource(.changed))
        #expect(Self.step("a", .null, "a", .target) == .toSource(.changed))
        #expect(Self.step(.null, "b", .null, .target) == .toSource(.changed))
    }

    @Test func `of the source is written over or left`() {
        #expect(Self.step("a", "b", "a", .source) == .toTarget(.byHand))
        #expect(Self.step("a", "b", "a", .source, .keep) == .keep)
        #expect(Self.step("a", .null, "a", .source, .keep) == .keep)
    }

    @Test(arguments: HandEdits.allCases) func `goes to its owner when both changed it`(handEdits: HandEdits) {
        #expect(Self.step("b", "c", "a", .source, handEdits) == .toTarget(.conflict))
        #expect(Self.step("b", "c", "a", .target, handEdits) == .toSource(.conflict))
        #expect(Self.step(.null, "c", "a", .target, handEdits) == .toSource(.conflict))
        #expect(Self.step("b", .null, "a", .target, handEdits) == .toSource(.conflict))
    }

    @Test(arguments: HandEdits.allCases) func `goes to its owner when nobody knows`(handEdits: HandEdits) {
        #expect(Self.step("a", "b", nil, .source, handEdits) == .toTarget(.unknown))
        #expect(Self.step("a", "b", nil, .target, handEdits) == .toSource(.unknown))
        #expect(Self.step(.null, "b", nil, .target, handEdits) == .toSource(.unknown))
    }

    /// A new column is empty on every item: that is no word of its owner to empty the source's field.
    @Test func `is filled where it was never filled before`() {
        #expect(Self.step("a", .null, nil, .target) == .toTarget(.unknown))
        #expect(Self.step("a", .null, nil, .source, .keep) == .toTarget(.unknown))
    }
}

@Suite struct `the two sides of a record` {
    private func sides(
        _ source: [String: String],
        _ target: [String: String],
        _ mirror: [String: String],
        kept: [String: String] = [:],
        _ handEdits: HandEdits = .overwrite
    ) -> TwoSides {
        TwoSides(
            source: object(source),
            target: object(target),
            mirror: object(mirror),
            kept: object(kept),
            handEdits: handEdits,
            owner: { $0.hasPrefix("t") ? .target : .source }
        )
    }

    @Test func `say for each field what goes where, over what`() {
        let both = sides(
            ["s1": "a", "s2": "b", "s3": "a", "s4": "b", "t1": "a", "t2": "b", "t3": "b"],
            ["s1": "a", "s2": "a", "s3": "h", "s4": "c", "t1": "x", "t2": "a", "t3": "c", "other": "o"],
            ["s1": "z", "s2": "a", "s3": "a", "s4": "a", "t1": "a", "t2": "a", "t3": "a", "old": "o"]
        )
        #expect(both.toTarget.values == object(["s2": "b", "s3": "a", "s4": "b", "t2": "b"]))
        #expect(both.toTarget.aside.before == object(["s2": "a", "s3": "h", "s4": "c", "t2": "a"]))
        #expect(both.toTarget.aside.overwritten == object(["s3": "h"]))
        #expect(both.toTarget.aside.conflicts == object(["s4": "c"]))
        #expect(both.toSource.values == object(["t1": "x", "t3": "c"]))
        #expect(both.toSource.aside.before == object(["t1": "a", "t3": "b"]))
        #expect(both.toSource.aside.conflicts == object(["t3": "b"]))
        #expect(both.mirror["s1"] == "a" && both.mirror["s2"] == "a" && both.mirror["old"] == "o")
        #expect(both.kept.count == 0)
    }

    /// Such a column is not there any more, or cannot be read: nobody has emptied it.
    @Test func `take a field that the item says nothing of for unchanged`() {
        let both = sides(
            ["s": "a", "t": "a", "u": "b", "t2": "b", "new": "n"],
            [:],
            ["s": "a", "t": "a", "u": "a", "t2": "a"]
        )
        #expect(both.toSource.values.count == 0)
        #expect(both.toTarget.values == object(["new": "n", "t2": "b", "u": "b"]))
        #expect(both.toTarget.aside.before == object(["t2": "a", "u": "a"]))
        #expect(both.toTarget.aside.lost("t2") == nil)
    }

    @Test func `can be left for a while as people have made them`() {
        var both = sides(["s": "a", "u": "b"], ["s": "h", "u": "a"], ["s": "a", "u": "a"])
        both.leaveByHand()
        #expect(both.toTarget.values == object(["u": "b"]) && both.toTarget.aside.overwritten.count == 0)
        #expect(both.kept.count == 0)
    }

    @Test func `give the target back what the source does not take`() {
        var both = sides(["s": "b", "t": "a"], ["s": "a", "t": "x"], ["s": "a", "t": "a"])
        both.refuse("posted")
        #expect(both.toSource.values.count == 0 && both.toSource.aside == Aside())
        #expect(both.toTarget.values == object(["s": "b", "t": "a"]))
        #expect(both.toTarget.aside.before == object(["s": "a", "t": "x"]))
        #expect(both.toTarget.aside.refused == object(["t": "x"]))
        #expect(both.toTarget.aside.refusal == "posted" && both.toTarget.aside.lost("t") == "x")
        #expect(both.toTarget.aside.lost("s") == nil)
    }

    @Test func `tell once what is kept, and again when it is something else`() {
        let first = sides(["s": "a"], ["s": "h"], ["s": "a"], .keep)
        #expect(first.kept == object(["s": "h"]) && first.newlyKept == object(["s": "h"]))
        let again = sides(["s": "a"], ["s": "h"], ["s": "a"], kept: ["s": "h"], .keep)
        #expect(again.kept == object(["s": "h"]) && again.newlyKept.count == 0)
        let other = sides(["s": "a"], ["s": "i"], ["s": "a"], kept: ["s": "h"], .keep)
        #expect(other.newlyKept == object(["s": "i"]))
        let back = sides(["s": "a"], ["s": "a"], ["s": "a"], kept: ["s": "h"], .keep)
        #expect(back.kept.count == 0)
    }

    @Test func `survive being stored with what they go over`() {
        var both = sides(["s": "b", "t": "a"], ["s": "c", "t": "x"], ["s": "a", "t": "a"])
        both.refuse("posted")
        let aside = both.toTarget.aside
        #expect(Aside(aside.state) == aside)
        #expect(Aside(JSON.Object()) == Aside())
        #expect(aside.only(object(["s": ""])).refused.count == 0)
        #expect(aside.only(object(["s": ""])).conflicts == object(["s": "c"]))
    }
}

@Suite struct `two systems that correct each other` {
    @Test(arguments: [(Quarrels.Kind.writeBack, 20), (.overwriting, 5)])
    func `may do so a few times in ten minutes`(kind: Quarrels.Kind, most: Int) {
        var quarrels = Quarrels()
        for time in 0..<most { #expect(quarrels.admit("a", kind, at: Int64(1_000 + time)) == nil) }
        #expect(quarrels.admit("a", kind, at: 2_000) == 601_000)
        #expect(quarrels.admit("a", kind, at: 600_999) == 601_000)
        #expect(quarrels.admit("b", kind, at: 2_000) == nil)
        #expect(quarrels.admit("a", kind, at: 601_000) == nil)
        #expect(quarrels.admit("a", kind, at: 601_000) == 601_001)
        // The clock was set back.
        #expect(quarrels.admit("a", kind, at: 5) == nil)
    }

    @Test func `are remembered in bounds`() {
        var quarrels = Quarrels()
        for number in 0..<25_000 { #expect(quarrels.admit("k\(number)", .writeBack, at: Int64(number)) == nil) }
    }
}
