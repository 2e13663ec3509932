import Core
import Systems
import Transport

/// What goes back to Business Central. The plan decides, this performs it.
extension BusinessCentralSource {
    func refusal(to changes: [BackChange], of record: Record) -> CallError? {
        do throws(CallError) {
            _ = try BusinessCentralPlan(changes, to: record, of: route, fields, today: WallTime.now.day)
            return nil
        } catch {
            return error
        }
    }

    func perform(
        _ changes: [BackChange],
        on record: Record,
        idempotencyKey: String,
        lane: Lane
    ) async throws -> String? {
        do {
            try await perform(changes, on: record, lane)
            return nil
        } catch let error as CallError where error.remedy == .stopConnection {
            // Whoever may only read goes on reading.
            guard [.permission, .configuration, .defect].contains(error.kind) else { throw error }
            var error = error
            error.remedy = .skipRecord
            throw error
        }
    }

    private func perform(_ changes: [BackChange], on record: Record, _ lane: Lane) async throws {
        // Posting and dimensions show no tag, so the record is looked at last thing before.
        let now = try await present(record, lane)
        let plan = try BusinessCentralPlan(changes, to: now, of: route, fields, today: WallTime.now.day)
        guard !plan.isEmpty else { return }
        guard let tag = record.etag, now.etag == tag else {
            throw CallError(
                .lookAgain,
                BusinessCentral.name,
                .conflict,
                "somebody else has changed the record meanwhile"
            )
        }
        let address = BusinessCentral.Address(route.entitySet, record.id)
        if plan.fields.count > 0 { _ = try await client.change(at: address, tag: tag, plan.fields, lane: lane) }
        for assignment in plan.dimensions { try await assign(assignment, at: address, lane) }
        for line in plan.journalLines { try await write(line, lane) }
        if plan.posts { try await post(address, record, lane) }
    }

    private func present(_ record: Record, _ lane: Lane) async throws -> Record {
        let present = try await client.record(
            route.entitySet,
            id: record.id,
            select: fields.select,
            expand: fields.expand,
            lane: lane
        )
        guard let present else {
            throw CallError(.skipRecord, BusinessCentral.name, .missing, "the record is not there any more")
        }
        return present
    }

    // MARK: Dimensions

    /// A line of a dimension that the document has already cannot be added, only changed.
    private func assign(
        _ assignment: BusinessCentralPlan.Assignment,
        at document: BusinessCentral.Address,
        _ lane: Lane
    ) async throws {
        let all = try await client.rows(at: document.then("dimensionSetLines"), lane: lane)
        let line = all.first { $0["code"]?.word?.uppercased() == assignment.dimension }
        switch (line, assignment.value) {
        case (nil, nil): return
        case (nil, let value?):
            var fields = JSON.Object()
            fields["code"] = .string(assignment.dimension)
            fields["valueCode"] = .string(value)
            _ = try await client.create(at: document.then("dimensionSetLines"), fields, lane: lane)
        case (let line?, let value?):
            guard line["valueCode"]?.word != value else { return }
            var fields = JSON.Object()
            fields["valueCode"] = .string(value)
            let address = document.then("dimensionSetLines", line.id)
            _ = try await client.change(at: address, tag: try tag(of: line), fields, lane: lane)
        case (let line?, nil):
            let address = document.then("dimensionSetLines", line.id)
            try await client.delete(at: address, tag: try tag(of: line), lane: lane)
        }
    }

    private func tag(of line: Record) throws(CallError) -> String {
        guard let tag = line.etag else {
            throw CallError(.lookAgain, BusinessCentral.name, .conflict, "a dimension came without its tag")
        }
        return tag
    }

    // MARK: Journals

    private func write(_ line: BusinessCentralJournalLine, _ lane: Lane) async throws {
        let journal = try await journal(line, lane)
        let lines = BusinessCentral.Address("journals", journal).then("journalLines")
        let written = try await client.rows(
            at: lines,
            filter: Self.equal("externalDocumentNumber", line.externalDocumentNumber),
            select: ["externalDocumentNumber"],
            lane: lane
        )
        let id: String
        if let written = written.first {
            id = written.id
        } else {
            // Posted, it has left the journal.
            let posted = try await client.rows(
                at: BusinessCentral.Address("generalLedgerEntries"),
                filter: Self.equal("documentNumber", line.documentNumber),
                select: ["documentNumber"],
                lane: lane
            )
            guard posted.isEmpty else { return }
            id = try await client.create(at: lines, line.fields, lane: lane).id
        }
        let address = BusinessCentral.Address("journals", journal).then("journalLines", id)
        for assignment in line.dimensions { try await assign(assignment, at: address, lane) }
    }

    private func journal(_ line: BusinessCentralJournalLine, _ lane: Lane) async throws -> String {
        let filter = BusinessCentral.Filter([
            .init("code", .anyOf([.string(line.batch)])),
            .init("templateDisplayName", .anyOf([.string(line.template)])),
        ])
        let journals = try await client.rows(
            at: BusinessCentral.Address("journals"),
            filter: filter,
            select: ["code"],
            lane: lane
        )
        guard let journal = journals.first, journals.count == 1 else {
            throw BusinessCentralPlan.refused(
                "there is no batch \(line.batch) of the journal template \(line.template) that the application can see: "
                    + "make one on the page General Journal Batches, without a number series and for nothing else",
                .configuration
            )
        }
        return journal.id
    }

    private static func equal(_ field: String, _ text: String) -> BusinessCentral.Filter {
        BusinessCentral.Filter([.init(field, .anyOf([.string(text)]))])
    }

    // MARK: Posting

    private func post(_ address: BusinessCentral.Address, _ record: Record, _ lane: Lane) async throws {
        do {
            try await client.act("post", on: address, lane: lane)
        } catch let error as CallError where error.isUncertain || error.kind == .timeout {
            // It may have been posted all the same, and its state says so.
            let present = try await client.record(route.entitySet, id: record.id, select: ["status"], lane: lane)
            guard let present, BusinessCentralPlan.State(present, route).phase == .posted else { throw error }
        }
    }
}
