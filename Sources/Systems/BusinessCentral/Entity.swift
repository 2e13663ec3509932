import Core

extension BusinessCentral {
    /// One kind of record of the standard API, as far as it differs from the others.
    package struct Entity: Sendable {
        package enum Kind: Sendable, Equatable {
            /// People change it at any time: a vendor, an item.
            case card
            /// Is posted once, and never changed after that.
            case invoice
            /// Is released, and vanishes when all of it is invoiced.
            case order
            /// Nothing goes into it from here.
            case record
        }

        /// Where the lines of a document stand, and how their fields are called.
        package struct Lines: Sendable, Equatable {
            package var navigation: String
            /// When the goods come or go, and how many have; nil where its lines do not say.
            package var date: String
            package var doneQuantity: String?

            static let purchaseInvoice = Lines(navigation: "purchaseInvoiceLines", date: "expectedReceiptDate")
            static let purchaseOrder = Lines(
                navigation: "purchaseOrderLines",
                date: "expectedReceiptDate",
                doneQuantity: "receivedQuantity"
            )
            static let salesInvoice = Lines(navigation: "salesInvoiceLines", date: "shipmentDate")
            static let salesOrder = Lines(
                navigation: "salesOrderLines",
                date: "shipmentDate",
                doneQuantity: "shippedQuantity"
            )
        }

        package let name: String
        package let kind: Kind
        /// What people call a record by.
        package let number: String
        /// As published. An environment may have more, and says so itself.
        package let hasWebhooks: Bool
        package let lines: Lines?
        package let hasDimensions: Bool
        /// A change of these does not move the record's stamp, so only a full reading finds it.
        package let calculated: Set<String>
        /// Their words are encoded like names of XML where they are sent.
        package let enumerations: Set<String>
        package let editable: Set<String>
        package let usualPoll: Duration

        init(
            _ name: String,
            _ kind: Kind,
            number: String = "number",
            hasWebhooks: Bool = false,
            lines: Lines? = nil,
            hasDimensions: Bool = false,
            calculated: Set<String> = [],
            enumerations: Set<String> = [],
            usualPoll: Duration = .seconds(3_600),
            editable: String = ""
        ) {
            self.name = name
            self.kind = kind
            self.number = number
            self.hasWebhooks = hasWebhooks
            self.lines = lines
            self.hasDimensions = hasDimensions
            self.calculated = calculated
            self.enumerations = enumerations
            self.usualPoll = usualPoll
            self.editable = Set(editable.split(whereSeparator: \.isWhitespace).map { String($0) })
        }

        /// Whether a record has a field that says what may be done with it.
        package var hasState: Bool { kind == .invoice || kind == .order }

        /// Nil for what an extension brought along.
        package static func named(_ name: String) -> Entity? {
            all.first { $0.name == name }
        }
    }
}
