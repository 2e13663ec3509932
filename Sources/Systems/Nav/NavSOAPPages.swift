import Core
import Transport

extension Nav {
    /// The pages of a NAV server over SOAP, for servers without OData V4, and for what only SOAP can do.
    @OnLoop final class SOAPPages {
        let wire: Wire
        /// By the names of their services.
        private var known: [String: PageDescription] = [:]

        init(_ wire: Wire) {
            self.wire = wire
        }

        func forget() {
            known = [:]
        }

        // MARK: Descriptions

        /// A page with its description.
        struct Place {
            var page: Page
            var name: String
            var description: PageDescription
        }

        /// Nil where it is not published.
        func find(_ page: Page, _ lane: Lane) async throws -> Place? {
            let name = wire.settings.service(of: page)
            guard let description = try await description(.page, name, page: page, lane) else { return nil }
            guard description.operations["Read"] != nil || description.operations["ReadMultiple"] != nil else {
                forget()
                throw CallError(
                    .stopConnection,
                    Nav.name,
                    .configuration,
                    "the service \(name) is not \(page.described): " + page.publishing(as: name)
                )
            }
            return Place(page: page, name: name, description: description)
        }

        func place(_ page: Page, _ lane: Lane) async throws -> Place {
            guard page != .journal else {
                // The session picks a batch of its own choice there, and OData alone lets us say which.
                // Whoever asked for it is told, and all else goes on.
                throw CallError(
                    .skipRecord,
                    Nav.name,
                    .configuration,
                    "lines of journals can be written over OData V4 only: enable the OData V4 services of the server "
                        + "instance"
                )
            }
            guard let place = try await find(page, lane) else {
                throw CallError(
                    .stopConnection,
                    Nav.name,
                    .configuration,
                    wire.subject(.soap, wire.settings.service(of: page), page: page).unknown
                )
            }
            return place
        }

        /// Nil where nothing is published under that name, or the company is another.
        func description(
            _ kind: Envelope.Kind,
            _ service: String,
            page: Page?,
            _ lane: Lane
        ) async throws -> PageDescription? {
            let path = kind.rawValue + "/" + service
            if let description = known[path] { return description }
            let call = Call(
                url: try url(kind, service),
                headers: [HTTPClient.Header("Accept", "text/xml")],
                subject: wire.subject(.soap, service, page: page),
                lane: lane
            )
            let exchange = try await wire.exchange(call)
            if exchange.status == 404 { return nil }
            let response = try exchange.success()
            do {
                let description = try PageDescription(
                    wsdl: response.body,
                    service: service,
                    control: page?.linesControl
                )
                known[path] = description
                return description
            } catch {
                throw exchange.garbage("\(error)")
            }
        }

        func url(_ kind: Envelope.Kind, _ service: String) throws -> String {
            guard let url = wire.address.soap(kind.rawValue, service) else {
                throw CallError(
                    .stopConnection,
                    Nav.name,
                    .configuration,
                    "this needs SOAP: name its address, such as https://erp.example.com:7047/DynamicsNAV110, as soapURL "
                        + "under nav in the connection's file, and enable the SOAP services of the server instance"
                )
            }
            return url
        }

        func checkFields(_ names: some Sequence<String>, at place: Place) throws {
            let missing = Set(names).filter { place.description.fields[$0] == nil && place.page.fixed[$0] == nil }
                .sorted()
            guard missing.isEmpty else { throw Nav.missing(missing, of: place.page, as: place.name, forget: forget) }
        }

        // MARK: Calls

        /// What stands in the operation's result.
        func result(
            _ operation: String,
            _ content: String,
            at place: Place,
            _ lane: Lane,
            effect: Refusal.Effect,
            mostBytes: Int = Limits.answerBytes
        ) async throws -> (XMLElement, Exchange) {
            let envelope = Envelope(service: place.name, operation: operation, content: content)
            let exchange = try await send(envelope, page: place.page, lane, effect: effect, mostBytes: mostBytes)
            let body = try exchange.success().body
            do {
                return (try Envelope.result(of: operation, in: body), exchange)
            } catch {
                throw exchange.garbage("\(error)")
            }
        }

        @discardableResult
        func send(
            _ envelope: Envelope,
            page: Page?,
            _ lane: Lane,
            effect: Refusal.Effect,
            mostBytes: Int = Limits.answerBytes
        ) async throws -> Exchange {
            let call = Call(
                method: .post,
                url: try url(envelope.kind, envelope.service),
                headers: envelope.headers,
                body: envelope.body,
                effect: effect,
                subject: wire.subject(.soap, envelope.service, page: page),
                lane: lane,
                mostBytes: mostBytes
            )
            let exchange = try await wire.exchange(call)
            // At this address, and not in an answer about a record: the service has gone.
            if let status = exchange.status, [404, 405].contains(status) {
                forget()
                var refusal = exchange.refusal
                refusal?.effect = .list
                if let error = refusal?.error { throw error }
            }
            return exchange
        }
    }
}
