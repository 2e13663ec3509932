import Core
import Systems
import Testing

private typealias Bench = BusinessCentralBench

@Suite struct `a request of Business Central's sender` {
    private let secret = Secret(text: "a secret of ours")

    @Test(arguments: ["", "\u{feff}"]) func `names records that changed`(mark: String) throws {
        let intake = try read(mark + businessCentralFixture("notification"))
        #expect(intake.rejected == 0 && intake.notifications.count == 2)
        let first = intake.notifications[0]
        #expect(first.subscriptionID == "c670ea73cacb459bb51dc1740da2f1db")
        #expect(first.company == Bench.cronus && first.entitySet == "purchaseInvoices")
        #expect(first.subject == .record(id: Bench.invoice1) && first.change == .updated)
        #expect(first.lastModified == WallTime("2026-08-01T12:54:20.467Z"))
        #expect(first.expires == WallTime("2026-08-04T07:52:31Z"))
        let second = intake.notifications[1]
        #expect(second.company == Bench.cronus && second.subject == .record(id: Bench.invoice2))
        #expect(second.change == .deleted)
    }

    @Test func `names a collection where there were too many`() throws {
        let intake = try read(businessCentralFixture("collection"))
        let changed = WallTime("2026-08-01T12:54:20.417Z")
        #expect(
            intake.notifications.map(\.subject) == [.collection(changedAfter: changed), .collection(changedAfter: nil)]
        )
        #expect(intake.notifications.allSatisfy { $0.change == .collection })
        #expect(intake.notifications.allSatisfy { $0.lastModified == WallTime("2026-08-01T12:54:20.467Z") })
    }

    @Test func `proves itself with the secret it was given`() throws {
        let genuine = try read(businessCentralFixture("notification")).notifications[0]
        #expect(genuine.isGenuine(expecting: secret))
        #expect(!genuine.isGenuine(expecting: Secret(text: "a secret of yours")))
        #expect(!genuine.isGenuine(expecting: Secret(text: "a secret of ours ")))
        #expect(!genuine.isGenuine(expecting: Secret(text: "")))
        #expect(!"\(genuine)".contains("a secret"))
        for state in ["", #","clientState":null"#, #","clientState":"""#] {
            let forged = try read(#"{"value":[\#(entry(state: state))]}"#).notifications[0]
            #expect(!forged.isGenuine(expecting: secret) && !forged.isGenuine(expecting: Secret(text: "")))
        }
    }

    @Test(arguments: [
        "companies(C)/vendors(I)", "/api/v2.0/companies(C)/vendors(I)", "api/acme/books/v1.0/companies(C)/vendors(I)",
        "https://bc.example:7048/BC/api/v2.0/companies(C)/vendors(I)", "API/V2.0/Companies(C)/vendors(I)",
        "api/v2.0/companies%28C%29/vendors%28I%29", "api%2Fv2.0%2Fcompanies(C)%2Fvendors(I)",
        "https://api.example/v2.0/companies(x)/e/api/v2.0/companies(C)/vendors(I)?x=1",
    ])
    func `says in its own way where a record is`(resource: String) throws {
        let intake = try read(#"{"value":[\#(entry(resource))]}"#)
        #expect(intake.rejections.isEmpty)
        #expect(intake.notifications.first?.company == Bench.cronus)
        #expect(intake.notifications.first?.entitySet == "vendors")
        #expect(intake.notifications.first?.subject == .record(id: Bench.invoice1))
    }

    @Test(
        arguments: [
            ("?$filter=lastModifiedDateTime%20gt%202026-08-01T12:54:20.417Z", "2026-08-01T12:54:20.417Z"),
            ("%3F%24filter%3DlastModifiedDateTime%20gt%202026-08-01T12%3A54%3A20.417Z", "2026-08-01T12:54:20.417Z"),
            ("?$filter=lastModifiedDateTime+ge+2026-08-01T12:54:20Z", "2026-08-01T12:54:20Z"),
            // What is not understood costs a full look, and no record.
            ("?$filter=lastModifiedDateTime gt yesterday", nil), ("?$filter=number gt 7", nil), ("?", nil), ("", nil),
            ("?$filter=lastModifiedDateTime lt 2026-08-01T12:54:20Z", nil),
            ("?$filter=lastModifiedDateTime gt 2026-08-01T12:54:20Z and x eq 1", nil),
        ] as [(String, String?)]
    )
    func `says since when a collection changed`(query: String, since: String?) throws {
        let intake = try read(#"{"value":[\#(entry("companies(C)/vendors" + query))]}"#)
        let expected = since.flatMap { WallTime($0) }
        #expect(intake.notifications.first?.subject == .collection(changedAfter: expected), "\(intake)")
    }

    @Test(arguments: [
        "7", "null", "[]", "{}", #"{"subscriptionId":"a"}"#,
        #"{"subscriptionId":7,"resource":"x","changeType":"updated"}"#,
    ])
    func `tells which of its entries make no sense`(bad: String) throws {
        let intake = try read(#"{"value":[\#(bad),\#(entry("companies(C)/vendors(I)"))]}"#)
        #expect(intake.notifications.count == 1)
        #expect(intake.rejected == 1 && intake.rejections.map(\.index) == [0])
    }

    @Test(arguments: [
        "", "vendors(I)", "companies(C)", "companies(C)/", "companies()/vendors(I)", "companies(x)/vendors(I)",
        "companies(C)/vendors(x)", "companies(C)/vendors()", "companies(C)/vendors(I", "companies(C)/vendors(I)(I)",
        "companies(C)/(I)", "companies(C)/vendors(I)/lines(I)", "companies(C)/ven dors", "companies(C)/%zz",
        "companies(C)/%", "companies(C)/%ff", "companies(C)vendors(I)", "companies(C)/..", ")(", "companies(", "%00",
    ])
    func `is refused where it names no place`(resource: String) throws {
        let intake = try read(#"{"value":[\#(entry(resource))]}"#)
        #expect(intake.notifications.isEmpty && intake.rejected == 1, "\(intake.notifications)")
        #expect(intake.rejections.first?.reason.hasPrefix("resource: ") == true)
    }

    @Test(arguments: ["created", "Updated", "deleted", "collection", "renamed"])
    func `says what happened, and may say something new`(word: String) throws {
        let intake = try read(#"{"value":[\#(entry("companies(C)/vendors(I)", change: word))]}"#)
        let known: [String: BusinessCentral.Notification.Change] = [
            "created": .created, "Updated": .updated, "deleted": .deleted, "collection": .collection,
        ]
        #expect(intake.notifications.first?.change == known[word] ?? .other)
    }

    @Test(arguments: ["", "x", "[]", "{}", #"{"value":{}}"#, #"{"value":[}"#, #"{"value":[]"#, #"{"Value":[]}"#])
    func `is an error where it is none`(body: String) throws {
        let error = #expect(throws: CallError.self) { _ = try read(body) }
        #expect(error?.kind == .garbage && error?.remedy == .skipRecord)
    }

    @Test func `may be empty`() throws {
        let intake = try read(#"{"value":[]}"#)
        #expect(intake.notifications.isEmpty && intake.rejected == 0)
    }

    @Test func `cannot make us keep more than a bound`() throws {
        let bad = try read(#"{"value":[\#(repeatElement("{}", count: 5_000).joined(separator: ","))]}"#)
        #expect(bad.rejected == 5_000 && bad.rejections.count == 20)
        let one = entry("companies(C)/vendors(I)")
        let many = try read(#"{"value":[\#(repeatElement(one, count: 20_001).joined(separator: ","))]}"#)
        #expect(many.notifications.count == 20_000 && many.rejected == 1)
        let long = String(repeating: "x", count: 3_000)
        let state = try read(#"{"value":[\#(entry("companies(C)/vendors(I)", state: #","clientState":"\#(long)""#))]}"#)
        #expect(state.notifications.isEmpty && state.rejections.first?.reason.contains(long) == false)
    }

    @Test(arguments: ["notification", "collection"]) func `survives whatever is cut off or changed`(name: String) throws
    {
        let whole = Array(try businessCentralFixture(name).utf8)
        let end = try #require(whole.lastIndex(of: UInt8(ascii: "}")))
        for count in 0...end {
            #expect(throws: CallError.self) { _ = try BusinessCentral.Intake(Array(whole[..<count]).span) }
        }
        var understood = 0
        for index in whole.indices {
            for byte in [0, 0x22, 0x25, 0x28, 0x29, 0x2F, 0x3F, 0x5C, 0x7B, 0xFF] as [UInt8] {
                var changed = whole
                changed[index] = byte
                if let intake = try? BusinessCentral.Intake(changed.span) {
                    #expect(intake.notifications.count + intake.rejected <= 2)
                    understood += 1
                }
            }
        }
        #expect(understood > 0)
    }

    private func read(_ body: String) throws -> BusinessCentral.Intake {
        try BusinessCentral.Intake(Array(body.utf8).span)
    }

    /// `C` and `I` stand for ids.
    private func entry(
        _ resource: String = "companies(C)/vendors(I)",
        change: String = "updated",
        state: String = #","clientState":"a secret of ours""#
    ) -> String {
        let resource = resource.replacing("(C)", with: "(\(Bench.cronus))").replacing("(I", with: "(\(Bench.invoice1)")
            .replacing("%28C%29", with: "%28\(Bench.cronus)%29").replacing("%28I%29", with: "%28\(Bench.invoice1)%29")
        return #"{"subscriptionId":"s","resource":"\#(resource)","changeType":"\#(change)"\#(state)}"#
    }
}
