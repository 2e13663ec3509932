import Core
import Foundation
import Glibc
import Testing

/// The simulators of the real binary, in a process of their own.
final class SandboxProcess {
    private let program: Program
    private let folder: String
    /// URLs and credentials, as the sandbox tells them.
    let description: JSONField
    let controlPort: Int
    private let talk: SandboxTalk

    struct Refused: Error, CustomStringConvertible {
        var description: String
    }

    init(_ flags: [String] = []) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "ml-sandbox-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let ports = folder + "/ports.json"
        program = try Program(
            [Installation.builtBinary, "sandbox", "--ports-file", ports] + flags,
            output: folder + "/out",
            errors: folder + "/log"
        )
        var text = ""
        let errors = folder + "/log"
        do {
            try until("the sandbox is there", within: 20) {
                text = (try? String(contentsOfFile: ports, encoding: .utf8)) ?? ""
                return (try? JSON.parse(text)) != nil
            }
        } catch {
            throw Refused(description: "\(error): \((try? String(contentsOfFile: errors, encoding: .utf8)) ?? "")")
        }
        description = JSONField(try JSON.parse(text))
        let url = try description["control"]["url"].string()
        controlPort = try #require(Int(url.split(separator: ":").last ?? ""))
        talk = SandboxTalk(controlPort)
    }

    deinit {
        program.kill()
        try? FileManager.default.removeItem(atPath: folder)
    }

    @discardableResult
    func control(_ method: String, _ path: String, _ body: String = "") throws -> JSONField {
        try talk.control(method, path, body)
    }

    func fault(_ system: String, on operation: String, _ effect: String, _ more: String = "") throws {
        try control("POST", "/faults", #"{"system":"\#(system)","on":"\#(operation)","effect":\#(effect)\#(more)}"#)
    }

    func clearFaults() throws { try control("DELETE", "/faults") }

    func facts() throws -> JSONField { try control("GET", "/facts") }
}

/// One connection to a sandbox's control.
final class SandboxTalk {
    private let caller: Caller

    init(_ port: Int) {
        caller = Caller(port, patienceSeconds: 60)
    }

    @discardableResult
    func control(_ method: String, _ path: String, _ body: String = "") throws -> JSONField {
        let request =
            "\(method) \(path) HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let answer = try #require(caller.ask(request), "no answer from the sandbox to \(method) \(path)")
        guard answer.status < 300 else {
            throw SandboxProcess.Refused(description: "\(method) \(path): \(answer.status) \(answer.body)")
        }
        return JSONField(answer.body.isEmpty ? .null : try JSON.parse(answer.body))
    }
}
