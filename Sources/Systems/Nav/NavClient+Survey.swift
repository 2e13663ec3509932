import Core
import Transport

extension Nav.Client {
    /// Looks at everything that a server might offer, and changes nothing. Of the pages, only these are looked for over
    /// SOAP, which has to be asked about each.
    package func survey(of pages: [Nav.Page] = Nav.Page.allCases, lane: Lane) async throws -> Nav.Survey {
        lookAgain()
        var survey = Nav.Survey(settings)
        do {
            _ = try await odata.published(lane)
            survey.odataV4 = .open
        } catch let error as CallError {
            survey.odataV4 = Self.door(error)
            // Whoever is not let in here is not let in next door either, and each try brings an account nearer its lock.
            if error.kind == .credentials { return survey }
        }
        if !isOutOfReach(survey.odataV4) {
            if survey.odataV4 != .open { survey.odataV3 = try await door("OData", lane) }
            survey.businessCentralAPI = try await businessCentralAPI(lane)
            survey.betaAPI = try await door("api/beta/companies", lane)
        }
        if settings.soapURL != nil { try await surveySOAP(&survey, lane) }
        if survey.odataV4 == .open { survey.companies = try await optional { try await self.odata.companies(lane) } }
        switch survey.speech {
        case .odata: try await surveyODataPages(&survey, pages, lane)
        case .soap: try await surveySOAPPages(&survey, pages, lane)
        case nil: break
        }
        return survey
    }

    /// Asking there once more would only take time.
    private func isOutOfReach(_ door: Nav.Survey.Door) -> Bool {
        guard case .broken(let error) = door else { return false }
        return [.network, .timeout].contains(error.kind)
    }

    private func surveyODataPages(_ survey: inout Nav.Survey, _ pages: [Nav.Page], _ lane: Lane) async throws {
        guard survey.odataV4 == .open else { return }
        let published = try await odata.published(lane)
        for page in pages {
            if let advice = published.naming(of: page).advice(page, settings) {
                survey.pages[page] = .missing(advice: advice)
            } else {
                survey.pages[page] = .published(as: settings.service(of: page))
            }
        }
    }

    private func surveySOAPPages(_ survey: inout Nav.Survey, _ pages: [Nav.Page], _ lane: Lane) async throws {
        guard survey.soap == .open else { return }
        for page in pages {
            do {
                let place = try await soap.find(page, lane)
                let name = settings.service(of: page)
                survey.pages[page] =
                    place.map { .published(as: $0.name) }
                    ?? .missing(advice: "\(page.described) is not published as \(name): \(page.publishing(as: name))")
            } catch let error as CallError where error.kind == .configuration || error.kind == .garbage {
                survey.pages[page] = .missing(advice: error.reason)
            }
        }
    }

    /// The list of companies, which SOAP has as well, and whether it answers at all.
    private func surveySOAP(_ survey: inout Nav.Survey, _ lane: Lane) async throws {
        guard let url = wire.address.soapServices else { return }
        let call = Nav.Call(url: url, subject: wire.subject(.soap), lane: lane)
        do {
            let exchange = try await wire.exchange(call)
            // A company of another name is a 404 too: then only the list of companies can tell.
            survey.soap = .open
            if exchange.status == 404 {
                let names = try await optional { try await self.soap.companies(lane) }
                survey.companies = names
                if names == nil { survey.soap = .absent }
            } else {
                _ = try exchange.success()
                survey.companies = try await optional { try await self.soap.companies(lane) }
            }
        } catch let error as CallError {
            survey.soap = Self.door(error)
        }
    }

    private func businessCentralAPI(_ lane: Lane) async throws -> String? {
        for path in ["api/v2.0/companies", "api/v1.0/companies"] where try await door(path, lane) == .open {
            return path
        }
        return nil
    }

    private func door(_ path: String, _ lane: Lane) async throws -> Nav.Survey.Door {
        let call = Nav.Call(
            url: wire.address.ofServer(path),
            headers: [HTTPClient.Header("Accept", "application/json")],
            subject: wire.subject(.odata),
            lane: lane
        )
        do {
            _ = try await wire.exchange(call).success()
            return .open
        } catch let error as CallError {
            return Self.door(error)
        }
    }

    private static func door(_ error: CallError) -> Nav.Survey.Door {
        error.kind == .configuration ? .absent : .broken(error)
    }

    /// What nobody needs to know for certain.
    private func optional<Value>(_ body: @OnLoop () async throws -> Value) async throws -> Value? {
        do {
            return try await body()
        } catch is CallError {
            return nil
        }
    }
}

extension Nav.SOAPPages {
    /// All the companies that the user can see.
    func companies(_ lane: Lane) async throws -> [String] {
        guard let base = wire.settings.soapURL else { return [] }
        let space = "urn:microsoft-dynamics-schemas/nav/system/"
        let tenant = wire.settings.tenant.map { "?tenant=" + Nav.URLText.encoded($0) } ?? ""
        let envelope = Nav.Envelope(service: "SystemService", operation: "Companies", content: "")
        let text = """
            <?xml version="1.0" encoding="utf-8"?>
            <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><Companies xmlns="\(space)"/></s:Body></s:Envelope>
            """
        let call = Nav.Call(
            method: .post,
            url: "\(base)/WS/SystemService\(tenant)",
            headers: [
                HTTPClient.Header("Content-Type", "text/xml; charset=utf-8"),
                HTTPClient.Header("SOAPAction", "\"\(space):Companies\""),
            ],
            body: Array(text.utf8),
            subject: wire.subject(.soap),
            lane: lane
        )
        let exchange = try await wire.exchange(call)
        let body = try exchange.success().body
        do {
            return try Nav.Envelope.result(of: envelope.operation, in: body).children.map(\.text)
        } catch {
            throw exchange.garbage("\(error)")
        }
    }
}
