import Core
import Engine
import Testing

@Suite struct `a field by which people ask` {
    private static func step(_ source: JSON, _ target: JSON, _ agreed: Asked?, _ isRequest: Bool) -> TwoSides.Step {
        Asked.step(source: source, target: target, agreed: agreed, isRequest: isRequest)
    }

    private static let both = Asked(source: "a", target: "a")
    private static let apart = Asked(source: "a", target: "x")

    @Test(arguments: [nil, both, apart, Asked(source: "b", target: .null)], [false, true])
    func `is in step when both hold the same, whatever they agreed on`(agreed: Asked?, isRequest: Bool) {
        #expect(Self.step("a", "a", agreed, isRequest) == .inStep)
        #expect(Self.step(.null, .null, agreed, isRequest) == .inStep)
    }

    /// An item that was adopted or copied must not book anything.
    @Test(arguments: [false, true]) func `does nothing at first sight`(isRequest: Bool) {
        #expect(Self.step("a", "b", nil, isRequest) == .toTarget(.unknown))
        #expect(Self.step(.null, "b", nil, isRequest) == .toTarget(.unknown))
        #expect(Self.step("a", .null, nil, isRequest) == .toTarget(.unknown))
    }

    @Test(arguments: [both, apart]) func `carries a request to the source, whether that has changed or not`(
        agreed: Asked
    ) {
        #expect(Self.step("a", "c", agreed, true) == .toSource(.changed))
        #expect(Self.step("b", "c", agreed, true) == .toSource(.conflict))
        #expect(Self.step(.null, "c", agreed, true) == .toSource(.conflict))
    }

    @Test(arguments: [both, apart]) func `keeps people's own word until the source changes`(agreed: Asked) {
        #expect(Self.step("a", "c", agreed, false) == .apart(isNew: true))
        #expect(Self.step("b", "c", agreed, false) == .toTarget(.conflict))
    }

    @Test(arguments: [false, true]) func `asks for nothing when it is emptied`(isRequest: Bool) {
        #expect(Self.step("a", .null, Self.both, isRequest) == .apart(isNew: true))
        #expect(Self.step("b", .null, Self.both, isRequest) == .toTarget(.conflict))
    }

    /// What was asked for is done: the same choice asks for nothing more.
    @Test(arguments: [false, true]) func `stays as it is until one of them changes`(isRequest: Bool) {
        #expect(Self.step("a", "x", Self.apart, isRequest) == .apart(isNew: false))
        #expect(Self.step("b", "x", Self.apart, isRequest) == .toTarget(.changed))
        #expect(Self.step("b", "a", Self.both, isRequest) == .toTarget(.changed))
        #expect(Self.step(.null, "x", Self.apart, isRequest) == .toTarget(.changed))
    }

    @Test(
        arguments: [
            ("a", "b"), (.null, "b"), ("a", .null), (["index": 1], ["index": 2]), ("a", "a"), (.null, .null),
        ] as [(JSON, JSON)]
    )
    func `is stored as what both hold, or as both`(source: JSON, target: JSON) {
        let asked = Asked(source: source, target: target)
        #expect(Asked(asked.json) == asked)
        #expect((asked.json == source) == (source == target))
    }

    @Test func `takes any other value for what both hold`() {
        for value in ["a", ["index": 1], ["said by the source": "a", "other": "b"], [1, 2], .null] as [JSON] {
            #expect(Asked(value) == Asked(source: value, target: value))
        }
    }
}

@Suite struct `the two sides of a record with requests` {
    private func sides(_ source: [String: JSON], _ target: [String: JSON], _ mirror: [String: JSON]) -> TwoSides {
        TwoSides(
            source: object(source),
            target: object(target),
            mirror: object(mirror),
            owner: { $0.hasPrefix("q") ? .asked : .source },
            asks: { $1 == "go" }
        )
    }

