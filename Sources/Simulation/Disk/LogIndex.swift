import Glibc

/// The index of a database's write-ahead log: memory that all connections to the file share, as SQLite asks for it.
///
/// A connection that is dead keeps the memory it was given for as long as it lives, and nobody else sees it any more once
/// the file has begun another.
final class LogIndex {
    /// Some 4,000 pages of a log need one region; SQLite's own largest number of them is far below this.
    private static let mostRegions = 4_096
    private var regions: [UnsafeMutableRawPointer] = []

    deinit {
        for region in regions { free(region) }
    }

    var count: Int { regions.count }

    func region(_ number: Int) -> UnsafeMutableRawPointer? {
        regions.indices.contains(number) ? regions[number] : nil
    }

    /// False when there can be no more.
    func grow(to count: Int, ofBytes bytes: Int) -> Bool {
        guard count <= Self.mostRegions else { return false }
        while regions.count < count {
            guard let made = calloc(1, bytes) else { return false }
            regions.append(made)
        }
        return true
    }
}
