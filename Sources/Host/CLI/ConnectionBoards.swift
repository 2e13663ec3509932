import Core
import Engine
import Flows
import Glibc
import Transport

/// `connection add FILE --create-board`: makes the boards that a file asks for, and writes their numbers and what goes where
/// into the file, so that the next time it names them.
@OnLoop enum ConnectionBoards {
    /// The file as it is then, and the secrets, so that nobody has to type them twice.
    static func make(for path: String) async throws -> (source: ConnectionSource, secrets: [String: Secret]) {
        let text = try textFile(path)
        let file: ConnectionFile
        let orders: [BoardOrder]
        do {
            file = try ConnectionFile(text: text)
            orders = try BoardOrder.all(in: file.document)
        } catch {
            throw ConnectionSource.refusal(of: error, path, text)
        }
        guard !orders.isEmpty else { return (try ConnectionSource(path: path), [:]) }
        var secrets: [String: Secret] = [:]
        for (place, reference) in file.secrets.sorted(by: { $0.key < $1.key }) {
            do {
                secrets[place] = try reference.read(for: place)
            } catch {
                throw CommandFailure(code: .configuration, text: "\(path): \(place): \(error)")
            }
        }
        let made: [(order: BoardOrder, board: String)]
        do {
            made = try await OnboardingDesk().visit(file, secrets: secrets) { try await $0.makeBoards() }
        } catch let error as CallError {
            throw CommandFailure(code: .failed, text: "\(path): \(error.reason)")
        } catch let error as JSONField.Wrong {
            throw ConnectionSource.refusal(of: error, path, text)
        }
        let filled = try BoardOrder.filled(text, with: made)
        for each in made {
            Terminal.complain("the board “\(each.order.name)” for \(each.order.route) is made: \(each.board)")
        }
        try writeFile(filled, to: path)
        return (try ConnectionSource(path: path), secrets)
    }
}
