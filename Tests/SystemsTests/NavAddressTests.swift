import Core
import Testing

@testable import Systems

/// Where a page of a company is, however it is called.
@Suite struct `an address of NAV` {
    private func address(_ company: String, tenant: String? = nil) -> Nav.Address {
        var settings = Nav.Settings(url: "https://erp.example.com:7048/NAV", company: company, user: "u")
        settings.soapURL = "https://erp.example.com:7047/NAV"
        settings.tenant = tenant
        return Nav.Address(settings: settings)
    }

    @Test(arguments: [
        ("CRONUS International Ltd.", "Company('CRONUS%20International%20Ltd.')/VendorCard"),
        ("Lambert's, Sohn & Co", "Company('Lambert%27%27s%2C%20Sohn%20%26%20Co')/VendorCard"),
        ("50 % + 1", "Company('50%20%25%20%2B%201')/VendorCard"),
        ("Ærø Båd", "Company('%C3%86r%C3%B8%20B%C3%A5d')/VendorCard"),
        ("#1 (test)", "Company('%231%20%28test%29')/VendorCard"),
        // Lost in a path, whatever their spelling.
        ("A/B", "VendorCard?company=A%2FB"), ("Who?", "VendorCard?company=Who%3F"),
    ])
    func `names the company in one way that every server reads`(company: String, path: String) {
        #expect(address(company).inCompany("VendorCard") == "https://erp.example.com:7048/NAV/ODataV4/" + path)
    }

    @Test func `names the tenant before everything else`() {
        let address = address("A/B", tenant: "acme & co")
        #expect(
            address.inCompany("VendorCard", ["$top=1"])
                == "https://erp.example.com:7048/NAV/ODataV4/VendorCard?tenant=acme%20%26%20co&company=A%2FB&$top=1"
        )
        #expect(address.ofServer("ODataV4/$metadata").hasSuffix("/ODataV4/$metadata?tenant=acme%20%26%20co"))
        #expect(
            address.soap("Page", "VendorCard")
                == "https://erp.example.com:7047/NAV/WS/A%2FB/Page/VendorCard?tenant=acme%20%26%20co"
        )
    }

    @Test func `names a record by its key`() {
        let address = address("C")
        #expect(address.record("VendorCard", [("No", "'10000'")]) == "VendorCard('10000')")
        #expect(
            address.record("PurchaseInvoice", [("Document_Type", "'Invoice'"), ("No", "'A/1''%+&ö'")])
                == "PurchaseInvoice(Document_Type='Invoice',No='A%2F1%27%27%25%2B%26%C3%B6')"
        )
        #expect(address.record("VendorLedgerEntries", [("Entry_No", "77")]) == "VendorLedgerEntries(77)")
        // A quote that ends the text early would begin something else.
        #expect(
            address.record("VendorCard", [("No", Nav.Address.literal("x') or ('a' eq 'a"))]).filter { $0 == "'" }.count
                == 2
        )
    }

    @Test(arguments: [
        "https://erp.example.com:7048/NAV/ODataV4/Company('CRONUS')/VendorCard?$skiptoken='20000'",
        "https://ERP.example.com:7048/nav/odatav4/Company('CRONUS')/VendorCard?$skiptoken=1",
        "https://erp.example.com:7048/NAV/ODataV4/Company(%27CRONUS%27)/VendorCard?$skiptoken=1",
        "https://erp.example.com:7048/NAV/ODataV4/VendorCard?company=CRONUS&$skiptoken=1",
    ])
    func `follows a link that stays with the company`(link: String) {
        #expect(address("CRONUS").following(link) == link)
    }

    @Test(arguments: [
        "https://evil.example.com:7048/NAV/ODataV4/Company('CRONUS')/VendorCard",
        "https://erp.example.com:7049/NAV/ODataV4/Company('CRONUS')/VendorCard",
        "http://erp.example.com:7048/NAV/ODataV4/Company('CRONUS')/VendorCard",
        "https://erp.example.com:7048@evil.example/NAV/ODataV4/Company('CRONUS')/VendorCard",
        "https://erp.example.com:7048/NAV/ODataV4/Company('Cronus')/VendorCard",
        "https://erp.example.com:7048/NAV/ODataV4/Company('CRONUS')",
        "https://erp.example.com:7048/NAV/ODataV4/VendorCard?company=OTHER",
        "https://erp.example.com:7048/NAV/ODataV4/VendorCard?company=CRONUS&company=OTHER",
        "https://erp.example.com:7048/OTHER/ODataV4/Company('CRONUS')/VendorCard",
        "https://erp.example.com:7048/NAV/ODataV4/../OData/Company('CRONUS')/VendorCard", "VendorCard", "", "//evil",
    ])
    func `follows no link that leads away`(link: String) {
        #expect(address("CRONUS").following(link) == nil)
    }

    @Test func `adds to a link what the server has left out`() {
        let link = "https://erp.example.com:7048/NAV/ODataV4/VendorCard?$skiptoken=1"
        #expect(
            address("A/B", tenant: "t").following(link)
                == "https://erp.example.com:7048/NAV/ODataV4/VendorCard?tenant=t&company=A%2FB&$skiptoken=1"
        )
        #expect(address("A/B", tenant: "t").following(link + "&tenant=other") == nil)
    }
}

