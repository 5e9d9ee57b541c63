/// What a layer makes of its sums, element by element.
///
/// NaN stays NaN in all of them.
public enum Activation: String, CaseIterable, Sendable {
    /// x itself.
    case none
    /// max(x, 0); the derivative at 0 is 0.
    case rectifier
    /// x Phi(x) with Phi the normal distribution (Hendrycks & Gimpel 2016), not its approximation by tanh.
    case gelu
    /// log(1 + e^x).
    case softplus
    /// (x + sqrt(x^2 + 4)) / 2: positive, smooth, x for large x, without exponentials (Barron 2021).
    case squareplus
    case tanh

    /// Whether the derivative at x follows from the value at x with little work; else it is found with the value and kept.
    var slopeFollowsFromValue: Bool { self != .gelu }

    /// Writes the activation of each of `count` numbers in its place.
    func apply<Scalar: TensorScalar>(to x: UnsafeMutablePointer<Scalar>, _ count: Int) {
        if self != .none { activationKernel(x, x, count, self) }
    }
}

/// sqrt(x^2 + 4), whose square does not overflow: from 1e9 on, 4 is below the rounding of x^2 in either precision.
@inlinable @inline(__always)
func squareplusRoot<Scalar: TensorScalar>(_ x: Scalar) -> Scalar { abs(x) < 1e9 ? (x * x + 4).squareRoot() : abs(x) }

/// (x + sqrt(x^2 + 4)) / 2 of a number; above zero wherever 2 x does not overflow.
@inlinable @inline(__always)
public func squareplus<Scalar: TensorScalar>(_ x: Scalar) -> Scalar {
    // For x < 0 the sum of x and the root would cancel; its conjugate does not.
    let root = squareplusRoot(x)
    return x < 0 ? 2 / (root - x) : (x + root) / 2
}

/// The derivative of `squareplus`.
@inlinable @inline(__always)
public func squareplusSlope<Scalar: TensorScalar>(_ x: Scalar) -> Scalar {
    let root = squareplusRoot(x)
    return x < 0 ? 2 / (root * (root - x)) : (1 + x / root) / 2
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func activationKernel<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, _ count: Int, _ activation: Activation
) {
    switch activation {
    case .none: for i in 0..<count { out[i] = x[i] }
    // A comparison that is false for NaN would turn NaN into zero and hide it.
    case .rectifier: for i in 0..<count { out[i] = x[i] < 0 ? 0 : x[i] }
    case .gelu: geluKernel(x, out, count)
    case .softplus:
        for i in 0..<count {
            let rest = Scalar.logarithmOfOnePlus(Scalar.exponentialOf(-abs(x[i])))
            out[i] = x[i] > 0 ? x[i] + rest : rest
        }
    case .squareplus: for i in 0..<count { out[i] = squareplus(x[i]) }
    case .tanh: for i in 0..<count { out[i] = Scalar.hyperbolicTangentOf(x[i]) }
    }
}

/// out = g times the derivative of the activation.
///
/// - Parameter at: the activation's values, or for GELU its derivative.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func activationSlopeKernel<Scalar: TensorScalar>(
    _ at: UnsafePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, _ count: Int, _ activation: Activation
) {
    switch activation {
    case .none: for i in 0..<count { out[i] = g[i] }
    case .rectifier: for i in 0..<count { out[i] = at[i] > 0 ? g[i] : 0 }
    case .gelu: for i in 0..<count { out[i] = g[i] * at[i] }
    // With y = log(1 + e^x), the slope e^x / (1 + e^x) is 1 - e^-y.
    case .softplus:
        for i in 0..<count {
            let (fraction, power) = Scalar.exponentialParts(-at[i])
            out[i] = g[i] * ((1 - power) - power * fraction)
        }
    // y is the positive root of y^2 - x y - 1 = 0, so that dy/dx = y^2 / (y^2 + 1); divided through where y^2 may overflow.
    case .squareplus:
        for i in 0..<count {
            let y = at[i]
            out[i] = g[i] * (y > 1 ? 1 / (1 + 1 / y / y) : y * y / (y * y + 1))
        }
    case .tanh: for i in 0..<count { out[i] = g[i] * (1 - at[i]) * (1 + at[i]) }
    }
}
