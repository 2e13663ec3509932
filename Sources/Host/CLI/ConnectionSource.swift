import Core
import Flows
import Glibc
import Transport

/// A connection's file as it lies on the disk. Whatever is wrong with it is said with file and line:
/// `acme.json5:12: monday.token: expected { env: ... }`.
@OnLoop struct ConnectionSource {
    let path: String
    let text: String
    let file: ConnectionFile
    private static let longestSecret = 4_096

    init(path: String) throws {
        self.path = path
        text = try textFile(path)
        do {
            file = try ConnectionFile(text: text)
            _ = try FlowCatalog.make(file.flow, document: file.document)
        } catch {
            throw Self.refusal(of: error, path, text)
        }
    }

    /// Read where the file says that they are, now, but for those that were typed before.
    func secrets(typed: [String: Secret] = [:]) throws -> [PlacedSecret] {
        try file.secrets.sorted { $0.key < $1.key }.map { place, reference in
            do {
                let secret = try typed[place] ?? reference.read(for: place)
                guard secret.count <= Self.longestSecret else { throw Unreadable("has 4,096 bytes at most") }
                return PlacedSecret(place: place, secret: secret)
            } catch {
                throw Self.failure("\(path):\(line(of: place)): \(place): \(error)")
            }
        }
    }

    private func line(of place: String) -> Int {
        (try? JSON5Places(text))?.line(of: place) ?? 1
    }

    static func refusal(of error: any Error, _ path: String, _ text: String) -> CommandFailure {
        if let error = error as? JSONError {
            return failure("\(path):\(error.line):\(error.column): expected \(error.expected)")
        }
        let place = if let wrong = error as? JSONField.Wrong { wrong.path } else { "flow" }
        guard error is JSONField.Wrong || error is FlowCatalog.Unknown, let places = try? JSON5Places(text) else {
            return failure("\(path): \(error)")
        }
        return failure("\(path):\(places.line(of: place)): \(error)")
    }

    private static func failure(_ text: String) -> CommandFailure {
        CommandFailure(code: .configuration, text: text)
    }
}

/// Why a secret could not be had.
private struct Unreadable: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

extension SecretReference {
    func read(for place: String) throws -> Secret {
        switch self {
        case .environment(let name):
            guard let value = getenv(name), value.pointee != 0 else {
                throw Unreadable("the variable \(name) is not set")
            }
            return Secret(text: String(cString: value))
        case .file(let path):
            var text = try textFile(path)
            while text.last?.isNewline == true { text.removeLast() }
            guard !text.isEmpty else { throw Unreadable("the file \(path) is empty") }
            return Secret(text: text)
        case .prompt:
            guard isatty(0) == 1, let typed = getpass("\(place): ") else {
                throw Unreadable("a terminal is needed to type it; or use { env: … }, { file: … }")
            }
            guard typed.pointee != 0 else { throw Unreadable("nothing was typed") }
            return Secret(text: String(cString: typed))
        }
    }
}
