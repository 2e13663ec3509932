import Core
import Glibc
import Store
import Testing

@Suite(.serialized) struct `a killed process` {
    @Test func `loses nothing of what its inbox acknowledged, and damages nothing`() async throws {
        let folder = Folder()
        var expected: Set<Int64> = []
        // Said to be removed just before the end: they may still be there.
        var doubtful: Set<Int64> = []
        var highest: Int64 = 0
        for _ in 0..<25 {
            let child = try Child("inbox", folder["inbox.db"])
            var removing: Set<Int64> = []
            func take(_ line: String) throws {
                let words = line.split(separator: " ")
                let numbers = try Set(#require(Int64(words[1]))...#require(Int64(words[2])))
                if words[0] == "-" {
                    removing = numbers
                } else {
                    expected = expected.union(numbers).subtracting(removing)
                    removing = []
                }
            }
            // The child is somewhere in the middle of a commit when this is over, each time somewhere else.
            for _ in 0..<Int.random(in: 1...200) { try take(#require(child.line())) }
            usleep(UInt32.random(in: 0...2_000))
            child.kill()
            while let line = child.line() { try take(line) }
            expected.subtract(removing)
            doubtful = removing

            let inbox = try await SQLiteInbox.open(folder["inbox.db"])
            let index = try await inbox.index()
            let found = Set(index.map(\.sequence))
            #expect(expected.isSubset(of: found))
            // Stored, but killed before it could say so: at most the one commit that was under way.
            let unsaid = found.subtracting(expected).subtracting(doubtful)
            #expect(unsaid.count <= 9 && unsaid.allSatisfy { $0 > (expected.max() ?? 0) })
            #expect(index.allSatisfy { $0.sequence > 0 })
            for event in try await inbox.load(index.map(\.sequence)) {
                #expect(event.body.count == "\(event.key.low);".utf8.count * (1 + Int(event.key.low % 90)))
            }
            #expect(found.max() ?? 0 >= highest)
            highest = found.max() ?? highest
            expected = found
            await inbox.close()
        }
        #expect(try integrity(of: folder["inbox.db"]) == "ok")
    }

    @Test func `of several on one tenant's file hinders no other, and none is stored twice`() async throws {
        let folder = Folder()
        let path = folder["tenant.db"]
        let store = try await SQLiteTenantStore.open(path)
        // Two workers at once each time; one dies in the middle, and its successor offers everything again.
        for _ in 0..<8 {
            let victim = try Child("tenant", path, "1")
            let other = try Child("tenant", path, "2")
            for _ in 0..<Int.random(in: 1...20) { _ = victim.line() }
            victim.kill()
            while let line = other.line(), line != "done" {}
        }
        let last = try Child("tenant", path, "1")
        while let line = last.line(), line != "done" {}
        for connection in [1, 2] as [Int64] {
            let waiting = try await store.waiting(for: connection, after: 0, limit: 10_000)
            #expect(waiting.map(\.arrival.key.low).sorted() == Array(0..<400))
            #expect(try await store.counts(for: connection).accepted == 400)
        }
        await store.close()
        #expect(try integrity(of: path) == "ok")
    }

    @Test func `leaves the audit whole, wherever its old lines were being removed`() async throws {
        let folder = Folder()
        let path = folder["tenant.db"]
        var (said, removed): (Int64, Int64) = (0, 0)
        func take(_ line: String) {
            let words = line.split(separator: " ")
            guard words.count == 2, let count = Int64(words[1]) else { return }
            if words[0] == "+" { said += count } else { removed += count }
        }
        for _ in 0..<12 {
            let child = try Child("audit", path)
            for _ in 0..<Int.random(in: 1...60) { try take(#require(child.line())) }
            usleep(UInt32.random(in: 0...2_000))
            child.kill()
            while let line = child.line() { take(line) }
            let store = try await SQLiteTenantStore.open(path)
            let result = try await AuditInspection.make(of: store, page: 7)
            #expect(result.fault == nil)
            // At most one step was done and could not be said any more.
            #expect(removed...removed + 12 ~= result.inspection.removed)
            #expect(result.inspection.last >= said)
            removed = result.inspection.removed
            await store.close()
        }
        #expect(removed > 0)
        #expect(try integrity(of: path) == "ok")
    }

    @Test func `has spent what it entered`() async throws {
        let folder = Folder()
        let path = folder["tenant.db"]
        let window = Window("units", 1_000_000, .sliding(.seconds(3_600)))
        var said = 0
        for _ in 0..<6 {
            let child = try Child("account", path)
            for _ in 0..<Int.random(in: 1...40) where child.line() != nil { said += 1 }
            child.kill()
            while let line = child.line() { said += line.hasPrefix("+") ? 1 : 0 }
            let store = try await SQLiteTenantStore.open(path)
            let used = try await store.facts(of: "m", in: [window], at: 1_800_000_000_000).used["units"] ?? 0
            // The last one may have been entered and not yet been said.
            #expect(said...said + 1 ~= used)
            said = used
            await store.close()
        }
        #expect(try integrity(of: path) == "ok")
    }
}

/// SQLite's verdict, by its own program.
func integrity(of path: String) throws -> String {
    let schema =
        path.hasSuffix("inbox.db")
        ? Schema(kind: 0x6d6c_6962, title: "any", steps: [""])
        : SQLiteTenantStore.schema
    return try Database(path: path, schema: schema).integrity()
}
