/// One comparison of everything that a route has on both sides: what to ask next, and what was found so far.
///
///     records ─page─▶ … ─▶ items ─page─▶ … ─▶ checking ─batch─▶ … ─▶ finishing ─▶ finished
///
/// Both sides change while it runs. So what the pages say only makes suspects, and each of those is read afresh on both
/// sides before anything is said of it. It is stored with every page: a crash costs one page.
package struct Reconciliation: Sendable, Equatable {
    package enum Step: Sendable, Equatable {
        /// All of the source: its first page, with nil.
        case records(next: String?)
        /// All of the target.
        case items(next: String?)
        /// The suspects among the keys behind that one.
        case check(after: String)
        case finish
    }

    package struct Count: Sendable, Equatable {
        package var found = 0
        package var repaired = 0

        package init(found: Int = 0, repaired: Int = 0) {
            self.found = found
            self.repaired = repaired
        }
    }

    /// How many findings are kept word for word; all are counted.
    package static let mostLines = 10_000

    /// Counted up with each of the route, and never given twice.
    package let run: Int
    package let wish: ReconcileWish
    /// `schedule`, or `asked`.
    package let occasion: String
    /// What it compares: under other rules, or with another place, it has to begin anew.
    package let terms: String
    package let beganMilliseconds: Int64
    package private(set) var step = Step.records(next: nil)
    package private(set) var records = 0
    package private(set) var items = 0
    package private(set) var checked = 0
    /// What the items are compared with waits to be written, or for a person.
    package private(set) var waiting = 0
    package private(set) var parked = 0
    package private(set) var lines = 0
    /// Most of the records seem to be gone: whatever the reason is, the items stay until a person has looked.
    package private(set) var holdsExtrasBack = false
    package private(set) var finishedMilliseconds: Int64?
    private var counts: [Drift.Kind: Count] = [:]

    package init(run: Int, wish: ReconcileWish, occasion: String, terms: String, at now: Int64) {
        self.run = run
        self.wish = wish
        self.occasion = occasion
        self.terms = terms
        beganMilliseconds = now
    }

    package subscript(kind: Drift.Kind) -> Count { counts[kind] ?? Count() }

    /// For the audit of whatever it leads to.
    package var cause: String { "reconcile \(run)" }

    // MARK: What happened

    package mutating func storedRecords(_ count: Int, next: String?) {
        records += count
        step = next.map { .records(next: $0) } ?? .items(next: nil)
    }

    package mutating func storedItems(_ count: Int, next: String?) {
        items += count
        step = next.map { .items(next: $0) } ?? .check(after: "")
    }

    /// Before anything is checked: of so many records' items, so many seem to have lost their record.
    package mutating func weighed(extra: Int, of items: Int) {
        holdsExtrasBack = !wish.putsAwayMost && extra > 10 && extra > items / 2
    }

    /// A batch has been checked, and all keys as far as `through`; everything, with nil. Answers those of the findings
    /// that are to be kept word for word.
    package mutating func checked(
        _ drifts: [Drift],
        keys: Int,
        waiting: Int,
        parked: Int,
        through: String?
    ) -> [Drift] {
        for drift in drifts {
            counts[drift.kind, default: Count()].found += 1
            if drift.isRepaired { counts[drift.kind, default: Count()].repaired += 1 }
        }
        checked += keys
        self.waiting += waiting
        self.parked += parked
        let kept = Array(drifts.prefix(max(Self.mostLines - lines, 0)))
        lines += kept.count
        step = through.map { .check(after: $0) } ?? .finish
        return kept
    }

    /// The way to the next page is not valid any more: its side is read anew, and nothing is lost.
    package mutating func lostItsPlace() {
        switch step {
        case .records: (step, records) = (.records(next: nil), 0)
        case .items: (step, items) = (.items(next: nil), 0)
        case .check, .finish: break
        }
    }

    package mutating func finished(at now: Int64) {
        finishedMilliseconds = now
    }

    /// In words for people: `2 missing, 1 different (1 left as it is)`.
    package var summary: String {
        let found = Drift.Kind.allCases.compactMap { kind -> String? in
            let count = self[kind]
            guard count.found > 0 else { return nil }
            let left = count.found - count.repaired
            return "\(count.found) \(kind.rawValue)" + (left > 0 ? " (\(left) left)" : "")
        }
        // What is not looked at is not said to be well.
        let open = [
            waiting > 0 ? "\(waiting) still to be written" : nil,
            holdsExtrasBack ? "most items have lost their records, and none of those was looked at" : nil,
        ].compactMap(\.self)
        let all = found + open
        return "\(records) records and \(items) items: "
            + (all.isEmpty ? "all in step" : all.joined(separator: ", "))
    }

    // MARK: As it is stored and shown

    package init(_ state: JSON) throws {
        let field = JSONField(state)
        run = try field["run"].int()
        wish = try ReconcileWish(field["wish"].value ?? .null)
        occasion = try field["occasion"].string()
        terms = try field["terms"].string()
        beganMilliseconds = Int64(try field["began"].int())
        let next = try field["next"].orNil?.string()
        switch try field["step"].string() {
        case "records": step = .records(next: next)
        case "items": step = .items(next: next)
        case "check": step = .check(after: next ?? "")
        case "finish": step = .finish
        default: throw field["step"].wrong("expected a step")
        }
        records = try field["records"].int()
        items = try field["items"].int()
        checked = try field["checked"].int()
        waiting = try field["waiting"].int()
        parked = try field["parked"].int()
        lines = try field["lines"].int()
        holdsExtrasBack = try field["holdsExtrasBack"].bool()
        finishedMilliseconds = try field["finished"].orNil.map { Int64(try $0.int()) }
        for kind in Drift.Kind.allCases {
            guard let stored = field["found"][kind.rawValue].orNil else { continue }
            let count = Count(found: try stored["found"].int(), repaired: try stored["repaired"].int())
            if count != Count() { counts[kind] = count }
        }
    }

    package var json: JSON {
        var state = JSON.Object()
        state["run"] = .number(run)
        state["wish"] = wish.json
        state["occasion"] = .string(occasion)
        state["terms"] = .string(terms)
        state["began"] = .number(Int(beganMilliseconds))
        state["step"] = .string(stepName)
        state["next"] = next.map { .string($0) }
        state["records"] = .number(records)
        state["items"] = .number(items)
        state["checked"] = .number(checked)
        state["waiting"] = .number(waiting)
        state["parked"] = .number(parked)
        state["lines"] = .number(lines)
        state["holdsExtrasBack"] = .bool(holdsExtrasBack)
        state["finished"] = finishedMilliseconds.map { .number(Int($0)) }
        state["found"] = found
        return .object(state)
    }

    /// By kind, with what is done about it.
    package var found: JSON {
        var found = JSON.Object()
        for kind in Drift.Kind.allCases {
            let count = self[kind]
            found[kind.rawValue] = ["found": .number(count.found), "repaired": .number(count.repaired)]
        }
        return .object(found)
    }

    package var stepName: String {
        switch step {
        case .records: "records"
        case .items: "items"
        case .check: "check"
        case .finish: "finish"
        }
    }

    private var next: String? {
        switch step {
        case .records(let next), .items(let next): next
        case .check(let after): after
        case .finish: nil
        }
    }
}
