/// How many of a file's free pages are given back to the disk.
struct SparePages {
    /// One step moves at most so many: a millisecond or two.
    static let step: Int64 = 128
    /// Room for what comes next, and for a small file all it will ever need.
    private static let least: Int64 = 512

    var free: Int64
    var all: Int64

    /// A tenth stays: a file that is made shorter only to grow again works for nothing.
    var excess: Int64 {
        max(free - max(all / 10, Self.least), 0)
    }
}
