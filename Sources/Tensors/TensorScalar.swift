import _Differentiation

/// The two precisions a tensor can have. One kernel source serves both through `Vector`.
public protocol TensorScalar: ElementaryFunctions, SIMDScalar, Codable, Sendable, Differentiable where TangentVector == Self {
    /// Scalars that the kernels treat together; 64 bytes in either precision.
    associatedtype Vector: SIMD where Vector.Scalar == Self, Vector: Sendable

    /// acc + a * b with one rounding, lane by lane.
    static func multiplyAdd(_ accumulator: Vector, _ a: Vector, _ b: Vector) -> Vector

    /// x where a < b, y elsewhere, lane by lane; y where one of a and b is not a number. (Comparisons of vectors whose type is not known
    /// are made one lane at a time.)
    static func select(where a: Vector, isBelow b: Vector, _ x: Vector, otherwise y: Vector) -> Vector

    /// The lanes of `a` and `b` in turn: first those of the lower halves, then of the upper.
    static func interleaved(_ a: Vector, _ b: Vector) -> (Vector, Vector)

    /// Sums of neighbouring lanes, those of `a` before those of `b`.
    static func pairSums(_ a: Vector, _ b: Vector) -> Vector
}

extension Float: TensorScalar {
    public typealias Vector = SIMD16<Float>

    @inlinable @inline(__always)
    public static func multiplyAdd(_ accumulator: Vector, _ a: Vector, _ b: Vector) -> Vector {
        accumulator.addingProduct(a, b)
    }

    @inlinable @inline(__always)
    public static func select(where a: Vector, isBelow b: Vector, _ x: Vector, otherwise y: Vector) -> Vector {
        y.replacing(with: x, where: a .< b)
    }

    @inlinable @inline(__always)
    public static func interleaved(_ a: Vector, _ b: Vector) -> (Vector, Vector) {
        var (low, high) = (a, b)
        (low.evenHalf, low.oddHalf) = (a.lowHalf, b.lowHalf)
        (high.evenHalf, high.oddHalf) = (a.highHalf, b.highHalf)
        return (low, high)
    }

    @inlinable @inline(__always)
    public static func pairSums(_ a: Vector, _ b: Vector) -> Vector {
        Vector(lowHalf: a.evenHalf + a.oddHalf, highHalf: b.evenHalf + b.oddHalf)
    }
}

extension Double: TensorScalar {
    public typealias Vector = SIMD8<Double>

    @inlinable @inline(__always)
    public static func multiplyAdd(_ accumulator: Vector, _ a: Vector, _ b: Vector) -> Vector {
        accumulator.addingProduct(a, b)
    }

    @inlinable @inline(__always)
    public static func select(where a: Vector, isBelow b: Vector, _ x: Vector, otherwise y: Vector) -> Vector {
        y.replacing(with: x, where: a .< b)
    }

    @inlinable @inline(__always)
    public static func interleaved(_ a: Vector, _ b: Vector) -> (Vector, Vector) {
        var (low, high) = (a, b)
        (low.evenHalf, low.oddHalf) = (a.lowHalf, b.lowHalf)
        (high.evenHalf, high.oddHalf) = (a.highHalf, b.highHalf)
        return (low, high)
    }

    @inlinable @inline(__always)
    public static func pairSums(_ a: Vector, _ b: Vector) -> Vector {
        Vector(lowHalf: a.evenHalf + a.oddHalf, highHalf: b.evenHalf + b.oddHalf)
    }
}

extension TensorScalar {
    /// max(v, 0) lane by lane; NaN stays NaN.
    @inline(__always)
    static func rectified(_ v: Vector) -> Vector {
        let zero = Vector(repeating: 0)
        return select(where: v, isBelow: zero, zero, otherwise: v)
    }
}
