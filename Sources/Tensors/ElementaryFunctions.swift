import _Differentiation

/// What the kernels need of a number beyond arithmetic: functions without branches or calls, so that a loop over them becomes vectors.
public protocol ElementaryFunctions: BinaryFloatingPoint {
    /// e^x = power * (1 + fraction) with power a power of two and |fraction| < 0.42, exact where x is small; x is cut off where e^x is no longer finite.
    static func exponentialParts(_ x: Self) -> (fraction: Self, power: Self)

    /// e^(-(square + rest) / 2) = power * (1 + fraction) as `exponentialParts` has them, for a square up to that of `normalTailEnd` and a small rest.
    static func gaussianParts(_ square: Self, rest: Self) -> (fraction: Self, power: Self)

    /// e^(z^2 / 2) (1 - Phi(z)) / t for z >= 0, where Phi is the normal distribution, t = 1 / (1 + z / 4) and u = 2 t - 1.
    static func millsRatio(_ u: Self) -> Self

    /// From here on 1 - Phi(z) is as good as the smallest number.
    static var normalTailEnd: Self { get }
}

extension Float: ElementaryFunctions {
    @inlinable @inline(__always)
    public static func exponentialParts(_ x: Float) -> (fraction: Float, power: Float) {
        // Comparisons that are false for NaN let it pass.
        let x = x < -88 ? -88 : x > 88 ? 88 : x
        // Adding 1.5 * 2^23 rounds to a whole number, which then stands in the last bits.
        let shifted = x * 1.44269504 + 12582912
        let n = shifted - 12582912
        let r = (x - n * 0.693359375) + n * 2.12194440e-4
        var p: Float = 1.98412698e-4
        p = p * r + 1.38888889e-3
        p = p * r + 8.33333333e-3
        p = p * r + 4.16666667e-2
        p = p * r + 1.66666667e-1
        p = p * r + 0.5
        return (p * r * r + r, Float(bitPattern: (shifted.bitPattern &<< 23) &+ 0x3f80_0000))
    }
}

extension Double: ElementaryFunctions {
    @inlinable @inline(__always)
    public static func exponentialParts(_ x: Double) -> (fraction: Double, power: Double) {
        let x = x < -708 ? -708 : x > 709 ? 709 : x
        let shifted = x * 1.4426950408889634 + 6755399441055744
        let n = shifted - 6755399441055744
        let r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10
        var p = 1.6059043836821613e-10
        p = p * r + 2.0876756987868099e-9
        p = p * r + 2.5052108385441719e-8
        p = p * r + 2.7557319223985891e-7
        p = p * r + 2.7557319223985893e-6
        p = p * r + 2.4801587301587302e-5
        p = p * r + 1.9841269841269841e-4
        p = p * r + 1.3888888888888889e-3
        p = p * r + 8.3333333333333333e-3
        p = p * r + 4.1666666666666667e-2
        p = p * r + 1.6666666666666667e-1
        p = p * r + 0.5
        return (p * r * r + r, Double(bitPattern: (shifted.bitPattern &<< 52) &+ 0x3ff0_0000_0000_0000))
    }
}

extension ElementaryFunctions {
    /// e^x, relative error a few roundings.
    @inlinable @inline(__always)
    static func exponentialOf(_ x: Self) -> Self {
        let (fraction, power) = exponentialParts(x)
        return power * fraction + power
    }

    /// tanh(x) = (e^2x - 1) / (e^2x + 1), without cancellation where x is small.
    @inlinable @inline(__always)
    static func hyperbolicTangentOf(_ x: Self) -> Self {
        // Of |x|, and at most 20, beyond which it is 1 to rounding; NaN passes.
        let size = abs(x)
        let (fraction, power) = exponentialParts(2 * (size > 20 ? 20 : size))
        let lessOne = power * fraction + (power - 1)
        let tanh = lessOne / (lessOne + 2)
        return x < 0 ? -tanh : tanh
    }

    /// log(1 + z) for 0 <= z <= 1: the series of 2 artanh(z / (2 + z)), whose argument is at most 1/3.
    @inlinable @inline(__always)
    static func logarithmOfOnePlus(_ z: Self) -> Self {
        let s = z / (2 + z)
        let q = s * s
        var p: Self = 1 / 33
        p = p * q + 1 / 31
        p = p * q + 1 / 29
        p = p * q + 1 / 27
        p = p * q + 1 / 25
        p = p * q + 1 / 23
        p = p * q + 1 / 21
        p = p * q + 1 / 19
        p = p * q + 1 / 17
        p = p * q + 1 / 15
        p = p * q + 1 / 13
        p = p * q + 1 / 11
        p = p * q + 1 / 9
        p = p * q + 1 / 7
        p = p * q + 1 / 5
        p = p * q + 1 / 3
        return 2 * (s * (q * p) + s)
    }
}
