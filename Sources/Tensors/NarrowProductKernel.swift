/// `productKernel` along lines of `length`, by the kernel that leaves less of its tile idle.
///
/// - Parameters: as of the kernels; `out`: lines `outputStride` apart.
func lineProductKernel<Scalar: TensorScalar>(
    _ input: UnsafePointer<Scalar>, _ offsets: UnsafePointer<Int>, terms: Int, _ weights: UnsafePointer<Scalar>, _ bias: UnsafePointer<Scalar>,
    _ out: UnsafeMutablePointer<Scalar>, outputStride: Int, used: Int, length: Int, rectifies: Bool
) {
    if registersHoldWideTiles && used <= 4 && length >= 4 * Scalar.Vector.scalarCount {
        narrowProductKernel(
            input, offsets, terms: terms, weights, bias, out, outputStride: outputStride, used: used, length: length, rectifies: rectifies)
    } else {
        productKernel(
            input, rowStride: 0, offsets, terms: terms, weights, bias, out, outputStride: outputStride, outputRowStride: 0, used: used, rows: 1,
            nx: length, rectifies: rectifies)
    }
}

/// `productKernel` for up to 4 outputs of one line: 4 outputs by 4 vectors in registers, where half of the other's tile would be idle.
///
/// - Parameters:
///   - weights: [terms][8], of which the first 4 are used; `bias`: 4 values.
///   - out: lines of `length`, at least 4 vectors; the last tile overlaps the one before.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func narrowProductKernel<Scalar: TensorScalar>(
    _ input: UnsafePointer<Scalar>, _ offsets: UnsafePointer<Int>, terms: Int, _ weights: UnsafePointer<Scalar>, _ bias: UnsafePointer<Scalar>,
    _ out: UnsafeMutablePointer<Scalar>, outputStride: Int, used: Int, length: Int, rectifies: Bool
) {
    typealias V = Scalar.Vector
    let lanes = V.scalarCount
    var start = 0
    while start < length {
        let x = min(start, length &- 4 &* lanes)
        var a0 = V(repeating: bias[0]), b0 = V(repeating: bias[1]), c0 = V(repeating: bias[2]), d0 = V(repeating: bias[3])
        var a1 = a0, a2 = a0, a3 = a0, b1 = b0, b2 = b0, b3 = b0
        var c1 = c0, c2 = c0, c3 = c0, d1 = d0, d2 = d0, d3 = d0
        var w = weights
        for j in 0..<terms {
            let source = input.advanced(by: offsets[j] &+ x)
            let p0 = UnsafeRawPointer(source).loadUnaligned(as: V.self)
            let p1 = UnsafeRawPointer(source.advanced(by: lanes)).loadUnaligned(as: V.self)
            let p2 = UnsafeRawPointer(source.advanced(by: 2 &* lanes)).loadUnaligned(as: V.self)
            let p3 = UnsafeRawPointer(source.advanced(by: 3 &* lanes)).loadUnaligned(as: V.self)
            let wa = V(repeating: w[0])
            a0 = Scalar.multiplyAdd(a0, p0, wa); a1 = Scalar.multiplyAdd(a1, p1, wa)
            a2 = Scalar.multiplyAdd(a2, p2, wa); a3 = Scalar.multiplyAdd(a3, p3, wa)
            let wb = V(repeating: w[1])
            b0 = Scalar.multiplyAdd(b0, p0, wb); b1 = Scalar.multiplyAdd(b1, p1, wb)
            b2 = Scalar.multiplyAdd(b2, p2, wb); b3 = Scalar.multiplyAdd(b3, p3, wb)
            let wc = V(repeating: w[2])
            c0 = Scalar.multiplyAdd(c0, p0, wc); c1 = Scalar.multiplyAdd(c1, p1, wc)
            c2 = Scalar.multiplyAdd(c2, p2, wc); c3 = Scalar.multiplyAdd(c3, p3, wc)
            let wd = V(repeating: w[3])
            d0 = Scalar.multiplyAdd(d0, p0, wd); d1 = Scalar.multiplyAdd(d1, p1, wd)
            d2 = Scalar.multiplyAdd(d2, p2, wd); d3 = Scalar.multiplyAdd(d3, p3, wd)
            w = w.advanced(by: 8)
        }
        @inline(__always) func store(_ o: Int, _ v0: V, _ v1: V, _ v2: V, _ v3: V) {
            guard o < used else { return }
            let target = UnsafeMutableRawPointer(out.advanced(by: o &* outputStride &+ x))
            let size = MemoryLayout<V>.size
            target.storeBytes(of: rectifies ? Scalar.rectified(v0) : v0, as: V.self)
            target.advanced(by: size).storeBytes(of: rectifies ? Scalar.rectified(v1) : v1, as: V.self)
            target.advanced(by: 2 &* size).storeBytes(of: rectifies ? Scalar.rectified(v2) : v2, as: V.self)
            target.advanced(by: 3 &* size).storeBytes(of: rectifies ? Scalar.rectified(v3) : v3, as: V.self)
        }
        store(0, a0, a1, a2, a3)
        store(1, b0, b1, b2, b3)
        store(2, c0, c1, c2, c3)
        store(3, d0, d1, d2, d3)
        start &+= 4 &* lanes
    }
}
