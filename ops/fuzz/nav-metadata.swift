// sources: Core CPosix CCurl CMicrohttpd CExpat Transport Systems
// seed: <edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices><Schema Namespace="NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm"><EntityType Name="PurchaseInvoice"><Key><PropertyRef Name="Document_Type"/><PropertyRef Name="No"/></Key><Property Name="No" Type="Edm.String" MaxLength="20"/><Property Name="Document_Type" Type="Edm.String"/><NavigationProperty Name="PurchaseInvoicePurchLines" Type="Collection(NAV.PurchaseInvoicePurchLines)"/></EntityType><Action Name="Release" IsBound="true"><Parameter Name="b" Type="NAV.PurchaseInvoice"/></Action><EntityContainer Name="NAV"><EntitySet Name="PurchaseInvoice" EntityType="NAV.PurchaseInvoice"/></EntityContainer></Schema></edmx:DataServices></edmx:Edmx>
// seed: <a><EntityType Name="X"><Property Name="A" MaxLength="-1"/></EntityType><EntityContainer><EntitySet Name="X" EntityType="X"/></EntityContainer></a>
// seed: <!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>
import Core

@testable import Systems

/// A server's description of itself may be anything: what is taken of it are names that can stand in an address.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    var catalog: Nav.Catalog
    do {
        catalog = try Nav.Catalog(metadata: bytes)
    } catch {
        precondition(!"\(error)".isEmpty, "refused without a word")
        return 0
    }
    for (name, service) in catalog.services {
        precondition(Nav.isName(name), "a service that could end an address")
        for property in service.properties.values { precondition(property.mostLength ?? 1 > 0, "no length at all") }
    }
    for page in Nav.Page.allCases {
        let naming = catalog.naming(of: page, under: settings)
        switch naming {
        case .published(let name):
            precondition(catalog.services[name] != nil, "published and not there")
            precondition(naming.advice(page, settings) == nil, "advice where all is well")
        case .missing, .another: precondition(naming.advice(page, settings)?.isEmpty == false, "no advice")
        }
        if let (way, _) = catalog.lines(of: page, service: page.rawValue) {
            precondition(catalog.services[page.rawValue]?.ways[way] != nil, "a way that is none")
        }
    }
    let before = catalog.services["PurchaseInvoice"]
    catalog.keep(["PurchaseInvoice"])
    precondition(catalog.services["PurchaseInvoice"] == before && catalog.services.count <= 1, "kept something else")
    return 0
}

private let settings = Nav.Settings(url: "https://erp.example.com/NAV", company: "C", user: "u")
