extension BusinessCentral.Settings {
    /// Whether a link of a page stays with this company, in this environment, on this route.
    ///
    /// The server writes them itself, and may spell its own names in another way than the settings do: the case of the
    /// environment, the directory's id instead of its domain, or none.
    func leads(_ link: String, toCompany company: String) -> Bool {
        guard let base = BusinessCentral.URLParts(apiURL), let link = BusinessCentral.URLParts(link),
            link.scheme == base.scheme, link.authority == base.authority
        else { return false }
        var rest = link.path[...]
        for segment in base.path + [gatewayVersion] {
            guard rest.popFirst() == segment else { return false }
        }
        let route = ["api"] + self.route.segments
        // Behind the route: `companies(id)` and the entity set. Before it: the tenant, or not, and the environment.
        let place = rest.dropLast(route.count + 2)
        guard 1...2 ~= place.count, place.last?.lowercased() == environment.lowercased() else { return false }
        let tail = rest.dropFirst(place.count).map { $0.lowercased() }
        guard let entitySet = tail.last else { return false }
        return tail.dropLast() == (route + ["companies(\(company))"]).map { $0.lowercased() }[...]
            && BusinessCentral.isIdentifier(entitySet)
    }
}
