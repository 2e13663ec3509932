import Core
import Transport

extension Nav {
    /// Asks one company of one NAV server, within its account's limits: over OData V4 where there is one, over SOAP
    /// otherwise, and over SOAP for the functions that only it can call.
    ///
    /// Everything here throws `CallError` and `CancellationError` only. What may be tried again is left to the caller.
    @OnLoop package final class Client {
        package let settings: Settings
        let wire: Wire
        let odata: ODataPages
        let soap: SOAPPages
        /// How the pages are spoken to, once it was found out.
        private var speech: Settings.Speech?

        package init(
            _ settings: Settings,
            key: Secret,
            http: HTTPClient,
            gate: any CallGate,
            log: Log,
            deadlines: HTTPClient.Deadlines = Limits.deadlines
        ) {
            self.settings = settings
            wire = Wire(settings, key: key, http: http, gate: gate, log: log, deadlines: deadlines)
            odata = ODataPages(wire)
            soap = SOAPPages(wire)
            speech = settings.speech
        }

        /// What is published is asked for again at the next call.
        package func lookAgain() {
            odata.forget()
            soap.forget()
            speech = settings.speech
        }

        func speech(_ lane: Lane) async throws -> Settings.Speech {
            if let speech { return speech }
            do {
                _ = try await odata.published(lane)
                speech = .odata
                return .odata
            } catch let error as CallError where error.kind == .configuration && error.remedy == .stopConnection {
                // No OData V4 there, whoever answers. Pages that SOAP does not have either say so themselves.
                if settings.soapURL != nil {
                    speech = .soap
                    return .soap
                }
                throw CallError(
                    .stopConnection,
                    Nav.name,
                    .configuration,
                    "there is no OData V4 at \(wire.address.root): check the address; enable the OData V4 services of the "
                        + "server instance; or, for a server without them, name the address of SOAP as soapURL under nav "
                        + "in the connection's file"
                )
            }
        }
    }
}

extension Nav.Client: NavPages {
    package func fields(of page: Nav.Page, lane: Lane) async throws -> Set<String>? {
        switch try await speech(lane) {
        case .odata: try await odata.fields(of: page, lane: lane)
        case .soap: try await soap.fields(of: page, lane: lane)
        }
    }

    package func rows(_ query: Nav.Query, lane: Lane) async throws -> Nav.RowPage {
        switch try await speech(lane) {
        case .odata: try await odata.rows(query, lane: lane)
        case .soap: try await soap.rows(query, lane: lane)
        }
    }

    package func rows(next: String, of query: Nav.Query, lane: Lane) async throws -> Nav.RowPage {
        switch try await speech(lane) {
        case .odata: try await odata.rows(next: next, of: query, lane: lane)
        case .soap: try await soap.rows(next: next, of: query, lane: lane)
        }
    }

    package func count(_ query: Nav.Query, lane: Lane) async throws -> Int? {
        switch try await speech(lane) {
        case .odata: try await odata.count(query, lane: lane)
        case .soap: try await soap.count(query, lane: lane)
        }
    }

    package func row(_ page: Nav.Page, key: Nav.Key, withLines: Bool, lane: Lane) async throws -> Nav.Row? {
        switch try await speech(lane) {
        case .odata: try await odata.row(page, key: key, withLines: withLines, lane: lane)
        case .soap: try await soap.row(page, key: key, withLines: withLines, lane: lane)
        }
    }

    package func insert(_ page: Nav.Page, _ fields: JSON.Object, lane: Lane) async throws -> Nav.Row {
        switch try await speech(lane) {
        case .odata: try await odata.insert(page, fields, lane: lane)
        case .soap: try await soap.insert(page, fields, lane: lane)
        }
    }

    package func insertLine(_ page: Nav.Page, of key: Nav.Key, _ fields: JSON.Object, lane: Lane) async throws {
        switch try await speech(lane) {
        case .odata: try await odata.insertLine(page, of: key, fields, lane: lane)
        case .soap: try await soap.insertLine(page, of: key, fields, lane: lane)
        }
    }

    package func modify(
        _ page: Nav.Page,
        key: Nav.Key,
        _ row: Nav.Row,
        _ fields: JSON.Object,
        lane: Lane
    ) async throws {
        switch try await speech(lane) {
        case .odata: try await odata.modify(page, key: key, row, fields, lane: lane)
        case .soap: try await soap.modify(page, key: key, row, fields, lane: lane)
        }
    }

    package func call(_ function: Nav.Function, on key: Nav.Key, of page: Nav.Page, lane: Lane) async throws {
        let functions =
            switch try await speech(lane) {
            case .odata: Nav.Functions(odata: odata, soap: soap)
            case .soap: Nav.Functions(odata: nil, soap: soap)
            }
        try await functions.call(function, on: key, of: page, lane: lane)
    }
}
