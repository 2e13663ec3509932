import Foundation
import Glibc
import Testing
import Transport

@Suite struct `an HTTP client in a long life` {
    @Test func `keeps no memory and no descriptor of 10,000 requests`() async {
        // In a process of its own, where nothing else allocates or opens.
        await #expect(processExitsWith: .success) {
            EpollLoop.process.startThread()
            let grown = try await growth(over: 10_000)
            print("grew by \(grown.kibibytes) KiB, \(grown.descriptors) descriptors")
            #expect(grown.kibibytes < 2_048)
            #expect(grown.descriptors == 0)
        }
    }
}

/// What a process has more of after `count` requests of every kind: answered, refused, cut, cancelled, too large.
@OnLoop private func growth(over count: Int) async throws -> (kibibytes: Int, descriptors: Int) {
    let server = RawServer { connection in
        while let request = connection.request() {
            if request.contains("/cut") { return }
            connection.say("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + String(repeating: "x", count: 500))
        }
    }
    defer { server.stop() }
    let client = try client(server.url)

    func ask(_ round: Int) async throws {
        var request = HTTPClient.Request(.post, server.url + "/ok", body: Array("{}".utf8))
        switch round % 20 {
        case 0:
            request.url = server.url + "/cut"
            _ = try await failure { try await client.send(request) }
        case 1:
            request.limits.bodyBytes = 100
            _ = try await failure { try await client.send(request) }
        case 2:
            request.url = "http://127.0.0.1:1/"
            _ = try await failure { try await client.send(request) }
        case 3:
            let answer = EpollLoop.process.task { [request] in try await client.send(request) }
            answer.cancel()
            _ = try await failure { try await answer.value }
        default:
            _ = try await client.send(request)
        }
    }
    for round in 0..<2_000 { try await ask(round) }
    let before = (residentKibibytes(), descriptors())
    for round in 0..<count { try await ask(round) }
    // Connections that the server has not closed yet on its side are not ours.
    while descriptors() > before.1, server.isBusy(beyond: 1) { usleep(1_000) }
    return (residentKibibytes() - before.0, descriptors() - before.1)
}

private func residentKibibytes() -> Int {
    let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
    return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * 4
}

private func descriptors() -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count ?? 0
}
