import Core
import Systems

/// The functions that an administrator has published for us, as the connection's file names them.
///
///     functions: { post: { service: "PurchaseInvoice", function: "PostDocument" } }
///
/// Each is of an extension codeunit of the documents' page, or a bound action of it: it gets one record and nothing else.
/// To release and to reopen, NAV's own codeunit 415 will do, published under the service name of the page.
struct NavFunctions: Sendable, Equatable {
    struct Named: Sendable, Equatable {
        /// Nil for the service of the document's card.
        var service: String?
        var name: String
    }

    var release = Named(name: "PerformManualRelease")
    var reopen = Named(name: "PerformManualReopen")
    var post: Named?
    var approve: Named?

    init() {}

    init(_ field: JSONField) throws {
        guard let field = field.orNil else { return }
        try field.allowOnly(["release", "reopen", "post", "approve"])
        if let named = field["release"].orNil { release = try Named(named) }
        if let named = field["reopen"].orNil { reopen = try Named(named) }
        post = try field["post"].orNil.map { field throws in try Named(field) }
        approve = try field["approve"].orNil.map { field throws in try Named(field) }
    }

    /// Functions of NAV's codeunit 1535, which act on every request in the filter of the record that they are given: called
    /// from outside, they could approve what nobody meant.
    private static let dangerous: Set<String> = [
        "approveapprovalrequests", "rejectapprovalrequests", "delegateapprovalrequests",
        "approverecordapprovalrequest", "rejectrecordapprovalrequest", "delegaterecordapprovalrequest",
    ]

    static func isDangerous(_ name: String) -> Bool {
        dangerous.contains(name.lowercased().filter { $0 != "_" && $0 != " " })
    }

    static let danger =
        "is one of codeunit 1535, which acts on every approval request in its filter; have a function published that sets "
        + "the filter to the one document it is given"
}

extension NavFunctions.Named {
    init(_ field: JSONField) throws {
        try field.allowOnly(["service", "function"])
        service = try field["service"].orNil.map { field throws in try Self.word(field) }
        name = try Self.word(field["function"])
        guard !NavFunctions.isDangerous(name) else {
            throw field["function"].wrong("\(name) \(NavFunctions.danger)")
        }
    }

    private static func word(_ field: JSONField) throws -> String {
        let text = try field.string()
        let isName = text.unicodeScalars.allSatisfy {
            $0 == "_" || $0.properties.isAlphabetic || ("0"..."9").contains($0)
        }
        guard (1...128).contains(text.utf8.count), isName else {
            throw field.wrong("expected a name as it is published, of letters, digits and underscores")
        }
        return text
    }

    func function(on sheet: NavSheet) -> Nav.Function {
        Nav.Function(service: service ?? sheet.card.rawValue, name: name)
    }
}
