// The product of convolutions with few outputs by their weights, and of dense layers: sums along lines.

/// A quarter of `innerProductKernel`'s tile, in lanes: two lines of either side.
///
/// - Parameters:
///   - whole: how many elements of the lines are multiplied; `ends`: what comes after them of eight lines, a vector of each, of which `left` and
///     `right` are where those of this tile begin.
@inline(__always)
private func smallInnerTile<Scalar: TensorScalar>(
    _ g0: UnsafePointer<Scalar>, _ g1: UnsafePointer<Scalar>, _ x0: UnsafePointer<Scalar>, _ x1: UnsafePointer<Scalar>, _ whole: Int,
    _ ends: UnsafePointer<Scalar>?, lines left: Int, _ right: Int
) -> (Scalar.Vector, Scalar.Vector, Scalar.Vector, Scalar.Vector) {
    typealias V = Scalar.Vector
    let (zero, lanes) = (V(repeating: 0), V.scalarCount)
    var s00 = zero, s01 = zero, s10 = zero, s11 = zero
    @inline(__always) func multiply(
        _ g0: UnsafePointer<Scalar>, _ g1: UnsafePointer<Scalar>, _ x0: UnsafePointer<Scalar>, _ x1: UnsafePointer<Scalar>, _ p: Int
    ) {
        let q0 = UnsafeRawPointer(g0.advanced(by: p)).loadUnaligned(as: V.self)
        let q1 = UnsafeRawPointer(g1.advanced(by: p)).loadUnaligned(as: V.self)
        let v0 = UnsafeRawPointer(x0.advanced(by: p)).loadUnaligned(as: V.self)
        s00 = Scalar.multiplyAdd(s00, q0, v0); s10 = Scalar.multiplyAdd(s10, q1, v0)
        let v1 = UnsafeRawPointer(x1.advanced(by: p)).loadUnaligned(as: V.self)
        s01 = Scalar.multiplyAdd(s01, q0, v1); s11 = Scalar.multiplyAdd(s11, q1, v1)
    }
    var p = 0
    while p < whole {
        multiply(g0, g1, x0, x1, p)
        p &+= lanes
    }
    if let ends {
        let (left, right) = (ends + left &* lanes, ends + right &* lanes)
        multiply(left, left + lanes, right, right + lanes, 0)
    }
    return (s00, s01, s10, s11)
}

