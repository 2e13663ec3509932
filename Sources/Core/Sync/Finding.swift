/// One thing that a look at a connection found, in plain words.
package struct Finding: Sendable, Equatable {
    package enum Verdict: String, Sendable {
        case works
        /// Works, and somebody should know of it.
        case notice
        case broken
    }

    package var verdict: Verdict
    /// What was looked at: `Business Central: sign in`.
    package var what: String
    /// What was seen.
    package var seen: String
    /// Where and how it is mended.
    package var remedy: String?

    package init(_ verdict: Verdict, _ what: String, _ seen: String, remedy: String? = nil) {
        self.verdict = verdict
        self.what = what
        self.seen = seen
        self.remedy = remedy
    }
}
