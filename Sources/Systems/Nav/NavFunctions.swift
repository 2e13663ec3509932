import Core
import Transport

extension Nav {
    /// Calls functions that the customer has published, always on one record that is named in full.
    @OnLoop struct Functions {
        let odata: ODataPages?
        let soap: SOAPPages

        func call(_ function: Function, on key: Key, of page: Page, lane: Lane) async throws {
            guard isName(function.name), isName(function.service) else {
                throw CallError(
                    .stopConnection,
                    Nav.name,
                    .configuration,
                    "the connection names a function or a service that no codeunit can have"
                )
            }
            let settings = soap.wire.settings
            guard function.service == settings.service(of: page) || function.service == page.rawValue else {
                return try await callCodeunit(function, on: key, lane)
            }
            if let odata, case .published = try await odata.published(lane).naming(of: page) {
                let place = try await odata.place(page, lane)
                if try await odata.published(lane).catalog.actions.contains([place.name, function.name]) {
                    return try await odata.perform(function, on: key, at: place, lane: lane)
                }
            }
            try await callExtension(function, on: key, of: page, lane)
        }

        /// A function that an extension codeunit adds to the page's own service, with the page's record first.
        private func callExtension(_ function: Function, on key: Key, of page: Page, _ lane: Lane) async throws {
            let place = try await soap.place(page, lane)
            let parameters = place.description.operations[function.name]
            guard let parameters, let record = parameters.first, parameters.count == 1, isName(record) else {
                soap.forget()
                let trouble =
                    parameters.map { "takes \($0.count) parameters instead of the record alone" } ?? "is not there"
                throw CallError(
                    .stopConnection,
                    Nav.name,
                    .configuration,
                    "the function \(function.name) of the service \(place.name) \(trouble): in NAV, on the page \"Web "
                        + "Services\", add a line with the object type Codeunit, its object id, the service name "
                        + "\(place.name), and Published cleared; the function has one parameter, the record of "
                        + "\(page.described)"
                )
            }
            let content = Envelope.element(record, try await soap.freshKey(of: key, page, lane))
            let envelope = Envelope(service: place.name, operation: function.name, content: content)
            try await perform(envelope, page: page, lane)
        }

        /// A function of a codeunit that stands alone. It is told the fields of the record's key that it asks for.
        private func callCodeunit(_ function: Function, on key: Key, _ lane: Lane) async throws {
            let description = try await soap.description(.codeunit, function.service, page: nil, lane)
            guard let parameters = description?.operations[function.name], parameters.allSatisfy(isName) else {
                soap.forget()
                throw CallError(
                    .stopConnection,
                    Nav.name,
                    .configuration,
                    "there is no function \(function.name) in a codeunit published as \(function.service): in NAV, on the "
                        + "page \"Web Services\", add a line with the object type Codeunit, its object id, the service "
                        + "name \(function.service), and tick Published"
                )
            }
            var content = ""
            for parameter in parameters {
                guard let value = Self.value(of: parameter, among: parameters, in: key) else {
                    throw CallError(
                        .stopConnection,
                        Nav.name,
                        .configuration,
                        "the function \(function.name) of \(function.service) asks for \(parameter), which is not known: it "
                            + "may have one parameter, the record's number, or parameters named as the fields of its key: "
                            + key.parts.map(\.field).joined(separator: ", ")
                    )
                }
                content += Envelope.element(parameter, value)
            }
            // Without a parameter it would be about whatever the codeunit thinks of.
            guard !parameters.isEmpty else {
                throw CallError(
                    .stopConnection,
                    Nav.name,
                    .configuration,
                    "the function \(function.name) of \(function.service) takes no parameter, so it cannot be told which "
                        + "record it is about"
                )
            }
            let envelope = Envelope(
                kind: .codeunit,
                service: function.service,
                operation: function.name,
                content: content
            )
            try await perform(envelope, page: nil, lane)
        }

        /// `documentType` and `Document_Type` are the same. One parameter alone is the last field of the key: the number.
        static func value(of parameter: String, among all: [String], in key: Key) -> String? {
            func plain(_ text: String) -> String { text.lowercased().filter { $0 != "_" } }
            let named = key.parts.first { plain($0.field) == plain(parameter) }
            let part = named ?? (all.count == 1 ? key.parts.last : nil)
            return part.flatMap { plainText($0.value) }
        }

        private func perform(_ envelope: Envelope, page: Page?, _ lane: Lane) async throws {
            let exchange = try await soap.send(envelope, page: page, lane, effect: .write)
            let body = try exchange.success().body
            do {
                _ = try Envelope.result(of: envelope.operation, in: body)
            } catch {
                throw exchange.garbage("\(error)")
            }
        }
    }
}
