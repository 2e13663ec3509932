/// A record as its system gave it: the fields under the vendor's names, in the vendor's order.
package struct Record: Sendable, Equatable {
    /// Never changes, whatever else does.
    package var id: String
    /// What has to be shown to change the record, where the system asks for that.
    package var etag: String?
    /// When it last changed, by the system's own clock; nil where the system does not say.
    package var modified: WallTime?
    package var fields: JSON.Object

    package init(id: String, etag: String? = nil, modified: WallTime? = nil, fields: JSON.Object) {
        self.id = id
        self.etag = etag
        self.modified = modified
        self.fields = fields
    }

    package subscript(name: String) -> JSON? { fields[name] }
}

/// Some of many records, and the way to the next ones.
package struct RecordPage: Sendable, Equatable {
    package var records: [Record]
    /// They have changed and are none of these records any more, if they ever were: they do not meet a condition.
    package var left: [Record] = []
    /// What to ask with for the next page; nil after the last.
    package var next: String?
    /// Records that were listed once and are not any more: gone, or found elsewhere when they are read.
    package var vanished: [String] = []
    /// The system does not say when a record was changed: whatever differs from what is known has changed lately, and what
    /// was changed since a reading began is asked for by that time.
    package var isUnstamped = false

    package init(records: [Record], next: String?) {
        self.records = records
        self.next = next
    }

    /// The same page with these records, which say more or less than the ones before; all else of it counts as before.
    package func with(_ records: [Record]) -> RecordPage {
        var page = self
        page.records = records
        return page
    }
}
