/// Direct convolution of one sample: for each block of 8 output channels and 2 vectors along x, all taps are summed in registers.
///
/// - Parameters:
///   - input: padded planes, border (kernel - 1) / 2.
///   - weights: packed by `packWeights`: [output block of 8][input channel][tap][8].
///   - bias: one value per output channel, already padded to whole blocks.
///   - out: [outputs, ny, nx].
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func convolveKernel<Scalar: TensorScalar>(
    _ input: UnsafePointer<Scalar>, rowStride: Int, planeStride: Int, inputs: Int, kernel: Int,
    _ weights: UnsafePointer<Scalar>, _ bias: UnsafePointer<Scalar>,
    _ out: UnsafeMutablePointer<Scalar>, outputs: Int, ny: Int, nx: Int
) {
    typealias V = Scalar.Vector
    let lanes = V.scalarCount
    let taps = kernel &* kernel
    let plane = ny &* nx
    let store = UnsafeMutablePointer<V>.allocate(capacity: 16)
    defer { store.deallocate() }
    let rawStore = UnsafeMutableRawPointer(store).assumingMemoryBound(to: Scalar.self)
    var firstOutput = 0
    while firstOutput < outputs {
        let used = min(8, outputs &- firstOutput)
        let blockWeights = weights.advanced(by: firstOutput &* inputs &* taps)
        for y in 0..<ny {
            var x = 0
            while x < nx {
                var a0 = V(repeating: bias[firstOutput])
                var b0 = a0
                var a1 = V(repeating: bias[firstOutput &+ 1])
                var b1 = a1
                var a2 = V(repeating: bias[firstOutput &+ 2])
                var b2 = a2
                var a3 = V(repeating: bias[firstOutput &+ 3])
                var b3 = a3
                var a4 = V(repeating: bias[firstOutput &+ 4])
                var b4 = a4
                var a5 = V(repeating: bias[firstOutput &+ 5])
                var b5 = a5
                var a6 = V(repeating: bias[firstOutput &+ 6])
                var b6 = a6
                var a7 = V(repeating: bias[firstOutput &+ 7])
                var b7 = a7
                var w = blockWeights
                for channel in 0..<inputs {
                    let corner = input.advanced(by: channel &* planeStride &+ y &* rowStride &+ x)
                    for ky in 0..<kernel {
                        let row = corner.advanced(by: ky &* rowStride)
                        for kx in 0..<kernel {
                            let source = UnsafeRawPointer(row.advanced(by: kx))
                            let p = source.loadUnaligned(as: V.self)
                            let q = source.advanced(by: MemoryLayout<V>.size).loadUnaligned(as: V.self)
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
                    }
                }
                store[0] = a0; store[1] = b0; store[2] = a1; store[3] = b1
                store[4] = a2; store[5] = b2; store[6] = a3; store[7] = b3
                store[8] = a4; store[9] = b4; store[10] = a5; store[11] = b5
                store[12] = a6; store[13] = b6; store[14] = a7; store[15] = b7
                let width = min(2 &* lanes, nx &- x)
                for o in 0..<used {
                    let target = out.advanced(by: (firstOutput &+ o) &* plane &+ y &* nx &+ x)
                    target.initialize(from: rawStore.advanced(by: o &* 2 &* lanes), count: width)
                }
                x &+= 2 &* lanes
            }
        }
        firstOutput &+= 8
    }
}

/// Gradient of a convolution with respect to its weights, for one sample: correlations of the cotangent with the input.
///
/// Four output channels and three taps are summed in registers over the whole plane.
/// - Parameters:
///   - input: padded planes; `cotangent`: planes padded alike (its border and what lies past the right edge are zero).
///   - gradient: [outputs, inputs, taps], overwritten.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func weightGradientKernel<Scalar: TensorScalar>(
    _ input: UnsafePointer<Scalar>, _ cotangent: UnsafePointer<Scalar>, rowStride: Int, planeStride: Int, border: Int,
    inputs: Int, outputs: Int, kernel: Int, ny: Int, nx: Int, _ gradient: UnsafeMutablePointer<Scalar>
) {
    typealias V = Scalar.Vector
    let lanes = V.scalarCount
    let taps = kernel &* kernel
    let interior = border &* rowStride &+ border
    let sums = UnsafeMutablePointer<Scalar>.allocate(capacity: 12)
    defer { sums.deallocate() }
    var firstOutput = 0
    while firstOutput < outputs {
        let last = outputs &- 1
        let g0 = cotangent.advanced(by: firstOutput &* planeStride &+ interior)
        let g1 = cotangent.advanced(by: min(firstOutput &+ 1, last) &* planeStride &+ interior)
        let g2 = cotangent.advanced(by: min(firstOutput &+ 2, last) &* planeStride &+ interior)
        let g3 = cotangent.advanced(by: min(firstOutput &+ 3, last) &* planeStride &+ interior)
        for channel in 0..<inputs {
            let corner = input.advanced(by: channel &* planeStride)
            var firstTap = 0
            while firstTap < taps {
                let t1 = min(firstTap &+ 1, taps &- 1)
                let t2 = min(firstTap &+ 2, taps &- 1)
                let x0 = corner.advanced(by: (firstTap / kernel) &* rowStride &+ firstTap % kernel)
                let x1 = corner.advanced(by: (t1 / kernel) &* rowStride &+ t1 % kernel)
                let x2 = corner.advanced(by: (t2 / kernel) &* rowStride &+ t2 % kernel)
                let zero = V(repeating: 0)
                var s00 = zero, s01 = zero, s02 = zero, s10 = zero, s11 = zero, s12 = zero
                var s20 = zero, s21 = zero, s22 = zero, s30 = zero, s31 = zero, s32 = zero
                for y in 0..<ny {
                    var offset = y &* rowStride
                    let end = offset &+ nx
                    while offset < end {
                        let p0 = UnsafeRawPointer(x0.advanced(by: offset)).loadUnaligned(as: V.self)
                        let p1 = UnsafeRawPointer(x1.advanced(by: offset)).loadUnaligned(as: V.self)
                        let p2 = UnsafeRawPointer(x2.advanced(by: offset)).loadUnaligned(as: V.self)
                        let q0 = UnsafeRawPointer(g0.advanced(by: offset)).loadUnaligned(as: V.self)
                        let q1 = UnsafeRawPointer(g1.advanced(by: offset)).loadUnaligned(as: V.self)
                        let q2 = UnsafeRawPointer(g2.advanced(by: offset)).loadUnaligned(as: V.self)
                        let q3 = UnsafeRawPointer(g3.advanced(by: offset)).loadUnaligned(as: V.self)
                        s00 = Scalar.multiplyAdd(s00, q0, p0); s01 = Scalar.multiplyAdd(s01, q0, p1); s02 = Scalar.multiplyAdd(s02, q0, p2)
                        s10 = Scalar.multiplyAdd(s10, q1, p0); s11 = Scalar.multiplyAdd(s11, q1, p1); s12 = Scalar.multiplyAdd(s12, q1, p2)
                        s20 = Scalar.multiplyAdd(s20, q2, p0); s21 = Scalar.multiplyAdd(s21, q2, p1); s22 = Scalar.multiplyAdd(s22, q2, p2)
                        s30 = Scalar.multiplyAdd(s30, q3, p0); s31 = Scalar.multiplyAdd(s31, q3, p1); s32 = Scalar.multiplyAdd(s32, q3, p2)
                        offset &+= lanes
                    }
                }
                sums[0] = s00.sum(); sums[1] = s01.sum(); sums[2] = s02.sum()
                sums[3] = s10.sum(); sums[4] = s11.sum(); sums[5] = s12.sum()
                sums[6] = s20.sum(); sums[7] = s21.sum(); sums[8] = s22.sum()
                sums[9] = s30.sum(); sums[10] = s31.sum(); sums[11] = s32.sum()
                for o in 0..<min(4, outputs &- firstOutput) {
                    for t in 0..<min(3, taps &- firstTap) {
                        let weight = ((firstOutput &+ o) &* inputs &+ channel) &* taps &+ firstTap &+ t
                        gradient[weight] = sums[3 &* o &+ t]
                    }
                }
                firstTap &+= 3
            }
        }
        firstOutput &+= 4
    }
}
