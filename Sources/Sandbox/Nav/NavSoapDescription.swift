import Core
import Transport

/// GET over SOAP: the list of services, and the description of one.
extension NavSimulator {
    func described(_ place: SoapPlace) -> Reply {
        let text: String
        switch place {
        case .discovery(let company): text = discovery(company)
        case .system: text = wsdl(place, "", ["Companies"])
        case .page(_, let publication): text = wsdl(place, schema(publication), operations(publication))
        case .codeunit(_, let service):
            let names = functions.filter { $0.service == service }.map(\.name)
            let elements = names.map {
                Self.element($0, [("documentType", "xs:string"), ("no", "xs:string")])
                    + Self.element("\($0)_Result", [("return_value", "xs:boolean")])
            }
            text = wsdl(place, elements.joined(), names)
        }
        let type = HTTPHeader("Content-Type", "text/xml; charset=utf-8")
        return Reply(.ok, [type], body: Array("<?xml version=\"1.0\" encoding=\"utf-8\"?>\(text)".utf8))
    }

    private func discovery(_ company: Company) -> String {
        let root = "\(soap.address)/\(settings.instance)/WS"
        let inside = "\(root)/\(PercentCoding.encoded(company.name))"
        let pages = publications.filter(\.isPublished).map { "\(inside)/Page/\($0.service)" }
        let codeunits = Set(functions.map(\.service).filter { publication($0) == nil }).sorted()
        let places = ["\(root)/SystemService"] + pages + codeunits.map { "\(inside)/Codeunit/\($0)" }
        let references = places.map {
            "<contractRef xmlns=\"http://schemas.xmlsoap.org/disco/scl/\" ref=\"\(XML.escaped($0))\"/>"
        }
        return "<discovery xmlns=\"http://schemas.xmlsoap.org/disco/\">\(references.joined())</discovery>"
    }

    private func operations(_ publication: Publication) -> [String] {
        let page = publication.page
        var names = ["Read", "ReadByRecId", "ReadMultiple", "IsUpdated", "GetRecIdFromKey"]
        if page.inserts { names += ["Create", "CreateMultiple"] }
        if page.modifies { names += ["Update", "UpdateMultiple"] }
        if page.deletes { names.append("Delete") }
        if let part = page.part, part.page.deletes { names.append("Delete_\(part.name)") }
        return names + functions.filter { $0.service == publication.service }.map(\.name)
    }

    // MARK: Schema

