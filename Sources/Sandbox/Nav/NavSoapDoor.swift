import Core
import Transport

/// SOAP has a port of its own.
///
///     /{instance}/WS/SystemService                     the companies
///     /{instance}/WS/{company}/services                what is published
///     /{instance}/WS/{company}/Page/{service}          GET: its WSDL; POST: an operation
///     /{instance}/WS/{company}/Codeunit/{service}      the same for functions that stand alone
@OnLoop package final class NavSoapDoor: SideDoor {
    package nonisolated static let name = "navSoap"
    package var address = ""
    weak var simulator: NavSimulator?

    package func serve(_ exchange: HTTPExchange) {
        guard let simulator else {
            exchange.answer(.unavailable)
            return
        }
        EpollLoop.process.task { await simulator.serveSOAP(exchange) }
    }
}

extension NavSimulator {
    /// What an address of SOAP leads to.
    enum SoapPlace {
        case system
        case discovery(Company)
        case page(Company, Publication)
        case codeunit(Company, String)

        var name: String {
            switch self {
            case .system: "SystemService"
            case .discovery: "services"
            case .page(_, let publication): publication.service
            case .codeunit(_, let service): service
            }
        }

        /// Of the elements in a request and its answer.
        var space: String {
            switch self {
            case .system, .discovery: "urn:microsoft-dynamics-schemas/nav/system/"
            case .page(_, let publication): "urn:microsoft-dynamics-schemas/page/\(publication.service.lowercased())"
            case .codeunit(_, let service): "urn:microsoft-dynamics-schemas/codeunit/\(service)"
            }
        }
    }

    func serveSOAP(_ exchange: HTTPExchange) async {
        guard let request = NavRequest(exchange) else { return turnAway(exchange, 400, rule: "bad address") }
        if let refusal = refusal(of: request.authorization) {
            log.answered("unauthorized", 401)
            log.refused("unauthorized")
            return exchange.answer(refusal)
        }
        guard settings.isSOAPOn else { return turnAway(exchange, 405, rule: "SOAP off") }
        guard let place = try? soapPlace(request) else { return turnAway(exchange, 404, rule: "unknown segment") }
        guard request.body.count <= settings.mostBytes else {
            return turnAway(exchange, 413, rule: "request too large")
        }
        guard request.method == .post else {
            guard request.method == .get else { return turnAway(exchange, 405, rule: "verb not allowed") }
            return await answer(exchange, "GET \(place.name)") { self.described(place) }
        }
        guard request.contentType.lowercased().hasPrefix("text/xml") else {
            return turnAway(exchange, 415, rule: "content type")
        }
        let call = Result { () throws(Refusal) in try SoapCall(request, place) }
        await answer(exchange, "SOAP \(place.name) \((try? call.get())?.operation ?? "unknown")") {
            do throws(Refusal) {
                let inside = try self.perform(try call.get(), place)
                return .soap(.ok, inside)
            } catch {
                self.log.refused(error.rule)
                return .fault(error)
            }
        }
    }

    private func turnAway(_ exchange: HTTPExchange, _ status: Int, rule: String) {
        log.answered("SOAP turned away", status)
        log.refused(rule)
        exchange.answer(HTTPStatus(rawValue: UInt16(clamping: status)))
    }

    private func soapPlace(_ request: NavRequest) throws(Refusal) -> SoapPlace {
        let names = request.segments.map(\.name)
        guard names.count >= 3, names[0] == settings.instance, names[1] == "WS" else { throw .noSegment("WS") }
        if let tenant = settings.tenant, request.option("tenant") != tenant { throw .noSegment("tenant") }
        guard names.last != "SystemService" else { return .system }
        let company = try company(named: names[2])
        switch (names.count, names.count > 3 ? names[3] : "") {
        case (4, "services"): return .discovery(company)
        case (5, "Page"):
            guard let publication = publication(names[4]) else { throw .noSegment(names[4]) }
            return .page(company, publication)
        case (5, "Codeunit"):
            guard functions.contains(where: { $0.service == names[4] }), publication(names[4]) == nil else {
                throw .noSegment(names[4])
            }
            return .codeunit(company, names[4])
        default: throw .noSegment(names.last ?? "")
        }
    }

    // MARK: Operations

