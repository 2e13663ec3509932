import Core
import Testing

@Suite struct `the progress of a reading` {
    /// A system with its records in the order of their last change.
    private struct Remote {
        var records: [(id: Int, modified: Int)] = []

        /// The next page begins behind the last record of this one, wherever others have moved meanwhile.
        func page(since: Int?, after last: (Int, Int)?, size: Int) -> (RecordPage, Set<Int>) {
            let all = records.filter { record in
                record.modified >= since ?? .min && last.map { (record.modified, record.id) > $0 } ?? true
            }
            let some = all.sorted { ($0.modified, $0.id) < ($1.modified, $1.id) }.prefix(size)
            let next = some.last.map { "\(since ?? -1)/\($0.modified)/\($0.id)" }
            let page = RecordPage(
                records: some.map {
                    Record(
                        id: "\($0.id)",
                        modified: WallTime(millisecondsSince1970: $0.modified * 1_000),
                        fields: JSON.Object()
                    )
                },
                next: all.count > size ? next : nil
            )
            return (page, Set(some.map(\.id)))
        }
    }

    /// Steps and stores inside of an expectation, which a value may not.
    private final class Reading {
        var value = ReadProgress()
        func step() -> ReadProgress.Step { value.step(at: WallTime(startOf: Day(clamping: 30_000))) }
        func stored(_ page: RecordPage, at now: Int64) -> Bool { value.stored(page, at: now) }
    }

    private static func second(_ second: Int) -> WallTime { WallTime(millisecondsSince1970: second * 1_000) }

    @Test func `begins with everything, and afterwards a little before the newest change`() {
        let progress = Reading()
        #expect(progress.value.isFirst && progress.step() == .begin(changedSince: nil))
        let page = RecordPage(records: [record(1, at: 1_000), record(2, at: 5_000)], next: nil)
        #expect(progress.stored(page, at: 9))
        #expect(progress.value.watermark == Self.second(5_000) && !progress.value.isFirst && !progress.value.isReading)
        #expect(progress.step() == .begin(changedSince: Self.second(4_880)))
    }

    /// Else it would look at them again each time.
    @Test func `passes those that have left`() {
        let progress = Reading()
        _ = progress.step()
        var page = RecordPage(records: [record(1, at: 1_000)], next: nil)
        page.left = [record(2, at: 7_000)]
        #expect(progress.stored(page, at: 9))
        #expect(progress.value.watermark == Self.second(7_000) && progress.value.records == 1)
    }

    @Test func `keeps its watermark where it is until the last page is stored`() {
        let progress = Reading()
        _ = progress.step()
        #expect(!progress.stored(RecordPage(records: [record(1, at: 1_000)], next: "a"), at: 1))
        #expect(progress.value.watermark == nil && progress.value.isReading && progress.value.isUnderWay)
        #expect(progress.step() == .goOn(next: "a"))
        #expect(!progress.stored(RecordPage(records: [record(2, at: 900)], next: "b"), at: 2))
        #expect(progress.value.records == 2)
        // The newest of all pages counts, not the one of the last.
        #expect(progress.stored(RecordPage(records: [record(3, at: 800)], next: nil), at: 3))
        #expect(progress.value.watermark == Self.second(1_000) && progress.value.records == 3)
        #expect(progress.value.finishedMilliseconds == 3)
    }

    @Test func `does not move for a reading that found nothing, nor backwards`() {
        let progress = Reading()
        _ = progress.step()
        #expect(progress.stored(RecordPage(records: [], next: nil), at: 1))
        #expect(progress.step() == .begin(changedSince: nil))
        #expect(progress.stored(RecordPage(records: [record(1, at: 500)], next: nil), at: 2))
        _ = progress.step()
        #expect(progress.stored(RecordPage(records: [record(2, at: 400)], next: nil), at: 3))
        #expect(progress.value.watermark == Self.second(500))
    }

