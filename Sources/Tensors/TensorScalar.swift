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

    /// Sum of the lanes, in halves.
    static func sum(_ v: Vector) -> Self

    /// max(v, 0) lane by lane; NaN stays NaN.
    static func rectified(_ v: Vector) -> Vector
}

extension Float: TensorScalar {
    public typealias Vector = SIMD16<Float>

    @inlinable @inline(__always)
    public static func sum(_ v: Vector) -> Float {
        let eight = v.lowHalf + v.highHalf
        let four = eight.lowHalf + eight.highHalf
        let two = four.lowHalf + four.highHalf
        return two.x + two.y
    }

    @inlinable @inline(__always)
    public static func rectified(_ v: Vector) -> Vector { v.replacing(with: 0, where: v .< 0) }

    @inlinable @inline(__always)
    public static func multiplyAdd(_ accumulator: Vector, _ a: Vector, _ b: Vector) -> Vector {
        accumulator.addingProduct(a, b)
    }

    @inlinable @inline(__always)
    public static func select(where a: Vector, isBelow b: Vector, _ x: Vector, otherwise y: Vector) -> Vector {
        y.replacing(with: x, where: a .< b)
    }
}

extension Double: TensorScalar {
    public typealias Vector = SIMD8<Double>

    @inlinable @inline(__always)
    public static func sum(_ v: Vector) -> Double {
        let four = v.lowHalf + v.highHalf
        let two = four.lowHalf + four.highHalf
        return two.x + two.y
    }

    @inlinable @inline(__always)
    public static func rectified(_ v: Vector) -> Vector { v.replacing(with: 0, where: v .< 0) }

    @inlinable @inline(__always)
    public static func multiplyAdd(_ accumulator: Vector, _ a: Vector, _ b: Vector) -> Vector {
        accumulator.addingProduct(a, b)
    }

    @inlinable @inline(__always)
    public static func select(where a: Vector, isBelow b: Vector, _ x: Vector, otherwise y: Vector) -> Vector {
        y.replacing(with: x, where: a .< b)
    }
}