    /// The elements inside the answer's body.
    private func perform(_ call: SoapCall, _ place: SoapPlace) throws(Refusal) -> String {
        switch place {
        case .system:
            guard call.operation == "Companies" else { throw call.unknown }
            let names = companies.map { "<return_value>\(XML.escaped($0.name))</return_value>" }.joined()
            return "<Companies_Result xmlns=\"\(place.space)\">\(names)</Companies_Result>"
        case .discovery: throw call.unknown
        case .page(let company, let publication):
            let service = SoapService(simulator: self, company: company, publication: publication)
            let inside = try company.atOnce { () throws(Refusal) in try service.perform(call) }
            return "<\(call.operation)_Result xmlns=\"\(place.space)\">\(inside)</\(call.operation)_Result>"
        case .codeunit(let company, let service):
            let inside = try company.atOnce { () throws(Refusal) in
                try self.callCodeunit(service, call, in: company)
            }
            return "<\(call.operation)_Result xmlns=\"\(place.space)\">\(inside)</\(call.operation)_Result>"
        }
    }

    /// A function that stands alone is told the document by its type and number.
    private func callCodeunit(_ service: String, _ call: SoapCall, in company: Company) throws(Refusal) -> String {
        guard let function = functions.first(where: { $0.service == service && $0.name == call.operation }) else {
            throw call.unknown
        }
        try call.demandOnly(["documentType", "no"])
        let type = call.element["documentType"]?.text ?? ""
        let number = call.element["no"]?.text ?? ""
        guard let row = company.document(type, number) else {
            throw .noRecord(.purchaseHeaders, "Document Type='\(type)',No.='\(number)'")
        }
        _ = try self.call(function, on: row, in: company, door: "SOAP")
        return "<return_value>true</return_value>"
    }
}

extension NavSimulator {
    /// One operation that somebody asks for.
    struct SoapCall {
        let operation: String
        let element: XMLElement

        /// The envelope, its namespace and the action's header have to agree.
        init(_ request: NavRequest, _ place: SoapPlace) throws(Refusal) {
            let envelope: XMLElement
            do {
                envelope = try XML.element(request.body)
            } catch {
                throw .badRequest("The message is no XML: \(error).", rule: "malformed body")
            }
            guard envelope.name == "Envelope", envelope.space == "http://schemas.xmlsoap.org/soap/envelope/",
                let body = envelope["Body"], body.space == envelope.space, let element = body.children.first,
                body.children.count == 1
            else { throw .badRequest("The message is no SOAP 1.1 envelope.", rule: "malformed body") }
            guard element.space == place.space else {
                throw .badRequest("The element is of the namespace '\(element.space)'.", rule: "wrong namespace")
            }
            let quoted = request.soapAction ?? ""
            guard quoted == "\"\(place.space):\(element.name)\"" else {
                throw .badRequest("The SOAPAction '\(quoted)' does not fit the message.", rule: "wrong SOAPAction")
            }
            self.element = element
            operation = element.name
        }

        var unknown: Refusal {
            Refusal(
                .request,
                500,
                "",
                "The operation '\(operation)' was not found in this service.",
                rule: "unknown operation"
            )
        }

        func demandOnly(_ names: Set<String>) throws(Refusal) {
            for child in element.children where !names.contains(child.name) {
                throw .badRequest("The element '\(child.name)' is not expected here.", rule: "unknown element")
            }
        }
    }
}

extension Reply {
    static func soap(_ status: HTTPStatus, _ inside: String) -> Reply {
        Reply(
            status,
            [HTTPHeader("Content-Type", "text/xml; charset=utf-8")],
            body: Array(
                ("<Soap:Envelope xmlns:Soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><Soap:Body>" + inside
                    + "</Soap:Body></Soap:Envelope>").utf8
            )
        )
    }

    static func fault(_ refusal: NavSimulator.Refusal) -> Reply {
        let text = XML.escaped(refusal.message)
        let home = refusal.kind == .stale || refusal.kind == .request ? "Service.WebServices" : "Types.Exceptions"
        return .soap(
            .internalError,
            """
            <Soap:Fault><faultcode xmlns:a="urn:microsoft-dynamics-schemas/error">\
            a:Microsoft.Dynamics.Nav.\(home).\(refusal.kind.rawValue)</faultcode>\
            <faultstring xml:lang="en-US">\(text)</faultstring><detail>\
            <string xmlns="http://schemas.microsoft.com/2003/10/Serialization/">\(text)</string></detail></Soap:Fault>
            """
        )
    }
}
