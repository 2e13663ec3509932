import Core
import Systems
import Testing
import Transport

private typealias Bench = BusinessCentralBench

@Suite(.onLoop) struct `a company of Business Central` {
    private let companies = #"""
        {"value":[{"id":"F64EBA74-DACD-4854-A584-1834F68CFC3A","name":"CRONUS International","displayName":"Cronus",
        "systemVersion":"27.0","businessProfileId":""},
        {"id":"00000000-0000-4000-8000-0000000000bb","name":"Zenith","displayName":"Shared"},
        {"id":"00000000-0000-4000-8000-0000000000cc","name":"ZENITH","displayName":"Shared"}]}
        """#

    @Test(arguments: ["CRONUS International", "cronus international", "Cronus", BusinessCentralBench.cronus])
    @OnLoop func `is found by its name or id`(text: String) async throws {
        try await Bench.run { _ in
            .reply(200, [:], companies)
        } change: {
            $0.company = text == Bench.cronus ? .id(text) : .name(text)
        } _: { bench in
            let company = try await bench.client.company()
            #expect(company.id == Bench.cronus && company.name == "CRONUS International")
            #expect(company.systemVersion == "27.0")
            _ = try await bench.client.company()
            #expect(bench.apiRequests.count == 1)
        }
    }

    @Test(arguments: [("Zenith", "bb"), ("ZENITH", "cc")])
    @OnLoop func `is the one whose name is the same to the letter`(name: String, end: String) async throws {
        try await Bench.run { _ in
            .reply(200, [:], companies)
        } change: {
            $0.company = .name(name)
        } _: { bench in
            let company = try await bench.client.company()
            #expect(company.id.hasSuffix(end))
        }
    }

    @Test(arguments: ["Cronos", "", "zenith", "Shared"])
    @OnLoop func `that is not the only one is not guessed`(name: String) async throws {
        try await Bench.run { _ in
            .reply(200, [:], companies)
        } change: {
            $0.company = .name(name)
        } _: { bench in
            let error = try await Bench.callError { _ = try await bench.client.company() }
            #expect(error.remedy == .stopConnection && error.kind == .configuration)
            #expect(error.reason.contains(#""CRONUS International" (\#(Bench.cronus)), "Zenith" ("#), "\(error)")
        }
    }

    @Test @OnLoop func `is looked for on all pages of the list`() async throws {
        try await Bench.run { request in
            let host = request.headers["host"] ?? ""
            let place = "http://\(host)/v2.0/\(Bench.tenant)/production/api/v2.0/companies?$skiptoken=1"
            return request.target.contains("skiptoken")
                ? .reply(200, [:], companies)
                : .reply(200, [:], #"{"value":[],"@odata.nextLink":"\#(place)"}"#)
        } _: { bench in
            let company = try await bench.client.company()
            #expect(company.id == Bench.cronus && bench.apiRequests.count == 2)
        }
    }

    @Test(arguments: ["http://127.0.0.1:1/v2.0/T/production/api/v2.0/companies", "/v2.0/T/production/api/v2.0/vendors"])
    @OnLoop func `is not looked for elsewhere`(link: String) async throws {
        try await Bench.run { request in
            let own = "http://\(request.headers["host"] ?? "")\(link)"
            let link = (link.hasPrefix("/") ? own : link).replacing("/T/", with: "/\(Bench.tenant)/")
            return .reply(200, [:], #"{"value":[],"@odata.nextLink":"\#(link)"}"#)
        } _: { bench in
            let error = try await Bench.callError { _ = try await bench.client.company() }
            #expect(error.kind == .garbage && bench.apiRequests.count == 1)
        }
    }

    @Test @OnLoop func `is in an environment, of which there are others`() async throws {
        try await Bench.run { request in
            request.path == "/environments/v1.2"
                ? .reply(
                    200,
                    [:],
                    #"{"value":[{"name":"production","type":"Production"},{"name":"Test 2","type":"Sandbox"}]}"#
                )
                : .reply(404)
        } _: { bench in
            let all = try #require(try await bench.client.environments())
            #expect(all.map(\.name) == ["production", "Test 2"] && all.map(\.type) == ["Production", "Sandbox"])
        }
        let none = try await Bench.run { _ in
            Bench.refused(403, "Authorization_RequestDenied")
        } _: { bench in
            try await bench.client.environments()?.map(\.name)
        }
        #expect(none == nil)
    }

    @Test @OnLoop func `that the application may not see is told as such`() async throws {
        try await Bench.run { _ in
            Bench.rows()
        } _: { bench in
            let error = try await Bench.callError { _ = try await bench.client.company() }
            #expect(error.reason.contains(Bench.cronus) && error.reason.contains("can see no company"))
        }
    }

    @Test @OnLoop func `is looked for again after it was gone`() async throws {
        try await Bench.run { request in
            switch request.index {
            case 2: Bench.refused(404, "Internal_CompanyNotFound")
            case 1: .reply(200, [:], companies)
            default: Bench.rows()
            }
        } change: {
            $0.company = .name("CRONUS International")
        } _: { bench in
            let gone = try await Bench.callError { _ = try await bench.client.idPage("vendors", lane: .live) }
            #expect(gone.kind == .configuration)
            let again = try await Bench.callError { _ = try await bench.client.idPage("vendors", lane: .live) }
            #expect(again.reason.contains("there is no company \"CRONUS International\""))
        }
    }
}

@Suite struct `settings of Business Central` {
    private let small = #"{entraTenant:"contoso.com",clientId:"81aa",environment:"My Env",company:"CRONUS"}"#

    @Test func `have the addresses of the vendor`() throws {
        let settings = try BusinessCentral.Settings(JSONField(JSON.parse5(small)))
        #expect(settings.root == "https://api.businesscentral.dynamics.com/v2.0/contoso.com/My%20Env/api/v2.0")
        #expect(settings.company == .name("CRONUS"))
        #expect(
            settings.origins == ["https://api.businesscentral.dynamics.com", "https://login.microsoftonline.com"]
        )
    }

    @Test func `can have others`() throws {
        let text = #"""
            {entraTenant:"contoso.com",clientId:"81aa",clientSecret:{env:"X"},environment:"e",
             company:"F64EBA74-DACD-4854-A584-1834F68CFC3A",apiURL:"http://127.0.0.1:8080/bc/",
             loginURL:"http://127.0.0.1:8080/login",tenantInPath:false,
             api:{publisher:"acme",group:"books",version:"v1.0"}}
            """#
        let settings = try BusinessCentral.Settings(JSONField(JSON.parse5(text)))
        #expect(settings.root == "http://127.0.0.1:8080/bc/v2.0/e/api/acme/books/v1.0")
        #expect(settings.company == .id(Bench.cronus))
    }

    @Test(arguments: [
        (#"entraTenant:"contoso.com""#, #"entraTenant:"common""#, "entraTenant"),
        (#"clientId:"81aa""#, #"clientId:"""#, "clientId"), (#"clientId:"81aa""#, "clientId:7", "clientId"),
        (#","company":"CRONUS""#, "", "company"), (#"environment:"My Env""#, #"environment:"a\nb""#, "environment"),
        ("{", #"{apiURL:"ftp://a","#, "apiURL"), ("{", #"{apiURL:"https://a/?b","#, "apiURL"),
        ("{", #"{loginURL:"https://a@b","#, "loginURL"), ("{", #"{clientID:"x","#, "clientID"),
        ("{", #"{api:{publisher:"a"},"#, "api.group"), ("{", #"{api:{version:"../x"},"#, "api.version"),
    ])
    func `are refused with the place that is wrong`(good: String, bad: String, path: String) throws {
        let text =
            path == "company" ? small.replacing(#",company:"CRONUS""#, with: "") : small.replacing(good, with: bad)
        let thrown = #expect(throws: JSONField.Wrong.self) {
            _ = try BusinessCentral.Settings(JSONField(JSON.parse5(text)))
        }
        #expect(thrown?.path == path)
    }
}

@Suite(.onLoop) struct `a server of the customer's own` {
    private let text = #"{url:"https://bc.example.com:7048/BC/",user:"ML",key:{env:"X"},company:"CRONUS",tenant:"a b"}"#

    @Test func `has its own address`() throws {
        let settings = try BusinessCentral.Settings(JSONField(JSON.parse5(text)))
        #expect(settings.root == "https://bc.example.com:7048/BC/api/v2.0" && settings.company == .name("CRONUS"))
        #expect(settings.origins == ["https://bc.example.com:7048/BC"])
        #expect(settings.server?.user == "ML" && settings.server?.tenant == "a b")
    }

    @Test(arguments: [
        ("https://bc.example.com:7048/BC/", "http://bc.example.com:7048/BC", "url"),
        ("https://bc.example.com:7048/BC/", "https://api.businesscentral.dynamics.com/v2.0", "url"),
        (#"user:"ML""#, #"user:"a:b""#, "user"), (#"user:"ML","#, "", "user"), ("tenant", "environment", "environment"),
    ])
    func `is refused with the place that is wrong`(good: String, bad: String, path: String) throws {
        let thrown = #expect(throws: JSONField.Wrong.self) {
            _ = try BusinessCentral.Settings(JSONField(JSON.parse5(text.replacing(good, with: bad))))
        }
        #expect(thrown?.path == path)
    }

    @Test @OnLoop func `is shown a user's key, and the tenant in each call`() async throws {
        let row = Bench.row(Bench.invoice1)
        try await Bench.run { request in
            let next =
                "http://\(request.headers["host"] ?? "")/BC/api/v2.0/companies(\(Bench.cronus))/vendors?$skiptoken=1"
            return request.target.contains("skiptoken") ? Bench.rows(row) : Bench.rows(row, next: next)
        } change: {
            var server = BusinessCentral.Settings.Server(url: $0.apiURL + "/BC", user: "ML")
            server.tenant = "a b"
            $0 = BusinessCentral.Settings(server: server, company: .id(Bench.cronus))
        } _: { bench in
            let client = bench.client(.user("ML", key: Secret(text: Bench.canary)))
            let page = try await client.page("vendors", changedSince: nil, lane: .live)
            _ = try await client.page(next: try #require(page.next), lane: .live)
            let requests = bench.server.requests
            let path = "/BC/api/v2.0/companies(\(Bench.cronus))/vendors"
            #expect(
                requests.count == 2 && requests.allSatisfy { $0.path == path && $0.target.hasSuffix("&tenant=a%20b") }
            )
            let basic = "Basic " + Base64.text(of: Array("ML:\(Bench.canary)".utf8))
            #expect(requests.allSatisfy { $0.headers["authorization"] == basic })
        }
    }

    @Test @OnLoop func `that refuses the key is not asked again`() async throws {
        try await Bench.run { _ in
            .reply(401)
        } change: {
            let server = BusinessCentral.Settings.Server(url: $0.apiURL + "/BC", user: "ML")
            $0 = BusinessCentral.Settings(server: server, company: .id(Bench.cronus))
        } _: { bench in
            let client = bench.client(.user("ML", key: Secret(text: Bench.canary)))
            let error = try await Bench.callError { _ = try await client.companies() }
            #expect(error.remedy == .stopConnection && error.kind == .credentials && bench.server.requests.count == 1)
            #expect(error.reason.contains("Web Service Access Key") && !error.reason.contains(Bench.canary))
        }
    }
}

@Suite struct `a value of Business Central` {
    @Test(arguments: [
        "", " ", "0001-01-01", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z",
        "00000000-0000-0000-0000-000000000000",
    ])
    func `may mean that there is none`(text: String) {
        #expect(BusinessCentral.isEmpty(.string(text)))
        #expect(BusinessCentral.isEmpty(.null))
    }

    @Test(arguments: ["0", "false", "[]", "{}", #""x""#, #""0001-01-02""#, #""0001-01-01T00:00:01Z""#, #""0""#])
    func `is one otherwise`(json: String) throws {
        #expect(!BusinessCentral.isEmpty(try JSON.parse(json)))
    }

    @Test(arguments: [
        ("In_x0020_Review", "In Review"), ("_x0020_", " "), ("G_x002F_L_x0020_Account", "G/L Account"),
        ("Non_x002D_Inventory", "Non-Inventory"),
        ("Average_x0020_Rate_x0020__x0028_Manual_x0029_", "Average Rate (Manual)"),
        ("Charge_x0020__x0028_Item_x0029_", "Charge (Item)"), ("Pr\u{fc}fung_x00e9_", "Pr\u{fc}fung\u{e9}"),
        // Nothing is made of these.
        ("Open", "Open"), ("a_b", "a_b"), ("_x002_", "_x002_"), ("_x00G0_", "_x00G0_"), ("_xD800_", "_xD800_"),
        ("_x0000_", "_x0000_"), ("_x0020", "_x0020"), ("My file_x0020_1.pdf", "My file_x0020_1.pdf"), ("", ""),
    ])
    func `of an enumeration is read as people know it`(text: String, plain: String) {
        #expect(BusinessCentral.decodedMember(text) == plain)
    }

    @Test(arguments: [
        ("In Review", "In_x0020_Review"), ("", "_x0020_"), (" ", "_x0020_"), ("G/L Account", "G_x002F_L_x0020_Account"),
        ("Non-Inventory", "Non_x002D_Inventory"), ("Open", "Open"), ("Pr\u{fc}fung", "Pr\u{fc}fung"),
    ])
    func `of an enumeration is sent as the vendor writes it`(plain: String, text: String) {
        #expect(BusinessCentral.encodedMember(plain) == text)
    }
}
