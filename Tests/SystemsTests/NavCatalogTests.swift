import Core
import Testing
import Transport

@testable import Systems

@Suite struct `what a NAV server says of itself` {
    private func catalog(_ types: String, _ sets: String = "") throws -> Nav.Catalog {
        try Nav.Catalog(
            metadata: Array(
                """
                <edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
                <Schema Namespace="NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">\(types)
                <EntityContainer Name="NAV">\(sets)</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>
                """.utf8
            )
        )
    }

    /// A page as NAV delivers it, under a name of the customer's.
    private func type(_ name: String, of page: Nav.Page, without hidden: Int = 0, more: Int = 0) -> String {
        let key = page.keyFields.map { #"<PropertyRef Name="\#($0)"/>"# }.joined()
        let names = page.usualProperties.sorted().filter { !page.keyFields.contains($0) }.dropFirst(hidden)
        let all = page.keyFields + names + (0..<more).map { "Mine_\($0)" }
        let properties = all.map { #"<Property Name="\#($0)" Type="Edm.String"/>"# }.joined()
        return #"<EntityType Name="\#(name)"><Key>\#(key)</Key>\#(properties)</EntityType>"#
    }

    private func set(_ name: String) -> String { #"<EntitySet Name="\#(name)" EntityType="NAV.\#(name)"/>"# }

    private let settings = Nav.Settings(url: "https://erp/NAV", company: "C", user: "u")

    @Test func `is read: services, keys, types, lengths, lines and functions`() throws {
        let catalog = try Nav.Catalog(metadata: Array(try navFixture("metadata.xml").utf8))
        #expect(Set(catalog.services.keys) == ["VendorCard", "PurchaseInvoice"])
        let vendor = try #require(catalog.services["VendorCard"])
        #expect(vendor.key == ["No"] && vendor.properties["Name"]?.mostLength == 50)
        #expect(vendor.properties["Last_Date_Modified"]?.type == "Edm.Date")
        // A lookup leads to one row of another page, not to lines.
        #expect(vendor.ways.isEmpty)
        let lines = try #require(catalog.lines(of: .purchaseInvoice, service: "PurchaseInvoice"))
        #expect(lines.way == "PurchaseInvoicePurchLines")
        #expect(lines.rows?.properties["Description"]?.mostLength == 50)
        #expect(lines.rows?.properties["ShortcutDimCode_x005B_3_x005D_"] != nil)
        #expect(catalog.actions == [["PurchaseInvoice", "Release"]])
    }

    @Test func `is forgotten but for what a connection can need`() throws {
        var catalog = try Nav.Catalog(metadata: Array(try navFixture("metadata.xml").utf8))
        catalog.keep(["VendorCard"])
        #expect(Array(catalog.services.keys) == ["VendorCard"] && catalog.rows.isEmpty && catalog.actions.isEmpty)
    }

    @Test(arguments: [
        "", "<html><body>Welcome to the hotel</body></html>", "{}", "<edmx:Edmx", "<a><b></a>",
        #"<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>"#, String(repeating: "<a>", count: 100),
    ])
    func `is not believed where it is none`(text: String) {
        #expect(throws: (any Error).self) { try Nav.Catalog(metadata: Array(text.utf8)) }
    }

    @Test func `is bounded`() throws {
        let property = #"<Property Name="A" Type="Edm.String"/>"#
        let many = #"<EntityType Name="X">"# + String(repeating: property, count: 200_001) + "</EntityType>"
        let error = #expect(throws: (any Error).self) { try catalog(many) }
        #expect("\(String(describing: error))".contains("200000"))
        // Names that could end an address are not services.
        let odd = try catalog("", #"<EntitySet Name="a/b" EntityType="NAV.X"/><EntitySet Name="" EntityType="NAV.X"/>"#)
        #expect(odd.services.isEmpty)
    }

    @Test func `finds a page under its name, or under the one of the connection's file`() throws {
        let catalog = try catalog(
            type("VendorCard", of: .vendorCard) + type("KobsFaktura", of: .purchaseInvoice),
            set("VendorCard") + set("KobsFaktura")
        )
        #expect(catalog.naming(of: .vendorCard, under: settings) == .published(as: "VendorCard"))
        var renamed = settings
        renamed.services = [.purchaseInvoice: "KobsFaktura"]
        #expect(catalog.naming(of: .purchaseInvoice, under: renamed) == .published(as: "KobsFaktura"))
    }

    @Test func `proposes the one service that looks like a page, and does not take it`() throws {
        let catalog = try catalog(
            // An order has everything that an invoice has.
            type("Ordrer", of: .purchaseOrder) + type("KobsFaktura", of: .purchaseInvoice, without: 3, more: 2)
                + type("Kreditorer", of: .vendorCard, without: 20),
            set("Ordrer") + set("KobsFaktura") + set("Kreditorer")
        )
        let naming = catalog.naming(of: .purchaseInvoice, under: settings)
        #expect(naming == .missing(alike: "KobsFaktura"))
        #expect(naming.advice(.purchaseInvoice, settings)?.contains(#"PurchaseInvoice: "KobsFaktura""#) == true)
        // Too little is left of it to be sure.
        #expect(catalog.naming(of: .vendorCard, under: settings) == .missing(alike: nil))
        let advice = try #require(catalog.naming(of: .vendorCard, under: settings).advice(.vendorCard, settings))
        #expect(
            advice.contains("page 26 \"Vendor Card\"") && advice.contains("object id 26")
                && advice.contains("Web Services")
        )
    }

    @Test func `does not choose between two that look alike`() throws {
        let catalog = try catalog(
            type("Kob1", of: .purchaseInvoice) + type("Kob2", of: .purchaseInvoice),
            set("Kob1") + set("Kob2")
        )
        #expect(catalog.naming(of: .purchaseInvoice, under: settings) == .missing(alike: nil))
    }

    @Test func `tells another page of the same name`() throws {
        let catalog = try catalog(type("PurchaseInvoice", of: .vendorCard), set("PurchaseInvoice"))
        let naming = catalog.naming(of: .purchaseInvoice, under: settings)
        #expect(naming == .another(service: "PurchaseInvoice", lacks: ["Document_Type"]))
        #expect(naming.advice(.purchaseInvoice, settings)?.contains("is not page 51") == true)
    }

    @Test(arguments: Nav.Page.allCases) func `knows each page by what it usually shows`(page: Nav.Page) {
        #expect(page.usualProperties.count >= 6)
        #expect(page.usualProperties.isSuperset(of: page.keyFields))
    }
}