    private func object(_ fields: [String: JSON]) -> JSON.Object {
        var object = JSON.Object()
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { object[name] = value }
        return object
    }

    @Test func `remember both when something was asked for`() {
        let both = sides(["q": "a", "s": "b"], ["q": "go", "s": "b"], ["q": "a", "s": "b"])
        #expect(both.toSource.values["q"] == Asked(source: "a", target: "go").json)
        #expect(both.toSource.values.saidByTarget == object(["q": "go"]))
        #expect(both.toSource.aside.before == object(["q": "a"]) && both.toSource.aside.conflicts.count == 0)
        #expect(both.toTarget.values.count == 0 && both.mirror["q"] == "a")
        let late = sides(["q": "b"], ["q": "go"], ["q": "a"])
        #expect(late.toSource.aside.conflicts == object(["q": "b"]))
        // So that the target gets "b" when it is done.
        #expect(late.toSource.values["q"] == Asked(source: "a", target: "go").json)
    }

    @Test func `say once what people have put there, and remember it`() {
        let both = sides(["q": "a"], ["q": "own"], ["q": "a"])
        #expect(both.newlyKept == object(["q": "own"]) && both.kept.count == 0)
        #expect(both.mirror.saidBySource == object(["q": "a"]) && both.mirror.saidByTarget == object(["q": "own"]))
        let again = sides(["q": "a"], ["q": "own"], ["q": both.mirror["q"] ?? .null])
        #expect(again.newlyKept.count == 0 && again.mirror == both.mirror && again.toTarget.values.count == 0)
        let changed = sides(["q": "b"], ["q": "own"], ["q": both.mirror["q"] ?? .null])
        #expect(changed.toTarget.values == object(["q": "b"]) && changed.toTarget.aside.conflicts.count == 0)
        let agreed = sides(["q": "a"], ["q": "a"], ["q": both.mirror["q"] ?? .null])
        #expect(agreed.mirror == object(["q": "a"]))
    }

    /// The file has changed: people had put it there when nobody could ask for anything by it.
    @Test func `take what was kept before for people's own word`() {
        let both = TwoSides(
            source: object(["q": "a"]),
            target: object(["q": "go"]),
            mirror: object(["q": "a"]),
            kept: object(["q": "go"]),
            owner: { _ in .asked },
            asks: { $1 == "go" }
        )
        #expect(both.toSource.values.count == 0 && both.toTarget.values.count == 0)
        #expect(both.mirror["q"] == Asked(source: "a", target: "go").json)
        let other = TwoSides(
            source: object(["q": "a"]),
            target: object(["q": "go"]),
            mirror: object(["q": "a"]),
            kept: object(["q": "own"]),
            owner: { _ in .asked },
            asks: { $1 == "go" }
        )
        #expect(other.toSource.values.count == 1)
    }

    @Test func `give the target back what the source says when it refuses`() {
        var both = sides(["q": "a"], ["q": "go"], ["q": "a"])
        both.refuse("posted")
        #expect(both.toTarget.values == object(["q": "a"]) && both.toSource.values.count == 0)
        #expect(both.toTarget.aside.refused == object(["q": "go"]) && both.toTarget.aside.before == object(["q": "go"]))
    }

    @Test func `take a field that cannot be read for unchanged`() {
        let pair = Asked(source: "a", target: "x").json
        #expect(sides(["q": "a"], [:], ["q": pair]).toTarget.values.count == 0)
        #expect(sides(["q": "b"], [:], ["q": pair]).toTarget.values == object(["q": "b"]))
    }

    /// The file has changed: what was asked for by the field is the source's again.
    @Test func `know what the source said of a field that asks for nothing any more`() {
        let pair = Asked(source: "a", target: "x").json
        let both = sides(["s": "a"], ["s": "x"], ["s": pair])
        #expect(both.toTarget.values == object(["s": "a"]) && both.toTarget.aside.overwritten == object(["s": "x"]))
    }
}
