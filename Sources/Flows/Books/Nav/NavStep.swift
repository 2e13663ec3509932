import Core
import Systems

/// What one change from a board comes to, once it is known how far its document is by now.
///
///     asked for   Open     Released   Pending Prepayment   Pending Approval   posted
///     release     call     done       done                 refuse             refuse
///     reopen      done     call       call                 refuse             refuse
///     approve     refuse   done       done                 call               refuse
///     post        call     call       refuse               refuse             done
///     a field     write    refuse     refuse               refuse             refuse
///     mark        write    write      write                write              refuse
///     journal     insert   insert     insert               insert             insert
enum NavStep: Sendable, Equatable {
    /// It is so already.
    case done
    case refuse(CallError)
    case call(Nav.Function)
    case write(String, JSON)
    case insert(JournalTemplate, label: String)

    init(_ change: BackChange, _ document: NavSubject, _ functions: NavFunctions) {
        switch change {
        case .set(let field, let value): self = Self.set(field, value, document)
        case .act(.mark(let field, let value), _): self = Self.mark(field, value, document)
        case .act(.journalLine(let template), let label): self = .insert(template, label: label)
        case .act(.release, _): self = Self.release(document, functions)
        case .act(.reopen, _): self = Self.reopen(document, functions)
        case .act(.post, _): self = Self.post(document, functions)
        case .act(.approve(let service, let function), _):
            self = Self.approve(service, function, document, functions)
        }
    }

    // MARK: Actions

    private static func release(_ document: NavSubject, _ functions: NavFunctions) -> NavStep {
        switch document.state {
        case .open: .call(functions.release.function(on: document.sheet))
        case .released, .pendingPrepayment: .done
        case .pendingApproval: document.refuse("waits for an approval, which releases it")
        case .posted, .paid, .canceled, .corrective: document.refuse("is posted, and never changes again")
        case .other: document.refuseUnknown
        }
    }

    private static func reopen(_ document: NavSubject, _ functions: NavFunctions) -> NavStep {
        switch document.state {
        case .released, .pendingPrepayment: .call(functions.reopen.function(on: document.sheet))
        case .open: .done
        case .pendingApproval: document.refuse("waits for an approval: cancel the approval request in NAV first")
        case .posted, .paid, .canceled, .corrective: document.refuse("is posted, and never changes again")
        case .other: document.refuseUnknown
        }
    }

    private static func post(_ document: NavSubject, _ functions: NavFunctions) -> NavStep {
        switch document.state {
        case .posted, .paid, .canceled, .corrective: .done
        case .open, .released:
            functions.post.map { .call($0.function(on: document.sheet)) }
                ?? document.refuse("cannot be posted from here: no function is named under nav.functions.post")
        case .pendingApproval: document.refuse("waits for an approval, and cannot be posted before that")
        case .pendingPrepayment: document.refuse("waits for a prepayment, and cannot be posted before that")
        case .other: document.refuseUnknown
        }
    }

    private static func approve(
        _ service: String,
        _ function: String,
        _ document: NavSubject,
        _ functions: NavFunctions
    ) -> NavStep {
        switch document.state {
        case .pendingApproval: break
        case .released, .pendingPrepayment: return .done
        case .open: return document.refuse("has not been sent for approval in NAV, so there is nothing to approve")
        case .posted, .paid, .canceled, .corrective: return document.refuse("is posted, and never changes again")
        case .other: return document.refuseUnknown
        }
        guard !function.isEmpty || functions.approve != nil else {
            return document.refuse("cannot be approved from here: no function is named for that")
        }
        guard !NavFunctions.isDangerous(function) else { return document.refuse("\(function) \(NavFunctions.danger)") }
        let usual = functions.approve?.function(on: document.sheet)
        return .call(
            Nav.Function(
                service: service.isEmpty ? usual?.service ?? document.sheet.card.rawValue : service,
                name: function.isEmpty ? usual?.name ?? "" : function
            )
        )
    }

    // MARK: Fields

    private static func set(_ field: String, _ value: JSON, _ document: NavSubject) -> NavStep {
        switch document.state {
        case .open: break
        case .released, .pendingPrepayment:
            return document.refuse("is released: reopen it in NAV before its \(field) is changed")
        case .pendingApproval: return document.refuse("waits for an approval, and does not change meanwhile")
        case .posted, .paid, .canceled, .corrective: return document.refuse("is posted, and never changes again")
        case .other: return document.refuseUnknown
        }
        return write(field, value, document)
    }

    /// The customer's own field: NAV itself says when it may be changed.
    private static func mark(_ field: String, _ value: JSON, _ document: NavSubject) -> NavStep {
        guard !document.state.isPosted else { return document.refuse("is posted, and never changes again") }
        return write(field, value, document)
    }

    /// What NAV computes, or what a document is known by.
    private static let untouchable: Set<String> = [
        "No", "Document_Type", "Document_No", "Status", "status", "Amount", "Amount_Including_VAT", "Remaining_Amount",
        "lines", "Buy_from_Vendor_Name", "Pre_Assigned_No",
    ]

    private static func write(_ field: String, _ value: JSON, _ document: NavSubject) -> NavStep {
        let property: String?
        if let dimension = NavWords.dimension(in: field) {
            property = document.setup.headerProperty(of: dimension)
        } else {
            property = (NavWords.documents[field] ?? [field]).first
        }
        guard let property else {
            return document.refuse("has no \(field): only the two global dimensions are on a document's header")
        }
        guard !untouchable.contains(property) else { return document.refuse("does not let its \(field) be written") }
        let written = value == .null ? emptied(property) : value
        return Self.isSame(document.fields[property], written) ? .done : .write(property, written)
    }

    private static func emptied(_ property: String) -> JSON {
        property.hasSuffix("_Date") ? "0001-01-01" : ""
    }

    /// NAV trims codes and writes them in capitals.
    private static func isSame(_ held: JSON?, _ wanted: JSON) -> Bool {
        guard let held else { return false }
        if Nav.isEmpty(held), Nav.isEmpty(wanted) { return true }
        switch (held, wanted) {
        case (.string(let a), .string(let b)): return a == b || a == b.uppercased()
        case (.number(let a), .number(let b)): return a.decimal == b.decimal
        case (.null, _), (.bool, _), (.number, _), (.string, _), (.array, _), (.object, _): return held == wanted
        }
    }
}

/// A document that something is to be done about, as it is known to be.
struct NavSubject: Sendable, Equatable {
    var number: String
    var state: NavState
    var sheet: NavSheet
    var fields: JSON.Object
    var setup: NavSetup

    /// As it was read for its item.
    init(_ record: Record, _ sheet: NavSheet, _ setup: NavSetup) {
        let isPosted = record[NavDocument.postedField] == true
        number = record.fields.text(NavDocument.numberField)
        state = isPosted ? NavState(posted: record.fields) : NavState(unposted: record.fields)
        self.sheet = sheet
        fields = record.fields
        self.setup = setup
    }

    /// As its card shows it now.
    init(_ card: Nav.Row, _ sheet: NavSheet, _ setup: NavSetup) {
        number = card.fields.text("No")
        state = NavState(unposted: card.fields)
        self.sheet = sheet
        fields = card.fields
        self.setup = setup
    }

    func refuse(_ why: String) -> NavStep {
        .refuse(CallError(.skipRecord, Nav.name, .validation, "the \(sheet.title) \(number) \(why)"))
    }

    var refuseUnknown: NavStep {
        refuse("has a status that is not known here (\(state.word.isEmpty ? "none" : state.word)), so nothing is done")
    }
}
