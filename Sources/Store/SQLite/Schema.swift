/// What one kind of database holds, and the way there from every version before.
package struct Schema: Sendable {
    /// SQLite's `application_id`: tells the kinds of files apart.
    package var kind: Int32
    /// For people, with its article: "a tenant's store".
    package var title: String
    /// Step n brings `user_version` from n to n + 1. A step that has been released never changes again.
    package var steps: [String]

    package init(kind: Int32, title: String, steps: [String]) {
        self.kind = kind
        self.title = title
        self.steps = steps
    }
}

extension Database {
    /// Refuses a file of another kind, of another program or of a newer version, before anything is changed in it.
    func check(against schema: Schema) throws {
        let (kind, version, isNew) = try snapshot {
            let kind = try integer("PRAGMA application_id")
            let version = try integer("PRAGMA user_version")
            let isNew = try kind == 0 && version == 0 && integer("SELECT count(*) FROM sqlite_schema") == 0
            return (kind, version, isNew)
        }
        guard isNew || kind == Int64(schema.kind) else { throw StoreError.foreign(file: path, expected: schema.title) }
        guard version <= schema.steps.count else {
            throw StoreError.newerSchema(file: path, found: Int(version), known: schema.steps.count)
        }
    }

    /// Each step in a transaction of its own, and only once however many processes open the file.
    func migrate(to schema: Schema) throws {
        guard try integer("PRAGMA user_version") < schema.steps.count else { return }
        for (version, step) in schema.steps.enumerated() {
            try transaction {
                guard try integer("PRAGMA user_version") == version else { return }
                try execute("PRAGMA application_id = \(schema.kind)")
                try execute(step)
                try execute("PRAGMA user_version = \(version + 1)")
            }
        }
        try check(against: schema)
    }
}
