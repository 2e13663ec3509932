import Core

extension NavSimulator {
    /// How this customer's server is installed, and a choice wherever the vendor publishes nothing.
    package struct Settings: Sendable {
        /// Which credentials it asks for.
        package enum Authentication: String, Sendable {
            case basic, negotiate, ntlm
        }

        package var instance = "DynamicsNAV110"
        package var companies = ["CRONUS International Ltd.", "Målør & Søn's A/S"]
        /// Used when an address has none; nil where none is set up, which works with a single company only.
        package var defaultCompany: String?
        /// A server of several tenants wants this one in each address.
        package var tenant: String?
        package var user = "MLCONNECTOR"
        /// The web service access key: 44 characters.
        package var key = "Yp3tYJ0bq7Vf2Qn9Rk1uXw8Zc5aLd4mEs6hGoTiP+N0="
        package var isKeyExpired = false
        package var authentication = Authentication.basic

        /// What the first company begins with.
        package var seedInvoices = 20
        package var seedOrders = 15
        package var seedPosted = 10
        package var seed: UInt64 = 1

        package var isODataOn = true
        package var isSOAPOn = true
        /// What is answered where one of them is off.
        package var offStatus = 404
        package var hasBetaAPI = false
        /// `v1.0` or `v2.0` where the server is a Business Central in truth.
        package var newerAPI: String?

        package var pageSize = 1_000
        package var mostBytes = 1_024 * 1_024
        /// Requests at once over OData; 0 for any number.
        package var mostConnections = 0
        package var processingMilliseconds = 0
        package var staleStatus = 409
        package var answersPatchWithoutBody = false
        /// How a blank option looks over OData.
        package var blankOption = " "

        /// An approval workflow for purchase documents: they cannot be released by hand.
        package var hasApprovalWorkflow = false
        /// Whether somebody has published codeunit 1535, whose functions decide every request they see.
        package var publishesApprovalsManagement = false
        /// How days are written in SOAP's filters: as the language of the session has them.
        package var soapDates = DateOrder.monthFirst
        /// Whether lists of documents bring their lines along over SOAP.
        package var listsShowLines = false
        /// Characters that XML has no place for are sent as they are, as NAV does with what people have pasted.
        package var sendsForbiddenCharacters = false

        package init() {}
    }
}

extension NavSimulator.Settings {
    /// Changes what `field` names and leaves the rest: for the control server.
    mutating func change(_ field: JSONField) throws(JSONField.Wrong) {
        for (name, field) in try field.members() {
            switch name {
            case "defaultCompany": defaultCompany = try field.orNil?.string()
            case "tenant": tenant = try field.orNil?.string()
            case "key": key = try field.string()
            case "isKeyExpired": isKeyExpired = try field.bool()
            case "authentication":
                guard let kind = Authentication(rawValue: try field.string()) else {
                    throw field.wrong("expected basic, negotiate or ntlm")
                }
                authentication = kind
            case "isODataOn": isODataOn = try field.bool()
            case "isSOAPOn": isSOAPOn = try field.bool()
            case "offStatus": offStatus = try field.int(in: 400...499)
            case "hasBetaAPI": hasBetaAPI = try field.bool()
            case "newerAPI": newerAPI = try field.orNil?.string()
            case "pageSize": pageSize = try field.int(in: 1...20_000)
            case "mostBytes": mostBytes = try field.int(in: 1...16_777_216)
            case "mostConnections": mostConnections = try field.int(in: 0...1_000)
            case "processingMilliseconds": processingMilliseconds = try field.int(in: 0...600_000)
            case "staleStatus": staleStatus = try field.int(in: 400...499)
            case "answersPatchWithoutBody": answersPatchWithoutBody = try field.bool()
            case "blankOption": blankOption = try field.string()
            case "hasApprovalWorkflow": hasApprovalWorkflow = try field.bool()
            case "publishesApprovalsManagement": publishesApprovalsManagement = try field.bool()
            case "soapDates":
                guard let order = DateOrder(rawValue: try field.string()) else {
                    throw field.wrong("expected monthFirst, dayFirst or yearFirst")
                }
                soapDates = order
            case "listsShowLines": listsShowLines = try field.bool()
            case "sendsForbiddenCharacters": sendsForbiddenCharacters = try field.bool()
            default: throw field.wrong("unknown setting")
            }
        }
    }
}
