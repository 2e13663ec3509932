/// Why a store did not do what it was asked. Nothing of the call has been stored.
package enum StoreError: Error, Sendable, Equatable {
    /// No room: the disk, the quota, or the limit the store was opened with.
    case full(file: String)
    /// Another process kept the file locked for longer than the store waits.
    case busy(file: String)
    case corrupt(file: String, detail: String)
    case newerSchema(file: String, found: Int, known: Int)
    /// A file of another kind, or of another program.
    case foreign(file: String, expected: String)
    /// Another process owns the store, which has one owner at a time.
    case owned(file: String)
    case closed(file: String)
    /// What was asked breaks a rule of the store; the text says which, for the person who asked.
    case refused(String)
    case other(file: String, detail: String)
}

extension StoreError: CustomStringConvertible {
    /// What happened, then what to do about it. Holds nothing of what was to be stored.
    package var description: String {
        switch self {
        case .full(let file):
            "\(file) has no room left; free space on its disk or raise its limit, and work resumes by itself"
        case .busy(let file):
            "\(file) is locked by another process; try again, and if it stays so, find the process with `fuser`"
        case .corrupt(let file, let detail):
            "\(file) is damaged (\(detail)); stop the product, keep the file, and restore it from a backup"
        case .newerSchema(let file, let found, let known):
            "\(file) was written by a newer version (schema \(found), this one knows \(known)); start that version"
        case .foreign(let file, let expected):
            "\(file) is not \(expected); check the data directory, the file was not touched"
        case .owned(let file):
            "\(file) belongs to another running process; stop that one first"
        case .closed(let file):
            "\(file) has been closed; open it again"
        case .refused(let reason):
            reason
        case .other(let file, let detail):
            "\(file) cannot be used: \(detail); check the disk, the file's owner and its permissions"
        }
    }
}
