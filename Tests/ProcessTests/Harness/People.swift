import Core
import Glibc
import Synchronization

/// People at Business Central, on a thread of their own: they edit, make, post, pay and delete invoices without pause
/// until they are told to stop.
final class People: Sendable {
    private let shared = Shared()
    private let thread: Aside

    private final class Shared: Sendable {
        let isOver = Atomic(false)
        let done = Atomic(0)
    }

    init(at controlPort: Int, seed: UInt64, pauseMicroseconds: UInt32 = 20_000) {
        thread = Aside { [shared] in
            let work = Work(controlPort, seed)
            while !shared.isOver.load(ordering: .relaxed) {
                if work.doSomething() { shared.done.add(1, ordering: .relaxed) }
                usleep(pauseMicroseconds)
            }
        }
    }

    deinit { shared.isOver.store(true, ordering: .relaxed) }

    /// Changes that Business Central took.
    var done: Int { shared.done.load(ordering: .relaxed) }

    func stop() {
        shared.isOver.store(true, ordering: .relaxed)
        thread.join()
    }

    private final class Work {
        private let talk: SandboxTalk
        private var dice: SeededDice
        private var drafts: [String] = []
        private var posted: [String] = []
        private var turns = 0

        init(_ port: Int, _ seed: UInt64) {
            talk = SandboxTalk(port)
            dice = SeededDice(seed: seed)
        }

        /// False when Business Central refused it: some documents may not be changed any more.
        func doSomething() -> Bool {
            do {
                if turns % 25 == 0 { try look() }
                turns += 1
                try act(dice.roll(100))
                return true
            } catch {
                return false
            }
        }

        private func look() throws {
            drafts = []
            posted = []
            for invoice in try talk.control("GET", Self.path).elements() {
                let id = try invoice["id"].string()
                if try invoice["status"].string() == "Draft" { drafts.append(id) } else { posted.append(id) }
            }
        }

        private static let path = "/control/businessCentral/invoices"

        private func act(_ number: Int) throws {
            switch number {
            case ..<12 where drafts.count < 40:
                try talk.control("POST", Self.path, #"{"amount":\#(dice.roll(9_000) + 1)}"#)
            case ..<20:
                if let id = draft { try talk.control("POST", "\(Self.path)/\(id)/post") }
            case ..<24:
                if let id = draft { try talk.control("DELETE", "\(Self.path)/\(id)") }
            case ..<26:
                if !posted.isEmpty {
                    try talk.control("DELETE", "\(Self.path)/\(posted.remove(at: dice.roll(posted.count)))")
                }
            case ..<34:
                if !posted.isEmpty { try talk.control("POST", "\(Self.path)/\(posted[dice.roll(posted.count)])/pay") }
            case ..<40: try edit(#"{"dueDate":"2027-0\#(dice.roll(9) + 1)-1\#(dice.roll(10))"}"#)
            default: try edit(#"{"amount":\#(dice.roll(100_000)).\#(dice.roll(90) + 10)}"#)
            }
        }

        private var draft: String? { drafts.isEmpty ? nil : drafts.remove(at: dice.roll(drafts.count)) }

        private func edit(_ body: String) throws {
            guard !drafts.isEmpty else { return }
            try talk.control("PATCH", "\(Self.path)/\(drafts[dice.roll(drafts.count)])", body)
        }
    }
}
