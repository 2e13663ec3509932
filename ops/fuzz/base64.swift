// sources: Core
// seed: SGVsbG8=
// seed: -_-_
// seed: 00ff10
import Core

/// A text that is taken is the only text of its bytes, and all bytes have one.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    let text = String(decoding: bytes, as: UTF8.self)
    for alphabet in [Base64.Alphabet.standard, .url] {
        if let decoded = Base64.bytes(of: text, alphabet) {
            precondition(Base64.text(of: decoded, alphabet) == text, "bytes with two spellings")
        }
        precondition(Base64.bytes(of: Base64.text(of: bytes, alphabet), alphabet) == Array(bytes), "other bytes")
    }
    if let decoded = Hex.bytes(of: text) {
        precondition(Hex.text(of: decoded) == text.lowercased(), "digits with another value")
    }
    precondition(Hex.bytes(of: Hex.text(of: bytes)) == Array(bytes), "other bytes")
    return 0
}
