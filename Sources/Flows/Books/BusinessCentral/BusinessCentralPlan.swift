import Core
import Store
import Systems

/// What people's decisions on a board ask of Business Central for one record as it is now: fields first, then dimensions,
/// a line in a journal, and posting last, because nothing can be changed after that.
///
/// What is done already is left out, so asking twice does it once. Approving, releasing and reopening are not there: the
/// API has no such action, and a status cannot be written.
struct BusinessCentralPlan: Sendable, Equatable {
    /// In the order in which they were decided.
    private(set) var fields = JSON.Object()
    /// Codes of dimensions and of their values; nil takes the dimension from the document.
    private(set) var dimensions: [Assignment] = []
    private(set) var journalLines: [BusinessCentralJournalLine] = []
    private(set) var posts = false

    struct Assignment: Sendable, Equatable {
        var dimension: String
        var value: String?
    }

    var isEmpty: Bool { fields.count == 0 && dimensions.isEmpty && journalLines.isEmpty && !posts }

    /// Throws why the record must not be changed so. `today` is the posting date of a line in a journal.
    init(
        _ changes: [BackChange],
        to record: Record,
        of route: BusinessCentralRoute,
        _ known: BusinessCentralFields,
        today: Day
    ) throws(CallError) {
        let state = State(record, route)
        for change in changes {
            switch change {
            case .set(let field, let value), .act(.mark(let field, let value), _):
                try set(field, value, record, route, known, state)
            case .act(.post, _): try post(route, state)
            case .act(.release, _): throw Self.impossible("released", state)
            case .act(.reopen, _): throw Self.impossible("reopened", state)
            case .act(.approve, _): throw Self.impossible("approved", state)
            case .act(.journalLine(let template), let label):
                let words = { known.value($0, of: record) }
                let line = try BusinessCentralJournalLine(template, label, record.id, state.title, today: today, words)
                journalLines.append(line)
            }
        }
    }

    // MARK: Fields

    private mutating func set(
        _ field: String,
        _ value: JSON,
        _ record: Record,
        _ route: BusinessCentralRoute,
        _ known: BusinessCentralFields,
        _ state: State
    ) throws(CallError) {
        guard known.value(field, of: record) != value else { return }
        if let refusal = state.refusal(to: field) { throw refusal }
        if let code = Self.dimension(field), route.entity?.hasDimensions ?? true {
            dimensions.append(Assignment(dimension: code, value: value.word))
            return
        }
        if let entity = route.entity, !entity.editable.contains(field) {
            throw Self.refused(
                "the field \(field) of \(entity.name) is read-only in Business Central's API"
                    + (field == "status" ? ", so a status cannot be set from a board" : "")
            )
        }
        fields[field] = Self.sent(value, field, record[field], route.entity)
    }

    /// As Business Central takes it: there is no null, and what is empty has a value of its kind.
    private static func sent(
        _ value: JSON,
        _ field: String,
        _ present: JSON?,
        _ entity: BusinessCentral.Entity?
    ) -> JSON {
        let isWord = entity?.enumerations.contains(field) == true
        switch (value, present) {
        case (.null, .number?): return .number(0)
        case (.null, .bool?): return .bool(false)
        case (.null, _) where isWord: return .string(BusinessCentral.encodedMember(""))
        case (.null, _) where field.hasSuffix("Date"): return "0001-01-01"
        case (.null, _) where field.hasSuffix("Id"): return "00000000-0000-0000-0000-000000000000"
        case (.null, _): return ""
        case (.string(let text), _) where isWord: return .string(BusinessCentral.encodedMember(text))
        case (.string, _), (.number, _), (.bool, _), (.array, _), (.object, _): return value
        }
    }

    private static func dimension(_ field: String) -> String? {
        let parts = field.split(separator: ".", maxSplits: 1)
        return parts.count == 2 && parts[0] == "dimension" ? parts[1].uppercased() : nil
    }

    // MARK: Posting

    private mutating func post(_ route: BusinessCentralRoute, _ state: State) throws(CallError) {
        switch route.entity?.kind {
        case .invoice: break
        case .order:
            throw Self.refused(
                "\(state.title) is an order, and what of it is received, shipped and invoiced is decided in Business "
                    + "Central: post it there"
            )
        case .card, .record, nil: throw Self.impossible("posted", state)
        }
        switch state.phase {
        case .draft: posts = true
        // Done, whoever did it.
        case .posted: break
        case .inReview, .released, .always, .unknown: if let refusal = state.refusal(to: nil) { throw refusal }
        }
    }

    // MARK: Refusals

    private static func impossible(_ done: String, _ state: State) -> CallError {
        refused(
            "\(state.title) cannot be \(done) from a board: Business Central's API has no such action. Do it in Business "
                + "Central; or let the label post the document, fill in a field that is kept for this, or write a journal "
                + "line"
        )
    }

    static func refused(_ reason: String, _ kind: CallError.Kind = .validation) -> CallError {
        CallError(.skipRecord, BusinessCentral.name, kind, reason)
    }
}

extension BusinessCentralPlan {
    /// What a document's status says of what may be done with it. The same word means other things of other documents:
    /// an open invoice is posted and unpaid, an open order released.
    struct State: Sendable {
        enum Phase: Sendable, Equatable {
            case draft, inReview, released, posted
            /// Of what has no status, and can be changed at any time.
            case always
            case unknown
        }

        let phase: Phase
        let title: String
        private let status: String

        init(_ record: Record, _ route: BusinessCentralRoute) {
            status = record["status"]?.word ?? ""
            let number = route.entity.flatMap { record[$0.number]?.word } ?? record["number"]?.word ?? record.id
            let noun =
                switch route.entity?.kind {
                case .invoice: "the invoice"
                case .order: "the order"
                case .card, .record, nil: "the record"
                }
            title = "\(noun) \(number)"
            phase =
                switch (route.entity?.kind, status) {
                case (.card?, _), (.record?, _), (nil, _): .always
                case (_, "Draft"): .draft
                case (_, "In Review"): .inReview
                case (.order?, "Open"): .released
                case (.invoice?, "Open"), (.invoice?, "Paid"), (.invoice?, "Canceled"), (.invoice?, "Corrective"):
                    .posted
                case (.invoice?, _), (.order?, _): .unknown
                }
        }

        /// Nil where it may be changed.
        func refusal(to field: String?) -> CallError? {
            switch phase {
            case .draft, .always: nil
            // Most of a released order is closed, and Business Central says so itself; a field that was kept for a mark
            // may be open.
            case .released where field != nil: nil
            case .released: BusinessCentralPlan.refused("\(title) is released (\(status))")
            case .inReview:
                BusinessCentralPlan.refused(
                    "\(title) is in somebody's approval (\(status)), and nobody changes it meanwhile: wait for the "
                        + "approval, or cancel it in Business Central"
                )
            case .posted:
                BusinessCentralPlan.refused(
                    "\(title) is posted (\(status)), and what is posted is never changed: correct it in Business Central"
                )
            case .unknown:
                BusinessCentralPlan.refused(
                    "\(title) has the status “\(status)”, of which nobody knows whether it may be changed"
                )
            }
        }
    }
}
