import Core
import Glibc
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `a label for NAV` {
        @Test(arguments: [false, true])
        func `releases, reopens, marks and posts the very document of its item`(isSOAPOnly: Bool) throws {
            let place = try NavInstallation(.init(isSOAPOnly: isSOAPOnly))
            // A function that would decide about every request it sees: it must never be called.
            try place.nav("PATCH", "settings", #"{"publishesApprovalsManagement":true}"#)
            try place.serve()
            let number = try place.makeInvoice()
            let item = try place.untilItem(number)

            try place.choose("Approved", of: item.id)
            try place.wait("it is released") { try place.status(number) == "Released" }
            try place.choose("Rejected", of: item.id)
            try place.wait("it is open again") { try place.status(number) == "Open" }
            try place.edit(item.id, "dept", #"{"labels":["PROD"]}"#)
            try place.wait("it has its department") {
                try place.nav("GET", "invoices/\(number)")["Shortcut_Dimension_1_Code"].string() == "PROD"
            }
            // Nothing is done for who has not seen what the record has become.
            try place.wait("nothing is queued") { try place.installation.metric("queue_changes") == 0 }
            try place.choose("Hold", of: item.id, "hold")
            try place.wait("it is on hold") {
                (try? place.nav("GET", "invoices/\(number)")["On_Hold"].string()) == "YES"
            }
            try place.wait("nothing is queued") { try place.installation.metric("queue_changes") == 0 }
            try place.choose("Book it", of: item.id)
            let posted = try place.untilItem(number) { $0["status"] == "Posted" }
            #expect(posted.id == item.id && posted["dept"] == "PROD")
            #expect(try place.posted(number).count == 1)
            #expect(
                try place.calls(number) == ["PerformManualRelease", "PerformManualReopen", "PostDocument"]
            )
            for call in try place.nav("GET", "calls").elements() {
                #expect(try call["number"].string() == number && call["type"].string() == "Invoice")
            }

            // Posted documents never change: the person is told on the item, and the audit says who it was.
            try place.choose("Rejected", of: item.id)
            let told = try place.untilItem(number) { !$0.updates.isEmpty && $0["status"] == "Posted" }
            #expect(told.updates.joined().contains("is posted, and never changes again"), "\(told.updates)")
            let audit = try place.audit(number)
            #expect(audit.contains("by user "), "\(audit)")
            #expect(try place.calls(number).count == 3)
        }

        @Test func `approves by the customer's own function, and nothing beside it`() throws {
            let place = try NavInstallation()
            try place.nav("PATCH", "settings", #"{"publishesApprovalsManagement":true,"hasApprovalWorkflow":true}"#)
            try place.serve()
            let numbers = try (1...3).map { _ in try place.makeInvoice() }
            for number in numbers { try place.nav("POST", "invoices/\(number)/send") }
            let item = try place.untilItem(numbers[1]) { $0["status"] == "Pending Approval" }
            try place.choose("Approve", of: item.id)
            try place.wait("it is approved") { try place.status(numbers[1]) == "Released" }
            _ = try place.untilItem(numbers[1]) { $0["status"] == "Approved" }
            for other in [numbers[0], numbers[2]] { #expect(try place.status(other) == "Pending Approval") }
            let calls = try place.nav("GET", "calls").elements()
            let named = try calls.map { try $0["name"].string() + " " + $0["number"].string() }
            #expect(named == ["ApproveDocument \(numbers[1])"])
        }

        @Test func `writes its journal line once`() throws {
            let place = try NavInstallation()
            try place.serve()
            let number = try place.makeInvoice()
            let item = try place.untilItem(number)
            // The line is made, and nobody hears of it.
            try place.sandbox.fault("nav", on: "POST *GeneralJournal*", #""hangUpAfter""#, #","times":1"#)
            try place.choose("Accrue", of: item.id)
            try place.wait("a line") { try !place.journal(number).isEmpty }
            // The state is what it was, so the label stays.
            try place.wait("it is known to be done") { try place.audit(number).contains(#""decision":"wroteBack""#) }
            #expect(try place.item(number)?["status"] == "Accrue")
            let lines = try place.journal(number)
            #expect(lines.count == 1)
            #expect(try lines[0]["Account_No"].string() == "6110" && lines[0]["Bal_Account_No"].string() == "2910")
            #expect(try lines[0]["Shortcut_Dimension_1_Code"].string() == "ADM")
            #expect(try lines[0]["External_Document_No"].string().hasPrefix("MLC:\(number):"))
            #expect(try lines[0]["Description"].string() == "\(number) London Postmaster")
        }

        /// SOAP lets nobody say which batch: whoever asks is told, and all else goes on.
        @Test func `writes no journal line over SOAP, and says so`() throws {
            let place = try NavInstallation(.init(isSOAPOnly: true))
            try place.serve()
            let number = try place.makeInvoice()
            let item = try place.untilItem(number)
            try place.choose("Accrue", of: item.id)
            let told = try place.untilItem(number) { !$0.updates.isEmpty && $0["status"] == "Open" }
            #expect(told.updates.joined().contains("over OData V4 only"), "\(told.updates)")
            #expect(try place.journal(number).isEmpty && place.trouble() == "")
            let other = try place.makeInvoice("3")
            _ = try place.untilItem(other)
        }

        @Test func `is found by a look at the board, where Monday cannot tell`() throws {
            let place = try NavInstallation(.init(monday: #"webhooks: false, catchUp: "every 1s""#))
            try place.serve()
            let number = try place.makeInvoice()
            let item = try place.untilItem(number)
            // What people do in the second of our own write is left to the next comparison: two polls are longer than that.
            for _ in 1...2 { _ = try place.untilItem(place.makeInvoice("1")) }
            try place.choose("Approved", of: item.id)
            try place.wait("it is released", within: 30) { try place.status(number) == "Released" }
            try place.choose("Book it", of: item.id)
            _ = try place.untilItem(number, within: 30) { $0["status"] == "Posted" }
            #expect(try place.calls(number) == ["PerformManualRelease", "PostDocument"])
        }

        @Test func `is done exactly once, whenever the worker is killed`() throws {
            let place = try NavInstallation()
            try place.serve()
            var milliseconds = 0
            for round in 0..<8 {
                let number = try place.makeInvoice("\(round + 1)")
                let item = try place.untilItem(number)
                // At an item that was never compared nobody has asked for anything.
                try place.wait("it is known to be made") { try place.audit(number).contains(#""decision":"created""#) }
                try place.choose(round % 2 == 0 ? "Book it" : "Accrue", of: item.id)
                usleep(UInt32(milliseconds) * 1_000)
                // From before it is heard of to after it is done.
                milliseconds += 12
                if let pid = try place.installation.workerPids[NavInstallation.title], pid > 0 { kill(pid, SIGKILL) }
                if round % 2 == 0 {
                    _ = try place.untilItem(number, within: 40) { $0["status"] == "Posted" }
                    #expect(try place.posted(number).count == 1)
                    #expect(try place.calls(number) == ["PostDocument"], "round \(round)")
                } else {
                    try place.wait("a line that is known of", within: 40) {
                        try !place.journal(number).isEmpty
                            && place.audit(number).contains(#""decision":"wroteBack""#)
                    }
                    #expect(try place.journal(number).count == 1, "round \(round)")
                }
            }
            let keys = try place.items().map(\.key)
            #expect(Set(keys).count == keys.count)
            let verified = try place.installation.command("audit", "verify", "acme")
            #expect(verified.code == 0, "\(verified)")
        }
    }
}
