/// Status and headers of an answer, as their lines arrive.
struct ResponseHead {
    private(set) var status = 0
    private(set) var headers = HTTPClient.Headers()
    /// The empty line has come. What looks like headers after it are trailers, of which nothing is kept.
    private(set) var hasEnded = false

    /// A line with its end. A status line begins anew: of an interim answer, or of a proxy's, nothing is kept.
    mutating func take(_ line: UnsafeRawBufferPointer) {
        let content = trimmed(line[...])
        if content.isEmpty {
            hasEnded = true
        } else if content.starts(with: "HTTP/".utf8) {
            self = ResponseHead()
            for byte in content.drop(while: { $0 != UInt8(ascii: " ") }).dropFirst().prefix(3) {
                status = status * 10 + Int(byte &- UInt8(ascii: "0"))
            }
        } else if hasEnded {
            return
        } else if isBlank(line[0]) {
            headers.unfold(text(content))
        } else if let colon = content.firstIndex(of: UInt8(ascii: ":")) {
            headers.append(text(content[..<colon]), text(trimmed(content[(colon + 1)...])))
        }
    }
}

private func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
    String(decoding: UnsafeRawBufferPointer(rebasing: bytes), as: UTF8.self)
}

private func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
    var bytes = bytes.drop(while: isBlank)
    while let last = bytes.last, isBlank(last) { bytes.removeLast() }
    return bytes
}

private func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (9...13).contains(byte)
}
