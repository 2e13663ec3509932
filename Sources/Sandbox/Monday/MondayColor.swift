/// The colours that a status label can have. Requests name them; what is read back shows their numbers.
struct MondayColor: Sendable {
    let number: Int
    let name: String

    private static let first = """
        working_orange done_green stuck_red dark_blue purple explosive grass_green bright_blue saladish egg_yolk blackish \
        dark_red sofia_pink lipstick dark_purple bright_green chili_blue american_gray brown dark_orange
        """
    private static let second = "sunset bubble peach berry winter river navy aquamarine indigo dark_indigo"
    private static let third = "pecan lavender royal steel orchid lilac tan sky coffee teal"

    static let all = colors(first, from: 0) + colors(second, from: 101) + colors(third, from: 151)

    static func named(_ name: String) -> MondayColor? { all.first { $0.name == name } }

    /// Made up, and always the same for a colour.
    static func hex(_ number: Int) -> String {
        let known = [0: "#fdab3d", 1: "#00c875", 2: "#df2f4a", 3: "#007eb5", 5: "#c4c4c4", 7: "#579bfc"]
        return known[number] ?? "#" + String(0x10_0000 + number * 7_919 % 0xe0_0000, radix: 16)
    }

    private static func colors(_ names: String, from start: Int) -> [MondayColor] {
        names.split(separator: " ").enumerated().map {
            MondayColor(number: start + $0.offset, name: String($0.element))
        }
    }
}
