import Core
import Glibc
import Store
import Testing

@Suite struct `a database` {
    let folder = Folder()
    let first = Schema(kind: 77, title: "a test database", steps: ["CREATE TABLE a (x INTEGER) STRICT"])
    var second: Schema {
        var schema = first
        schema.steps.append("ALTER TABLE a ADD COLUMN y TEXT; INSERT INTO a (x, y) VALUES (2, 'new')")
        return schema
    }

    @Test func `is brought to the newest version, step by step, and once`() throws {
        do {
            let old = try Database(path: folder["db"], schema: first)
            try old.run("INSERT INTO a (x) VALUES (?)", .integer(1))
        }
        for _ in 0..<2 {
            let new = try Database(path: folder["db"], schema: second)
            #expect(try new.integer("SELECT sum(x) FROM a") == 3)
            #expect(try new.integer("PRAGMA user_version") == 2)
        }
        #expect(try Database(path: folder["other"], schema: second).integer("SELECT sum(x) FROM a") == 2)
    }

    /// SQLite obeys this pragma when it is prepared, so one that was kept has to be prepared anew each time.
    @Test func `waits for the disk in each commit but the quick ones`() throws {
        let database = try Database(path: folder["db"], schema: first)
        var asked = 0
        func level() throws -> Int64 {
            asked += 1
            return try database.integer("PRAGMA synchronous -- \(asked)")
        }
        for _ in 0..<3 {
            #expect(try level() == 2)
            try database.quickTransaction {
                #expect(try level() == 1)
                try database.run("INSERT INTO a (x) VALUES (1)")
            }
            #expect(try level() == 2)
            try database.transaction {
                #expect(try level() == 2)
                try database.run("INSERT INTO a (x) VALUES (2)")
            }
        }
        #expect(throws: StoreError.self) {
            try database.quickTransaction { try database.run("INSERT INTO nowhere VALUES (1)") }
        }
        #expect(try level() == 2)
        #expect(try Database(path: folder["db"], schema: first).integer("SELECT sum(x) FROM a") == 9)
    }

    @Test func `stays at its version when a step fails`() throws {
        _ = try Database(path: folder["db"], schema: first)
        var broken = first
        broken.steps.append("INSERT INTO a (x) VALUES (5); INSERT INTO nowhere VALUES (1)")
        #expect(throws: StoreError.self) { try Database(path: folder["db"], schema: broken) }
        let again = try Database(path: folder["db"], schema: first)
        #expect(try again.integer("SELECT count(*) FROM a") == 0)
    }

    @Test func `of a newer version is refused and not touched`() throws {
        // Left as a killed process leaves it: with a log beside the file.
        let database = try Database(path: folder["db"], schema: second)
        try copy("db", "copy")
        try copy("db-wal", "copy-wal")
        let before = try (folder.read("copy"), folder.read("copy-wal"))
        #expect(!before.1.isEmpty)
        #expect(throws: StoreError.newerSchema(file: folder["copy"], found: 2, known: 1)) {
            try Database(path: folder["copy"], schema: first)
        }
        #expect(try folder.read("copy") == before.0 && folder.read("copy-wal") == before.1)
        #expect(try Database(path: folder["copy"], schema: second).integer("SELECT sum(x) FROM a") == 2)
        withExtendedLifetime(database) {}
    }

    @Test func `of another kind, or of another program, is refused and not touched`() throws {
        _ = try Database(path: folder["db"], schema: first)
        try folder.write(Array("Dear reader, this is no database at all. ".utf8), to: "text")
        let alien = Schema(kind: 0, title: "another program's", steps: ["CREATE TABLE theirs (x)"])
        _ = try Database(path: folder["alien"], schema: alien)
        var other = first
        other.kind = 78
        for name in ["db", "text", "alien"] {
            let before = try folder.read(name)
            #expect {
                try Database(path: folder[name], schema: other)
            } throws: {
                if case StoreError.foreign = $0 { true } else { false }
            }
            #expect(try folder.read(name) == before)
        }
    }

    @Test func `undoes a transaction that throws, and works on`() throws {
        struct Stop: Error {}
        let database = try Database(path: folder["db"], schema: first)
        #expect(throws: Stop.self) {
            try database.transaction {
                try database.run("INSERT INTO a (x) VALUES (1)")
                throw Stop()
            }
        }
        #expect(try database.integer("SELECT count(*) FROM a") == 0)
        try database.transaction { try database.run("INSERT INTO a (x) VALUES (1)") }
        #expect(try database.integer("SELECT count(*) FROM a") == 1)
    }

    @Test func `waits for another's transaction, and says busy when that takes too long`() throws {
        let holder = try Database(path: folder["db"], schema: first)
        var options = Database.Options()
        options.busyMilliseconds = 30
        let waiter = try Database(path: folder["db"], schema: first, options: options)
        try holder.transaction {
            #expect(throws: StoreError.busy(file: folder["db"])) { try waiter.transaction {} }
        }
        try waiter.transaction {}
    }

    @Test func `can be made by many at once`() async throws {
        let (path, schema) = (folder["db"], second)
        try await withThrowingTaskGroup(of: Int64.self) { group in
            for _ in 0..<8 {
                group.addTask { try Database(path: path, schema: schema).integer("SELECT sum(x) FROM a") }
            }
            for try await sum in group { #expect(sum == 2) }
        }
    }

    @Test func `that is damaged says so`() throws {
        do {
            let database = try Database(path: folder["db"], schema: first)
            try database.transaction {
                for number in 0..<5_000 as Range<Int64> {
                    try database.run("INSERT INTO a (x) VALUES (?)", .integer(number << 32))
                }
            }
            #expect(try database.integrity() == "ok")
        }
        var content = try folder.read("db")
        for index in 4_096..<content.count { content[index] = UInt8(truncatingIfNeeded: index &* 31) }
        try folder.write(content, to: "db")
        let database = try Database(path: folder["db"], schema: first)
        #expect {
            try database.integer("SELECT sum(x) FROM a")
        } throws: {
            if case StoreError.corrupt = $0 { true } else { false }
        }
    }

    @Test func `can be read by its owner only`() throws {
        let database = try Database(path: folder["db"], schema: first)
        for name in ["db", "db-wal", "db-shm"] {
            var status = stat()
            #expect(stat(folder[name], &status) == 0 && status.st_mode & 0o777 == 0o600, "\(name)")
        }
        withExtendedLifetime(database) {}
    }

    @Test func `in a folder that is not there names the file`() {
        let error = #expect(throws: StoreError.self) { try Database(path: folder["none/db"], schema: first) }
        #expect(error.map { "\($0)".contains("none/db") } == true)
    }

    @Test func `whose folder is gone acknowledges nothing into it`() async throws {
        let inbox = try await SQLiteInbox.open(folder["inbox.db"])
        folder.remove()
        await #expect(throws: StoreError.self) { try await inbox.commit(arrivals(0..<1), removing: []) }
    }

    /// By another process: SQLite's locks on a file are lost when its own process closes it a second time.
    func copy(_ from: String, _ to: String) throws {
        try #require(run("cp", folder[from], folder[to]) == 0)
    }
}
