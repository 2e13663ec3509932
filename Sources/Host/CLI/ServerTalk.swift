import CPosix
import Core
import Glibc
import Transport

/// How a command speaks to the running server: over the control socket in its data directory.
@OnLoop struct ServerTalk {
    private let channel: Channel

    /// Nil when no server runs there.
    init?(data: String) {
        let descriptor = ml_unix_connect(data + "/control.sock")
        guard descriptor >= 0 else { return nil }
        channel = Channel(descriptor: descriptor)
        channel.start()
    }

    static func required(data: String) throws -> ServerTalk {
        guard let talk = ServerTalk(data: data) else {
            throw CommandFailure(
                code: .unavailable,
                text: "no server answers at \(data)/control.sock; start one with: ml-connector serve --data \(data)"
            )
        }
        return talk
    }

    func ask<Question: Ask>(_ question: Question) async throws -> Question.Answer {
        try await channel.ask(question, within: .seconds(30))
    }
}

extension Arguments {
    var data: String { self["data"] ?? "data" }
}
