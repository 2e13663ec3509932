import Core

/// What a customer's own code in NAV tells us of a change, if somebody has written it: NAV itself tells nobody.
///
///     { "source": "nav", "id": "4f0c…", "entity": "PurchaseInvoice", "key": "1023", "change": "updated" }
///
/// The gateway has looked at the `id`, which tells one such word from the next.
struct NavNews: Sendable, Equatable {
    var route: String
    var key: String

    /// Nil for anything else.
    init?(_ body: Span<UInt8>) {
        guard let document = try? JSON.parse(body) else { return nil }
        let field = JSONField(document)
        guard (try? field["source"].string()) == "nav", let entity = try? field["entity"].string(),
            let number = try? field["key"].string(), (1...100).contains(number.utf8.count),
            let route = Self.routes[entity]
        else { return nil }
        self.route = route
        // A document that has only just been posted is told of by the number that it had before, or is polled.
        key = NavIdentity.folded(number.uppercased())
    }

    private static let routes = [
        "PurchaseInvoice": "purchaseInvoices", "PurchaseOrder": "purchaseOrders", "Vendor": "vendors",
        "Customer": "customers", "Item": "items",
    ]
}
