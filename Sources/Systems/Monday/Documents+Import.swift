/// A first load by a sheet of rows, which Monday takes in by itself: a handful of calls for thousands of items.
extension Monday.Documents {
    package static let startImport = Monday.Document(
        mutation: "MlIngest",
        ["ingest_items"],
        text: """
            mutation MlIngest($boardId: ID!, $groupId: ID!, $onMatch: OnMatchInput) {
              ingest_items(board_id: $boardId, group_id: $groupId, on_match: $onMatch) { job_id upload_url }
            }
            """
    )

    package static let importStatus = Monday.Document(
        query: "MlIngestStatus",
        "fetch_job_status",
        text: """
            query MlIngestStatus($jobId: ID!) {
              fetch_job_status(job_id: $jobId) {
                __typename
                ... on ItemsJobStatus {
                  status failure_reason failure_message report_created report_url
                }
              }
            }
            """
    )
}