    @Test func `goes by the beginning of a reading where no record says when it was changed`() {
        let progress = Reading()
        let now = WallTime(startOf: Day(clamping: 30_000))
        _ = progress.step()
        var page = RecordPage(records: [Record(id: "1", fields: JSON.Object())], next: "a")
        page.isUnstamped = true
        #expect(!progress.stored(page, at: 1) && progress.value.watermark == nil)
        _ = progress.step()
        page = RecordPage(records: [], next: nil)
        page.isUnstamped = true
        #expect(progress.stored(page, at: 2) && progress.value.watermark == now)
        #expect(progress.step() == .begin(changedSince: now - ReadProgress.overlap))
    }

    @Test func `begins its reading anew when it has lost its place`() {
        let progress = Reading()
        _ = progress.step()
        _ = progress.stored(RecordPage(records: [record(1, at: 500)], next: nil), at: 1)
        _ = progress.step()
        _ = progress.stored(RecordPage(records: [record(2, at: 9_000)], next: "a"), at: 2)
        progress.value.lostItsPlace()
        #expect(progress.value.isReading)
        #expect(progress.step() == .begin(changedSince: Self.second(380)))
        #expect(progress.value.records == 0)
        // What was seen on the way that was lost has not been read as far as its end.
        #expect(progress.stored(RecordPage(records: [record(3, at: 600)], next: nil), at: 3))
        #expect(progress.value.watermark == Self.second(600))
    }

    @Test func `begins anew under other rules, and says when it goes to another place`() {
        var progress = ReadProgress()
        let atFirst = progress.follow(rules: "a", place: "1")
        _ = progress.step(at: Self.second(1_000))
        _ = progress.stored(RecordPage(records: [record(1, at: 500)], next: nil), at: 7)
        let asBefore = progress.follow(rules: "a", place: "1")
        #expect(!atFirst && !asBefore && !progress.isFirst && progress.watermark != nil)
        let otherRules = progress.follow(rules: "b", place: "1")
        #expect(!otherRules && progress.isFirst && progress.watermark == nil)
        let otherPlace = progress.follow(rules: "b", place: "2")
        #expect(otherPlace)
        #expect((try? ReadProgress(progress.json)) == progress)
    }

    @Test func `counts its first load up to the total, and never back`() throws {
        var progress = ReadProgress()
        func read(_ count: Int, next: String?) throws {
            _ = progress.step(at: Self.second(3_000))
            let records = (0..<count).map { record($0, at: 500) }
            _ = progress.stored(RecordPage(records: records, next: next), at: 1)
            #expect(try ReadProgress(JSON.parse(progress.json.text())) == progress)
        }
        #expect(progress.total == nil && progress.done(queued: 0) == 0)
        progress.counted(5)
        try read(2, next: "a")
        #expect(progress.total == 5 && progress.done(queued: 2) == 0 && progress.done(queued: 9) == 0)
        try read(2, next: "b")
        #expect(progress.furthest == 4 && progress.done(queued: 1) == 3)
        progress.lostItsPlace()
        try read(1, next: "c")
        #expect(progress.records == 1 && progress.furthest == 4 && progress.done(queued: 1) == 3)
        // Others came while it was read.
        try read(9, next: "d")
        #expect(progress.total == 10)
        progress.counted(7)
        #expect(progress.total == 10)
        // And one went before it was come to.
        progress.counted(12)
        try read(1, next: nil)
        #expect(progress.total == 11 && progress.done(queued: 1) == 10 && !progress.isLoaded)
        progress.loaded()
        // What waits after that is none of it.
        #expect(progress.done(queued: 3) == 11)
        try read(4, next: nil)
        #expect(progress.records == 4 && progress.total == 11 && progress.furthest == 11)
    }

    @Test func `holds a load to be over that was finished before anybody counted it`() throws {
        #expect(try ReadProgress(JSON.parse(#"{"finished":5,"records":3}"#)).isLoaded)
        #expect(try !ReadProgress(JSON.parse(#"{"records":3,"next":"a","reading":true}"#)).isLoaded)
        for text in [#"{"total":-1}"#, #"{"furthest":"x"}"#, #"{"loaded":1}"#] {
            #expect(throws: (any Error).self) { try ReadProgress(JSON.parse(text)) }
        }
    }

