import _Differentiation

/// What the kernels need of a number beyond arithmetic: functions without branches or calls, so that a loop over them becomes vectors.
public protocol ElementaryFunctions: BinaryFloatingPoint {
    /// e^x = power * (1 + fraction) with power a power of two and |fraction| < 0.42, exact where x is small; x is cut off where e^x is no longer finite.
    static func exponentialParts(_ x: Self) -> (fraction: Self, power: Self)

    /// log(erfc(z) e^(z^2) / t) as a polynomial in u = 2 t - 1, where t = 2 / (2 + z) and z >= 0: from a Chebyshev fit over -1 ... 1.
    static func complementaryErrorExponent(_ u: Self) -> Self
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

    @inlinable @inline(__always)
    public static func complementaryErrorExponent(_ u: Float) -> Float {
        var p: Self = -9.2464578e-5
        p = p * u + 8.50831661e-6
        p = p * u + 0.000588071689
        p = p * u - 0.00022919226
        p = p * u - 0.00230314347
        p = p * u + 0.00179520149
        p = p * u + 0.00881515696
        p = p * u - 0.00988043164
        p = p * u - 0.046894781
        p = p * u + 0.0473439404
        p = p * u + 0.672643212
        p = p * u - 0.671794093
        return p
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

    @inlinable @inline(__always)
    public static func complementaryErrorExponent(_ u: Double) -> Double {
        var p: Self = -2.0464670509917941e-9
        p = p * u + 4.0892224956354012e-9
        p = p * u + 1.2225710665747601e-8
        p = p * u - 3.935653354118096e-8
        p = p * u - 1.7110699658829149e-9
        p = p * u + 1.5387606695316851e-7
        p = p * u - 2.4404662324069959e-7
        p = p * u - 1.6939237622006498e-7
        p = p * u + 1.2437191411396109e-6
        p = p * u - 1.2713430665893254e-6
        p = p * u - 2.9430926817654319e-6
        p = p * u + 8.5619149046217414e-6
        p = p * u + 1.3509102915585394e-7
        p = p * u - 3.0187528842102132e-5
        p = p * u + 3.1746165643612258e-5
        p = p * u + 7.140089189094711e-5
        p = p * u - 0.00017430319942975809
        p = p * u - 9.3735003019980285e-5
        p = p * u + 0.00067367883825060771
        p = p * u - 0.00014624686754045262
        p = p * u - 0.0023458125049825841
        p = p * u + 0.0017589335581654342
        p = p * u + 0.0088249385573277622
        p = p * u - 0.0098726893664067261
        p = p * u - 0.046895610231182673
        p = p * u + 0.04734330684190473
        p = p * u + 0.67264322397765679
        p = p * u - 0.67179408405669227
        return p
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

    /// Phi(x) = erfc(-x / sqrt 2) / 2, the normal distribution, relative error small in its tail too, and phi(x), its density.
    @inlinable @inline(__always)
    static func normalDistribution(_ x: Self) -> (cumulative: Self, density: Self) {
        let gaussian = exponentialOf(-0.5 * x * x)
        let t = 2 / (2 + abs(x) * 0.70710678118654752)
        let tail = 0.5 * t * gaussian * exponentialOf(complementaryErrorExponent(2 * t - 1))
        return (x > 0 ? 1 - tail : tail, gaussian * 0.39894228040143268)
    }
}
