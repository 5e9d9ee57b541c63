// The product of convolutions with many outputs whose lanes are the outputs: gradients by weights, and fields with rows shorter than vectors.
// The other product kernels have places for lanes; here a number of the field meets a vector of outputs, and places may lie anywhere.

/// sums[i][o] += sum over j of input[starts[i] + offsets[j]] * vectors[j][o], for one vector of o or two.
///
/// Eight sums of one or two vectors stay in registers over all of j. For a convolution i is a place, j a (channel, tap) and `vectors` the weights; for its
/// gradient by weights i is a (channel, tap), j a place and `vectors` the cotangent.
/// - Parameters:
///   - count: of i; `terms`: of j.
///   - vectors: [terms][vectorStride]; `sums`: [count][sumStride].
///   - isPair: whether there are two vectors.
///   - rectifies: whether the sum is followed by max(sum, 0).
func outerProductKernel<Scalar: TensorScalar>(
    _ input: UnsafePointer<Scalar>, _ starts: UnsafePointer<Int>, count: Int, _ offsets: UnsafePointer<Int>, terms: Int,
    _ vectors: UnsafePointer<Scalar>, vectorStride: Int, _ sums: UnsafeMutablePointer<Scalar>, sumStride: Int, isPair: Bool, rectifies: Bool = false
) {
    if isPair {
        pairKernel(
            input, starts, count: count, offsets, terms: terms, vectors, vectorStride: vectorStride, sums, sumStride: sumStride, rectifies: rectifies)
    } else {
        singleKernel(
            input, starts, count: count, offsets, terms: terms, vectors, vectorStride: vectorStride, sums, sumStride: sumStride, rectifies: rectifies)
    }
}

