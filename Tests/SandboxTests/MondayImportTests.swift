import Core
import Sandbox
import Testing
import Transport

@Suite(.onLoop) struct `an import into Monday` {
    private let start =
        "mutation($b: ID!, $m: OnMatchInput) { ingest_items(board_id: $b, group_id: \"topics\", on_match: $m) { job_id upload_url } }"
    private let look = """
        query($j: ID!) { fetch_job_status(job_id: $j) { __typename ... on ItemsJobStatus {
          status counts { submitted invalid skipped created updated failed } progress_percentage failure_reason
          failure_message fully_imported report_created report_url } } }
        """

    @OnLoop private func begin(_ place: MondayPlace, _ behaviour: String? = "UPSERT") async throws -> JSONField {
        let match: JSON = behaviour.map { ["match_column_id": "erp_key", "behaviour": .string($0)] } ?? .null
        return try await place.data(start, ["b": .string(place.board), "m": match])["ingest_items"]
    }

    @OnLoop private func status(_ place: MondayPlace, _ job: JSONField) async throws -> JSONField {
        try await place.data(look, ["j": job["job_id"].value ?? .null])["fetch_job_status"]
    }

    @OnLoop private func upload(_ place: MondayPlace, _ job: JSONField, _ text: String) async throws -> Int {
        try await place.place.send(.put, try job["upload_url"].string(), [("Content-Type", "text/csv")], body: text)
            .status
    }

    @Test @OnLoop func `makes, updates and reports row by row`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let known = try await place.createItem("Old", ["erp_key": "k/1", "amount": "5", "currency": "EUR"])
        let job = try await begin(place)
        #expect(try await status(place, job)["status"].string() == "UPLOAD_PENDING")
        let text = """
            name,erp_key,amount,currency,status,due_date,vendor\r
            "New, one",k/1,7.5,,Paid,2026-12-01,Graphic Design Institute\r
            Two,k/2,1,USD,Open,,First Up Consultants\r
            Three,k/3,many,,,,\r
            Four,k/1,<NULL>,,,,\r

            """
        #expect(try await upload(place, job, text) == 200)
        try await until { try await self.status(place, job)["status"].string() == "COMPLETED" }
        let done = try await status(place, job)
        let counts = done["counts"]
        #expect(
            try counts["submitted"].int() == 4 && counts["created"].int() == 1 && counts["updated"].int() == 2,
            "\(done)"
        )
        #expect(try counts["invalid"].int() == 1 && done["fully_imported"].bool())
        let report = try await place.place.send(.get, try done["report_url"].string())
        #expect(
            report.text.hasPrefix("serialNo,status,itemId,error\r\n1,updated,\(known),\r\n2,created,"),
            "\(report.text)"
        )
        #expect(report.text.contains("\r\n3,invalid,,"))
        #expect(try await place.value(known, "currency")["text"].string() == "EUR")
        #expect(try await place.value(known, "amount")["text"].string() == "")
        #expect(try await place.value(known, "due_date")["text"].string() == "2026-12-01")
        place.clock.advance(by: .seconds(601))
        #expect(try await place.place.send(.get, try done["report_url"].string()).status == 403)
    }

    @Test @OnLoop func `skips what is there when it is told to`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        _ = try await place.createItem("Old", ["erp_key": "k/1"])
        let job = try await begin(place, "SKIP")
        #expect(try await upload(place, job, "name,erp_key\nA,k/1\nB,k/2\n") == 200)
        try await until { try await self.status(place, job)["status"].string() == "COMPLETED" }
        let counts = try await status(place, job)["counts"]
        #expect(try counts["skipped"].int() == 1 && counts["created"].int() == 1)
    }

    @Test(arguments: [
        "erp_key,name\nk,A\n", "name,gone\nA,1\n", "name,name\nA,B\n", "name,amount\nA,1\n", "name,\"erp_key\nA,1",
        "name,erp_key,formula\nA,1,2\n",
    ]) @OnLoop func `is rejected for what is no such file`(text: String) async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let job = try await begin(place)
        #expect(try await upload(place, job, text) == 200)
        let refused = try await status(place, job)
        #expect(try refused["status"].string() == "REJECTED" && refused["failure_reason"].string() == "INVALID_UPLOAD")
        #expect(try await upload(place, job, "name,erp_key\n") == 409)
    }

    @Test @OnLoop func `waits ten minutes for its file, and takes ten thousand rows`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let late = try await begin(place)
        place.clock.advance(by: .seconds(601))
        #expect(try await upload(place, late, "name,erp_key\n") == 403)
        let large = try await begin(place)
        let rows = (0...10_000).map { "n,\($0)\n" }.joined()
        #expect(try await upload(place, large, "name,erp_key\n" + rows) == 200)
        #expect(try await status(place, large)["status"].string() == "REJECTED")
        let bad = try await place.ask(
            start,
            ["b": .string(place.board), "m": ["match_column_id": "vendor_link", "behaviour": "UPSERT"]]
        )
        #expect(bad.mondayCode == "InvalidArgumentException")
        #expect(try await place.ask(look, ["j": "none"]).mondayCode == "ResourceNotFoundException")
    }

    @Test @OnLoop func `of another kind puts items away by the hundred`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let ids = [try await place.createItem("A"), try await place.createItem("B")]
        let archive = "mutation($b: ID!, $i: [ID!]!) { bulk_archive_items(board_id: $b, item_ids: $i) { job_id } }"
        let made = try await place.data(archive, ["b": .string(place.board), "i": .array(ids.map { .string($0) })])
        #expect(try !made["bulk_archive_items"]["job_id"].string().isEmpty)
        let read = try await place.data(
            "query($i: [ID!]) { items(ids: $i) { state } }",
            ["i": .array(ids.map { .string($0) })]
        )
        #expect(try read["items"].elements().allSatisfy { try $0["state"].string() == "archived" })
    }
}
