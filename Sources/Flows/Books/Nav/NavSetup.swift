import Core
import Systems

/// What a company says of itself on its page General Ledger Setup.
struct NavSetup: Sendable, Equatable {
    /// What a blank currency means.
    var localCurrency = ""
    /// The codes of the shortcut dimensions, the two global ones first; empty where there is none.
    var dimensions: [String] = []

    init() {}

    init(_ row: JSON.Object) {
        localCurrency = row.text("LCY_Code")
        dimensions = (1...8).map { row.text($0 < 3 ? "Global_Dimension_\($0)_Code" : "Shortcut_Dimension_\($0)_Code") }
    }

    /// What a header's page calls a dimension, which only has the two global ones.
    func headerProperty(of dimension: String) -> String? {
        lineProperty(of: dimension).flatMap { NavWords.shortcuts.contains($0) ? $0 : nil }
    }

    /// What a line's page calls it. NAV keeps the brackets of its eight in their names.
    func lineProperty(of dimension: String) -> String? {
        guard let place = dimensions.firstIndex(where: { $0.uppercased() == dimension.uppercased() && !$0.isEmpty })
        else { return nil }
        return place < 2 ? NavWords.shortcuts[place] : "ShortcutDimCode_x005B_\(place + 1)_x005D_"
    }
}
