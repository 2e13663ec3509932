import Core
import Store
import Testing

@testable import Host

@Suite struct `the bench` {
    @Test func `tells a percentile that was measured, and none of nothing`() {
        var latencies = Latencies()
        #expect(latencies.at(0.5) == nil && latencies.microseconds(at: 0.5) == 0)
        for microseconds in (1...1_000).reversed() { latencies.add(nanoseconds: Int64(microseconds) * 1_000) }
        latencies.sort()
        #expect(latencies.microseconds(at: 0.5) == 500)
        #expect(latencies.microseconds(at: 0.99) == 990)
        #expect(latencies.microseconds(at: 0.999) == 999)
        #expect(latencies.microseconds(at: 1) == 1_000)
        // Seven minutes are the longest it can tell.
        latencies.add(nanoseconds: .max)
        latencies.sort()
        #expect(latencies.at(1) == .nanoseconds(Int64(UInt32.max) * 100))
    }

    @Test(arguments: [0, 30]) func `signs each request for its own body`(duplicates: Int) throws {
        let secret = Secret(text: "bench-intake")
        let requests = try LoadRequests(500, to: "/hooks/a", host: "localhost", secret: secret, duplicates: duplicates)
        let authenticator = try MessageAuthenticator(key: secret)
        var ids: Set<String> = []
        for index in 0..<requests.count {
            let (head, body) = try Self.parts(of: index, in: requests)
            let signature = body.withUnsafeBytes { authenticator.digest($0).hexadecimal }
            let id = String(decoding: body[10..<42], as: UTF8.self)
            #expect(body.count == LoadRequests.bodyBytes && head.contains("Content-Length: \(body.count)\r\n"))
            #expect(head.contains("\(BenchServer.signatureHeader): \(signature)\r\n"))
            #expect(head.contains("\(BenchServer.identityHeader): \(id)\r\n"))
            #expect(ids.insert(id).inserted == (requests.original(of: index) == index))
        }
        #expect((ids.count == requests.count) == (duplicates == 0))
    }

    private static func parts(of index: Int, in requests: LoadRequests) throws -> (head: String, body: [UInt8]) {
        var bytes = requests.template
        bytes.withUnsafeMutableBufferPointer { buffer in
            if let start = buffer.baseAddress { requests.write(index, to: start) }
        }
        let bodyStart = bytes.count - LoadRequests.bodyBytes
        let head = String(decoding: bytes[..<bodyStart], as: UTF8.self)
        try #require(head.hasPrefix("POST /hooks/a HTTP/1.1\r\nHost: localhost\r\n") && head.hasSuffix("\r\n\r\n"))
        return (head, Array(bytes[bodyStart...]))
    }

    @Test func `takes a loss for a loss, and what was never answered for either`() {
        func verdict(_ acknowledged: Int, _ unanswered: Int, stored: Int) -> Bool {
            IntakeBench.Verdict(acknowledged: acknowledged, unanswered: unanswered, repeated: 0, stored: stored).isWell
        }
        #expect(verdict(10, 0, stored: 10) && verdict(10, 2, stored: 10) && verdict(10, 2, stored: 12))
        #expect(!verdict(10, 0, stored: 9) && !verdict(10, 0, stored: 11) && !verdict(10, 2, stored: 13))
    }
}
