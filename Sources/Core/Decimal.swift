/// An exact decimal number of up to 38 digits: amounts, prices, quantities, exchange rates.
///
/// It keeps the digits after the point that it was given, as `100.00` and `100` look different to people, and compares
/// and hashes by value, as they are the same amount. Nothing is ever rounded unless `rounded` is called: what does not
/// fit is an error.
package struct Decimal: Sendable, Hashable, Comparable {
    /// As many as SQL's widest decimal has.
    package static let maxDigits = 38
    /// Twice the digits, so that the product of any two fractions of 38 digits has a place for its scale.
    package static let maxScale = 2 * maxDigits

    /// A result that has more digits than a `Decimal` holds.
    package struct Overflow: Error, Sendable, Equatable, CustomStringConvertible {
        package var description: String { "the result has more than \(maxDigits) digits" }
    }

    package enum Rounding: Sendable, Equatable {
        /// Halves go to the even neighbour, so that long sums do not drift.
        case halfEven
        /// Halves go away from zero, as invoices are rounded.
        case halfUp
    }

    package static let zero = Decimal(0)

    /// The value is `coefficient` / 10^`scale`.
    let coefficient: Int128
    /// How many digits stand after the point.
    package let scale: Int

    package init(_ value: Int) {
        coefficient = Int128(value)
        scale = 0
    }

    /// `nil` when there are too many digits. A scale below zero stands for zeros before the point.
    init?(coefficient: Int128, scale: Int) {
        var coefficient = coefficient
        if scale < 0, coefficient != 0 {
            guard let widened = coefficient.scaled(up: -scale) else { return nil }
            coefficient = widened
        }
        guard coefficient.magnitude < powersOfTen[Self.maxDigits].magnitude, scale <= Self.maxScale else { return nil }
        self.coefficient = coefficient
        self.scale = max(scale, 0)
    }

    package var isNegative: Bool { coefficient < 0 }
    package var magnitude: Decimal { isNegative ? -self : self }

    /// The value as an integer, or `nil` when it has a fraction or does not fit.
    package var int: Int? {
        let shortest = shortest
        return shortest.scale == 0 ? Int(exactly: shortest.coefficient) : nil
    }

    package static prefix func - (value: Decimal) -> Decimal {
        // The magnitude stays the same, so this cannot fail.
        Decimal(coefficient: -value.coefficient, scale: value.scale) ?? value
    }

    package static func + (a: Decimal, b: Decimal) throws(Overflow) -> Decimal {
        guard let sum = sum(a, b) ?? sum(a.shortest, b.shortest) else { throw Overflow() }
        return sum
    }

    package static func - (a: Decimal, b: Decimal) throws(Overflow) -> Decimal {
        try a + -b
    }

    package static func * (a: Decimal, b: Decimal) throws(Overflow) -> Decimal {
        guard let product = product(a, b) ?? product(a.shortest, b.shortest) else { throw Overflow() }
        return product
    }

    package static func += (a: inout Decimal, b: Decimal) throws(Overflow) {
        a = try a + b
    }

    package static func == (a: Decimal, b: Decimal) -> Bool {
        a.compared(to: b) == 0
    }

    package static func < (a: Decimal, b: Decimal) -> Bool {
        a.compared(to: b) < 0
    }

    package func hash(into hasher: inout Hasher) {
        let shortest = shortest
        hasher.combine(shortest.coefficient)
        hasher.combine(shortest.scale)
    }

    /// The nearest value with `scale` digits after the point; fewer digits than that are filled up with zeros.
    package func rounded(scale wanted: Int, _ rounding: Rounding) throws(Overflow) -> Decimal {
        precondition(0...Self.maxScale ~= wanted, "a scale of \(wanted) is not from 0 to \(Self.maxScale)")
        let result: Decimal? =
            if wanted >= scale {
                coefficient.scaled(up: wanted - scale).flatMap { Decimal(coefficient: $0, scale: wanted) }
            } else {
                Decimal(coefficient: quotient(dropping: scale - wanted, rounding), scale: wanted)
            }
        guard let result else { throw Overflow() }
        return result
    }

    private func quotient(dropping digits: Int, _ rounding: Rounding) -> Int128 {
        // More digits are dropped than there can be: the value is nearer to zero than a half.
        guard digits <= Self.maxDigits else { return 0 }
        let divisor = powersOfTen[digits]
        let (quotient, remainder) = coefficient.quotientAndRemainder(dividingBy: divisor)
        let half = divisor.magnitude / 2
        let away =
            switch rounding {
            case .halfUp: remainder.magnitude >= half
            case .halfEven:
                remainder.magnitude > half || remainder.magnitude == half && !quotient.isMultiple(of: 2)
            }
        return away ? quotient + coefficient.signum() : quotient
    }

    /// The same value without zeros at the end of its fraction: every value has exactly one such form.
    private var shortest: Decimal {
        guard coefficient != 0 else { return .zero }
        var coefficient = coefficient
        var scale = scale
        while scale > 0 {
            let (quotient, remainder) = coefficient.quotientAndRemainder(dividingBy: 10)
            guard remainder == 0 else { break }
            coefficient = quotient
            scale -= 1
        }
        return Decimal(coefficient: coefficient, scale: scale) ?? self
    }

    private static func sum(_ a: Decimal, _ b: Decimal) -> Decimal? {
        let scale = max(a.scale, b.scale)
        guard let a = a.coefficient.scaled(up: scale - a.scale), let b = b.coefficient.scaled(up: scale - b.scale)
        else { return nil }
        let (sum, overflowed) = a.addingReportingOverflow(b)
        return overflowed ? nil : Decimal(coefficient: sum, scale: scale)
    }

    private static func product(_ a: Decimal, _ b: Decimal) -> Decimal? {
        let (product, overflowed) = a.coefficient.multipliedReportingOverflow(by: b.coefficient)
        return overflowed ? nil : Decimal(coefficient: product, scale: a.scale + b.scale)
    }

    /// Negative, zero or positive. Never fails: a side whose digits do not fit beside the other's is the larger one.
    private func compared(to other: Decimal) -> Int {
        let signs = coefficient.signum() - other.coefficient.signum()
        guard signs == 0 else { return Int(signs) }
        let scale = max(scale, other.scale)
        guard let mine = coefficient.scaled(up: scale - self.scale) else { return Int(coefficient.signum()) }
        guard let others = other.coefficient.scaled(up: scale - other.scale) else {
            return -Int(coefficient.signum())
        }
        return mine == others ? 0 : mine < others ? -1 : 1
    }
}

extension Decimal: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int) { self.init(value) }
}

extension Int128 {
    /// With `digits` zeros appended, or `nil` when that does not fit.
    fileprivate func scaled(up digits: Int) -> Int128? {
        guard self != 0, digits > 0 else { return self }
        guard digits < powersOfTen.count else { return nil }
        let (product, overflowed) = multipliedReportingOverflow(by: powersOfTen[digits])
        return overflowed ? nil : product
    }
}

/// From 1 to 10^38, the largest that fits.
private let powersOfTen: [Int128] = (1...Decimal.maxDigits).reduce(into: [1]) { powers, power in
    powers.append(powers[power - 1] * 10)
}
