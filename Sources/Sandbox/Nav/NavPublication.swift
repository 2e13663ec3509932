extension NavSimulator {
    /// A row of the page "Web Services", and what the customer has changed about the page behind it.
    struct Publication: Sendable {
        var service: String
        let base: Page
        var isPublished = true
        private(set) var page: Page

        init(_ service: String, _ base: Page) {
            self.service = service
            self.base = base
            page = base
        }

        mutating func change(hiding hidden: Set<String>, renaming renamed: [String: String]) {
            page = base.changed(hiding: hidden, renaming: renamed)
        }

        /// What OData calls the sub-page: `PurchaseInvoicePurchLines`.
        var partName: String? { page.part.map { service + $0.name } }
    }

    /// A function that this customer has published: beside a page, so that it works on one record of it, or in a codeunit
    /// that stands alone, where no page has its service's name.
    struct Function: Sendable, Equatable {
        enum Effect: String, Sendable, CaseIterable {
            case release, reopen, approve, reject, post
            /// Codeunit 1535's own: decides every request that there is, whichever record it was called with.
            case approveAll, rejectAll
            /// Asks somebody who is not there.
            case ask
        }

        var service: String
        var name: String
        var effect: Effect
        /// What its parameter is called in SOAP.
        var parameter = "purchaseHeader"

        static let usual: [Function] =
            ["PurchaseInvoice", "PurchaseOrder"].flatMap { service in
                [
                    Function(service: service, name: "PerformManualRelease", effect: .release),
                    Function(service: service, name: "PerformManualReopen", effect: .reopen),
                    Function(service: service, name: "ApproveDocument", effect: .approve),
                    Function(service: service, name: "RejectDocument", effect: .reject),
                    Function(service: service, name: "PostDocument", effect: .post),
                ]
            } + [
                Function(service: "ConnectorFunctions", name: "ApproveDocument", effect: .approve),
                Function(service: "ConnectorFunctions", name: "PostDocument", effect: .post),
            ]

        static let approvalsManagement: [Function] = ["PurchaseInvoice", "PurchaseOrder"].flatMap { service in
            [
                Function(
                    service: service,
                    name: "ApproveApprovalRequests",
                    effect: .approveAll,
                    parameter: "approvalEntry"
                ),
                Function(
                    service: service,
                    name: "RejectApprovalRequests",
                    effect: .rejectAll,
                    parameter: "approvalEntry"
                ),
            ]
        }
    }

    /// A call of a function, for tests and for people.
    struct FunctionCall: Sendable {
        var function: Function
        var door: String
        var type: String
        var number: String
        /// Empty when it worked.
        var refusal: String
    }
}

extension NavSimulator {
    var functions: [Function] {
        customerFunctions + (settings.publishesApprovalsManagement ? Function.approvalsManagement : [])
    }

    func publication(_ service: String) -> Publication? {
        publications.first { $0.service == service && $0.isPublished }
    }

    /// Carries it out on the one document, whose newest state comes back; nil when it is gone.
    func call(_ function: Function, on row: Row, in company: Company, door: String) throws(Refusal) -> Row? {
        var call = FunctionCall(
            function: function,
            door: door,
            type: row.text("Document_Type"),
            number: row.text("No"),
            refusal: ""
        )
        defer { note(call) }
        do throws(Refusal) {
            switch function.effect {
            case .release: _ = try company.release(row)
            case .reopen: _ = try company.reopen(row)
            case .approve: _ = try company.decide(row, approves: true, by: settings.user)
            case .reject: _ = try company.decide(row, approves: false, by: settings.user)
            case .post: try company.post(row)
            case .approveAll: company.decideAll(approves: true)
            case .rejectAll: company.decideAll(approves: false)
            case .ask: throw .confirm("Do you want to go on?")
            }
        } catch {
            call.refusal = error.rule
            throw error
        }
        return company.document(call.type, call.number)
    }
}
