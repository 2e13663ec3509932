import Core
import Engine
import Testing

@Suite struct `a decision` {
    private let draft = Draft(number: "N1", values: object(["a": "1", "b": "2"]))
    private let missing = CallError(.skipRecord, "x", .validation, "no")

    private func decide(
        _ farewell: Farewell = .archive,
        found: Result<Draft, CallError>? = nil,
        link: Link? = nil,
        missingSince: Int64? = nil,
        at now: Int64 = 1_000
    ) -> Decision {
        var change = Change(route: "r", key: "k", lane: .live, cause: "test", sinceMilliseconds: 0)
        change.missingSinceMilliseconds = missingSince
        return Decider(farewell: farewell, confirmsAfter: .milliseconds(100))
            .decide(change, found: found, link: link, at: now)
    }

    private func link(_ values: [String: String], _ state: Link.State = .live) -> Link {
        Link(
            route: "r",
            key: "k",
            target: "item",
            number: "N1",
            values: object(values),
            state: state,
            writtenMilliseconds: 0
        )
    }

    @Test func `of a record that is there depends on what was written last`() {
        #expect(decide(found: .success(draft)) == .create(draft))
        #expect(decide(found: .success(draft), link: link(["a": "1", "b": "2"])) == .unchanged)
        #expect(decide(found: .success(draft), link: link(["a": "1", "b": "2", "c": "theirs"])) == .unchanged)
        let update = Decision.update(target: "item", changed: object(["b": "2"]), draft)
        #expect(decide(found: .success(draft), link: link(["a": "1", "b": "0"])) == update)
        #expect(decide(found: .success(draft), link: link(["a": "1"]), missingSince: 0) == update)
        #expect(decide(found: .success(draft), link: link(["a": "1", "b": "2"], .archived)) == .create(draft))
        #expect(decide(found: .failure(missing), link: link([:])) == .park(missing))
    }

    @Test func `of a record that waits for something is to look again, and nothing for a person`() {
        let waits = CallError(.retry(after: .seconds(2)), "x", .missing, "its document has no item yet")
        #expect(decide(found: .failure(waits)) == .calm(dueMilliseconds: 3_000))
        let unsure = CallError(.retry(after: nil), "x", .missing, "")
        #expect(decide(found: .failure(unsure), link: link([:])) == .calm(dueMilliseconds: 61_000))
    }

    @Test func `of a record that is not there waits until that is sure`() {
        let wait = Decision.confirm(dueMilliseconds: 1_100, missingSince: 1_000)
        #expect(decide(link: link([:])) == wait && decide() == wait)
        #expect(decide(link: link([:]), missingSince: 1_000, at: 1_099) == wait)
        #expect(decide(link: link([:]), missingSince: 1_000, at: 1_100) == .archive(target: "item"))
        #expect(decide(missingSince: 1_000, at: 1_100) == .ignore)
        #expect(decide(link: link([:], .archived), missingSince: 1_000, at: 1_100) == .unchanged)
    }

    @Test func `of a record that is gone is its route's`() {
        let gone = object(["state": "gone"])
        #expect(decide(.keep, link: link([:]), missingSince: 0) == .leave)
        #expect(
            decide(.mark(gone), link: link(["a": "1"]), missingSince: 0)
                == .update(target: "item", changed: gone, Draft(number: "N1", values: gone))
        )
        #expect(decide(.mark(gone), link: link(["state": "gone"]), missingSince: 0) == .leave)
    }
}

@Suite struct `the aftermath of a write without an answer` {
    private func intent(_ key: String, _ action: Intent.Action, made: Int64 = 900) -> Intent {
        var intent = Intent(
            batch: "b",
            route: "r",
            key: key,
            action: action,
            target: action == .create ? nil : "item-\(key)",
            number: "N",
            values: object(["a": "1"]),
            cause: "test",
            version: 4,
            sinceMilliseconds: 10,
            madeMilliseconds: made
        )
        intent.id = Int64(key.count)
        return intent
    }

    private func decide(_ batch: [Intent], found: [String: [String]] = [:], links: [String: Link] = [:]) -> Aftermath {
        Aftermath.decide(
            batch,
            found: found,
            links: links,
            keyLife: .milliseconds(500),
            searchDelay: .milliseconds(50),
            at: 1_000
        )
    }

    @Test func `repeats what may still come to the target, as long as its key is known`() {
        #expect(decide([intent("k", .create), intent("u", .update)]) == .repeatAll)
        #expect(decide([intent("u", .update), intent("vv", .archive)]) == .repeatAll)
        guard case .conclude(let old) = decide([intent("k", .create, made: 500)]) else {
            Issue.record("a key that may be forgotten is no protection")
            return
        }
        #expect(old.map(\.end) == [.later(dueMilliseconds: 1_050, attempts: 0, missingSince: nil)])
        #expect(old.map(\.link) == [nil] && old.map(\.intent) == [1])
    }

    @Test func `takes over what is found, and writes all of it again`() throws {
        guard case .conclude(let all) = decide([intent("k", .create)], found: ["k": ["i1", "i2"]]) else {
            Issue.record("it is there")
            return
        }
        let link = try #require(all[0].link)
        #expect(link.target == "i1" && link.values == JSON.Object() && all[0].version == 4)
        #expect(all[0].end == .later(dueMilliseconds: 1_000, attempts: 0, missingSince: nil))
    }

    @Test func `counts no field as written that may not be`() throws {
        let link = Link(
            route: "r",
            key: "u",
            target: "item-u",
            number: "N",
            values: object(["a": "0", "b": "2"]),
            writtenMilliseconds: 0
        )
        let old = [intent("u", .update, made: 500), intent("vv", .archive, made: 500)]
        guard case .conclude(let all) = decide(old, links: ["u": link]) else {
            Issue.record("nothing was to be made")
            return
        }
        #expect(all[0].link?.values == object(["b": "2"]))
        #expect(all[1].link == nil && !all[1].unlinks)
    }
}
