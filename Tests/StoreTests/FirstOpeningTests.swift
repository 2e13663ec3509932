import Dispatch
import Store
import Synchronization
import Testing

/// All workers of a new tenant start at the same moment, and each finds its store half made by another.
@Suite struct `a store that several open for the first time` {
    @Test func `is made once, and taken for nobody else's`() throws {
        let folder = Folder()
        let schema = Schema(
            kind: 77,
            title: "a test database",
            steps: ["CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a (x) VALUES (1)"]
        )
        for round in 0..<100 {
            let failures = Mutex<[String]>([])
            DispatchQueue.concurrentPerform(iterations: 4) { _ in
                do {
                    let database = try Database(path: folder["\(round)"], schema: schema)
                    let count = try database.integer("SELECT count(*) FROM a")
                    if count != 1 { failures.withLock { $0.append("\(count) rows") } }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
            try #require(failures.withLock { $0 } == [])
        }
    }
}
