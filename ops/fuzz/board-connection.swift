// sources: Core CPosix CCurl CMicrohttpd CExpat Transport Systems CSQLite COpenSSL Store Engine Flows
// seed: {tenant:"acme",name:"b",flow:"business-central-monday",businessCentral:{entraTenant:"t",clientId:"c",clientSecret:{env:"A"},environment:"production",company:"CRONUS"},monday:{token:{env:"B"}},routes:{purchaseInvoices:{board:"17",poll:"daily 02:30 Europe/Copenhagen",columns:{number:"name",dueDate:"date4",status:{column:"s",labels:{"In Review":"Check"},makeLabels:true}}}},limits:{monday:{mutationsPerMinute:40}}}
// seed: {businessCentral:{entraTenant:"t",clientId:"c",clientSecret:{env:"A"},environment:"p",company:"5d115c9c-44e3-ea11-bb43-000d3a2feb6b",apiURL:"http://127.0.0.1:1/",api:{publisher:"p",group:"g",version:"v1.0"}},monday:{token:{env:"B"},apiURL:"http://127.0.0.1:2"},routes:{purchaseInvoices:{board:17,group:"g",keyColumn:"k",whenDeleted:"keep",poll:"every 5m",reconcile:{schedule:"never",extra:"report"},columns:{number:"name"}}},timing:{longestCallSeconds:5}}
// seed: {board:"17",columns:{number:"name","2026-11-20":"a","12.50":"b",Open:"c","a@b.dk":"d","https://x.dk":"e",DK:"f"}}
import Core

@testable import Flows
@testable import Systems

/// A connection's file is read or refused at a place and in words; and what was read of it can be worked with.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard let document = try? JSON.parse5(UnsafeBufferPointer(start: start, count: count).span) else { return 0 }
    if let mapping = try? BoardMapping(JSONField(document)) { check(mapping) }
    let file: BoardFlowFile
    let books: BusinessCentralFile
    do {
        file = try BoardFlowFile(
            JSONField(document),
            books: "businessCentral",
            routes: BusinessCentralFile.routes,
            own: BusinessCentralRoute.members,
            usualPoll: BusinessCentralFile.usualPoll
        )
        books = try BusinessCentralFile(JSONField(document), timing: file.timing)
    } catch let error as JSONField.Wrong {
        precondition(!error.path.isEmpty && !error.problem.isEmpty, "refused without a word")
        return 0
    } catch {
        preconditionFailure("an error that names no place: \(error)")
    }
    precondition(!file.routes.isEmpty, "a flow without a route")
    for route in file.routes {
        let next = route.poll.next(after: now)
        precondition(next > now && next - now <= .seconds(8 * 86_400), "a poll that never comes")
        check(route.mapping)
    }
    for window in books.windows.windows + file.mondayWindows.windows {
        precondition(window.limit > 0, "a window that nothing passes")
    }
    let base = books.settings.apiURL
    precondition(books.settings.root.hasPrefix(base), "asked at another place")
    let wanted = "\(base)/v2.0/t/p/api/v2.0/companies(5d115c9c-44e3-ea11-bb43-000d3a2feb6b)/vendors"
    _ = books.settings.leads(wanted, toCompany: "5d115c9c-44e3-ea11-bb43-000d3a2feb6b")
    return 0
}

private let now = WallTime(millisecondsSince1970: 1_795_000_000_000)

/// On a board that has the columns, each of another kind.
private func check(_ mapping: BoardMapping) {
    precondition(mapping.rules.contains { $0.column == "name" }, "items without a name")
    precondition(Set(mapping.rules.map(\.column)).count == mapping.rules.count, "one column with two fields")
    precondition(mapping.board.utf8.allSatisfy { (0x30...0x39).contains($0) }, "a board's number that is none")
    for shift in [0, 7, 19] {
        let columns = mapping.rules.enumerated().map { place, rule in
            let kinds = Monday.ColumnType.allCases
            return Monday.Column(
                id: rule.column,
                title: "T",
                typeName: kinds[(place * 5 + shift) % kinds.count].rawValue
            )
        }
        let board = Monday.Board(id: mapping.board, name: "B", state: "active", groups: [], columns: columns)
        let fitted = mapping.fit(to: board)
        precondition(fitted.columns.count + fitted.complaints.count == mapping.rules.count, "a rule is lost")
        do throws(CallError) {
            // Their own names, as values, and as amounts where they are some.
            let values = try fitted.values { field in (try? JSON.parse(field)) ?? .string(field) }
            let again = try fitted.values { field in (try? JSON.parse(field)) ?? .string(field) }
            precondition(JSON.object(values).text() == JSON.object(again).text(), "two forms of one value")
        } catch {
            precondition(!error.reason.isEmpty, "refused without a word")
        }
    }
}
