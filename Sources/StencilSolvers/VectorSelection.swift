import Tensors

// Lane by lane; what is not a number is passed over.

extension TensorScalar {
    @inline(__always)
    static func larger(_ a: Vector, _ b: Vector) -> Vector { select(where: a, isBelow: b, b, otherwise: a) }

    @inline(__always)
    static func smaller(_ a: Vector, _ b: Vector) -> Vector { select(where: b, isBelow: a, b, otherwise: a) }

    @inline(__always)
    static func magnitude(_ x: Vector) -> Vector { larger(x, 0 - x) }
}
