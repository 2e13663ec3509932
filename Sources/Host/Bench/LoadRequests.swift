import Core
import Glibc
import Store

/// Webhooks made ready before the clock starts: one text with gaps, and for each request what goes into them.
///
/// Every body is another one, because it holds the event's id; so every signature is another one, too.
final class LoadRequests: @unchecked Sendable {  // Written in `init` only, read by one thread.
    static let bodyBytes = 600
    private static let idDigits = 32
    private static let signatureDigits = 64
    private static let fieldBytes = idDigits + signatureDigits

    let count: Int
    /// The request as it is sent, its gaps filled with zeros.
    let template: [UInt8]
    private let idPlaces: [Int]
    private let signaturePlace: Int
    private let fields: UnsafeMutablePointer<UInt8>
    /// For a duplicate: which request it repeats.
    private var originals: [Int: Int] = [:]

    /// `duplicates` of a hundred requests repeat one of the thousand before them.
    init(_ count: Int, to path: String, host: String, secret: Secret, duplicates: Int = 0) throws {
        self.count = count
        var text = Text()
        text.add("POST \(path) HTTP/1.1\r\nHost: \(host)\r\nContent-Type: application/json\r\n")
        text.add("Content-Length: \(Self.bodyBytes)\r\n\(BenchServer.identityHeader): ")
        let headerPlace = text.gap(Self.idDigits)
        text.add("\r\n\(BenchServer.signatureHeader): ")
        signaturePlace = text.gap(Self.signatureDigits)
        text.add("\r\n\r\n")
        let bodyStart = text.bytes.count
        text.add(#"{"event":""#)
        let bodyPlace = text.gap(Self.idDigits)
        text.add(#"","kind":"invoice.updated","record":{"number":"PI-2026-000117","vendor":"Nordwind Handel","note":""#)
        text.add(String(repeating: "x", count: Self.bodyBytes - (text.bytes.count - bodyStart) - 3) + #""}}"#)
        idPlaces = [headerPlace, bodyPlace]
        template = text.bytes
        fields = .allocate(capacity: max(count, 1) * Self.fieldBytes)
        try fill(secret, bodyStart, bodyPlace - bodyStart, duplicates)
    }

    deinit {
        fields.deallocate()
    }

    private func fill(_ secret: Secret, _ bodyStart: Int, _ idPlace: Int, _ duplicates: Int) throws {
        let signer = try MessageAuthenticator(key: secret)
        let run = Array(try Random.hexadecimal(byteCount: 8).utf8)
        var body = Array(template[bodyStart...])
        var chance = SystemRandomNumberGenerator()
        for index in 0..<count {
            let place = fields + index * Self.fieldBytes
            if duplicates > 0, index > 0, Int.random(in: 0..<100, using: &chance) < duplicates {
                let original = max(0, index - Int.random(in: 1...1_000, using: &chance))
                originals[index] = originals[original] ?? original
                place.update(from: fields + original * Self.fieldBytes, count: Self.fieldBytes)
                continue
            }
            place.update(from: run, count: run.count)
            writeHex(UInt64(index), to: place + run.count)
            memcpy(&body[idPlace], place, Self.idDigits)
            let digest = body.withUnsafeBytes { signer.digest($0) }
            digest.withBytes { bytes in
                for (offset, byte) in bytes.enumerated() {
                    place[Self.idDigits + 2 * offset] = hexDigit(byte >> 4)
                    place[Self.idDigits + 2 * offset + 1] = hexDigit(byte & 15)
                }
            }
        }
    }

    /// Makes `buffer`, which holds the template, the request of that number.
    func write(_ index: Int, to buffer: UnsafeMutablePointer<UInt8>) {
        let field = fields + index * Self.fieldBytes
        for place in idPlaces { memcpy(buffer + place, field, Self.idDigits) }
        memcpy(buffer + signaturePlace, field + Self.idDigits, Self.signatureDigits)
    }

    /// The request that brought the same event first.
    func original(of index: Int) -> Int { originals[index] ?? index }

    private struct Text {
        var bytes: [UInt8] = []

        mutating func add(_ text: String) {
            bytes += text.utf8
        }

        mutating func gap(_ count: Int) -> Int {
            bytes += [UInt8](repeating: UInt8(ascii: "0"), count: count)
            return bytes.count - count
        }
    }
}

private func writeHex(_ value: UInt64, to place: UnsafeMutablePointer<UInt8>) {
    for index in 0..<16 { place[index] = hexDigit(UInt8(truncatingIfNeeded: value >> (60 - 4 * UInt64(index))) & 15) }
}

private func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