    private static func element(_ name: String, _ children: [(name: String, type: String)]) -> String {
        let inside = children.map { #"<xs:element minOccurs="0" name="\#($0.name)" type="\#($0.type)"/>"# }
        return "<xs:element name=\"\(name)\"><xs:complexType><xs:sequence>\(inside.joined())</xs:sequence>"
            + "</xs:complexType></xs:element>"
    }

    private func schema(_ publication: Publication) -> String {
        let (page, service) = (publication.page, publication.service)
        var text = type(page, service)
        if let part = page.part {
            text += type(part.page, part.page.rowName, prefix: "\(part.page.rowName)_")
            text += """
                <xs:complexType name="\(part.page.rowName)_List"><xs:sequence><xs:element maxOccurs="unbounded" \
                minOccurs="0" name="\(part.page.rowName)" type="tns:\(part.page.rowName)"/></xs:sequence></xs:complexType>
                """
        }
        let members = page.fields.filter { !$0.isHiddenKey && !$0.isVariable }
            .map { "<xs:enumeration value=\"\($0.name)\"/>" }
        text +=
            "<xs:simpleType name=\"\(service)_Fields\"><xs:restriction base=\"xs:string\">\(members.joined())"
            + "</xs:restriction></xs:simpleType>"
        text +=
            "<xs:complexType name=\"\(service)_Filter\"><xs:sequence><xs:element name=\"Field\" "
            + "type=\"tns:\(service)_Fields\"/><xs:element name=\"Criteria\" type=\"xs:string\"/></xs:sequence>"
            + "</xs:complexType>"
        let leading: [(String, String)] = page.table == .journalLines ? [("CurrentJnlBatchName", "xs:string")] : []
        let keys = page.key.filter { $0 != "Document_Type" }.map { ($0, "xs:string") }
        for (name, children) in [
            ("Read", keys),
            (
                "ReadMultiple",
                [("filter", "tns:\(service)_Filter"), ("bookmarkKey", "xs:string"), ("setSize", "xs:int")]
            ),
            ("Create", [(service, "tns:\(service)")]), ("Update", [(service, "tns:\(service)")]),
            ("Delete", [("Key", "xs:string")]),
        ] where operations(publication).contains(name) {
            text += Self.element(name, leading + children)
        }
        for function in functions where function.service == service {
            text += Self.element(function.name, [(function.parameter, "xs:string")])
            text += Self.element("\(function.name)_Result", [(function.parameter, "xs:string")])
        }
        return text
    }

    /// Options get types of their own, with their members.
    private func type(_ page: Page, _ name: String, prefix: String = "") -> String {
        var options = ""
        var text =
            "<xs:complexType name=\"\(name)\"><xs:sequence>"
            + #"<xs:element minOccurs="0" name="Key" type="xs:string"/>"#
        for field in page.fields where !field.isHiddenKey {
            var type = field.kind.schemaName
            if case .option(let captions) = field.kind {
                type = "tns:\(prefix)\(field.name)"
                options += Self.option(prefix + field.name, captions)
            }
            text += #"<xs:element minOccurs="0" name="\#(field.name)" type="\#(type)"/>"#
        }
        if let part = page.part {
            text += #"<xs:element minOccurs="0" name="\#(part.name)" type="tns:\#(part.page.rowName)_List"/>"#
        }
        return text + "</xs:sequence></xs:complexType>" + options
    }

    private static func option(_ name: String, _ captions: [String]) -> String {
        var members: [String] = []
        for caption in captions {
            let member = SoapRow.name(ofOption: caption)
            if !members.contains(member) { members.append(member) }
        }
        let inside = members.map { "<xs:enumeration value=\"\($0)\"/>" }.joined()
        return
            "<xs:simpleType name=\"\(name)\"><xs:restriction base=\"xs:string\">\(inside)</xs:restriction></xs:simpleType>"
    }

    private func wsdl(_ place: SoapPlace, _ schema: String, _ operations: [String]) -> String {
        let name = place.name
        var text = """
            <definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="\(place.space)" \
            targetNamespace="\(place.space)"><types><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" \
            elementFormDefault="qualified" targetNamespace="\(place.space)">\(schema)</xs:schema></types>
            """
        for operation in operations {
            for end in [operation, "\(operation)_Result"] {
                text += "<message name=\"\(end)\"><part name=\"parameters\" element=\"tns:\(end)\"/></message>"
            }
        }
        text += "<portType name=\"\(name)_Port\">"
        for operation in operations {
            text +=
                "<operation name=\"\(operation)\"><input message=\"tns:\(operation)\"/>"
                + "<output message=\"tns:\(operation)_Result\"/></operation>"
        }
        text +=
            "</portType><binding name=\"\(name)_Binding\" type=\"tns:\(name)_Port\">"
            + "<binding xmlns=\"http://schemas.xmlsoap.org/wsdl/soap/\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>"
        for operation in operations {
            text +=
                "<operation name=\"\(operation)\"><operation xmlns=\"http://schemas.xmlsoap.org/wsdl/soap/\" "
                + "soapAction=\"\(place.space):\(operation)\" style=\"document\"/></operation>"
        }
        return text + "</binding></definitions>"
    }
}

extension NavSimulator.Field.Kind {
    fileprivate var schemaName: String {
        switch self {
        case .code, .text, .option: "xs:string"
        case .integer: "xs:int"
        case .decimal: "xs:decimal"
        case .flag: "xs:boolean"
        case .day: "xs:date"
        case .time: "xs:dateTime"
        }
    }
}
