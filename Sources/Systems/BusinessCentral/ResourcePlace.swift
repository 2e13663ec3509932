import Core

extension BusinessCentral {
    /// What the address of a resource names, from `companies(` on. Host, route, leading slash and percent signs differ
    /// from sender to sender.
    struct ResourcePlace: Equatable {
        var company: String
        var entitySet: String
        /// nil: all of them.
        var record: String?
        /// Of a collection's filter.
        var changedAfter: WallTime?

        init?(_ resource: String) {
            guard let plain = URLText.decoded(resource) else { return nil }
            let parts = plain.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            let path = (parts.first ?? "").split(separator: "/")
            // The last, should a tenant or an instance have such a name.
            guard let start = path.lastIndex(where: { $0.lowercased().hasPrefix("companies(") }),
                start + 2 == path.endIndex,
                let company = Self.key(of: path[start])?.key
            else { return nil }
            self.company = company
            let last = path[start + 1]
            if last.contains("(") {
                guard let (name, key) = Self.key(of: last) else { return nil }
                entitySet = name
                record = key
            } else {
                entitySet = String(last)
                changedAfter = parts.count > 1 ? Self.changedAfter(parts[1]) : nil
            }
            guard isIdentifier(entitySet) else { return nil }
        }

        /// `vendors(26814998-936a-401c-81c1-0e848a64971d)`
        private static func key(of segment: Substring) -> (name: String, key: String)? {
            let name = segment.prefix { $0 != "(" }
            let rest = segment.dropFirst(name.count)
            guard rest.first == "(", rest.last == ")" else { return nil }
            let key = String(rest.dropFirst().dropLast())
            return isGUID(key) ? (String(name), key.lowercased()) : nil
        }

        /// `$filter=lastModifiedDateTime gt 2026-08-01T12:54:20.417Z`, and nil for any other question: who compares all of
        /// them misses nothing.
        private static func changedAfter(_ query: Substring) -> WallTime? {
            let words = query.split { $0 == " " || $0 == "+" }
            guard words.count == 3, words[0].lowercased() == "$filter=lastmodifieddatetime",
                ["gt", "ge"].contains(words[1])
            else { return nil }
            return WallTime(String(words[2]))
        }
    }
}
