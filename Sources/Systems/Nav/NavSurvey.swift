import Core

extension Nav {
    /// What a look at a server found out about it, and what that means in words. Nothing here asks anybody.
    package struct Survey: Sendable, Equatable {
        /// One way in.
        enum Door: Sendable, Equatable {
            case open
            /// There is nothing of the kind.
            case absent
            /// Something is there, and it does not work.
            case broken(CallError)
            /// Nobody asked: not needed, or no address is known.
            case untried
        }

        enum Publication: Sendable, Equatable {
            case published(as: String)
            /// With what to do about it.
            case missing(advice: String)
        }

        var settings: Settings
        var odataV4 = Door.untried
        var odataV3 = Door.untried
        var soap = Door.untried
        /// The first interface with addresses of its own, which the vendor calls beta.
        var betaAPI = Door.untried
        /// What only Business Central has.
        var businessCentralAPI: String?
        /// Nil where nobody said.
        package var companies: [String]?
        var pages: [Page: Publication] = [:]

        package init(_ settings: Settings) {
            self.settings = settings
        }

        /// Without one of these pages the connection cannot work; the others are mentioned only where they are there.
        package func findings(needing needed: [Page] = []) -> [Finding] {
            var findings = [server, signIn].compactMap(\.self)
            guard findings.allSatisfy({ $0.verdict != .broken }) else { return findings }
            findings.append(company)
            guard company.verdict != .broken else { return findings }
            for page in Page.allCases {
                if let finding = self.finding(page, isNeeded: needed.contains(page)) { findings.append(finding) }
            }
            return findings
        }

        /// How the pages would be spoken to; nil where there is no way.
        package var speech: Settings.Speech? {
            if let speech = settings.speech { return speech }
            if odataV4 == .open { return .odata }
            return soap == .open ? .soap : nil
        }

        // MARK: Findings

        private var server: Finding? {
            let what = "NAV: server"
            if let businessCentralAPI {
                return Finding(
                    .broken,
                    what,
                    "this is Business Central: it answers at \(businessCentralAPI)",
                    remedy: "connect it as businessCentral instead of nav"
                )
            }
            switch speech {
            case .odata:
                if case .broken(let error) = odataV4 { return broken(what, error) }
                if odataV4 == .absent { return noWay(what) }
                return Finding(.works, what, "OData V4 answers" + (soap == .open ? ", and SOAP does" : ""))
            case .soap:
                if case .broken(let error) = soap { return broken(what, error) }
                if soap == .absent { return noWay(what) }
                let why = odataV3 == .open ? "it has OData V3 only, which is not used" : "it has no OData V4"
                return Finding(.works, what, settings.speech == nil ? "SOAP answers; \(why)" : "SOAP answers")
            case nil:
                for case .broken(let error) in [odataV4, soap] { return broken(what, error) }
                return noWay(what)
            }
        }

        private func broken(_ what: String, _ error: CallError) -> Finding {
            // A refused credential is a finding of its own.
            error.kind == .credentials
                ? Finding(.works, what, "answers at \(settings.url)")
                : Finding(.broken, what, error.reason)
        }

        private func noWay(_ what: String) -> Finding {
            var seen = "there is no OData V4 at \(settings.url)"
            if odataV3 == .open { seen += "; it has OData V3 only, which ml-connector does not speak" }
            switch soap {
            case .absent: seen += "; and no SOAP at \(settings.soapURL ?? "")"
            case .untried: seen += "; no address of SOAP is named"
            case .open, .broken: break
            }
            return Finding(
                .broken,
                what,
                seen,
                remedy: "check the address and the name of the server instance; in the NAV administration, enable the "
                    + "OData V4 services of the instance, or the SOAP services, and name their address as soapURL under "
                    + "nav in the connection's file"
            )
        }

        private var signIn: Finding? {
            for case .broken(let error) in [odataV4, soap] where error.kind == .credentials {
                return Finding(.broken, "NAV: sign in", error.reason)
            }
            return speech == nil ? nil : Finding(.works, "NAV: sign in", "as \(settings.user)")
        }

        private var company: Finding {
            let what = "NAV: company"
            guard let companies else {
                return Finding(
                    .notice,
                    what,
                    "the server does not list its companies; \"\(settings.company)\" has to be written as in NAV, of which "
                        + "upper and lower case count"
                )
            }
            if let advice = companyAdvice(settings.company, among: companies) {
                return Finding(.broken, what, advice, remedy: "write the name as it is there, under nav.company")
            }
            return Finding(.works, what, settings.company)
        }

        private func finding(_ page: Page, isNeeded: Bool) -> Finding? {
            switch pages[page] {
            case .published(let name):
                let seen = name == page.rawValue ? "is published" : "is published as \(name)"
                return Finding(.works, "NAV: \(page.described)", seen)
            case .missing(let advice):
                return isNeeded ? Finding(.broken, "NAV: \(page.described)", advice) : nil
            case nil: return nil
            }
        }
    }
}
