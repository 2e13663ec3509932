import Core

/// One thing that is to go wrong at a simulator, and when.
package struct Fault: Sendable, Equatable {
    package enum Effect: Sendable, Equatable {
        /// Answered so; with `processed`, after the request was carried out all the same.
        case status(Int, retryAfterSeconds: Int?, body: String?, processed: Bool)
        /// The connection is closed, and nothing was done.
        case hangUpBefore
        /// All was done, and then the connection is closed without an answer.
        case hangUpAfter
        /// 200 with a page of HTML, as a proxy in the way answers. Nothing was done.
        case garbage
        /// All was done, and half of the answer's body is sent.
        case truncated
        /// All was done, and the answer comes only after so long.
        case stall(seconds: Int)
        /// Not looked at before so long.
        case delay(milliseconds: Int)
        /// What only one vendor has.
        case named(String)
    }

    package var system: String
    /// The operation, as the simulator's facts call it: `create_item`, `GET purchaseInvoices`, `token`. `*` is any; a star
    /// at the end stands for any rest.
    package var operation: String
    package var effect: Effect
    /// How often; nil for ever.
    package var times: Int?
    /// Of those requests that fit, how many it strikes: from 0 to 1; nil for all.
    package var chance: Double?
    /// How many that fit are let through first.
    package var skip: Int

    package init(
        system: String,
        on operation: String,
        _ effect: Effect,
        times: Int? = nil,
        chance: Double? = nil,
        skip: Int = 0
    ) {
        self.system = system
        self.operation = operation
        self.effect = effect
        self.times = times
        self.chance = chance
        self.skip = skip
    }

    package func fits(_ operation: String) -> Bool {
        guard self.operation.hasSuffix("*") else { return operation == self.operation }
        return operation.hasPrefix(self.operation.dropLast())
    }
}

extension Fault {
    /// Reads `{"system": "monday", "on": "create_*", "effect": {"status": 503, "retryAfterSeconds": 7}, "times": 1}`.
    ///
    /// An effect without figures is its name alone: `"effect": "hangUpAfter"`.
    package init(_ field: JSONField) throws(JSONField.Wrong) {
        try field.allowOnly(["system", "on", "effect", "times", "chance", "skip"])
        system = try field["system"].string()
        operation = try field["on"].orNil?.string() ?? "*"
        effect = try Effect(field["effect"])
        times = try field["times"].orNil?.int(in: 1...1_000_000)
        skip = try field["skip"].orNil?.int(in: 0...1_000_000) ?? 0
        chance = nil
        if let share = field["chance"].orNil {
            guard let chance = Double(try share.decimal().text), 0...1 ~= chance else {
                throw share.wrong("expected a share from 0 to 1")
            }
            self.chance = chance
        }
    }
}

extension Fault.Effect {
    private static let longestSeconds = 3_600

    init(_ field: JSONField) throws(JSONField.Wrong) {
        if case .string(let name) = field.value {
            switch name {
            case "hangUpBefore": self = .hangUpBefore
            case "hangUpAfter": self = .hangUpAfter
            case "garbage": self = .garbage
            case "truncated": self = .truncated
            default:
                throw field.wrong(
                    "expected hangUpBefore, hangUpAfter, garbage, truncated, or an object with status, stallSeconds, "
                        + "delayMilliseconds or named"
                )
            }
            return
        }
        if let status = field["status"].orNil {
            try field.allowOnly(["status", "retryAfterSeconds", "body", "processed"])
            self = .status(
                try status.int(in: 200...599),
                retryAfterSeconds: try field["retryAfterSeconds"].orNil?.int(in: 0...86_400),
                body: try field["body"].orNil?.string(),
                processed: try field["processed"].orNil?.bool() ?? false
            )
        } else if let seconds = field["stallSeconds"].orNil {
            try field.allowOnly(["stallSeconds"])
            self = .stall(seconds: try seconds.int(in: 0...Self.longestSeconds))
        } else if let milliseconds = field["delayMilliseconds"].orNil {
            try field.allowOnly(["delayMilliseconds"])
            self = .delay(milliseconds: try milliseconds.int(in: 0...(Self.longestSeconds * 1_000)))
        } else {
            try field.allowOnly(["named"])
            self = .named(try field["named"].string())
        }
    }
}
