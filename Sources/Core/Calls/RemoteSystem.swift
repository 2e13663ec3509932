/// The systems we speak to, under the names that people, errors and metrics call them by.
package enum RemoteSystem: String, Sendable, CaseIterable {
    case businessCentral = "Business Central"
    case monday = "Monday"
    case nav = "NAV"
    case financeOperations = "Finance and Operations"
    case procore = "Procore"
    case bill = "BILL"
}
