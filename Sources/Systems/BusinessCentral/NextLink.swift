extension BusinessCentral.Settings {
    /// Whether a link of a page stays with this company, in this environment, on this route.
    ///
    /// The server writes them itself, and may spell its own names in another way than the settings do: the case of the
    /// environment, the directory's id instead of its domain, or none.
    func leads(_ link: String, toCompany company: String) -> Bool {
        guard let tail = tail(of: link, along: route.segments), tail.first == "companies(\(company.lowercased()))"
        else {
            return false
        }
        // An entity set, or one below a record.
        let place = tail.dropFirst()
        return 1...2 ~= place.count && place.last.map(BusinessCentral.isIdentifier) == true
            && place.dropLast().allSatisfy { $0.hasSuffix(")") }
    }

    /// Whether it goes on with a list that belongs to no company: that of the companies, say.
    func leads(_ link: String, toList name: String, along route: [String]) -> Bool {
        tail(of: link, along: route) == [name.lowercased()]
    }

    /// What stands behind the route, in lower case; nil for a link that leads elsewhere.
    private func tail(of link: String, along route: [String]) -> [String]? {
        guard let base = BusinessCentral.URLParts(server?.url ?? apiURL), let link = BusinessCentral.URLParts(link),
            link.scheme == base.scheme, link.authority == base.authority
        else { return nil }
        var rest = link.path[...]
        for segment in base.path + (server == nil ? [gatewayVersion] : []) {
            guard rest.popFirst() == segment else { return nil }
        }
        let route = (["api"] + route).map { $0.lowercased() }
        // Before the route: the tenant, or not, and the environment.
        for count in server == nil ? 1...2 : 0...0 where rest.count > count {
            guard count == 0 || rest.prefix(count).last?.lowercased() == environment.lowercased() else { continue }
            let tail = rest.dropFirst(count).map { $0.lowercased() }
            if tail.starts(with: route) { return Array(tail.dropFirst(route.count)) }
        }
        return nil
    }
}
