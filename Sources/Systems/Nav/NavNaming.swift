import Core

extension Nav {
    /// Which service is which page, as far as the server's description tells.
    enum Naming: Sendable, Equatable {
        case published(as: String)
        /// Not under its name. `alike` is the one service that looks like the page; it is proposed and never used.
        case missing(alike: String?)
        /// There is a service of that name, and it is another page.
        case another(service: String, lacks: [String])
    }
}

extension Nav.Catalog {
    /// What of a page's usual properties a service has to have, to be taken for it. Some differ from country to country,
    /// and some customers hide what they do not use.
    private static let enoughAlike = 90

    func naming(of page: Nav.Page, under settings: Nav.Settings) -> Nav.Naming {
        let name = settings.service(of: page)
        guard let service = services[name] else { return .missing(alike: alike(page, under: settings)) }
        let lacks = page.keyFields.filter { service.properties[$0] == nil }
        return lacks.isEmpty ? .published(as: name) : .another(service: name, lacks: lacks)
    }

    /// The service that fits best, where one does and clearly. An order has all that an invoice has, so what a service has
    /// beyond the page counts against it.
    private func alike(_ page: Nav.Page, under settings: Nav.Settings) -> String? {
        let usual = page.usualProperties
        let taken = Set(Nav.Page.allCases.filter { $0 != page }.map(settings.service(of:)))
        var best: [(name: String, score: Int)] = []
        for (name, service) in services where !taken.contains(name) && service.key == page.keyFields {
            let names = Set(service.properties.keys)
            let shared = names.intersection(usual).count
            guard shared * 100 >= usual.count * Self.enoughAlike else { continue }
            best.append((name, shared * 100 / names.union(usual).count))
        }
        best.sort { $0.score != $1.score ? $0.score > $1.score : $0.name < $1.name }
        guard let first = best.first else { return nil }
        return best.count > 1 && best[1].score == first.score ? nil : first.name
    }
}

extension Nav.Naming {
    /// What to do about it, for people; nil where all is well.
    func advice(_ page: Nav.Page, _ settings: Nav.Settings) -> String? {
        let wanted = settings.service(of: page)
        switch self {
        case .published: return nil
        case .missing(let alike?):
            return
                "\(page.described) is not published as \(wanted); the service \(alike) looks like it: if it is, write "
                + "services: { \(page.rawValue): \"\(alike)\" } under nav in the connection's file"
        case .missing(alike: nil):
            return "\(page.described) is not published as \(wanted): "
                + page.publishing(as: settings.services[page])
        case .another(let service, let lacks):
            return "the service \(service) is not \(page.described): it has no \(lacks.joined(separator: ", ")); "
                + page.publishing(as: settings.services[page])
        }
    }
}
