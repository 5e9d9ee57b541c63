// The product that convolutions and dense layers are made of. Operands are lines of numbers that begin at given offsets: for a
// convolution, (input channel, tap) says where in a padded band the field begins that this weight multiplies.

internal import CRegisters

/// Whether 16 sums of a vector each, with what is multiplied, fit the registers: those of AVX-512, but not the 16 of half the size that AVX2 has.
/// There each sum would be fetched from memory and put back for every product; tiles of a quarter keep theirs, and add in the same order.
@inline(__always) var registersHoldWideTiles: Bool { SEICHE_VECTOR_REGISTER_BYTES >= 2048 }

/// Where the pairs of vectors that a tile holds begin: the second may follow the first, or lie in the row below.
struct TilePair {
    /// From the first vector to the second, in elements of the input.
    var input: Int
    /// The same in the output.
    var output: Int
}

/// A quarter of `productTile`: 4 outputs, 1 vector of places.
@inline(__always)
private func smallProductTile<Scalar: TensorScalar>(
    _ input: UnsafePointer<Scalar>, _ offsets: UnsafePointer<Int>, terms: Int, _ weights: UnsafePointer<Scalar>, _ bias: UnsafePointer<Scalar>,
    _ out: UnsafeMutablePointer<Scalar>, outputStride: Int, used: Int, width: Int, rectifies: Bool
) {
    typealias V = Scalar.Vector
    var a0 = V(repeating: bias[0]), a1 = V(repeating: bias[1]), a2 = V(repeating: bias[2]), a3 = V(repeating: bias[3])
    var w = weights
    for j in 0..<terms {
        let p = UnsafeRawPointer(input.advanced(by: offsets[j])).loadUnaligned(as: V.self)
        a0 = Scalar.multiplyAdd(a0, p, V(repeating: w[0]))
        a1 = Scalar.multiplyAdd(a1, p, V(repeating: w[1]))
        a2 = Scalar.multiplyAdd(a2, p, V(repeating: w[2]))
        a3 = Scalar.multiplyAdd(a3, p, V(repeating: w[3]))
        w = w.advanced(by: 8)
    }
    @inline(__always) func store(_ o: Int, _ a: V) {
        guard o < used else { return }
        let target = out.advanced(by: o &* outputStride)
        let a = rectifies ? Scalar.rectified(a) : a
        if width == V.scalarCount {
            UnsafeMutableRawPointer(target).storeBytes(of: a, as: V.self)
        } else {
            for lane in 0..<width { target[lane] = a[lane] }
        }
    }
    store(0, a0)
    store(1, a1)
    store(2, a2)
    store(3, a3)
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
    if !registersHoldWideTiles {
        for quarter in 0..<4 {
            let (first, isSecond) = (4 &* (quarter & 1), quarter >= 2)
            if first >= used || (isSecond && pair.input == 0) { continue }
            smallProductTile(
                input.advanced(by: isSecond ? pair.input : 0), offsets, terms: terms, weights.advanced(by: first), bias.advanced(by: first),
                out.advanced(by: first &* outputStride &+ (isSecond ? pair.output : 0)), outputStride: outputStride, used: used &- first, width: width,
                rectifies: rectifies)
        }
        return
    }
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
