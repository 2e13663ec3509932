import Core

/// One file of a simulated disk: what programs see of it, and what of that a power cut would leave.
///
/// As in a kernel's cache, what was written and not synced may reach the disk at any time, in any order, sector by sector.
/// A sector is there as it was at one moment: as it was synced last, as it is seen now, or as it was seen in between.
final class DiskFile {
    static let sectorBytes = 512

    private let seen = DiskBytes()
    private let durable = DiskBytes()
    /// What was written since the last sync, in that order, and which sectors that touched.
    private var unsynced: [Range<Int>] = []
    private var isDirty: [Bool] = []
    /// Whoever has it open and is alive.
    var handles: [DiskHandle] = []
    /// What the connections to a database share of its log, while there are any.
    var index: LogIndex?

    var count: Int { seen.count }
    var bytesHeld: Int { seen.count }

    func read(into target: UnsafeMutableRawPointer, _ bytes: Int, at offset: Int) -> Int {
        seen.read(into: target, bytes, at: offset)
    }

    func write(_ source: UnsafeRawPointer, _ bytes: Int, at offset: Int, _ dice: inout SeededGenerator) {
        guard bytes > 0 else { return }
        let sectors = sectors(of: offset..<offset + bytes)
        while isDirty.count < sectors.upperBound { isDirty.append(false) }
        // Before a sector is written again, it may have reached the disk as it was.
        if sectors.contains(where: { isDirty[$0] }) {
            let fallen = dice.next()
            for sector in sectors where isDirty[sector] && Self.isSet(sector, in: fallen) { writeBack(sector) }
        }
        seen.write(source, bytes, at: offset)
        for sector in sectors { isDirty[sector] = true }
        unsynced.append(offset..<offset + bytes)
    }

    func truncate(to wanted: Int, _ dice: inout SeededGenerator) {
        seen.setCount(wanted)
        if durable.count > wanted && Self.isSet(0, in: dice.next()) { durable.setCount(wanted) }
    }

    func sync() {
        for stretch in unsynced { durable.copy(stretch, of: seen) }
        durable.setCount(seen.count)
        settle()
    }

    /// What a kernel does when the disk refuses to take what it holds: a part got there, and the rest counts as written
    /// from now on, so that the next sync has nothing to say of it.
    func forgetUnsynced(_ dice: inout SeededGenerator) {
        for stretch in unsynced where Self.isSet(0, in: dice.next()) { durable.copy(stretch, of: seen) }
        settle()
    }

    /// Leaves what was synced, and of what was not as much as the dice say.
    func losePower(_ cut: PowerCut, _ dice: inout SeededGenerator, _ facts: inout SimulatedDisk.Facts) {
        for stretch in unsynced {
            let sectors = sectors(of: stretch)
            if dice.hits(cut.survival) {
                for sector in sectors { writeBack(sector) }
            } else if dice.hits(cut.tearing) {
                let fallen = dice.next()
                for sector in sectors where Self.isSet(sector, in: fallen) { writeBack(sector) }
                facts.tornWrites += 1
            } else {
                facts.lostWrites += 1
            }
        }
        seen.setCount(0)
        seen.copy(0..<durable.count, of: durable)
        settle()
    }

    private func writeBack(_ sector: Int) {
        durable.copy(sector * Self.sectorBytes..<(sector + 1) * Self.sectorBytes, of: seen)
    }

    private func settle() {
        for stretch in unsynced {
            for sector in sectors(of: stretch) { isDirty[sector] = false }
        }
        unsynced.removeAll(keepingCapacity: true)
    }

    private func sectors(of stretch: Range<Int>) -> Range<Int> {
        stretch.lowerBound / Self.sectorBytes..<(stretch.upperBound + Self.sectorBytes - 1) / Self.sectorBytes
    }

    private static func isSet(_ sector: Int, in fallen: UInt64) -> Bool {
        fallen >> UInt64(sector % 64) & 1 == 1
    }
}

/// How bad it gets when the power goes: of what was not synced, how much is there, and how much of the rest in part.
struct PowerCut {
    var survival: Double
    var tearing: Double

    /// Often all or nothing. Would every write have the same chance, a long row of them would never be there as a whole.
    init(_ dice: inout SeededGenerator) {
        survival = [0, 0.5, 0.9, 1][dice.roll(0...3)]
        tearing = [0, 0.2, 0.7][dice.roll(0...2)]
    }
}
