import Core
import Transport

extension Nav {
    /// The pages of a NAV server over OData V4.
    @OnLoop final class ODataPages {
        let wire: Wire
        /// What the server publishes of what is wanted, once it was asked.
        private var known: Known?

        struct Known {
            var catalog: Catalog
            var namings: [Page: Naming] = [:]

            init(_ catalog: Catalog, under settings: Settings) {
                self.catalog = catalog
                for page in Page.allCases { namings[page] = catalog.naming(of: page, under: settings) }
                self.catalog.keep(Set(Page.allCases.map(settings.service(of:))))
            }

            func naming(of page: Page) -> Naming { namings[page] ?? .missing(alike: nil) }
        }

        init(_ wire: Wire) {
            self.wire = wire
        }

        func forget() {
            known = nil
        }

        func published(_ lane: Lane) async throws -> Known {
            if let known { return known }
            let call = Call(
                url: wire.address.ofServer("ODataV4/$metadata"),
                headers: [HTTPClient.Header("Accept", "application/xml")],
                subject: wire.subject(.odata),
                lane: lane,
                mostBytes: Limits.catalogBytes
            )
            let exchange = try await wire.exchange(call)
            let response = try exchange.success()
            do {
                let published = Known(try Catalog(metadata: response.body), under: wire.settings)
                known = published
                return published
            } catch {
                throw exchange.garbage("\(error)")
            }
        }

        // MARK: Addresses

        /// A page that is published, under the name that it has.
        struct Place {
            var page: Page
            var name: String
            var service: Catalog.Service
            var lines: (way: String, rows: Catalog.Service?)?
        }

        func place(_ page: Page, _ lane: Lane) async throws -> Place {
            let published = try await published(lane)
            let naming = published.naming(of: page)
            guard case .published(let name) = naming, let service = published.catalog.services[name] else {
                // Whoever publishes it now is heard at the next try.
                forget()
                throw CallError(
                    .stopConnection,
                    Nav.name,
                    .configuration,
                    naming.advice(page, wire.settings) ?? page.described
                )
            }
            return Place(
                page: page,
                name: name,
                service: service,
                lines: published.catalog.lines(of: page, service: name)
            )
        }

        func checkFields(_ names: some Sequence<String>, at place: Place) throws {
            let missing = Set(names).filter { place.service.properties[$0] == nil }.sorted()
            guard missing.isEmpty else { throw Nav.missing(missing, of: place.page, as: place.name, forget: forget) }
        }

        func record(_ place: Place, _ key: Key) throws -> String {
            var parts: [(field: String, literal: String)] = []
            for part in key.parts {
                guard let property = place.service.properties[part.field] else {
                    throw CallError(.skipRecord, Nav.name, .defect, "\(place.name) has no key field \(part.field)")
                }
                parts.append((part.field, try Nav.literal(part.value, field: part.field, type: property.type)))
            }
            return wire.address.record(place.name, parts)
        }

        func call(
            _ url: String,
            _ place: Place,
            _ lane: Lane,
            effect: Refusal.Effect,
            mostBytes: Int = Limits.answerBytes
        ) -> Call {
            Call(
                url: url,
                headers: [HTTPClient.Header("Accept", "application/json")],
                effect: effect,
                subject: wire.subject(.odata, place.name, page: place.page),
                lane: lane,
                mostBytes: mostBytes
            )
        }

        /// All the companies that the user can see.
        func companies(_ lane: Lane) async throws -> [String] {
            let call = Call(
                url: wire.address.ofServer("ODataV4/Company"),
                headers: [HTTPClient.Header("Accept", "application/json")],
                subject: wire.subject(.odata),
                lane: lane
            )
            let exchange = try await wire.exchange(call)
            let response = try exchange.success()
            do {
                return try RowReader.page(response.body).rows.compactMap { read in
                    if case .string(let name) = read.row["Name"] { name } else { nil }
                }
            } catch {
                throw exchange.garbage("\(error)")
            }
        }
    }

    static func missing(_ names: [String], of page: Page, as service: String, forget: () -> Void) -> CallError {
        forget()
        let names = names.prefix(10).joined(separator: ", ")
        return CallError(
            .stopConnection,
            name,
            .configuration,
            "\(page.described), published as \(service), does not show \(names): have it added to the page in NAV, or leave "
                + "it out of the connection's file"
        )
    }
}
