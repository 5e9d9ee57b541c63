/// Minimal filtering F(4, 3): four neighbouring outputs of a correlation with three taps by six products in place of twelve (Winograd 1980; in
/// convolutional networks Lavin and Gray 2016, arXiv:1509.09308).
///
/// Of six neighbouring cells d and the taps w, the outputs y[k] = sum over j of w[j] d[k + j] are A^T ((G w) * (B^T d)), * being element by
/// element. The gradient by w of <g, y> is G^T ((A g) * (B^T d)). The matrices are Toom's and Cook's for polynomials that are known at 0, a, -a,
/// b, -b and infinity.
///
/// With a = 5/8 and b = 3/2 every number in A and B is exact in binary, and errors are those of a plain sum times 1.3 to 1.7 (docs/tensors.md);
/// with the usual 1 and 2, times 1.9 to 2.5. What makes the difference is that a b is near 1, so that no cell weighs much more than the others.
enum MinimalFilter<Scalar: TensorScalar> {
    typealias V = Scalar.Vector

    /// Outputs that are made together.
    static var tile: Int { 4 }
    static var products: Int { 6 }
    static var taps: Int { 3 }

    @inline(__always) private static var a: Scalar { 0.625 }
    @inline(__always) private static var b: Scalar { 1.5 }
    @inline(__always) private static var a2: Scalar { a * a }
    @inline(__always) private static var b2: Scalar { b * b }
    /// What the taps are divided by at a and -a, and at b and -b: the product of a point's distances from the other finite ones.
    @inline(__always) private static var scaleA: Scalar { 1 / (2 * a2 * (a2 - b2)) }
    @inline(__always) private static var scaleB: Scalar { 1 / (2 * b2 * (b2 - a2)) }

    /// B^T d.
    @inline(__always)
    static func cells(_ d0: V, _ d1: V, _ d2: V, _ d3: V, _ d4: V, _ d5: V) -> (V, V, V, V, V, V) {
        let evenA = plus(d4, -b2, d2), oddA = times(a, plus(d3, -b2, d1))
        let evenB = plus(d4, -a2, d2), oddB = times(b, plus(d3, -a2, d1))
        return (
            plus(plus(d4, a2 * b2, d0), -(a2 + b2), d2), evenA + oddA, evenA - oddA, evenB + oddB, evenB - oddB,
            plus(plus(d5, a2 * b2, d1), -(a2 + b2), d3)
        )
    }

    /// G w.
    @inline(__always)
    static func taps(_ w0: SIMD8<Scalar>, _ w1: SIMD8<Scalar>, _ w2: SIMD8<Scalar>) -> (
        SIMD8<Scalar>, SIMD8<Scalar>, SIMD8<Scalar>, SIMD8<Scalar>, SIMD8<Scalar>, SIMD8<Scalar>
    ) {
        let evenA = (w0 + w2 * a2) * scaleA, oddA = w1 * (a * scaleA)
        let evenB = (w0 + w2 * b2) * scaleB, oddB = w1 * (b * scaleB)
        return (w0 * (1 / (a2 * b2)), evenA + oddA, evenA - oddA, evenB + oddB, evenB - oddB, w2)
    }

    /// A^T m.
    @inline(__always)
    static func outputs(_ m0: V, _ m1: V, _ m2: V, _ m3: V, _ m4: V, _ m5: V) -> (V, V, V, V) {
        let sumA = m1 + m2, differenceA = m1 - m2, sumB = m3 + m4, differenceB = m3 - m4
        return (
            m0 + (sumA + sumB), plus(times(a, differenceA), b, differenceB), plus(times(a2, sumA), b2, sumB),
            plus(plus(m5, a * a2, differenceA), b * b2, differenceB)
        )
    }

    /// A g.
    @inline(__always)
    static func cotangents(_ g0: V, _ g1: V, _ g2: V, _ g3: V) -> (V, V, V, V, V, V) {
        let evenA = plus(g0, a2, g2), oddA = times(a, plus(g1, a2, g3))
        let evenB = plus(g0, b2, g2), oddB = times(b, plus(g1, b2, g3))
        return (g0, evenA + oddA, evenA - oddA, evenB + oddB, evenB - oddB, g3)
    }

    /// G^T s.
    @inline(__always)
    static func gradients(_ s0: V, _ s1: V, _ s2: V, _ s3: V, _ s4: V, _ s5: V) -> (V, V, V) {
        let sumA = times(scaleA, s1 + s2), differenceA = times(a * scaleA, s1 - s2)
        let sumB = times(scaleB, s3 + s4), differenceB = times(b * scaleB, s3 - s4)
        return (plus(sumA + sumB, 1 / (a2 * b2), s0), differenceA + differenceB, plus(plus(s5, a2, sumA), b2, sumB))
    }

    @inline(__always) private static func plus(_ x: V, _ factor: Scalar, _ y: V) -> V { Scalar.multiplyAdd(x, y, V(repeating: factor)) }
    @inline(__always) private static func times(_ factor: Scalar, _ x: V) -> V { x * V(repeating: factor) }
}
