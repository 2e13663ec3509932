import Core

extension Monday {
    /// What came back: data, errors, or both. A bare 200 is no success.
    struct Answer: Sendable {
        /// Whatever is under `data`; a place without a value where Monday sent null, or the empty list of an old sample.
        let data: JSONField
        let faults: [Fault]
        let circumstances: Fault.Circumstances
        /// Monday had made this change before, and repeated its answer.
        let wasReplayed: Bool

        /// Throws where there is nothing to take: not JSON, or JSON that says neither one thing nor the other.
        init(
            _ body: [UInt8],
            status: Int,
            circumstances: Fault.Circumstances,
            wasReplayed: Bool = false
        ) throws(CallError) {
            let document: JSONField
            do {
                document = JSONField(try JSON.parse(body.span))
            } catch {
                throw Self.garbled(status, circumstances, "what is not JSON")
            }
            var circumstances = circumstances
            if circumstances.requestID == nil {
                circumstances.requestID = document["extensions"]["request_id"].words.map(Monday.identifier)
            }
            let faults = Fault.all(in: document, status: status)
            let data = document["data"]
            let hasData = if case .object = data.value { true } else { false }
            guard hasData && 200..<300 ~= status || !faults.isEmpty else {
                throw Self.garbled(status, circumstances, "neither data nor an error")
            }
            self.data = hasData ? data : document["none"]
            // A file that cannot be shown is no reason to lose the rest.
            self.faults = hasData ? faults.filter { $0.kind != .assetMissing } : faults
            self.circumstances = circumstances
            self.wasReplayed = wasReplayed
        }

        var hasData: Bool { data.value != nil }

        /// The error that speaks for the whole answer: what closes the account or the connection goes first.
        var worst: Fault? {
            faults.first { [.unauthenticated, .userRefused, .addressRefused, .scopeMissing].contains($0.kind) }
                ?? faults.first { $0.kind.closesAccount } ?? faults.first
        }

        /// The error of the whole answer, for callers who take all or nothing.
        func checkWhole() throws(CallError) {
            if let worst { throw worst.callError(circumstances) }
        }

        /// Says in words that a part which has to be there is not.
        func incomplete(_ wrong: JSONField.Wrong) -> CallError {
            CallError(
                .retry(after: nil),
                Monday.name,
                .garbage,
                "the answer lacks what it must hold: \(wrong)",
                isUncertain: circumstances.isMutation,
                requestID: circumstances.requestID
            )
        }

        /// What of an answer's status can be said without its body.
        private static func garbled(_ status: Int, _ circumstances: Fault.Circumstances, _ what: String) -> CallError {
            let fault = Fault(
                code: "",
                message: "it answered HTTP \(status) with \(what)",
                root: nil,
                status: status,
                wait: nil,
                details: JSONField(.null)
            )
            switch status {
            case 401, 408, 423, 429, 500...: return fault.callError(circumstances)
            case 403:
                return CallError(
                    .stopConnection,
                    Monday.name,
                    .permission,
                    "something between this server and Monday refuses the call (HTTP 403): a proxy or a firewall",
                    requestID: circumstances.requestID
                )
            case 300..<400, 404, 405, 410:
                return CallError(
                    .stopConnection,
                    Monday.name,
                    .configuration,
                    "there is no Monday API at the connection's address (HTTP \(status)); check monday.apiURL",
                    requestID: circumstances.requestID
                )
            case 400..<500:
                return CallError(
                    .skipRecord,
                    Monday.name,
                    .defect,
                    "Monday does not understand the call (HTTP \(status))",
                    requestID: circumstances.requestID
                )
            default:
                // Cut off on its way, or a page of something between here and Monday.
                return CallError(
                    .retry(after: nil),
                    Monday.name,
                    .garbage,
                    fault.message,
                    isUncertain: circumstances.isMutation,
                    requestID: circumstances.requestID
                )
            }
        }
    }

    /// An id as it may be shown and stored: short and harmless, whoever sent it.
    static func identifier(_ text: String) -> String {
        String(text.prefix(64).filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.:".contains($0)) })
    }

    /// The vendor's words as they may be shown: one line of reasonable length, without the token that asked.
    static func cleaned(_ text: String, hiding token: Secret) -> String {
        // What cannot be shown goes first: it could stand in the middle of the token.
        let shown = text.utf8.filter { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
        let hidden = token.withBytes { secret in hide(Array(secret), in: shown) }
        return cut(String(hidden.map { $0.isNewline || $0 == "\t" ? " " : $0 }), to: 300)
    }

    private static func hide(_ secret: [UInt8], in text: [UInt8]) -> String {
        guard !secret.isEmpty else { return String(decoding: text.prefix(4_000), as: UTF8.self) }
        var shown: [UInt8] = []
        var place = 0
        while place < text.count, shown.count < 4_000 {
            if text[place...].starts(with: secret) {
                shown += "(secret)".utf8
                place += secret.count
            } else {
                shown.append(text[place])
                place += 1
            }
        }
        return String(decoding: shown, as: UTF8.self)
    }
}