/// A quarter of `pairKernel`'s tile: four sums of one vector.
@inline(__always)
private func smallOuterTile<Scalar: TensorScalar>(
    _ x0: UnsafePointer<Scalar>, _ x1: UnsafePointer<Scalar>, _ x2: UnsafePointer<Scalar>, _ x3: UnsafePointer<Scalar>,
    _ offsets: UnsafePointer<Int>, terms: Int, _ vectors: UnsafePointer<Scalar>, vectorStride: Int, _ sums: UnsafeMutablePointer<Scalar>,
    sumStride: Int, used: Int, rectifies: Bool
) {
    typealias V = Scalar.Vector
    let zero = V(repeating: 0)
    var a0 = zero, a1 = zero, a2 = zero, a3 = zero
    var v = vectors
    for j in 0..<terms {
        let k = offsets[j]
        let p = UnsafeRawPointer(v).loadUnaligned(as: V.self)
        a0 = Scalar.multiplyAdd(a0, p, V(repeating: x0[k]))
        a1 = Scalar.multiplyAdd(a1, p, V(repeating: x1[k]))
        a2 = Scalar.multiplyAdd(a2, p, V(repeating: x2[k]))
        a3 = Scalar.multiplyAdd(a3, p, V(repeating: x3[k]))
        v = v.advanced(by: vectorStride)
    }
    @inline(__always) func store(_ i: Int, _ a: V) {
        if i < used { addTo(sums.advanced(by: i &* sumStride), a, rectifies: rectifies) }
    }
    store(0, a0)
    store(1, a1)
    store(2, a2)
    store(3, a3)
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func pairKernel<Scalar: TensorScalar>(
    _ input: UnsafePointer<Scalar>, _ starts: UnsafePointer<Int>, count: Int, _ offsets: UnsafePointer<Int>, terms: Int,
    _ vectors: UnsafePointer<Scalar>, vectorStride: Int, _ sums: UnsafeMutablePointer<Scalar>, sumStride: Int, rectifies: Bool
) {
    typealias V = Scalar.Vector
    let lanes = V.scalarCount
    let zero = V(repeating: 0)
    var first = 0
    while first < count {
        // Of fewer than eight the last is taken again and not stored.
        let (own, last) = (starts + first, min(7, count &- 1 &- first))
        let x0 = input + own[0], x1 = input + own[min(1, last)], x2 = input + own[min(2, last)], x3 = input + own[min(3, last)]
        let x4 = input + own[min(4, last)], x5 = input + own[min(5, last)], x6 = input + own[min(6, last)], x7 = input + own[last]
        if !registersHoldWideTiles {
            for quarter in 0..<4 {
                let (four, shift) = (4 &* (quarter & 1), quarter < 2 ? 0 : lanes)
                if four > last { continue }
                smallOuterTile(
                    four == 0 ? x0 : x4, four == 0 ? x1 : x5, four == 0 ? x2 : x6, four == 0 ? x3 : x7, offsets, terms: terms,
                    vectors.advanced(by: shift), vectorStride: vectorStride, sums.advanced(by: (first &+ four) &* sumStride &+ shift),
                    sumStride: sumStride, used: last &- four &+ 1, rectifies: rectifies)
            }
            first &+= 8
            continue
        }
        var a0 = zero, a1 = zero, a2 = zero, a3 = zero, a4 = zero, a5 = zero, a6 = zero, a7 = zero
        var b0 = zero, b1 = zero, b2 = zero, b3 = zero, b4 = zero, b5 = zero, b6 = zero, b7 = zero
        var v = vectors
        for j in 0..<terms {
            let k = offsets[j]
            let p = UnsafeRawPointer(v).loadUnaligned(as: V.self)
            let q = UnsafeRawPointer(v.advanced(by: lanes)).loadUnaligned(as: V.self)
            let s0 = V(repeating: x0[k])
            a0 = Scalar.multiplyAdd(a0, p, s0)
            b0 = Scalar.multiplyAdd(b0, q, s0)
            let s1 = V(repeating: x1[k])
            a1 = Scalar.multiplyAdd(a1, p, s1)
            b1 = Scalar.multiplyAdd(b1, q, s1)
            let s2 = V(repeating: x2[k])
            a2 = Scalar.multiplyAdd(a2, p, s2)
            b2 = Scalar.multiplyAdd(b2, q, s2)
            let s3 = V(repeating: x3[k])
            a3 = Scalar.multiplyAdd(a3, p, s3)
            b3 = Scalar.multiplyAdd(b3, q, s3)
            let s4 = V(repeating: x4[k])
            a4 = Scalar.multiplyAdd(a4, p, s4)
            b4 = Scalar.multiplyAdd(b4, q, s4)
            let s5 = V(repeating: x5[k])
            a5 = Scalar.multiplyAdd(a5, p, s5)
            b5 = Scalar.multiplyAdd(b5, q, s5)
            let s6 = V(repeating: x6[k])
            a6 = Scalar.multiplyAdd(a6, p, s6)
            b6 = Scalar.multiplyAdd(b6, q, s6)
            let s7 = V(repeating: x7[k])
            a7 = Scalar.multiplyAdd(a7, p, s7)
            b7 = Scalar.multiplyAdd(b7, q, s7)
            v = v.advanced(by: vectorStride)
        }
        let target = sums.advanced(by: first &* sumStride)
        @inline(__always) func store(_ i: Int, _ a: V, _ b: V) {
            guard i <= last else { return }
            addTo(target.advanced(by: i &* sumStride), a, rectifies: rectifies)
            addTo(target.advanced(by: i &* sumStride &+ lanes), b, rectifies: rectifies)
        }
        store(0, a0, b0)
        store(1, a1, b1)
        store(2, a2, b2)
        store(3, a3, b3)
        store(4, a4, b4)
        store(5, a5, b5)
        store(6, a6, b6)
        store(7, a7, b7)
        first &+= 8
    }
}

/// A quarter of `singleKernel`'s tile: two sums of one vector, of even j and of odd ones.
@inline(__always)
private func smallSingleTile<Scalar: TensorScalar>(
    _ x0: UnsafePointer<Scalar>, _ x1: UnsafePointer<Scalar>, _ offsets: UnsafePointer<Int>, terms: Int, _ vectors: UnsafePointer<Scalar>,
    vectorStride: Int, _ sums: UnsafeMutablePointer<Scalar>, sumStride: Int, used: Int, rectifies: Bool
) {
    typealias V = Scalar.Vector
    let zero = V(repeating: 0)
    var a0 = zero, a1 = zero, b0 = zero, b1 = zero
    var v = vectors
    var j = 0
    while j &+ 1 < terms {
        let (k, l) = (offsets[j], offsets[j &+ 1])
        let p = UnsafeRawPointer(v).loadUnaligned(as: V.self)
        let q = UnsafeRawPointer(v.advanced(by: vectorStride)).loadUnaligned(as: V.self)
        a0 = Scalar.multiplyAdd(a0, p, V(repeating: x0[k]))
        b0 = Scalar.multiplyAdd(b0, q, V(repeating: x0[l]))
        a1 = Scalar.multiplyAdd(a1, p, V(repeating: x1[k]))
        b1 = Scalar.multiplyAdd(b1, q, V(repeating: x1[l]))
        v = v.advanced(by: 2 &* vectorStride)
        j &+= 2
    }
    if j < terms {
        let p = UnsafeRawPointer(v).loadUnaligned(as: V.self)
        a0 = Scalar.multiplyAdd(a0, p, V(repeating: x0[offsets[j]]))
        a1 = Scalar.multiplyAdd(a1, p, V(repeating: x1[offsets[j]]))
    }
    addTo(sums, a0 + b0, rectifies: rectifies)
    if used > 1 { addTo(sums.advanced(by: sumStride), a1 + b1, rectifies: rectifies) }
}

/// sums += v, or the maximum of that and 0.
@inline(__always)
private func addTo<Scalar: TensorScalar>(_ sums: UnsafeMutablePointer<Scalar>, _ v: Scalar.Vector, rectifies: Bool) {
    let place = UnsafeMutableRawPointer(sums)
    let v = v + place.loadUnaligned(as: Scalar.Vector.self)
    place.storeBytes(of: rectifies ? Scalar.rectified(v) : v, as: Scalar.Vector.self)
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func singleKernel<Scalar: TensorScalar>(
    _ input: UnsafePointer<Scalar>, _ starts: UnsafePointer<Int>, count: Int, _ offsets: UnsafePointer<Int>, terms: Int,
    _ vectors: UnsafePointer<Scalar>, vectorStride: Int, _ sums: UnsafeMutablePointer<Scalar>, sumStride: Int, rectifies: Bool
) {
    typealias V = Scalar.Vector
    let zero = V(repeating: 0)
    var first = 0
    while first < count {
        // Of fewer than eight the last is taken again and not stored.
        let (own, last) = (starts + first, min(7, count &- 1 &- first))
        let x0 = input + own[0], x1 = input + own[min(1, last)], x2 = input + own[min(2, last)], x3 = input + own[min(3, last)]
        let x4 = input + own[min(4, last)], x5 = input + own[min(5, last)], x6 = input + own[min(6, last)], x7 = input + own[last]
        let target = sums.advanced(by: first &* sumStride)
        if !registersHoldWideTiles {
            for two in stride(from: 0, through: last, by: 2) {
                smallSingleTile(
                    input + own[two], input + own[min(two &+ 1, last)], offsets, terms: terms, vectors, vectorStride: vectorStride,
                    target.advanced(by: two &* sumStride), sumStride: sumStride, used: last &- two &+ 1, rectifies: rectifies)
            }
            first &+= 8
            continue
        }
        // Sums of even j and of odd ones, so that none waits for the one before.
        var a0 = zero, a1 = zero, a2 = zero, a3 = zero, a4 = zero, a5 = zero, a6 = zero, a7 = zero
        var b0 = zero, b1 = zero, b2 = zero, b3 = zero, b4 = zero, b5 = zero, b6 = zero, b7 = zero
        var v = vectors
        var j = 0
        while j &+ 1 < terms {
            let (k, l) = (offsets[j], offsets[j &+ 1])
            let p = UnsafeRawPointer(v).loadUnaligned(as: V.self)
            let q = UnsafeRawPointer(v.advanced(by: vectorStride)).loadUnaligned(as: V.self)
            a0 = Scalar.multiplyAdd(a0, p, V(repeating: x0[k]))
            b0 = Scalar.multiplyAdd(b0, q, V(repeating: x0[l]))
            a1 = Scalar.multiplyAdd(a1, p, V(repeating: x1[k]))
            b1 = Scalar.multiplyAdd(b1, q, V(repeating: x1[l]))
            a2 = Scalar.multiplyAdd(a2, p, V(repeating: x2[k]))
            b2 = Scalar.multiplyAdd(b2, q, V(repeating: x2[l]))
            a3 = Scalar.multiplyAdd(a3, p, V(repeating: x3[k]))
            b3 = Scalar.multiplyAdd(b3, q, V(repeating: x3[l]))
            a4 = Scalar.multiplyAdd(a4, p, V(repeating: x4[k]))
            b4 = Scalar.multiplyAdd(b4, q, V(repeating: x4[l]))
            a5 = Scalar.multiplyAdd(a5, p, V(repeating: x5[k]))
            b5 = Scalar.multiplyAdd(b5, q, V(repeating: x5[l]))
            a6 = Scalar.multiplyAdd(a6, p, V(repeating: x6[k]))
            b6 = Scalar.multiplyAdd(b6, q, V(repeating: x6[l]))
            a7 = Scalar.multiplyAdd(a7, p, V(repeating: x7[k]))
            b7 = Scalar.multiplyAdd(b7, q, V(repeating: x7[l]))
            v = v.advanced(by: 2 &* vectorStride)
            j &+= 2
        }
        if j < terms {
            let k = offsets[j]
            let p = UnsafeRawPointer(v).loadUnaligned(as: V.self)
            a0 = Scalar.multiplyAdd(a0, p, V(repeating: x0[k]))
            a1 = Scalar.multiplyAdd(a1, p, V(repeating: x1[k]))
            a2 = Scalar.multiplyAdd(a2, p, V(repeating: x2[k]))
            a3 = Scalar.multiplyAdd(a3, p, V(repeating: x3[k]))
            a4 = Scalar.multiplyAdd(a4, p, V(repeating: x4[k]))
            a5 = Scalar.multiplyAdd(a5, p, V(repeating: x5[k]))
            a6 = Scalar.multiplyAdd(a6, p, V(repeating: x6[k]))
            a7 = Scalar.multiplyAdd(a7, p, V(repeating: x7[k]))
        }
        @inline(__always) func store(_ i: Int, _ a: V) {
            if i <= last { addTo(target.advanced(by: i &* sumStride), a, rectifies: rectifies) }
        }
        store(0, a0 + b0)
        store(1, a1 + b1)
        store(2, a2 + b2)
        store(3, a3 + b3)
        store(4, a4 + b4)
        store(5, a5 + b5)
        store(6, a6 + b6)
        store(7, a7 + b7)
        first &+= 8
    }
}
