import Core
import Testing

@testable import Flows

@Suite struct `an order of new boards` {
    private func orders(_ routes: String) throws -> [BoardOrder] {
        let text = """
            { flow: "nav-monday", nav: { company: "CRONUS" }, routes: { \(routes) } }
            """
        return try BoardOrder.all(in: JSON.parse5(text))
    }

    @Test func `takes everything from the template where the file says nothing`() throws {
        let order = try #require(try orders(#"vendors: { board: "new" }, items: { board: "17" }"#).first)
        #expect(order.route == "vendors" && order.name == "Vendors CRONUS" && order.mapsAll)
        #expect(order.columns == BoardTemplate.of("vendors", in: .nav)?.columns)
        #expect(order.keyColumn == "erp_key")
    }

    @Test func `makes the columns that the file names, of the types that suit their fields`() throws {
        let order = try #require(
            try orders(
                """
                purchaseInvoices: {
                  board: { new: "AP" }, keyColumn: "k",
                  columns: { vendorName: "name", amount: "sum", On_Hold: "hold",
                             status: { column: "state", labels: { Open: "To do" } } },
                }
                """
            ).first
        )
        #expect(order.name == "AP" && !order.mapsAll && order.keyColumn == "k")
        #expect(order.columns.map(\.id) == ["name", "sum", "hold", "state"])
        #expect(order.columns.map(\.type) == [.name, .numbers, .text, .status])
        #expect(order.columns[2].title == "On hold")
        #expect(order.columns[3].labels.first == "To do")
    }

    @Test(arguments: [
        (#"vendors: { board: { name: "A" } }"#, "unknown name"),
        (#"vendors: { board: { new: "" } }"#, "1 to 255"),
        (#"dimensionValues: { board: "new" }"#, "no template"),
        (#"vendors: { board: "new", columns: { name: "name", x: { column: "y", item: { route: "z" } } } }"#, "by hand"),
    ])
    func `is refused with what to do instead`(routes: String, words: String) {
        let error = #expect(throws: JSONField.Wrong.self) { try orders(routes) }
        #expect(error?.problem.contains(words) == true, "\(String(describing: error))")
    }

    @Test func `fills the numbers into the file and leaves all else in it as it was`() throws {
        let text = """
            { // new: not this one
              nav: { company: "new" },
              routes: {
                // board: "new"
                vendors: { board: /* here */ "new", poll: "every 15m" },
                items: { 'board': { new: "Our \\"items\\"" }, columns: { name: "name" } },
              },
            }
            """
        let orders = try BoardOrder.all(in: JSON.parse5(text))
        let filled = try BoardOrder.filled(text, with: [(orders[0], "4711"), (orders[1], "4712")])
        let document = JSONField(try JSON.parse5(filled))
        #expect(try document["routes"]["vendors"]["board"].string() == "4711")
        #expect(try document["routes"]["vendors"]["columns"]["city"].string() == "city")
        #expect(try document["routes"]["vendors"]["poll"].string() == "every 15m")
        #expect(try document["routes"]["items"]["board"].string() == "4712")
        #expect(try document["nav"]["company"].string() == "new")
        #expect(filled.contains("// board: \"new\"") && filled.contains("/* here */ \"4711\""))
        #expect(try BoardOrder.all(in: JSON.parse5(filled)).isEmpty)
    }

    @Test func `is a file that cannot run before it was carried out`() throws {
        let text = #"{ board: "new", columns: { number: "name" } }"#
        let error = #expect(throws: JSONField.Wrong.self) {
            try BoardMapping(JSONField(try JSON.parse5(text)))
        }
        #expect(error?.problem.contains("--create-board") == true)
    }
}

@Suite struct `the text of a connection's file` {
    @Test func `says what the document says, with comments where they help`() throws {
        let document = try JSON.parse5(
            """
            { tenant: "acme", "odd name": 1, monday: { token: { env: "T" } }, nav: {},
              routes: { vendors: { board: "1", columns: { name: "name", "On Hold": { column: "x", makeLabels: true } } } } }
            """
        )
        let text = ConnectionText.of(document, comments: ConnectionText.comments, title: "A test")
        #expect(try JSON.parse5(text) == document)
        #expect(text.hasPrefix("// A test\n{\n  tenant: \"acme\",\n  \"odd name\": 1,"))
        #expect(
            text.contains("    // Of a user who is subscribed to the boards. Kept sealed.\n    token: { env: \"T\" },")
        )
    }
}
