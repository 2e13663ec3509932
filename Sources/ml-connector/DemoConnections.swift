import Core
import Transport

/// The two connections of the demonstration: the same as for real systems, but for the addresses.
struct DemoConnections {
    /// By their names.
    let files: [(name: String, text: String)]
    /// What the files name, for the command that seals it.
    let secrets: [String]

    @OnLoop init(_ sandbox: RunningSandbox, _ boards: DemoBoards) throws {
        files = [
            ("bc-board", try Self.businessCentral(sandbox, boards)), ("nav-board", try Self.nav(sandbox, boards)),
        ]
        secrets = [
            "DEMO_BC_SECRET=\(try sandbox.businessCentral.credentials["clientSecret"])",
            "DEMO_NAV_KEY=\(try sandbox.nav.credentials["key"])",
            "DEMO_MONDAY_TOKEN=\(try sandbox.monday.credentials["token"])",
        ]
    }

    @OnLoop private static func businessCentral(_ sandbox: RunningSandbox, _ boards: DemoBoards) throws -> String {
        let credentials = sandbox.businessCentral.credentials
        return """
            // Made by ml-connector demo: Business Central's purchasing, as seen on three boards.
            {
              tenant: "demo", name: "bc-board", flow: "business-central-monday",
              businessCentral: {
                entraTenant: "\(try credentials["entraTenant"])",
                clientId: "\(try credentials["clientId"])",
                clientSecret: { env: "DEMO_BC_SECRET" },
                environment: "\(try credentials["environment"])",
                company: "\(try credentials["company"])",
                apiURL: "\(try credentials["apiURL"])",
                loginURL: "\(try credentials["loginURL"])",
              },
              monday: { token: { env: "DEMO_MONDAY_TOKEN" }, apiURL: "\(try sandbox.monday.credentials["apiURL"])" },
              routes: {
                vendors: {
                  board: "\(boards.vendors)",
                  columns: { displayName: "name", number: "number", city: "city" },
                },
                purchaseInvoices: {
                  board: "\(boards.invoices)", poll: "every 5m",
                  columns: {
                    number: "name", totalAmountIncludingTax: "amount", currencyCode: "currency", dueDate: "due_date",
                    status: "status",
                    // The vendor twice: as a label to filter by, and as the vendor's item on the board of vendors.
                    vendorName: { column: "vendor", list: "vendors", by: "vendorNumber" },
                    vendorId: { column: "vendor_link", item: { route: "vendors", by: "vendorId" } },
                  },
                },
                purchaseOrders: {
                  board: "\(boards.orders)", poll: "every 10s",
                  columns: {
                    number: "name", totalAmountIncludingTax: "amount", currencyCode: "currency",
                    requestedReceiptDate: "expected", status: "status",
                    vendorId: { column: "vendor_link", item: { route: "vendors", by: "vendorId" } },
                  },
                  // Each line is a subitem.
                  lines: {
                    board: "\(boards.orderLines)",
                    columns: {
                      description: "name", quantity: "quantity", receivedQuantity: "received", amountIncludingTax: "amount",
                      expectedReceiptDate: "expected",
                    },
                  },
                },
              },
              lists: {
                vendors: { board: "\(boards.invoices)", column: "vendor", text: "{displayName} ({number})" },
              },
              \(limits)
            }

            """
    }

    @OnLoop private static func nav(_ sandbox: RunningSandbox, _ boards: DemoBoards) throws -> String {
        let credentials = sandbox.nav.credentials
        return """
            // Made by ml-connector demo: NAV's invoices, which people approve on a board, and its orders.
            {
              tenant: "demo", name: "nav-board", flow: "nav-monday",
              nav: {
                url: "\(try credentials["url"])",
                soapURL: "\(try credentials["soapURL"])",
                company: "\(try credentials["company"])",
                user: "\(try credentials["user"])",
                key: { env: "DEMO_NAV_KEY" },
                // The sandbox speaks plain http.
                privateNetwork: true,
                // What the customer's administrator has published; a function gets one document and acts on that alone.
                functions: { post: { function: "PostDocument" } },
              },
              monday: { token: { env: "DEMO_MONDAY_TOKEN" }, apiURL: "\(try sandbox.monday.credentials["apiURL"])" },
              routes: {
                purchaseInvoices: {
                  // NAV tells of no change; nobody who tries things out wants to wait five minutes.
                  board: "\(boards.approvals)", poll: "every 3s",
                  columns: {
                    number: "name", vendorName: "vendor", vendorInvoiceNumber: "vendor_invoice", amount: "amount",
                    currencyCode: "currency", dueDate: "due_date",
                    status: {
                      column: "status",
                      labels: {
                        "Open": "To review", "Released": "Approved", "Pending Approval": "Waiting for approval",
                        "Pending Prepayment": "Waiting for prepayment",
                      },
                      // What people may ask for by choosing a label.
                      actions: {
                        "Approved": { do: "release" }, "Rejected": { do: "reopen" }, "Book it": { do: "post" },
                      },
                    },
                    // A department that people choose on the board is written to the document.
                    dimension1: { column: "department", back: true },
                  },
                },
                purchaseOrders: {
                  board: "\(boards.navOrders)", poll: "every 5s",
                  columns: {
                    number: "name", vendorName: "vendor", amountIncludingVAT: "amount", expectedReceiptDate: "expected",
                    status: "status", lines: "lines",
                  },
                },
              },
              lists: {
                // The departments that there are in NAV are the labels to choose from.
                departments: {
                  from: "dimensionValues", dimension: "DEPARTMENT", board: "\(boards.approvals)", column: "department",
                  text: "{code}", poll: "every 10s",
                },
              },
              \(limits)
            }

            """
    }

    /// So that nobody waits three minutes for the first load.
    private static let limits = """
        // The 40 changes a minute that customers are promised, for the sake of other tools with the same token, are
          // lifted here: nobody shares the sandbox's account.
          limits: { monday: { mutationsPerMinute: 600 } },
        """
}

extension JSON {
    /// Of credentials that the sandbox itself made.
    fileprivate subscript(name: String) -> String {
        get throws { try JSONField(self)[name].string() }
    }
}
