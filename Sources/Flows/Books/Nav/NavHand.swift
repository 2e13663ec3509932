import Core
import Engine
import Systems
import Transport

/// Does in NAV what a board asks for: always to one document, named by its key, and never twice.
@OnLoop final class NavHand {
    private let desk: NavDesk
    private let functions: NavFunctions
    private let today: @OnLoop () -> Day
    private static let triesForLine = 3
    private static let lineStep = 10_000

    init(_ desk: NavDesk, _ functions: NavFunctions, today: @escaping @OnLoop () -> Day = { WallTime.now.day }) {
        self.desk = desk
        self.functions = functions
        self.today = today
    }

    func refusal(to changes: [BackChange], of record: Record, _ sheet: NavSheet) -> CallError? {
        guard let setup = desk.knownSetup else { return nil }
        let subject = NavSubject(record, sheet, setup)
        for change in changes {
            if case .refuse(let error) = NavStep(change, subject, functions) { return error }
        }
        return nil
    }

    func perform(_ changes: [BackChange], on record: Record, _ sheet: NavSheet, lane: Lane) async throws {
        let setup = try await desk.setup(lane: lane)
        guard record[NavDocument.postedField] != true else {
            let subject = NavSubject(record, sheet, setup)
            for change in changes { try await take(NavStep(change, subject, functions), nil, subject, record, lane) }
            return
        }
        // First what is written, in one go; then what is asked for.
        var card = try await card(of: record, sheet, lane)
        try await write(changes, record, card, sheet, setup, lane)
        for change in changes {
            guard case .act(let action, _) = change else { continue }
            if case .mark = action { continue }
            let subject = NavSubject(card, sheet, setup)
            try await take(NavStep(change, subject, functions), card, subject, record, lane)
            if changes.count > 1, let now = try await found(record, sheet, lane) { card = now }
        }
    }

    /// The document as it is now.
    private func card(of record: Record, _ sheet: NavSheet, _ lane: Lane) async throws -> Nav.Row {
        guard let card = try await found(record, sheet, lane) else {
            throw CallError(
                .lookAgain,
                Nav.name,
                .conflict,
                "the \(sheet.title) has been posted or deleted meanwhile; it is looked at again"
            )
        }
        return card
    }

    private func found(_ record: Record, _ sheet: NavSheet, _ lane: Lane) async throws -> Nav.Row? {
        let number = record.fields.text(NavDocument.numberField)
        let card = try await desk.pages.row(sheet.card, key: sheet.key(number), withLines: false, lane: lane)
        // One approval must never touch another document, whatever the server answers.
        guard let card else { return nil }
        guard card.fields.text("No") == number, !number.isEmpty else {
            throw CallError(.skipRecord, Nav.name, .garbage, "NAV answered with another document than \(number)")
        }
        return card
    }

    // MARK: Fields

    private func write(
        _ changes: [BackChange],
        _ record: Record,
        _ card: Nav.Row,
        _ sheet: NavSheet,
        _ setup: NavSetup,
        _ lane: Lane
    ) async throws {
        let subject = NavSubject(card, sheet, setup)
        var fields = JSON.Object()
        for change in changes {
            switch NavStep(change, subject, functions) {
            case .write(let property, let value): fields[property] = value
            case .refuse(let error): throw error
            case .done, .call, .insert: break
            }
        }
        guard fields.count > 0 else { return }
        do {
            try await desk.pages.modify(sheet.card, key: sheet.key(subject.number), card, fields, lane: lane)
        } catch let error as CallError where error.isUncertain {
            guard let now = try await found(record, sheet, lane) else { throw error }
            let then = NavSubject(now, sheet, setup)
            for change in changes { if case .write = NavStep(change, then, functions) { throw error } }
        }
    }

    // MARK: Actions

    private func take(
        _ step: NavStep,
        _ card: Nav.Row?,
        _ subject: NavSubject,
        _ record: Record,
        _ lane: Lane
    ) async throws {
        switch step {
        case .done, .write: break
        case .refuse(let error): throw error
        case .call(let function): try await call(function, subject, record, lane)
        case .insert(let template, let label): try await insert(template, label, subject, record, lane)
        }
    }

    private func call(_ function: Nav.Function, _ subject: NavSubject, _ record: Record, _ lane: Lane) async throws {
        let sheet = subject.sheet
        let before = try await requests(for: subject, lane)
        do {
            try await desk.pages.call(function, on: sheet.key(subject.number), of: sheet.card, lane: lane)
        } catch let error as CallError where error.isUncertain {
            // Its state says whether it was done; what is not there any more has been posted.
            guard let now = try await found(record, sheet, lane) else { return }
            if NavSubject(now, sheet, subject.setup).state != subject.state { return }
            // Of several who have to approve it one has, and it waits for the next: that must not be said for him, too.
            if let before, let after = try await requests(for: subject, lane), after != before { return }
            throw error
        }
    }

    /// The approvals that a document waits for now, where that is published.
    private func requests(for subject: NavSubject, _ lane: Lane) async throws -> Set<Int>? {
        guard subject.state == .pendingApproval, let type = subject.sheet.documentType,
            try await desk.fields(of: .approvalEntries, lane: lane) != nil
        else { return nil }
        let query = Nav.Query(
            .approvalEntries,
            filter: .all([
                .equals("Document_No", .string(subject.number)), .equals("Document_Type", .string(type)),
                .equals("Status", "Open"),
            ]),
            select: ["Entry_No"]
        )
        return Set(try await desk.all(query, lane: lane).compactMap { $0.fields.number("Entry_No")?.int })
    }

    private func insert(
        _ template: JournalTemplate,
        _ label: String,
        _ subject: NavSubject,
        _ record: Record,
        _ lane: Lane
    ) async throws {
        let marker = NavJournal.marker(for: record.id, label: label, of: subject.sheet)
        for attempt in 1...Self.triesForLine {
            if try await isWritten(template, marker, lane) { return }
            let fields = try NavJournal.fields(
                template,
                of: subject,
                marker: marker,
                lineNumber: try await lastLine(template, lane) + Self.lineStep,
                today: today()
            ) { field in
                record[field].flatMap { Nav.isEmpty($0) ? nil : $0 } ?? .null
            }
            do {
                _ = try await desk.pages.insert(.journal, fields, lane: lane)
                return
            } catch let error as CallError where error.isUncertain {
                if try await isWritten(template, marker, lane) { return }
                throw error
            } catch let error as CallError where error.kind == .conflict && attempt < Self.triesForLine {
                // Somebody else has taken the line's number meanwhile.
                continue
            }
        }
    }

    /// In the batch still, or posted from it.
    private func isWritten(_ template: JournalTemplate, _ marker: String, _ lane: Lane) async throws -> Bool {
        let inBatch = Nav.Query(
            .journal,
            filter: NavJournal.place(template, marked: marker),
            select: ["Line_No", "External_Document_No"]
        )
        if try await !desk.all(inBatch, lane: lane).isEmpty { return true }
        guard try await desk.fields(of: .vendorLedgerEntries, lane: lane) != nil else { return false }
        let posted = Nav.Query(
            .vendorLedgerEntries,
            filter: .equals("External_Document_No", .string(marker)),
            select: ["Entry_No", "External_Document_No"]
        )
        return try await !desk.all(posted, lane: lane).isEmpty
    }

    private func lastLine(_ template: JournalTemplate, _ lane: Lane) async throws -> Int {
        let query = Nav.Query(.journal, filter: NavJournal.place(template), select: ["Line_No"])
        return try await desk.all(query, lane: lane).compactMap { $0.fields.number("Line_No")?.int }.max() ?? 0
    }
}
