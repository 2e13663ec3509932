// sources: Core CPosix CCurl CMicrohttpd CExpat Transport Systems
// seed: <Soap:Envelope xmlns:Soap="http://schemas.xmlsoap.org/soap/envelope/"><Soap:Body><ReadMultiple_Result xmlns="urn:microsoft-dynamics-schemas/page/purchaseinvoice"><ReadMultiple_Result><PurchaseInvoice><Key>36;J;9;</Key><No>1023</No><Due_Date>2018-02-28</Due_Date><Status>Pending_Approval</Status><Amount>-1.50</Amount><PurchLines><Purch_Invoice_Line><Type>_blank_</Type></Purch_Invoice_Line></PurchLines></PurchaseInvoice></ReadMultiple_Result></ReadMultiple_Result></Soap:Body></Soap:Envelope>
// seed: <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode xmlns:a="urn:microsoft-dynamics-schemas/error">a:Microsoft.Dynamics.Nav.Types.Exceptions.NavNCLDialogException</faultcode><faultstring>the key correct-horse-battery &#x1F; is wrong</faultstring></s:Fault></s:Body></s:Envelope>
// seed: <definitions><types><schema><simpleType name="Status"><restriction><enumeration value="Pending_Approval"/></restriction></simpleType><complexType name="PurchaseInvoice"><sequence><element name="No" type="xsd:string"/><element name="Status" type="tns:Status"/><element name="PurchLines" type="tns:L"/></sequence></complexType><complexType name="L"><sequence><element name="Line" type="tns:Line"/></sequence></complexType><complexType name="Line"><sequence><element name="Quantity" type="xsd:decimal"/></sequence></complexType><element name="Read"><complexType><sequence><element name="No"/></sequence></complexType></element></schema></types></definitions>
import Core
import Transport

@testable import Systems

/// Whatever an answer over SOAP holds: of a row come the fields that were described, and of a fault one line without the key.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    if let description = try? Nav.PageDescription(wsdl: bytes, service: "PurchaseInvoice", control: "PurchLines") {
        precondition(description.order.allSatisfy { description.fields[$0] != nil }, "an order of fields that are not there")
        precondition(description.fields["Key"] == nil, "the key is no field")
    }
    if let result = try? Nav.Envelope.result(of: "ReadMultiple", in: bytes) {
        for element in (result["ReadMultiple_Result"] ?? result).all("PurchaseInvoice") {
            let row = known.row(element, of: .purchaseInvoice)
            let names = Set(row.fields.members.map(\.name))
            precondition(names.isSubset(of: known.order + ["Document_Type"]), "a field that nobody described")
            precondition(row["Document_Type"] == "Invoice", "another kind of document")
        }
    }
    for speech in Nav.Settings.Speech.allCases {
        let said = Nav.VendorError(bytes, speech: speech, hiding: [Secret(text: secret)])
        if let words = said.words {
            precondition(!words.utf8.contains(0x0A) && words.count <= 300, "more than one line")
            precondition(words.utf8.firstRange(of: Array(secret.utf8)) == nil, "the secret is shown")
        }
        precondition(said.exception.map(BusinessCentral.VendorError.isWord) ?? true, "an exception that is none")
    }
    // A value stands between quotes, and cannot leave them.
    let text = String(decoding: bytes, as: UTF8.self)
    let inner = Nav.Address.literal(text).dropFirst().dropLast()
    precondition(inner.utf8.count { $0 == 0x27 }.isMultiple(of: 2), "a quote that ends the value")
    let criteria = Nav.Criteria.quoted(text)
    if !criteria.hasPrefix("'") { precondition(!criteria.utf8.contains { "|&.*<>=@()?'".utf8.contains($0) }, "a sign") }
    precondition(Nav.Address.quoted(text).utf8.count { $0 == 0x27 } == 2, "a quote within an address")
    return 0
}

private let secret = "correct-horse-battery"

private let known: Nav.PageDescription = {
    var description = Nav.PageDescription()
    let fields: [(String, Nav.PageDescription.Kind)] = [
        ("No", .text), ("Due_Date", .date), ("Status", .option(["Open", "Pending_Approval"])), ("Amount", .number),
        ("PurchLines", .other),
    ]
    for (name, kind) in fields {
        description.fields[name] = .init(kind: kind, type: "")
        description.order.append(name)
    }
    description.lines = .init(
        control: "PurchLines",
        element: "Purch_Invoice_Line",
        fields: ["Type": .init(kind: .option([]), type: "Type")],
        order: ["Type"]
    )
    return description
}()
