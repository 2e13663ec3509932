import Core
import Glibc

/// Asks the person at the terminal, or takes the answers of a script line by line from its standard input.
struct Asker {
    struct Ended: Error {}

    private static let longestAnswer = 4_096

    func say(_ text: String = "") {
        Terminal.print(text)
    }

    /// An empty answer is the usual one. Asked again until there is one.
    func text(_ question: String, usually: String? = nil) throws -> String {
        while true {
            let answer = try line(question + (usually.map { " [\($0)]" } ?? "") + ": ")
            if !answer.isEmpty { return answer }
            if let usually { return usually }
            say("  an answer is needed; Ctrl-C ends it, and nothing is left behind")
        }
    }

    /// Nil for nothing.
    func optional(_ question: String) throws -> String? {
        let answer = try line(question + ": ")
        return answer.isEmpty ? nil : answer
    }

    func yes(_ question: String, usually: Bool) throws -> Bool {
        while true {
            switch try line(question + (usually ? " [Y/n]: " : " [y/N]: ")).lowercased() {
            case "": return usually
            case "y", "yes": return true
            case "n", "no": return false
            default: say("  y or n, please")
            }
        }
    }

    /// The place of one of them in their list; named by its number, or by how it begins.
    func choice(_ question: String, of choices: [String], usually: Int? = nil) throws -> Int {
        list(choices)
        while true {
            let answer = try text(question, usually: usually.map { "\($0 + 1)" })
            if let number = Int(answer), choices.indices.contains(number - 1) { return number - 1 }
            if let place = choices.firstIndex(of: answer) { return place }
            let alike = choices.indices.filter { choices[$0].hasPrefix(answer) }
            if alike.count == 1 { return alike[0] }
            say("  a number from 1 to \(choices.count), please")
        }
    }

    /// Several of them, in the order of the list.
    func choices(_ question: String, of choices: [String], usually: Int) throws -> [Int] {
        list(choices)
        while true {
            let answer = try text(question, usually: "\(usually + 1)")
            let numbers = answer.split { $0 == "," || $0 == " " }.map { Int($0) ?? 0 }
            if !numbers.isEmpty, numbers.allSatisfy({ choices.indices.contains($0 - 1) }) {
                return Set(numbers.map { $0 - 1 }).sorted()
            }
            say("  numbers from 1 to \(choices.count), please, such as 1, 2")
        }
    }

    private func list(_ choices: [String]) {
        for (place, choice) in choices.enumerated() { say("  \(place + 1)  \(remark(choice))") }
    }

    /// Where a secret is, or the secret itself, which is not shown while it is typed.
    func secret(_ question: String) throws -> (reference: JSON, typed: Secret?) {
        say(question)
        while true {
            let answer = try hidden("  type it, or env:NAME, or file:PATH: ")
            if answer.hasPrefix("env:"), answer.count > 4 {
                return (["env": .string(String(answer.dropFirst(4)))], nil)
            }
            if answer.hasPrefix("file:"), answer.count > 5 {
                return (["file": .string(String(answer.dropFirst(5)))], nil)
            }
            if !answer.isEmpty { return (["prompt": true], Secret(text: answer)) }
            say("  an answer is needed")
        }
    }

    private func hidden(_ question: String) throws -> String {
        guard isatty(0) == 1 else { return try line(question) }
        guard let typed = getpass(question) else { throw Ended() }
        return String(cString: typed)
    }

    private func line(_ question: String) throws -> String {
        _ = Terminal.send(question)
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = read(0, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { throw Ended() }
            if byte == UInt8(ascii: "\n") { break }
            guard bytes.count < Self.longestAnswer else { throw Ended() }
            bytes.append(byte)
        }
        // A script's answer is not echoed by any terminal.
        if isatty(0) != 1 { Terminal.print("") }
        let text = String(decoding: bytes, as: UTF8.self)
        return String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
