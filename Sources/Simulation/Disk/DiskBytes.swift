import Glibc
import Transport

/// A file's content in memory, in pieces that files of later disks use again: a kernel takes longer to hand out a page
/// than a store takes to fill it.
final class DiskBytes {
    private static let pieceBytes = 65_536
    /// 64 MiB.
    private static let mostSpares = 1_024
    private static let spares = Guarded(Spares())

    private struct Spares: @unchecked Sendable {
        var pieces: [UnsafeMutableRawPointer] = []
    }

    private(set) var count = 0
    /// Beyond `count` they hold anything.
    private var pieces: [UnsafeMutableRawPointer] = []

    deinit {
        let left = Self.spares.withLock { spares in
            let kept = min(pieces.count, Self.mostSpares - spares.pieces.count)
            spares.pieces.append(contentsOf: pieces.prefix(kept))
            return pieces.dropFirst(kept)
        }
        for piece in left { free(piece) }
    }

    /// How many there were: fewer at the file's end.
    func read(into target: UnsafeMutableRawPointer, _ bytes: Int, at offset: Int) -> Int {
        guard offset < count else { return 0 }
        let there = min(bytes, count - offset)
        eachPiece(of: offset..<offset + there) { piece, done, bytes in memcpy(target + done, piece, bytes) }
        return there
    }

    /// Leaves zeros between the end and a place beyond it.
    func write(_ source: UnsafeRawPointer, _ bytes: Int, at offset: Int) {
        makeRoom(for: offset + bytes)
        if offset > count { clear(count..<offset) }
        eachPiece(of: offset..<offset + bytes) { piece, done, bytes in memcpy(piece, source + done, bytes) }
        count = max(count, offset + bytes)
    }

    func setCount(_ wanted: Int) {
        makeRoom(for: wanted)
        if wanted > count { clear(count..<wanted) }
        count = wanted
    }

    /// As far as the other has that stretch.
    func copy(_ stretch: Range<Int>, of other: DiskBytes) {
        let stretch = stretch.clamped(to: 0..<other.count)
        other.eachPiece(of: stretch) { piece, done, bytes in write(piece, bytes, at: stretch.lowerBound + done) }
    }

    private func clear(_ stretch: Range<Int>) {
        eachPiece(of: stretch) { piece, _, bytes in memset(piece, 0, bytes) }
    }

    /// Where each part of the stretch lies, how many bytes of the stretch came before it, and its length.
    private func eachPiece(of stretch: Range<Int>, _ body: (UnsafeMutableRawPointer, Int, Int) -> Void) {
        var done = 0
        while done < stretch.count {
            let (piece, offset) = (stretch.lowerBound + done).quotientAndRemainder(dividingBy: Self.pieceBytes)
            let bytes = min(Self.pieceBytes - offset, stretch.count - done)
            body(pieces[piece] + offset, done, bytes)
            done += bytes
        }
    }

    private func makeRoom(for bytes: Int) {
        while pieces.count * Self.pieceBytes < bytes {
            guard let piece = Self.spares.withLock({ $0.pieces.popLast() }) ?? malloc(Self.pieceBytes) else {
                preconditionFailure("no memory for a file of \(bytes) bytes")
            }
            pieces.append(piece)
        }
    }
}
