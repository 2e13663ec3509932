// sources: Core CPosix CCurl CMicrohttpd CExpat Transport Systems
// longest: 600
// seed: https://api.example.com/v2.0/t/Production/api/v2.0/companies(5d115c9c-44e3-ea11-bb43-000d3a2feb6b)/vendors?$skiptoken=1
// seed: https://api.example.com:443/v2.0/Production/api/v2.0/companies(5d115c9c-44e3-ea11-bb43-000d3a2feb6b)/vendors
// seed: https://api.example.com@evil.example/v2.0/t/Production/api/v2.0/companies(5d115c9c-44e3-ea11-bb43-000d3a2feb6b)/vendors
// seed: https://api.example.com/v2.0/t/Production/api/v2.0/companies(5d115c9c-44e3-ea11-bb43-000d3a2feb6b)/../vendors
// seed: //api.example.com/v2.0/t/Production/api/v2.0/companies(5d115c9c-44e3-ea11-bb43-000d3a2feb6b)/vendors
import Core

@testable import Systems

/// A link from outside is followed only where it stays with the origin, the environment and the company: whoever writes
/// one cannot have our token sent to somebody else.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let link = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    for (settings, origins) in places where settings.leads(link, toCompany: company) {
        let lower = link.lowercased()
        precondition(origins.contains { lower.hasPrefix($0 + "/") }, "led to somebody else")
        let path = lower.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" }.prefix { $0 != "?" && $0 != "#" }
        precondition(path.contains("companies"), "led away from the company")
        precondition(!path.split(separator: "/").contains(".."), "led up and away")
        precondition(!link.utf8.contains { $0 <= 0x20 || $0 == 0x7F }, "a link with a blank in it")
    }
    return 0
}

private let company = "5d115c9c-44e3-ea11-bb43-000d3a2feb6b"

private let places: [(BusinessCentral.Settings, origins: [String])] = [
    ("https://api.example.com", ["https://api.example.com", "https://api.example.com:443"]),
    ("http://127.0.0.1:9/base", ["http://127.0.0.1:9"]),
].map { url, origins in
    var settings = BusinessCentral.Settings(
        entraTenant: "t",
        clientID: "c",
        environment: "Production",
        company: .name("CRONUS")
    )
    settings.apiURL = url
    return (settings, origins)
}
