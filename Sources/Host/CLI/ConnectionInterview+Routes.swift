import Core
import Flows

/// Which records come to which boards, and which field to which column.
extension ConnectionInterview {
    func routes() async throws {
        guard draft[["routes"]] == nil else { return }
        let kinds = try await desk.visit(draft) { $0.kinds }
        asker.say("Which records come to Monday? Several numbers with commas.")
        let chosen = try asker.choices("Records", of: kinds, usually: 0)
        let boards = try await desk.visit(draft) { try await $0.boards() }
        for kind in chosen.map({ kinds[$0] }) {
            asker.say("\nThe board for \(kind):")
            let shown = boards.map { "\($0.name) (\($0.number)\($0.items.map { ", \($0) items" } ?? ""))" }
            while true {
                let place = try asker.choice("Board", of: ["a new board, made for it"] + shown, usually: 0)
                guard place > 0 else {
                    try await newBoard(for: kind)
                    break
                }
                if try await map(kind, to: boards[place - 1]) { break }
            }
        }
    }

    private func newBoard(for kind: String) async throws {
        draft[["routes", kind]] = ["board": "new"]
        let name = try asker.optional("Its name; empty for the usual one")
        if let name { draft[["routes", kind, "board"]] = ["new": .string(name)] }
        let order = try await desk.visit(draft) { try $0.order(for: kind) }
        asker.say("It gets the columns \(order.columns.map(\.title).joined(separator: ", ")), and one for the keys.")
    }

    /// False where the board will not do.
    private func map(_ kind: String, to board: Onboarding.Board) async throws -> Bool {
        let proposal = try await desk.visit(draft) { try await $0.proposal(for: kind, on: board.number) }
        if let refusal = proposal.refusal {
            asker.say("BROKEN  " + remark(refusal))
            return false
        }
        var mapping = InterviewMapping(proposal)
        for guess in proposal.guesses {
            let words =
                "\(guess.field) to “\(remark(guess.title))” (\(guess.column)), the only column of type \(guess.type)"
            if try asker.yes(words, usually: false) { mapping.take(guess) }
        }
        while true {
            asker.say(mapping.text)
            let answer = try asker.optional("Enter takes it; FIELD=COLUMN changes it, FIELD= leaves a field out")
            guard let answer else { break }
            if let complaint = mapping.change(answer) { asker.say("  " + complaint) }
        }
        draft[["routes", kind]] = ["board": .string(board.number)]
        if let key = proposal.keyColumn {
            draft[["routes", kind, "keyColumn"]] = .string(key)
        } else {
            asker.say("The board has no text column for the records' keys.")
            guard try asker.yes("Make one, called “ERP key” (erp_key), at the end", usually: true) else {
                asker.say("Without it records could come twice: add a text column to the board, or choose another one.")
                return false
            }
            boardsWithoutKey.append(board.number)
        }
        draft[["routes", kind, "columns"]] = mapping.rules
        return true
    }
}
