import Core

extension Monday {
    /// One of the errors in an answer, in whichever of Monday's envelopes it came.
    struct Fault: Sendable {
        /// As the vendor spells it; empty where there is none.
        var code: String
        var message: String
        /// The field of the document that it belongs to, by its name in the answer.
        var root: String?
        /// The status that the error itself names, else that of the whole answer.
        var status: Int
        /// The longest of the waits that it names.
        var wait: Duration?
        /// Which column, which rule: what the vendor adds.
        var details: JSONField
        var kind: Kind

        init(code: String, message: String, root: String?, status: Int, wait: Duration?, details: JSONField) {
            self.code = code
            self.message = message
            self.root = root
            self.status = status
            self.wait = wait
            self.details = details
            kind = Kind(code: code, message: message, status: status)
        }
    }
}

// MARK: Reading

extension Monday.Fault {
    /// Monday never sends as many; a hostile answer might.
    private static let most = 200

    /// All errors of an answer: those of the list, which holds objects or texts, and that of the older envelope, which
    /// stands at the top.
    static func all(in answer: JSONField, status: Int) -> [Monday.Fault] {
        var faults: [Monday.Fault] = []
        if let code = answer["error_code"].words ?? answer["error_message"].words {
            faults.append(
                Monday.Fault(
                    code: code,
                    message: answer["error_message"].words ?? code,
                    root: nil,
                    status: (try? answer["status_code"].int()) ?? status,
                    wait: longest(answer["error_data"], text: answer["error_message"].words),
                    details: answer["error_data"]
                )
            )
        }
        for error in ((try? answer["errors"].elements()) ?? []).prefix(most) {
            // The older envelope repeats its message here.
            if let text = error.words {
                guard faults.first?.message != text else { continue }
                faults.append(
                    Monday.Fault(
                        code: "",
                        message: text,
                        root: nil,
                        status: status,
                        wait: longest(error, text: text),
                        details: error["none"]
                    )
                )
            } else {
                faults.append(Monday.Fault(error, status: status))
            }
        }
        // What stands where Monday's API should be has words of its own for “not found”: they say nothing of an item.
        if faults.isEmpty, status != 404, let text = answer["error"].words ?? answer["errors"].words {
            faults.append(
                Monday.Fault(code: "", message: text, root: nil, status: status, wait: nil, details: answer["none"])
            )
        }
        return faults
    }

    private init(_ error: JSONField, status: Int) {
        let extensions = error["extensions"]
        let data = extensions["error_data"].orNil ?? error["error_data"]
        let code = extensions["code"].words ?? error["error_code"].words ?? error["code"].words ?? ""
        let problems = ((try? extensions["problems"].elements()) ?? []).prefix(3).compactMap { $0["explanation"].words }
        let message = error["message"].words ?? error["error_message"].words ?? code
        self.init(
            code: code,
            message: problems.isEmpty ? message : "\(message): \(problems.joined(separator: "; "))",
            root: error["path"][0].words,
            status: (try? extensions["status_code"].int()) ?? (try? error["status_code"].int()) ?? status,
            wait: [Self.longest(extensions, text: message), Self.longest(data, text: nil)].compactMap { $0 }.max(),
            details: data
        )
    }

    private static func longest(_ field: JSONField, text: String?) -> Duration? {
        let named =
            (try? field["retry_in_seconds"].decimal()) ?? field["retry_in_seconds"].words.flatMap { Decimal($0) }
        return [named.flatMap(Monday.wait), text.flatMap(Monday.waitInWords)].compactMap { $0 }.max()
    }
}

extension Monday {
    /// The day's budget comes back after a day at the latest.
    private static let longestWait = 86_400

    static func wait(seconds: Decimal) -> Duration? {
        guard !seconds.isNegative else { return nil }
        guard seconds < Decimal(longestWait) else { return .seconds(longestWait) }
        return (try? seconds.rounded(scale: 0, .halfUp))?.int.map { .seconds($0) }
    }

    /// Of the oldest envelope, which has it nowhere else: `… reset in 16 seconds`.
    static func waitInWords(_ text: String) -> Duration? {
        let words = text.lowercased().split(separator: " ").suffix(200)
        for place in words.indices where words[place] == "reset" && place + 2 < words.endIndex {
            guard words[place + 1] == "in", let seconds = Decimal(String(words[place + 2])) else { continue }
            return wait(seconds: seconds)
        }
        return nil
    }
}

extension JSONField {
    /// A text that says something.
    var words: String? {
        guard case .string(let text) = value, !text.isEmpty else { return nil }
        return text
    }
}
