import _Differentiation

/// The two precisions a tensor can have. One kernel source serves both through `Vector`.
public protocol TensorScalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable, Differentiable where TangentVector == Self {
    /// Scalars that the kernels treat together; 64 bytes in either precision.
    associatedtype Vector: SIMD where Vector.Scalar == Self, Vector: Sendable

    /// acc + a * b with one rounding, lane by lane.
    static func multiplyAdd(_ accumulator: Vector, _ a: Vector, _ b: Vector) -> Vector
}

extension Float: TensorScalar {
    public typealias Vector = SIMD16<Float>

    @inlinable @inline(__always)
    public static func multiplyAdd(_ accumulator: Vector, _ a: Vector, _ b: Vector) -> Vector {
        accumulator.addingProduct(a, b)
    }
}

extension Double: TensorScalar {
    public typealias Vector = SIMD8<Double>

    @inlinable @inline(__always)
    public static func multiplyAdd(_ accumulator: Vector, _ a: Vector, _ b: Vector) -> Vector {
        accumulator.addingProduct(a, b)
    }
}
