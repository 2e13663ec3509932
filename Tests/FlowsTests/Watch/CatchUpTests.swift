import Core
import Testing

@testable import Flows
@testable import Systems

private func time(_ clock: String) -> WallTime { WallTime("2026-11-20T\(clock)Z") ?? .first }

@Suite struct `catching up with a board` {
    static func page(_ changes: [(String, String?)], more: Bool = false) -> Monday.ItemPage {
        let items = changes.map { id, changed in
            Monday.Item(id: id, name: id, state: "active", updated: changed.map(time), cells: [])
        }
        return Monday.ItemPage(items: items, cursor: more ? "more" : nil)
    }

    @Test func `ends at what is known, and goes on from the newest change`() {
        var walk = CatchUp(knownUntil: time("10:00:00"))
        let first = walk.took(Self.page([("a", "12:00:00"), ("b", "11:00:00")], more: true))
        #expect(first.map(\.id) == ["a", "b"] && !walk.isDone)
        // A minute earlier than what is known: a change shows up a little after it was made.
        let second = walk.took(
            Self.page([("c", "10:00:00"), ("d", "09:59:00"), ("e", "09:58:59"), ("f", "08:00:00")], more: true)
        )
        #expect(second.map(\.id) == ["c", "d"] && walk.isDone && !walk.isCut)
        #expect(walk.watermark == time("12:00:00") && walk.pages == 2)
    }

    @Test func `of a board where nothing happened takes one page and forgets nothing`() {
        for page in [Self.page([]), Self.page([("a", "09:00:00")], more: true)] {
            var walk = CatchUp(knownUntil: time("10:00:00"))
            #expect(walk.took(page).isEmpty && walk.isDone && walk.watermark == time("10:00:00"))
        }
    }

    @Test func `takes an item whose change has no time for a changed one`() {
        var walk = CatchUp(knownUntil: time("10:00:00"))
        #expect(walk.took(Self.page([("a", nil)])).map(\.id) == ["a"] && walk.isDone)
    }

    @Test func `ends somewhere, whatever there is`() {
        var walk = CatchUp(knownUntil: time("10:00:00"))
        var pages = 0
        while !walk.isDone {
            _ = walk.took(Self.page([("a", "12:00:00")], more: true))
            pages += 1
        }
        #expect(pages == CatchUp.mostPages && walk.isCut)
    }

    @Test func `by a log takes the last line of each item`() {
        func line(_ item: String?, _ user: String, _ clock: String?) -> Monday.Activity {
            Monday.Activity(id: "1", kind: .columnChanged, item: item, user: user, time: clock.map(time))
        }
        var walk = CatchUp(knownUntil: time("10:00:00"))
        let lines = [
            line("a", "1", "11:00:00"), line("a", "2", "12:00:00"), line("a", "3", "11:30:00"),
            line(nil, "4", "13:00:00"),
            line("b", "5", nil),
        ]
        let latest = walk.took(Monday.ActivityPage(lines: lines, isFull: true))
        #expect(latest.mapValues(\.user) == ["a": "2", "b": "5"] && !walk.isDone)
        #expect(walk.took(Monday.ActivityPage(lines: [], isFull: false)).isEmpty && walk.isDone)
        #expect(walk.watermark == time("13:00:00"))
    }

    @Test func `leaves our own writes aside`() {
        let written = Int64(time("10:00:00").millisecondsSince1970) + 300
        // Monday's times are whole seconds.
        #expect(!CatchUp.isNews(changed: time("10:00:00"), writtenMilliseconds: written))
        #expect(CatchUp.isNews(changed: time("10:00:01"), writtenMilliseconds: written))
        #expect(!CatchUp.isNews(changed: time("09:00:00"), writtenMilliseconds: written))
        #expect(CatchUp.isNews(changed: nil, writtenMilliseconds: written))
    }

    @Test func `is kept between two lives`() {
        let state = CatchUp.state(knownUntil: time("10:00:00"))
        #expect(CatchUp.known(state) == time("10:00:00"))
        for wrong in [nil, .null, [], ["known": 7], ["known": "soon"]] as [JSON?] {
            #expect(CatchUp.known(wrong) == nil)
        }
    }
}

@Suite struct `how a file wants to hear of its boards` {
    static func read(_ text: String) throws -> BoardWatchFile {
        try BoardWatchFile(JSONField(try JSON.parse5("{ monday: { \(text) } }"))["monday"])
    }

    @Test func `is by webhooks, where it says nothing else`() throws {
        let usual = try Self.read("")
        #expect(usual.hasWebhooks && !usual.readsLogs && usual.account == nil && usual.catchUp == .every(.seconds(900)))
        let other = try Self.read(#"webhooks: false, activityLogs: true, catchUp: "every 5m""#)
        #expect(!other.hasWebhooks && other.readsLogs && other.catchUp == .every(.seconds(300)))
        for account in ["18255", #""18255""#] {
            let signed = try Self.read("signingSecret: { env: \"S\" }, checkAudience: false, account: \(account)")
            #expect(signed.account == "18255")
        }
    }

    @Test(arguments: [
        ("webhooks: 1", "monday.webhooks"), ("activityLogs: \"yes\"", "monday.activityLogs"),
        ("catchUp: \"often\"", "monday.catchUp"), ("catchUp: 15", "monday.catchUp"),
        ("account: 18255", "monday.account"), ("checkAudience: true", "monday.checkAudience"),
        ("signingSecret: { env: \"S\" }, account: \"acme\"", "monday.account"),
        ("signingSecret: { env: \"S\" }, account: 1.5", "monday.account"),
        ("signingSecret: { env: \"S\" }, checkAudience: 1", "monday.checkAudience"),
    ])
    func `is refused where it makes no sense`(text: String, path: String) {
        let error = #expect(throws: JSONField.Wrong.self) { try Self.read(text) }
        #expect(error?.path == path)
    }
}
