import Core
import Transport

extension BusinessCentral.Client {
    /// All companies of the environment that the application can see.
    package func companies(lane: Lane = .live) async throws -> [BusinessCentral.Company] {
        let call = BusinessCentral.Call(url: settings.standardRoot + "/companies", lane: lane)
        let (document, exchange) = try await document(call)
        do {
            return try document["value"].elements().map(BusinessCentral.Company.init)
        } catch {
            throw exchange.garbage("\(error)")
        }
    }

    /// The company of the settings, which is looked for once.
    package func company(lane: Lane = .live) async throws -> BusinessCentral.Company {
        if let resolved { return resolved }
        let all = try await companies(lane: lane)
        let company = try settings.company.choose(from: all, environment: settings.environment)
        resolved = company
        return company
    }

    /// Each is asked for by its id, also when the settings have a name: the id stays.
    func companyID(lane: Lane) async throws -> String {
        if case .id(let id) = settings.company { return id }
        return try await company(lane: lane).id
    }

    /// Like the exchange's own; forgets the company when it is gone, so that the next call looks again and can say which
    /// companies there are.
    func success(of exchange: BusinessCentral.Exchange) throws -> HTTPClient.Response {
        if exchange.refusal?.code == "Internal_CompanyNotFound" { resolved = nil }
        return try exchange.success()
    }
}

extension BusinessCentral.Settings.Company {
    func choose(from all: [BusinessCentral.Company], environment: String) throws -> BusinessCentral.Company {
        let fits: [BusinessCentral.Company]
        switch self {
        case .id(let id): fits = all.filter { $0.id == id.lowercased() }
        case .name(let name):
            // As it is stored; else as somebody typed it, or as people see it.
            let asStored = all.filter { $0.name == name }
            let lowered = name.lowercased()
            let alike = all.filter { $0.name.lowercased() == lowered }
            let asShown = all.filter { $0.displayName.lowercased() == lowered }
            fits = [asStored, alike, asShown].first { !$0.isEmpty } ?? []
        }
        if fits.count == 1, let company = fits.first { return company }
        let names = all.prefix(20).map { "\"\($0.name)\"" }.joined(separator: ", ") + (all.count > 20 ? ", …" : "")
        let there =
            all.isEmpty ? "the application can see no company there" : "companies there: \(names)"
        throw CallError(
            .stopConnection,
            BusinessCentral.name,
            .configuration,
            "\(fits.isEmpty ? "there is no" : "there are several times the") company \(text) in the environment "
                + "\(environment); \(there)"
        )
    }

    private var text: String {
        switch self {
        case .name(let name): "\"\(name)\""
        case .id(let id): "with the id \(id)"
        }
    }
}
