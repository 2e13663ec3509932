/// How far a route's records have been read: the watermark behind us, and the page we are at.
///
/// The watermark moves only after the last page is stored. A crash half way reads some records twice, which costs
/// nothing; moving it early would lose them, which nobody would notice.
package struct ReadProgress: Sendable, Equatable {
    package enum Step: Sendable, Equatable {
        /// All that changed since then; everything, with nil.
        case begin(changedSince: WallTime?)
        case goOn(next: String)
    }

    /// All that was last changed before it has been read.
    package private(set) var watermark: WallTime?
    /// The newest change seen in the reading under way.
    private var newest: WallTime?
    /// When the reading under way began. It does not answer for what was changed later: such a change may show up behind
    /// the page we are at, and a reading of many pages outlasts every overlap.
    private var began: WallTime?
    private var next: String?
    /// How the records were written, and where to: what was read under other rules has to be read again.
    package private(set) var rules: String?
    package private(set) var place: String?
    /// Of the reading under way, or of the last one.
    package private(set) var records = 0
    package private(set) var isReading = false
    /// When the last reading was finished.
    package private(set) var finishedMilliseconds: Int64 = 0

    /// Of the first load: how many records there are, how many were read at the furthest, and whether all of them have
    /// been written, too. None of it goes back when the reading begins anew.
    package private(set) var total: Int?
    package private(set) var furthest = 0
    package private(set) var isLoaded = false

    /// The system sets the stamp of a change inside a transaction that is committed later: a reading begins so much
    /// before the watermark.
    package static let overlap = Duration.seconds(120)

    package init() {}

    /// Everything is read for the first time.
    package var isFirst: Bool { finishedMilliseconds == 0 }
    /// The page to come is not the first one of its reading.
    package var isUnderWay: Bool { next != nil }

    package mutating func step(at now: WallTime) -> Step {
        isReading = true
        if let next { return .goOn(next: next) }
        records = 0
        newest = nil
        began = now
        return .begin(changedSince: watermark.map { $0 - Self.overlap })
    }

    /// A page has been stored; true after the last one.
    package mutating func stored(_ page: RecordPage, at now: Int64) -> Bool {
        records += page.records.count
        if isFirst { follow(isLast: page.next == nil) }
        for case let modified? in (page.records + page.left).lazy.map(\.modified) {
            newest = max(newest ?? modified, modified)
        }
        if page.isUnstamped { newest = began }
        next = page.next
        guard next == nil else { return false }
        // Where nothing was there, the next reading may as well begin at the beginning.
        if let newest {
            let known = began.map { min(newest, $0) } ?? newest
            watermark = max(watermark ?? known, known)
        }
        isReading = false
        finishedMilliseconds = now
        return true
    }

    /// Some come while it is read, and are read with the others; some are deleted before it comes to them.
    private mutating func follow(isLast: Bool) {
        furthest = max(furthest, records)
        total = isLast ? furthest : total.map { max($0, furthest) }
    }

    /// How many records there are, as their system says before the first of them is read.
    package mutating func counted(_ count: Int) {
        guard isFirst else { return }
        total = max(count, furthest)
    }

    /// All that was read at first has been dealt with.
    package mutating func loaded() {
        isLoaded = true
    }

    /// Of the first load, how many records have been dealt with while so many of them still wait.
    package func done(queued: Int) -> Int {
        isLoaded ? furthest : max(furthest - max(queued, 0), 0)
    }

    /// The way to the next page is not valid any more: the reading begins anew, and loses nothing.
    package mutating func lostItsPlace() {
        next = nil
    }

    /// Everything is to be read again where the rules have changed. True when it goes to another place now, so that what
    /// is known of the one before is of no use.
    package mutating func follow(rules: String, place: String) -> Bool {
        guard rules != self.rules || place != self.place else { return false }
        let isElsewhere = self.place != nil && self.place != place
        self = ReadProgress()
        self.rules = rules
        self.place = place
        return isElsewhere
    }

    // MARK: As it is stored

    package init(_ state: JSON) throws {
        let field = JSONField(state)
        watermark = try field["watermark"].orNil.flatMap { WallTime(try $0.string()) }
        newest = try field["newest"].orNil.flatMap { WallTime(try $0.string()) }
        began = try field["began"].orNil.flatMap { WallTime(try $0.string()) }
        next = try field["next"].orNil?.string()
        rules = try field["rules"].orNil?.string()
        place = try field["place"].orNil?.string()
        records = try field["records"].orNil?.int() ?? 0
        isReading = try field["reading"].orNil?.bool() ?? false
        finishedMilliseconds = Int64(try field["finished"].orNil?.int() ?? 0)
        total = try field["total"].orNil?.int(in: 0...Int.max)
        furthest = try field["furthest"].orNil?.int(in: 0...Int.max) ?? 0
        // A first load that was finished before anybody counted it.
        isLoaded = try field["loaded"].orNil?.bool() ?? (finishedMilliseconds != 0)
    }

    package var json: JSON {
        var state = JSON.Object()
        state["watermark"] = watermark.map { .string($0.text) }
        state["newest"] = newest.map { .string($0.text) }
        state["began"] = began.map { .string($0.text) }
        state["next"] = next.map { .string($0) }
        state["rules"] = rules.map { .string($0) }
        state["place"] = place.map { .string($0) }
        state["records"] = .number(records)
        state["reading"] = .bool(isReading)
        state["finished"] = .number(Int(finishedMilliseconds))
        state["total"] = total.map { .number($0) }
        state["furthest"] = .number(furthest)
        state["loaded"] = .bool(isLoaded)
        return .object(state)
    }
}
