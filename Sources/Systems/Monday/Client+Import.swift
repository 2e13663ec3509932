import Core
import Transport

extension Monday {
    package struct ImportJob: Sendable, Equatable {
        package var id: String
        /// Signed, for ten minutes: whoever has it can write.
        package var uploadURL: Secret
    }

    package enum ImportState: Sendable, Equatable {
        /// Waits for its sheet.
        case notSent
        case underWay
        /// With the place of its report, for ten minutes, where there is one.
        case completed(report: String?)
        case failed(String)
    }
}

extension Monday.Client {
    /// Begins an import into a board: rows that match an item by the column change it, the others become items.
    package func startImport(
        into board: String,
        group: String,
        matching column: String,
        key: String,
        lane: Lane
    ) async throws -> Monday.ImportJob {
        let variables: JSON = [
            "boardId": .string(board), "groupId": .string(group),
            "onMatch": ["match_column_id": .string(column), "behaviour": "UPSERT"],
        ]
        return try await change(Monday.Documents.startImport, variables, lane: lane, key: key, boards: [board]) {
            field throws(JSONField.Wrong) in
            Monday.ImportJob(
                id: Monday.identifier(try field["job_id"].id()),
                uploadURL: Secret(text: try field["upload_url"].string())
            )
        }
    }

    /// To wherever Monday keeps such files: without the token, which is not theirs to see, and no call of the account.
    package func upload(_ sheet: Monday.ImportSheet, of job: Monday.ImportJob) async throws {
        let url = job.uploadURL.withBytes { String(decoding: $0, as: UTF8.self) }
        let headers = [HTTPClient.Header("Content-Type", "text/csv")]
        let response = try await transfer(.init(.put, url, headers: headers, body: sheet.bytes), "the sheet")
        guard 200..<300 ~= response.status else { throw refused("the sheet", response.status) }
    }

    package func importState(_ id: String, lane: Lane) async throws -> Monday.ImportState {
        let answer = try await ask(Monday.Documents.importStatus, ["jobId": .string(id)], lane: lane)
        let field = answer.data["fetch_job_status"]
        do {
            switch try field["status"].string() {
            case "COMPLETED": return .completed(report: try field["report_url"].orNil?.string())
            case "FAILED", "REJECTED":
                let words = try field["failure_message"].orNil?.string() ?? field["failure_reason"].orNil?.string()
                return .failed(String((words ?? "Monday does not say why").prefix(300)))
            case "UPLOAD_PENDING": return .notSent
            default: return .underWay
            }
        } catch let wrong as JSONField.Wrong {
            throw answer.incomplete(wrong)
        }
    }

    package func importReport(at url: String) async throws -> [Monday.ImportSheet.Line] {
        let response = try await transfer(.init(.get, url), "the report")
        guard 200..<300 ~= response.status else { throw refused("the report", response.status) }
        guard let lines = Monday.ImportSheet.report(response.body) else {
            throw CallError(
                .retry(after: nil),
                Monday.name,
                .garbage,
                "the report of an import has not the head it must have"
            )
        }
        return lines
    }

    private func transfer(_ request: HTTPClient.Request, _ what: String) async throws -> HTTPClient.Response {
        var request = request
        request.deadlines = settings.deadlines
        request.limits.bodyBytes = settings.largestAnswer
        do {
            return try await files.send(request)
        } catch  where error.kind == .hostNotAllowed {
            throw CallError(
                .stopConnection,
                Monday.name,
                .configuration,
                "\(what) of an import is kept at \(error.origin), which this connection may not speak to: name it in "
                    + "monday.uploads, or leave out firstLoad: \"import\""
            )
        } catch {
            throw CallError(.retry(after: nil), Monday.name, .network, "\(what) of an import: \(error.reason)")
        }
    }

    private func refused(_ what: String, _ status: Int) -> CallError {
        CallError(.retry(after: nil), Monday.name, .outage, "\(what) of an import was not taken (HTTP \(status))")
    }
}
