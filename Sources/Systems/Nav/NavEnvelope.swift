import Core
import Transport

extension Nav {
    /// A SOAP request, and what stands in an answer.
    struct Envelope: Sendable, Equatable {
        enum Kind: String, Sendable {
            case page = "Page"
            case codeunit = "Codeunit"
        }

        var kind = Kind.page
        var service: String
        var operation: String
        /// What is in the operation's element, as XML.
        var content: String

        /// Pages' names are in lower case there, codeunits' are not.
        var space: String {
            switch kind {
            case .page: "urn:microsoft-dynamics-schemas/page/\(service.lowercased())"
            case .codeunit: "urn:microsoft-dynamics-schemas/codeunit/\(service)"
            }
        }

        var headers: [HTTPClient.Header] {
            [
                HTTPClient.Header("Content-Type", "text/xml; charset=utf-8"),
                HTTPClient.Header("Accept", "text/xml"),
                HTTPClient.Header("SOAPAction", "\"\(space):\(operation)\""),
            ]
        }

        var body: [UInt8] {
            let text = """
                <?xml version="1.0" encoding="utf-8"?>
                <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>\
                <\(operation) xmlns="\(XML.escaped(space))">\(content)</\(operation)>\
                </s:Body></s:Envelope>
                """
            return Array(text.utf8)
        }

        static func element(_ name: String, _ text: String) -> String {
            "<\(name)>\(XML.escaped(text))</\(name)>"
        }

        /// `ReadMultiple_Result` of an answer, or what else the operation is called with `_Result` behind it.
        static func result(of operation: String, in body: [UInt8]) throws -> XMLElement {
            let envelope = try XML.element(body)
            guard envelope.name == "Envelope", let result = envelope["Body"]?[operation + "_Result"] else {
                throw Unreadable("it has no \(operation)_Result")
            }
            return result
        }
    }
}
