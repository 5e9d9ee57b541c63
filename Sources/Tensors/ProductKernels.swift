// The two products that convolutions and dense layers are made of. Operands are lines of numbers that begin at given offsets: for a
// convolution, (input channel, tap) says where in a padded band the field begins that this weight multiplies.

/// Where the pairs of vectors that a tile holds begin: the second may follow the first, or lie in the row below.
struct TilePair {
    /// From the first vector to the second, in elements of the input.
    var input: Int
    /// The same in the output.
    var output: Int
}

/// One tile of out[o][p] = bias[o] + sum over j of weights[j][o] * input[offsets[j] + p]: 8 outputs, 2 vectors of places p, in registers.
///
/// - Parameters:
///   - weights: [terms][8].
///   - used: how many of the 8 outputs are written; `rectifies`: whether as max(sum, 0).
///   - width: how many elements of each vector are written.
@inline(__always)
private func productTile<Scalar: TensorScalar>(
    _ input: UnsafePointer<Scalar>, _ pair: TilePair, _ offsets: UnsafePointer<Int>, terms: Int,
    _ weights: UnsafePointer<Scalar>, _ bias: UnsafePointer<Scalar>,
    _ out: UnsafeMutablePointer<Scalar>, outputStride: Int, used: Int, width: Int, rectifies: Bool
) {
    typealias V = Scalar.Vector
    var a0 = V(repeating: bias[0])
    var b0 = a0
    var a1 = V(repeating: bias[1])
    var b1 = a1
    var a2 = V(repeating: bias[2])
    var b2 = a2
    var a3 = V(repeating: bias[3])
    var b3 = a3
    var a4 = V(repeating: bias[4])
    var b4 = a4
    var a5 = V(repeating: bias[5])
    var b5 = a5
    var a6 = V(repeating: bias[6])
    var b6 = a6
    var a7 = V(repeating: bias[7])
    var b7 = a7
    var w = weights
    let second = pair.input
    for j in 0..<terms {
        let source = input.advanced(by: offsets[j])
        let p = UnsafeRawPointer(source).loadUnaligned(as: V.self)
        let q = UnsafeRawPointer(source.advanced(by: second)).loadUnaligned(as: V.self)
        let w0 = V(repeating: w[0])
        a0 = Scalar.multiplyAdd(a0, p, w0)
        b0 = Scalar.multiplyAdd(b0, q, w0)
        let w1 = V(repeating: w[1])
        a1 = Scalar.multiplyAdd(a1, p, w1)
        b1 = Scalar.multiplyAdd(b1, q, w1)
        let w2 = V(repeating: w[2])
        a2 = Scalar.multiplyAdd(a2, p, w2)
        b2 = Scalar.multiplyAdd(b2, q, w2)
        let w3 = V(repeating: w[3])
        a3 = Scalar.multiplyAdd(a3, p, w3)
        b3 = Scalar.multiplyAdd(b3, q, w3)
        let w4 = V(repeating: w[4])
        a4 = Scalar.multiplyAdd(a4, p, w4)
        b4 = Scalar.multiplyAdd(b4, q, w4)
        let w5 = V(repeating: w[5])
        a5 = Scalar.multiplyAdd(a5, p, w5)
        b5 = Scalar.multiplyAdd(b5, q, w5)
        let w6 = V(repeating: w[6])
        a6 = Scalar.multiplyAdd(a6, p, w6)
        b6 = Scalar.multiplyAdd(b6, q, w6)
        let w7 = V(repeating: w[7])
        a7 = Scalar.multiplyAdd(a7, p, w7)
        b7 = Scalar.multiplyAdd(b7, q, w7)
        w = w.advanced(by: 8)
    }
    @inline(__always) func store(_ o: Int, _ a: V, _ b: V) {
        guard o < used else { return }
        let target = out.advanced(by: o &* outputStride)
        let a = rectifies ? Scalar.rectified(a) : a
        let b = rectifies ? Scalar.rectified(b) : b
        if width == V.scalarCount {
            UnsafeMutableRawPointer(target).storeBytes(of: a, as: V.self)
            UnsafeMutableRawPointer(target.advanced(by: pair.output)).storeBytes(of: b, as: V.self)
        } else {
            for lane in 0..<width {
                target[lane] = a[lane]
                target[pair.output &+ lane] = b[lane]
            }
        }
    }
    store(0, a0, b0)
    store(1, a1, b1)
    store(2, a2, b2)
    store(3, a3, b3)
    store(4, a4, b4)
    store(5, a5, b5)
    store(6, a6, b6)
    store(7, a7, b7)
}

/// out[o][y][x] = bias[o] + sum over j of weights[j][o] * input[offsets[j] + y * rowStride + x] for up to 8 outputs o.
///
/// Where it `rectifies`, the maximum of that and 0. An odd vector at the end of a row is joined with the one below it; where a row is no whole number of
/// vectors, the last overlaps the one before.
/// - Parameters:
///   - weights: [terms][8], unused outputs zero; `bias`: 8 values.
///   - out: rows of `nx`, `outputRowStride` apart, of outputs `outputStride` apart. Where nx is less than a vector, as much as a vector is read past the
///     input's end.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func productKernel<Scalar: TensorScalar>(
    _ input: UnsafePointer<Scalar>, rowStride: Int, _ offsets: UnsafePointer<Int>, terms: Int,
    _ weights: UnsafePointer<Scalar>, _ bias: UnsafePointer<Scalar>,
    _ out: UnsafeMutablePointer<Scalar>, outputStride: Int, outputRowStride: Int, used: Int, rows: Int, nx: Int, rectifies: Bool = false
) {
    let lanes = Scalar.Vector.scalarCount
    let vectors = (nx &+ lanes &- 1) / lanes
    for y in 0..<rows {
        let source = input.advanced(by: y &* rowStride)
        let target = out.advanced(by: y &* outputRowStride)
        for k in 0..<vectors / 2 {
            let x = min(2 &* lanes &* k, nx &- 2 &* lanes)
            // Of two vectors that do not fit, the first begins where it would and the second ends with the row.
            let first = x < 0 ? 0 : x
            let second = x < 0 ? nx &- lanes : lanes
            productTile(
                source.advanced(by: first), TilePair(input: second, output: second), offsets, terms: terms, weights, bias,
                target.advanced(by: first), outputStride: outputStride, used: used, width: lanes, rectifies: rectifies)
        }
        if vectors & 1 == 1 && (y & 1 == 0) {
            let x = max(0, nx &- lanes)
            let neighbour = y &+ 1 < rows ? 1 : 0
            productTile(
                source.advanced(by: x), TilePair(input: neighbour &* rowStride, output: neighbour &* outputRowStride), offsets, terms: terms, weights, bias,
                target.advanced(by: x), outputStride: outputStride, used: used, width: min(lanes, nx), rectifies: rectifies)
        }
    }
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
            var p = 0
            while p < whole {
                multiply(g0, g1, g2, g3, x0, x1, x2, x3, p)
                p &+= lanes
            }
            if whole < length {
                let rest = length &- whole
                for (line, source) in [g0, g1, g2, g3, x0, x1, x2, x3].enumerated() {
                    for k in 0..<rest { ends[line &* lanes &+ k] = source[whole &+ k] }
                }
                let e = UnsafePointer(ends)
                multiply(e, e + lanes, e + 2 * lanes, e + 3 * lanes, e + 4 * lanes, e + 5 * lanes, e + 6 * lanes, e + 7 * lanes, 0)
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
