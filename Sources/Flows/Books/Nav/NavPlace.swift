import Core
import Systems

/// Where a walk through NAV's lists is: the kind of row, and the server's own way to the next page of them.
///
///     everything        unposted ─▶ posted
///     since some time   unposted ─▶ recent (posted lately) ─▶ unpaid (posted, and not paid)
struct NavPlace: Sendable, Equatable {
    enum Part: String, Sendable {
        case unposted
        case posted
        case recent
        case unpaid
    }

    var part: Part
    /// Which one it is, of those that this process has begun.
    var walk: Int
    /// Documents posted from then on; nil for all.
    var since: Day?
    var next: String?

    /// What is posted late gets the date of the day that it belongs to.
    private static let backdatedDays = 7

    init(changedSince: WallTime?, walk: Int) {
        part = .unposted
        self.walk = walk
        since = changedSince.map { $0.day.adding(days: -Self.backdatedDays) }
    }

    /// The first page of the next kind of row; nil when there is none.
    func following(hasPosted: Bool, knowsUnpaid: Bool) -> NavPlace? {
        let part: Part? =
            switch part {
            case .unposted: hasPosted ? (since == nil ? .posted : .recent) : nil
            case .recent: knowsUnpaid ? .unpaid : nil
            case .posted, .unpaid: nil
            }
        guard let part else { return nil }
        var place = self
        place.part = part
        place.next = nil
        return place
    }

    func at(_ next: String) -> NavPlace {
        var place = self
        place.next = next
        return place
    }

    // MARK: As it is stored

    init(_ text: String) throws(CallError) {
        guard let state = try? JSON.parse(text) else { throw Self.lost }
        let field = JSONField(state)
        do {
            guard let part = Part(rawValue: try field["part"].string()) else { throw Self.lost }
            self.part = part
            walk = try field["walk"].int()
            since = try field["since"].orNil.flatMap { Day(try $0.string()) }
            next = try field["next"].orNil?.string()
        } catch {
            throw Self.lost
        }
    }

    var text: String {
        var state = JSON.Object()
        state["part"] = .string(part.rawValue)
        state["walk"] = .number(walk)
        state["since"] = since.map { .string($0.text) }
        state["next"] = next.map { .string($0) }
        return JSON.object(state).text()
    }

    private static let lost = CallError(.lookAgain, Nav.name, .expired, "this way to the next page is none of ours")
}
