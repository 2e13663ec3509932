// sources: Core Transport/Wire.swift Transport/Frames.swift
// longest: 8192
import Core
import Transport

/// A stream is cut into the same frames however it arrives, and what was cut comes back from what is written.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let (whole, wholeBroke) = frames(of: bytes, inPiecesOf: max(count, 1))
    let (pieces, piecesBroke) = frames(of: bytes, inPiecesOf: 7)
    precondition(whole == pieces && wholeBroke == piecesBroke, "the frames depend on how the stream arrived")
    var written: [UInt8] = []
    for frame in whole { frame.append(to: &written) }
    precondition(bytes.starts(with: written), "written again, the frames are others")
    return 0
}

private func frames(of bytes: [UInt8], inPiecesOf size: Int) -> ([Frame], broke: Bool) {
    var reader = FrameReader()
    var seen: [Frame] = []
    var rest = bytes[...]
    while !rest.isEmpty {
        reader.append(rest.prefix(size))
        rest = rest.dropFirst(size)
        do {
            while let frame = try reader.next() { seen.append(frame) }
        } catch {
            return (seen, true)
        }
    }
    return (seen, false)
}
