import Core

/// The limits of one account: the vendor's, with what the connection's file says instead.
struct AccountWindows: Sendable, Equatable {
    var windows: [Window]
    /// Those that somebody chose, which what the vendor says of itself does not change.
    var settled: Set<String> = []

    /// `names` are the file's names of the windows. A limit of 0 lifts it.
    init(_ field: JSONField, names: [String: String], usual: [Window]) throws {
        windows = usual
        guard let field = field.orNil else { return }
        try field.allowOnly(Set(names.keys))
        for (name, limit) in try field.members() {
            guard let window = names[name], let index = windows.firstIndex(where: { $0.name == window }) else {
                continue
            }
            settled.insert(window)
            let chosen = try limit.int(in: 0...1_000_000)
            if chosen == 0 { windows.remove(at: index) } else { windows[index] = windows[index].with(limit: chosen) }
        }
    }
}