@Suite struct `settings of a NAV connection` {
    private func settings(_ text: String) throws -> Nav.Settings {
        try Nav.Settings(JSONField(try JSON.parse5(text))["nav"])
    }

    @Test func `are read from its file`() throws {
        let settings = try settings(
            """
            { nav: { url: "https://erp.example.com:7048/DynamicsNAV110/", soapURL: "https://erp.example.com:7047/DynamicsNAV110",
              company: "CRONUS", user: "MLCONN", key: { env: "KEY" }, tenant: "acme", authorities: "/etc/ca.pem",
              services: { PurchaseInvoice: "KobsFaktura" }, protocol: "soap", soapDates: "dayFirst" } }
            """
        )
        #expect(settings.url == "https://erp.example.com:7048/DynamicsNAV110")
        #expect(settings.soapURL == "https://erp.example.com:7047/DynamicsNAV110")
        #expect(settings.service(of: .purchaseInvoice) == "KobsFaktura")
        #expect(settings.service(of: .purchaseInvoices) == "PurchaseInvoices")
        #expect(settings.speech == .soap && settings.dateOrder == .dayFirst && settings.tenant == "acme")
        #expect(try settings.transport().authoritiesFile == "/etc/ca.pem")
        #expect(settings.origins.count == 2)
    }

    @Test(arguments: [
        (#"{ url: "http://erp:7048/NAV", company: "C", user: "u" }"#, "privateNetwork: true"),
        (#"{ url: "https://api.businesscentral.dynamics.com/v2.0", company: "C", user: "u" }"#, "businessCentral"),
        (#"{ url: "https://erp:7048/NAV/ODataV4", company: "C", user: "u" }"#, "without OData"),
        (#"{ url: "ftp://erp", company: "C", user: "u" }"#, "https://erp.example.com"),
        (#"{ url: "https://erp/NAV", company: "C", user: "Jürgen" }"#, "ASCII"),
        (#"{ url: "https://erp/NAV", company: "C", user: "a:b" }"#, "colon"),
        (#"{ url: "https://erp/NAV", company: "", user: "u" }"#, "1 to 30"),
        (#"{ url: "https://erp/NAV", company: "C", user: "u", protocol: "soap" }"#, "soapURL"),
        (#"{ url: "https://erp/NAV", company: "C", user: "u", protocol: "odatav3" }"#, #""odata", "soap""#),
        (#"{ url: "https://erp/NAV", company: "C", user: "u", services: { Vendors: "X" } }"#, "VendorCard"),
        (#"{ url: "https://erp/NAV", company: "C", user: "u", services: { VendorCard: "a/b" } }"#, "Web Services"),
        (#"{ url: "https://erp/NAV", company: "C", user: "u", password: "x" }"#, "known here"),
    ])
    func `are refused with what to do`(section: String, words: String) throws {
        let error = #expect(throws: JSONField.Wrong.self) { try settings("{ nav: \(section) }") }
        #expect("\(String(describing: error))".contains(words), "\(String(describing: error))")
    }

    @Test func `may speak plainly within a private network`() throws {
        let settings = try settings(
            #"{ nav: { url: "http://erp:7048/NAV", privateNetwork: true, company: "C", user: "u" } }"#
        )
        #expect(settings.url == "http://erp:7048/NAV")
    }

    @Test func `find a key that Basic cannot carry`() {
        #expect(Nav.Settings.fault(inKey: Secret(text: "abc=")) == nil)
        #expect(Nav.Settings.fault(inKey: Secret(text: "schlüssel"))?.contains("ASCII") == true)
        #expect(Nav.Settings.fault(inKey: Secret(text: "a\nb")) != nil)
        #expect(Nav.Settings.fault(inKey: Secret(text: ""))?.contains("empty") == true)
    }
}

@Suite struct `a refused credential` {
    private let error = CallError(.stopConnection, Nav.name, .credentials, "no")
    private let start = Instant(nanoseconds: 1)

    @Test func `is not tried again for a while, and then rarer and rarer`() {
        var lockout = Nav.Lockout()
        #expect(lockout.refusal(of: .live, at: start) == nil)
        var now = start
        for minutes in [5, 10, 20, 40, 60, 60] {
            lockout.refused(error, at: now)
            let until = now + .seconds(minutes * 60)
            #expect(lockout.refusal(of: .live, at: until + .seconds(-1)) == error)
            #expect(lockout.refusal(of: .interactive, at: now) == nil)
            #expect(lockout.refusal(of: .background, at: until) == nil)
            now = until
        }
        lockout.admitted()
        #expect(lockout.refusal(of: .live, at: now) == nil)
    }
}