    @Test func `answers for nothing that was changed after it began`() {
        var progress = ReadProgress()
        _ = progress.step(at: Self.second(3_000))
        _ = progress.stored(RecordPage(records: [record(1, at: 500)], next: "a"), at: 1)
        _ = progress.step(at: Self.second(9_000))
        _ = progress.stored(RecordPage(records: [record(2, at: 8_000)], next: nil), at: 2)
        #expect(progress.watermark == Self.second(3_000))
    }

    @Test func `is the same after it was stored`() throws {
        let progress = Reading()
        #expect(try ReadProgress(progress.value.json) == progress.value)
        _ = progress.step()
        let fine = WallTime(ticks: 17_000_000_001_234_567)
        let one = Record(id: "1", modified: fine, fields: JSON.Object())
        _ = progress.stored(RecordPage(records: [one], next: "x?y=\"z\""), at: 4)
        #expect(try ReadProgress(JSON.parse(progress.value.json.text())) == progress.value)
        _ = progress.stored(RecordPage(records: [one], next: nil), at: 1_800_000_000_123)
        #expect(try ReadProgress(JSON.parse(progress.value.json.text())) == progress.value)
        #expect(progress.value.watermark == fine)
    }

    @Test(arguments: [
        #"{"watermark":5}"#, #"{"next":true}"#, #"{"records":"x"}"#,
        #"{"finished":1.5}"#,
    ])
    func `refuses to be read from something else`(text: String) throws {
        #expect(throws: (any Error).self) { try ReadProgress(JSON.parse(text)) }
    }

    /// Records change while they are read, pages fail, places are lost and the process dies between any two steps; what
    /// is stored is all that the next process knows.
    @Test func `reads every change at least once, whatever happens on the way`() throws {
        for seed in [1_354, 2_494] + Array(0..<150) as [UInt64] {
            var dice = Dice(state: seed)
            var remote = Remote()
            var now = 10_000
            func change(_ id: Int) {
                remote.records.removeAll { $0.id == id }
                // The stamp is of a transaction's begin: up to a minute before others can see it.
                remote.records.append((id, now - dice.roll(60)))
                unseen.insert(id)
            }
            var unseen: Set<Int> = []
            for id in 0..<dice.roll(40) { change(id) }
            var stored = ReadProgress().json
            var finished = 0
            var quiet = false
            for step in 0... {
                quiet = step > 200
                if quiet, finished >= 2 { break }
                try #require(step < 1_000, "seed \(seed) never ends")
                now += dice.roll(30)
                if !quiet, dice.roll(3) == 0 { change(dice.roll(60)) }
                var progress = try ReadProgress(stored)
                if dice.roll(20) == 0 { progress.lostItsPlace() }
                let answer: (RecordPage, Set<Int>)
                let size = 1 + dice.roll(8)
                switch progress.step(at: WallTime(millisecondsSince1970: now * 1_000)) {
                case .begin(let since):
                    answer = remote.page(since: since?.secondsSince1970, after: nil, size: size)
                case .goOn(let next):
                    let parts = next.split(separator: "/").compactMap { Int($0) }
                    answer = remote.page(since: parts[0] < 0 ? nil : parts[0], after: (parts[1], parts[2]), size: size)
                }
                let (page, ids) = answer
                // The process dies before the page is stored.
                if dice.roll(6) == 0 { continue }
                let isLast = progress.stored(page, at: Int64(now))
                // Marks and progress are stored at once.
                stored = progress.json
                unseen.subtract(ids)
                if isLast, quiet { finished += 1 }
            }
            #expect(unseen.isEmpty, "seed \(seed)")
        }
    }

    private func record(_ id: Int, at second: Int) -> Record {
        Record(id: "\(id)", modified: Self.second(second), fields: JSON.Object())
    }
}
