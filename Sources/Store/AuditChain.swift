import Core

/// Ties each line of the audit to the one before it: a line that is changed, taken out or moved breaks the chain there.
package struct AuditChain: Sendable {
    /// What the next line is tied to.
    package private(set) var head: [UInt8]
    package private(set) var sequence: Int64

    /// A chain without a line begins with nothing.
    package init(head: [UInt8] = [], sequence: Int64 = 0) {
        self.head = head
        self.sequence = sequence
    }

    /// As it is kept beside the lines: number and hash of the last one.
    init?(text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let sequence = Int64(parts[0]), sequence > 0, let head = Hex.bytes(of: String(parts[1]))
        else { return nil }
        self.init(head: head, sequence: sequence)
    }

    var text: String { "\(sequence) \(Hex.text(of: head))" }

    package mutating func append(_ entry: AuditEntry) -> AuditLine {
        append { entry.json(sequence: $0).text() }
    }

    /// `text` is told the number of the line it makes.
    package mutating func append(_ text: (Int64) -> String) -> AuditLine {
        sequence += 1
        let text = text(sequence)
        head = Digest(of: head, Array(text.utf8)).bytes
        return AuditLine(sequence: sequence, text: text, hash: head)
    }

    package enum Fault: Error, Sendable, Equatable, CustomStringConvertible {
        case missing(from: Int64, to: Int64)
        case changed(Int64)
        /// The audit begins after this line, and none of its lines says that the others were removed by policy.
        case unaccounted(through: Int64)

        package var description: String {
            switch self {
            case .missing(let from, let to) where from == to: "line \(from) is missing"
            case .missing(let from, let to): "the lines \(from) to \(to) are missing"
            case .unaccounted(let last): "the lines 1 to \(last) are missing, and no line says that they were too old"
            case .changed(let line): "line \(line) is not as it was written, or not where it was"
            }
        }
    }

    /// Follows a line that was stored.
    package mutating func follow(_ line: AuditLine) throws(Fault) {
        guard line.sequence > sequence else { throw .changed(line.sequence) }
        guard line.sequence == sequence + 1 else { throw .missing(from: sequence + 1, to: line.sequence - 1) }
        let expected = Digest(of: head, Array(line.text.utf8))
        // The number stands in the text, too: a line that was moved with its hash is not the line it says it is.
        guard line.hash.withUnsafeBytes({ expected.equals($0) }),
            let text = try? JSON.parse(line.text),
            (try? JSONField(text)["seq"].int()) == Int(line.sequence)
        else { throw .changed(line.sequence) }
        head = line.hash
        sequence = line.sequence
    }

    /// After the last line: is it the one that was written last?
    package func end(at end: AuditChain) throws(Fault) {
        guard end.sequence <= sequence else { throw .missing(from: sequence + 1, to: end.sequence) }
        guard end.sequence == sequence, end.head == head else { throw .changed(sequence) }
    }
}
