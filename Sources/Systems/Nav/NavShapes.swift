import Core
import Transport

extension Nav {
    /// The fields that a record is known by, in the order of the table's key: `Document_Type`, `No`.
    package struct Key: Sendable, Hashable {
        package struct Part: Sendable, Hashable {
            package var field: String
            package var value: JSON

            package static func == (one: Part, other: Part) -> Bool {
                one.field == other.field && one.value == other.value
            }

            package func hash(into hasher: inout Hasher) {
                hasher.combine(field)
                hasher.combine(value.text())
            }
        }

        package var parts: [Part]

        package init(_ parts: [(field: String, value: JSON)]) {
            self.parts = parts.map { Part(field: $0.field, value: $0.value) }
        }
    }

    /// A record as a page shows it, under the names of its properties.
    package struct Row: Sendable, Equatable {
        package var fields: JSON.Object
        /// What has to be shown to change it: OData's tag.
        package var etag: String?
        /// SOAP's name for this version of it, and for it: what functions are called with.
        package var soapKey: String?
        /// The rows of its sub-page, where they were asked for.
        package var lines: [JSON.Object] = []

        package init(fields: JSON.Object, etag: String? = nil, soapKey: String? = nil) {
            self.fields = fields
            self.etag = etag
            self.soapKey = soapKey
        }

        package subscript(name: String) -> JSON? { fields[name] }
    }

    package struct RowPage: Sendable, Equatable {
        package var rows: [Row]
        /// What to ask with for the next page; nil after the last.
        package var next: String?

        package init(rows: [Row], next: String?) {
            self.rows = rows
            self.next = next
        }
    }

    /// Which rows. NAV refuses "or" between different fields, so there is none here.
    package indirect enum Filter: Sendable, Equatable {
        case equals(String, JSON)
        /// One of these values; never empty.
        case anyOf(String, [JSON])
        case atLeast(String, JSON)
        case moreThan(String, JSON)
        case all([Filter])
    }

    package struct Query: Sendable, Equatable {
        package var page: Page
        package var filter: Filter?
        /// Empty for all fields.
        package var select: [String] = []
        package var order: [String] = []
        package var withLines = false

        package init(_ page: Page, filter: Filter? = nil, select: [String] = []) {
            self.page = page
            self.filter = filter
            self.select = select
        }
    }

    /// A function that the customer has published: of a codeunit that stands alone, or one that extends a page's service.
    package struct Function: Sendable, Equatable {
        package var service: String
        package var name: String

        package init(service: String, name: String) {
            self.service = service
            self.name = name
        }
    }
}

/// What a flow asks of a NAV server: its published pages, whichever way they are spoken to.
///
/// A field or a page that is not published throws `stopConnection` of the kind `configuration`, with what to publish and
/// where. Values come and go as OData has them: dates as `2018-01-31`, amounts as numbers, options by their captions.
@OnLoop package protocol NavPages: AnyObject {
    /// The properties of a page as this customer has it, and nil for a page that is not published.
    func fields(of page: Nav.Page, lane: Lane) async throws -> Set<String>?
    func rows(_ query: Nav.Query, lane: Lane) async throws -> Nav.RowPage
    func rows(next: String, of query: Nav.Query, lane: Lane) async throws -> Nav.RowPage
    /// How many there are; nil where the server does not say.
    func count(_ query: Nav.Query, lane: Lane) async throws -> Int?
    /// Nil where there is no such record.
    func row(_ page: Nav.Page, key: Nav.Key, withLines: Bool, lane: Lane) async throws -> Nav.Row?
    /// Fields in the order in which they are to be filled in.
    func insert(_ page: Nav.Page, _ fields: JSON.Object, lane: Lane) async throws -> Nav.Row
    /// A line below a document.
    func insertLine(_ page: Nav.Page, of key: Nav.Key, _ fields: JSON.Object, lane: Lane) async throws
    /// Only as long as nobody else has changed the row since; throws `lookAgain` of the kind `conflict` otherwise.
    func modify(_ page: Nav.Page, key: Nav.Key, _ row: Nav.Row, _ fields: JSON.Object, lane: Lane) async throws
    /// Calls a function on exactly this record. `page` is the one whose service it extends.
    func call(_ function: Nav.Function, on key: Nav.Key, of page: Nav.Page, lane: Lane) async throws
}
