import Core

extension BusinessCentralSimulator {
    /// Somebody who wants to hear of changes, for three days.
    struct Subscription: Sendable {
        let id: String
        var url: String
        /// As the client wrote it.
        var resource: String
        var clientState: String
        var target: Target
        let created: WallTime
        var modified: WallTime
        var expiration: WallTime
        var version: Int
        let sequence: Int

        /// What it is about.
        struct Target: Sendable, Equatable {
            var company: String
            var set: String

            var route: String { EntityType.named(set)?.route ?? EntityType.standardRoute }
        }

        /// How notifications spell the resource: without the slash at the start, the host or anything else before it.
        var told: String { "api/\(target.route)/companies(\(target.company))/\(target.set)" }

        var row: Row {
            var row = Row(.subscriptions, id: id, sequence: sequence)
            row.version = version
            row["subscriptionId"] = .string(id)
            row["notificationUrl"] = .string(url)
            row["resource"] = .string(resource)
            row["clientState"] = .string(clientState)
            row["timestamp"] = .number(Decimal(sequence * 1_000 + version))
            row["lastModifiedDateTime"] = .time(modified)
            row["expirationDateTime"] = .time(expiration)
            row["systemCreatedAt"] = .time(created)
            row["systemModifiedAt"] = .time(modified)
            return row
        }

        /// The published list, what is switched on, and what the rules allow of a customer's own APIs; each with its route.
        static func supported(_ settings: Settings) -> [String] {
            let published = [
                "accounts", "companyInformation", "countriesRegions", "currencies", "customerPaymentJournals",
                "customers", "dimensions", "employees", "generalLedgerEntries", "itemCategories", "items", "journals",
                "paymentMethods", "paymentTerms", "purchaseInvoices", "salesCreditMemos", "salesInvoices",
                "salesOrders", "salesQuotes", "shipmentMethods", "unitsOfMeasure", "vendors",
            ]
            let more = settings.offersPurchaseOrders ? ["purchaseOrders"] : []
            let custom = EntityType.all.filter { $0.route != EntityType.standardRoute }
            return (published + more).map { "\(EntityType.standardRoute)/\($0)" }
                + custom.map { "\($0.route)/\($0.set)" }
        }
    }
}

extension BusinessCentralSimulator.Subscription.Target {
    /// Takes relative and absolute addresses of an entity set of the standard API; nil for anything else.
    init?(resource: String) {
        let segments = resource.split(separator: "/").map(String.init)
        guard let api = segments.lastIndex(of: "api"), segments.count > api + 3,
            let place = segments[api...].firstIndex(where: { $0.hasPrefix("companies(") && $0.hasSuffix(")") }),
            segments.count == place + 2,
            let company = parsedGUID(segments[place].dropFirst("companies(".count).dropLast())
        else { return nil }
        self.init(company: company, set: segments[place + 1])
        guard segments[(api + 1)..<place].joined(separator: "/") == route else { return nil }
    }
}

/// `https://host:port` of an address, and nil for what is none.
func origin(of url: String) -> String? {
    for scheme in ["https://", "http://"] where url.hasPrefix(scheme) {
        let authority = url.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
        guard !authority.isEmpty else { return nil }
        return scheme + authority
    }
    return nil
}
