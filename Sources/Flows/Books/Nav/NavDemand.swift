import Core
import Systems

/// What has to be asked of a sheet's two pages so that its documents can be told in certain words: as much as possible
/// of the list, and the card only where it has to be.
struct NavDemand: Sendable, Equatable {
    /// The list, or the card where there is no list.
    var main: Nav.Page
    var select: [String]
    /// What only the card has; nil where nothing is wanted of it.
    var beside: Nav.Page?
    var besideSelect: [String] = []
    var withLines = false
    /// Words that neither page has a property for.
    var unknown: [String] = []
    /// How the posted ones that are not paid are asked for; nil where this version cannot tell.
    var unpaid: Nav.Filter?

    /// The properties of the pages, as they are published; nil for one that is not.
    init(_ words: [String], of sheet: NavSheet, list: Set<String>?, card: Set<String>?) throws(CallError) {
        guard let first = list ?? card else { throw Self.unpublished(sheet.list, beside: sheet.card) }
        main = list == nil ? sheet.card : sheet.list
        var needs = Needs(main: first, card: list == nil ? nil : card)
        // What a line in a journal has to say, whatever the board shows.
        for name in ["No", "Currency_Code", "Posting_Date"] { needs.take([name], fromCard: false) }
        for word in words where !needs.take(word, isPosted: sheet.isPosted) { unknown.append(word) }
        if sheet.isPosted {
            // Tells who it was before it was posted.
            guard needs.take(["Pre_Assigned_No"]) else { throw Self.unpublished(sheet.card) }
            for name in ["Closed", "Remaining_Amount", "Cancelled", "Corrective"] {
                // Of the card, where these would be those of the day it was read.
                needs.take([name], fromCard: list == nil)
            }
            if first.contains("Closed") {
                unpaid = .equals("Closed", false)
            } else if first.contains("Remaining_Amount") {
                unpaid = .moreThan("Remaining_Amount", 0)
            }
        } else {
            needs.take(["Status"])
        }
        select = needs.fromMain
        withLines = needs.lines
        guard list != nil, needs.lines || !needs.fromCard.isEmpty else { return }
        guard card != nil else { throw Self.unpublished(sheet.card) }
        beside = sheet.card
        besideSelect = ["No"] + needs.fromCard
    }

    static func unpublished(_ page: Nav.Page, beside other: Nav.Page? = nil) -> CallError {
        let words = other.map { " or \($0.inWords)" } ?? ""
        return CallError(
            .stopConnection,
            Nav.name,
            .configuration,
            "\(page.inWords)\(words) is not published: \(page.publishing())"
        )
    }

    private struct Needs {
        var main: Set<String>
        var card: Set<String>?
        var fromMain: [String] = []
        var fromCard: [String] = []
        var lines = false

        init(main: Set<String>, card: Set<String>?) {
            self.main = main
            self.card = card
        }

        /// The first of these names that there is.
        @discardableResult mutating func take(_ names: [String], fromCard mayAskCard: Bool = true) -> Bool {
            if let name = names.first(where: main.contains) {
                if !fromMain.contains(name) { fromMain.append(name) }
                return true
            }
            guard mayAskCard, let name = names.first(where: { card?.contains($0) ?? false }) else { return false }
            if !fromCard.contains(name) { fromCard.append(name) }
            return true
        }

        mutating func take(_ word: String, isPosted: Bool) -> Bool {
            switch word {
            case "lines", NavDocument.linesField:
                lines = true
                return true
            case "status" where isPosted: return true
            case "status": return take(["Status"])
            case "amount" where !isPosted, "amountIncludingVAT" where !isPosted:
                // The cards have no amounts; their lines have.
                if !take(NavWords.documents[word] ?? []) { lines = true }
                return true
            case "remainingAmount" where !isPosted, "preAssignedNumber" where !isPosted: return true
            default: break
            }
            if NavWords.dimension(in: word) != nil { return NavWords.shortcuts.allSatisfy { take([$0]) } }
            return take(NavWords.documents[word] ?? [word])
        }
    }
}

extension Nav.Page {
    /// As an administrator finds it.
    var inWords: String { "page \(number) “\(title)”" }
}
