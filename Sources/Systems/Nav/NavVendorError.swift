import Core
import Transport

extension Nav {
    /// What the body of a refusal says, as far as it says anything.
    struct VendorError: Equatable {
        /// Of SOAP, the last part of its code: `NavNCLDialogException`. OData's codes say nothing that can be relied on.
        var exception: String?
        /// Whether the exception is one of NAV's own.
        var isNavs = false
        /// For people, in the vendor's words and the server's language, on one line.
        var words: String?

        private static let mostBytes = 256 << 10

        init(_ body: [UInt8], speech: Settings.Speech, hiding secrets: [Secret]) {
            guard body.count <= Self.mostBytes else { return }
            let said: String?
            switch speech {
            case .odata: said = Self.odataMessage(body)
            case .soap:
                guard let fault = Self.fault(body) else { return }
                exception = fault["faultcode"].flatMap { Self.exception($0.text) }
                isNavs = fault["faultcode"]?.text.contains("Microsoft.Dynamics.Nav.") ?? false
                said = fault["faultstring"]?.text
            }
            guard let said else { return }
            let shown = secrets.map { BusinessCentral.VendorError(words: said, correlation: nil, hiding: $0).words }
            words = shown.contains(nil) ? nil : shown.first ?? nil
        }

        /// `{"error":{"code":"…","message":"…"}}`, and the older form with a message of several languages.
        private static func odataMessage(_ body: [UInt8]) -> String? {
            guard let document = try? JSON.parse(body.span, maxDepth: 16) else { return nil }
            let field = JSONField(document)
            let error = field["error"].orNil ?? field["odata.error"]
            return (try? error["message"].string()) ?? (try? error["message"]["value"].string())
        }

        private static func fault(_ body: [UInt8]) -> XMLElement? {
            guard let envelope = try? XML.element(body), envelope.name == "Envelope" else { return nil }
            return envelope["Body"]?["Fault"]
        }

        /// `a:Microsoft.Dynamics.Nav.Types.Exceptions.NavNCLDialogException`
        private static func exception(_ code: String) -> String? {
            let last = code.split { $0 == "." || $0 == ":" || $0.isWhitespace }.last.map(String.init)
            return last.flatMap { BusinessCentral.VendorError.code($0) }
        }
    }
}
