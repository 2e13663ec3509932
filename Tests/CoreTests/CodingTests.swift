import Core
import Foundation
import Testing

@Suite struct `hexadecimal text` {
    @Test func `holds every byte`() {
        let bytes = Array(UInt8.min...UInt8.max)
        #expect(Hex.text(of: bytes) == bytes.map { String(format: "%02x", $0) }.joined())
        #expect(Hex.bytes(of: Hex.text(of: bytes)) == bytes)
        #expect(Hex.bytes(of: Hex.text(of: bytes).uppercased()) == bytes)
        #expect(Hex.bytes(of: "") == [])
    }

    @Test(arguments: ["0", "0g", "0x00", " 00", "00 ", "é"]) func `is nothing else`(text: String) {
        #expect(Hex.bytes(of: text) == nil)
    }
}

@Suite struct `Base64 text` {
    @Test(arguments: 0..<70) func `agrees with Foundation at every length`(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ count &* 31) }
        let standard = Data(bytes).base64EncodedString()
        let url = String(standard.filter { $0 != "=" }.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
        #expect(Base64.text(of: bytes) == standard)
        #expect(Base64.text(of: bytes, .url) == url)
        #expect(Base64.bytes(of: standard) == bytes)
        #expect(Base64.bytes(of: url, .url) == bytes)
    }

    @Test func `uses the alphabet it is told`() {
        let bytes: [UInt8] = [0xFB, 0xEF, 0xFF]
        #expect(Base64.text(of: bytes) == "++//")
        #expect(Base64.text(of: bytes, .url) == "--__")
        #expect(Base64.bytes(of: "--__") == nil)
        #expect(Base64.bytes(of: "++//", .url) == nil)
    }

    @Test(arguments: [
        "A", "AA", "AAA", "A===", "====", "AA=A", "AB==", "AAB=", "AAAA=", "AAAA====", "AA==AAAA", "AA A", "AAA\n",
        "é===",
    ])
    func `has one spelling only`(text: String) {
        #expect(Base64.bytes(of: text) == nil)
    }

    @Test(arguments: ["A", "AA==", "AB", "AAB", "AAAAA"]) func `of addresses has no padding`(text: String) {
        #expect(Base64.bytes(of: text, .url) == nil)
    }
}
