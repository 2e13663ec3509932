// sources: Core CPosix CCurl CMicrohttpd CExpat Transport Systems
// seed: {"value":[{"subscriptionId":"a1","clientState":"hush","expirationDateTime":"2026-11-23T07:14:00Z","resource":"/v2.0/t/Production/api/v2.0/companies(5d115c9c-44e3-ea11-bb43-000d3a2feb6b)/purchaseInvoices(26814998-936a-401c-81c1-0e848a64971d)","changeType":"updated","lastModifiedDateTime":"2026-11-20T07:14:00.5Z"}]}
// seed: {"value":[{"subscriptionId":"a1","clientState":"other","resource":"companies(5D115C9C-44E3-EA11-BB43-000D3A2FEB6B)/vendors?$filter=lastModifiedDateTime%20gt%202026-08-01T12:54:20.417Z","changeType":"collection"},{"resource":7},[]]}
// seed: {"value":[]}
import Core

@testable import Systems

/// Every line of a request is counted once, only who brings the secret is genuine, and what a line names is harmless.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let document = (try? JSON.parse(bytes.span)).map(JSONField.init)
    if let place = BusinessCentral.ResourcePlace(String(decoding: bytes, as: UTF8.self)) { check(place) }
    let intake: BusinessCentral.Intake
    do {
        intake = try BusinessCentral.Intake(bytes.span)
    } catch {
        precondition(!error.reason.utf8.contains(0x0A), "refused in more than a line")
        return 0
    }
    precondition(intake.rejections.count <= 20 && intake.rejections.count <= intake.rejected, "too much is told")
    for rejection in intake.rejections { precondition(!rejection.reason.isEmpty, "rejected without a word") }
    let lines = (try? document?["value"].elements()) ?? nil
    if let lines { precondition(lines.count == intake.notifications.count + intake.rejected, "a line is lost") }
    let genuine = intake.notifications.filter { $0.isGenuine(expecting: Secret(text: "hush")) }.count
    let brought = lines?.filter { (try? $0["clientState"].string()) == "hush" }.count ?? genuine
    precondition(genuine <= brought, "a forgery passed")
    for notification in intake.notifications {
        precondition(!notification.isGenuine(expecting: Secret([])), "genuine without a secret")
        precondition(BusinessCentral.isIdentifier(notification.entitySet), "an entity that could end a path")
        precondition(isKey(notification.company), "a company that could end a path")
        if case .record(let id) = notification.subject { precondition(isKey(id), "a record that could end a path") }
    }
    return 0
}

private func check(_ place: BusinessCentral.ResourcePlace) {
    precondition(BusinessCentral.isIdentifier(place.entitySet) && isKey(place.company), "a place that could end a path")
    precondition(place.record.map(isKey) ?? true, "a record that could end a path")
}

private func isKey(_ text: String) -> Bool {
    BusinessCentral.isGUID(text) && text == text.lowercased()
}