/// sums[o][j] += sum over p < length of left[o * leftStride + p] * right[offsets[j] + p].
///
/// Four lines of either side are multiplied in registers over their whole length.
/// - Parameter sums: [lines][terms], a line `sumsStride` after the one before.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func innerProductKernel<Scalar: TensorScalar>(
    _ left: UnsafePointer<Scalar>, leftStride: Int, lines: Int, _ right: UnsafePointer<Scalar>, _ offsets: UnsafePointer<Int>, terms: Int,
    length: Int, _ sums: UnsafeMutablePointer<Scalar>, sumsStride: Int
) {
    typealias V = Scalar.Vector
    let lanes = V.scalarCount
    let whole = length / lanes &* lanes
    let partial = UnsafeMutablePointer<Scalar>.allocate(capacity: 16)
    // The ends of eight lines that fill no vector, with zeros after them.
    let ends = UnsafeMutablePointer<Scalar>.allocate(capacity: 8 &* lanes)
    ends.initialize(repeating: 0, count: 8 &* lanes)
    defer {
        partial.deallocate()
        ends.deallocate()
    }
    var o = 0
    while o < lines {
        let last = lines &- 1
        let g0 = left.advanced(by: o &* leftStride)
        let g1 = left.advanced(by: min(o &+ 1, last) &* leftStride)
        let g2 = left.advanced(by: min(o &+ 2, last) &* leftStride)
        let g3 = left.advanced(by: min(o &+ 3, last) &* leftStride)
        var j = 0
        while j < terms {
            let x0 = right.advanced(by: offsets[j])
            let x1 = right.advanced(by: offsets[min(j &+ 1, terms &- 1)])
            let x2 = right.advanced(by: offsets[min(j &+ 2, terms &- 1)])
            let x3 = right.advanced(by: offsets[min(j &+ 3, terms &- 1)])
            let zero = V(repeating: 0)
            var s00 = zero, s01 = zero, s02 = zero, s03 = zero, s10 = zero, s11 = zero, s12 = zero, s13 = zero
            var s20 = zero, s21 = zero, s22 = zero, s23 = zero, s30 = zero, s31 = zero, s32 = zero, s33 = zero
            @inline(__always) func multiply(
                _ g0: UnsafePointer<Scalar>, _ g1: UnsafePointer<Scalar>, _ g2: UnsafePointer<Scalar>, _ g3: UnsafePointer<Scalar>,
                _ x0: UnsafePointer<Scalar>, _ x1: UnsafePointer<Scalar>, _ x2: UnsafePointer<Scalar>, _ x3: UnsafePointer<Scalar>, _ p: Int
            ) {
                let q0 = UnsafeRawPointer(g0.advanced(by: p)).loadUnaligned(as: V.self)
                let q1 = UnsafeRawPointer(g1.advanced(by: p)).loadUnaligned(as: V.self)
                let q2 = UnsafeRawPointer(g2.advanced(by: p)).loadUnaligned(as: V.self)
                let q3 = UnsafeRawPointer(g3.advanced(by: p)).loadUnaligned(as: V.self)
                let v0 = UnsafeRawPointer(x0.advanced(by: p)).loadUnaligned(as: V.self)
                s00 = Scalar.multiplyAdd(s00, q0, v0); s10 = Scalar.multiplyAdd(s10, q1, v0)
                s20 = Scalar.multiplyAdd(s20, q2, v0); s30 = Scalar.multiplyAdd(s30, q3, v0)
                let v1 = UnsafeRawPointer(x1.advanced(by: p)).loadUnaligned(as: V.self)
                s01 = Scalar.multiplyAdd(s01, q0, v1); s11 = Scalar.multiplyAdd(s11, q1, v1)
                s21 = Scalar.multiplyAdd(s21, q2, v1); s31 = Scalar.multiplyAdd(s31, q3, v1)
                let v2 = UnsafeRawPointer(x2.advanced(by: p)).loadUnaligned(as: V.self)
                s02 = Scalar.multiplyAdd(s02, q0, v2); s12 = Scalar.multiplyAdd(s12, q1, v2)
                s22 = Scalar.multiplyAdd(s22, q2, v2); s32 = Scalar.multiplyAdd(s32, q3, v2)
                let v3 = UnsafeRawPointer(x3.advanced(by: p)).loadUnaligned(as: V.self)
                s03 = Scalar.multiplyAdd(s03, q0, v3); s13 = Scalar.multiplyAdd(s13, q1, v3)
                s23 = Scalar.multiplyAdd(s23, q2, v3); s33 = Scalar.multiplyAdd(s33, q3, v3)
            }
            let rest = length &- whole
            if rest > 0 {
                for (line, source) in [g0, g1, g2, g3, x0, x1, x2, x3].enumerated() {
                    for k in 0..<rest { ends[line &* lanes &+ k] = source[whole &+ k] }
                }
            }
            let e = UnsafePointer(ends)
            if registersHoldWideTiles {
                var p = 0
                while p < whole {
                    multiply(g0, g1, g2, g3, x0, x1, x2, x3, p)
                    p &+= lanes
                }
                if rest > 0 {
                    multiply(e, e + lanes, e + 2 * lanes, e + 3 * lanes, e + 4 * lanes, e + 5 * lanes, e + 6 * lanes, e + 7 * lanes, 0)
                }
            } else {
                let end = rest > 0 ? e : nil
                (s00, s01, s10, s11) = smallInnerTile(g0, g1, x0, x1, whole, end, lines: 0, 4)
                (s02, s03, s12, s13) = smallInnerTile(g0, g1, x2, x3, whole, end, lines: 0, 6)
                (s20, s21, s30, s31) = smallInnerTile(g2, g3, x0, x1, whole, end, lines: 2, 4)
                (s22, s23, s32, s33) = smallInnerTile(g2, g3, x2, x3, whole, end, lines: 2, 6)
            }
            // Each of these steps halves the lanes of a sum; one vector in single precision, two in double have all sixteen sums.
            let t0 = Scalar.pairSums(s00, s01), t1 = Scalar.pairSums(s02, s03), t2 = Scalar.pairSums(s10, s11), t3 = Scalar.pairSums(s12, s13)
            let t4 = Scalar.pairSums(s20, s21), t5 = Scalar.pairSums(s22, s23), t6 = Scalar.pairSums(s30, s31), t7 = Scalar.pairSums(s32, s33)
            let u0 = Scalar.pairSums(t0, t1), u1 = Scalar.pairSums(t2, t3), u2 = Scalar.pairSums(t4, t5), u3 = Scalar.pairSums(t6, t7)
            let low = Scalar.pairSums(u0, u1), high = Scalar.pairSums(u2, u3)
            if lanes == 16 {
                UnsafeMutableRawPointer(partial).storeBytes(of: Scalar.pairSums(low, high), as: V.self)
            } else {
                UnsafeMutableRawPointer(partial).storeBytes(of: low, as: V.self)
                UnsafeMutableRawPointer(partial.advanced(by: lanes)).storeBytes(of: high, as: V.self)
            }
            for a in 0..<min(4, lines &- o) {
                for b in 0..<min(4, terms &- j) { sums[(o &+ a) &* sumsStride &+ j &+ b] += partial[4 &* a &+ b] }
            }
            j &+= 4
        }
        o &+= 4
    }
}
