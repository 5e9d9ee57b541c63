// Normalisation of a group: some channels of one sample, which lie one after the other. Two passes each: sums, then numbers. Sums are in double precision.

@inline(__always)
private func eightDoubles<Scalar: TensorScalar>(_ x: UnsafePointer<Scalar>) -> SIMD8<Double> {
    var result = SIMD8<Double>(repeating: 0)
    for lane in 0..<8 { result[lane] = Double(x[lane]) }
    return result
}

/// Sums of d and of d (x - shift) over `count` places, in a fixed order.
@inline(__always)
private func sums<Scalar: TensorScalar>(
    _ d: UnsafePointer<Scalar>, _ x: UnsafePointer<Scalar>, shift: Double, dShift: Double, _ count: Int
) -> (Double, Double) {
    let zero = SIMD8<Double>(repeating: 0)
    var firstA = zero, firstB = zero, secondA = zero, secondB = zero
    let (shifts, dShifts) = (SIMD8(repeating: shift), SIMD8(repeating: dShift))
    var i = 0
    while i &+ 16 <= count {
        let d0 = eightDoubles(d + i) - dShifts, d1 = eightDoubles(d + (i &+ 8)) - dShifts
        let x0 = eightDoubles(x + i) - shifts, x1 = eightDoubles(x + (i &+ 8)) - shifts
        firstA = firstA + d0
        firstB = firstB + d1
        secondA = secondA.addingProduct(d0, x0)
        secondB = secondB.addingProduct(d1, x1)
        i &+= 16
    }
    var (first, second) = ((firstA + firstB).sum(), (secondA + secondB).sum())
    while i < count {
        let own = Double(d[i]) - dShift
        first += own
        second += own * (Double(x[i]) - shift)
        i &+= 1
    }
    return (first, second)
}

/// Mean and variance (of all numbers, divided by their count) of a group.
///
/// One pass over the numbers less the first of them: as that is one of them, the square of its distance from the mean is at most `count` variances, and
/// what cancels costs no more than `count` roundings.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func momentsKernel<Scalar: TensorScalar>(_ x: UnsafePointer<Scalar>, _ count: Int) -> (mean: Double, variance: Double) {
    let shift = Double(x[0])
    let (sum, squares) = sums(x, x, shift: shift, dShift: shift, count)
    let mean = sum / Double(count)
    return (shift + mean, max(0, squares / Double(count) - mean * mean))
}

/// out = d p + (x - mean) q + r with numbers p, q and r of every channel.
///
/// - Parameter d: none where p is zero.
@inline(__always)
private func combine<Scalar: TensorScalar>(
    _ d: UnsafePointer<Scalar>?, _ x: UnsafePointer<Scalar>, mean: Scalar, _ p: Scalar, _ q: Scalar, _ r: Scalar, _ out: UnsafeMutablePointer<Scalar>,
    _ count: Int
) {
    if let d {
        for i in 0..<count { out[i] = d[i] * p + ((x[i] - mean) * q + r) }
    } else {
        for i in 0..<count { out[i] = (x[i] - mean) * q + r }
    }
}

/// Value of a normalisation: out = (x - mean) inverse scale + shift.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func normaliseKernel<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, mean: Scalar, inverse: Scalar, _ scale: UnsafePointer<Scalar>, _ shift: UnsafePointer<Scalar>,
    _ out: UnsafeMutablePointer<Scalar>, channels: Int, plane: Int
) {
    if plane == 1 {
        for c in 0..<channels { out[c] = (x[c] - mean) * (inverse * scale[c]) + shift[c] }
        return
    }
    for c in 0..<channels {
        combine(nil, x + c &* plane, mean: mean, 0, inverse * scale[c], shift[c], out + c &* plane, plane)
    }
}

/// Adjoint of a normalisation: with s = (x - mean) inverse, out = inverse (g scale - mean(g scale) - s mean(s g scale)).
///
/// - Parameters:
///   - shiftSums: to each of which the sum of g over its channel is added: the gradient by the shift.
///   - scaleSums: the same of g s, by the scale.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func normaliseAdjointKernel<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, mean: Double, inverse: Double, _ scale: UnsafePointer<Scalar>, _ g: UnsafePointer<Scalar>,
    _ out: UnsafeMutablePointer<Scalar>, channels: Int, plane: Int, shiftSums: UnsafeMutablePointer<Double>, scaleSums: UnsafeMutablePointer<Double>
) {
    let count = Double(channels &* plane)
    var (average, correlation) = (0.0, 0.0)
    if plane == 1 {
        (average, correlation) = addFeatures(x, mean: mean, inverse: inverse, scale, g, channels, shiftSums: shiftSums, scaleSums: scaleSums)
    } else {
        for c in 0..<channels {
            let (sum, centred) = sums(g + c &* plane, x + c &* plane, shift: mean, dShift: 0, plane)
            let product = centred * inverse
            shiftSums[c] += sum
            scaleSums[c] += product
            average += Double(scale[c]) * sum
            correlation += Double(scale[c]) * product
        }
    }
    let (centre, own) = (Scalar(mean), Scalar(inverse))
    let q = Scalar(-inverse * inverse * (correlation / count))
    let r = Scalar(-inverse * (average / count))
    if plane == 1 {
        for c in 0..<channels { out[c] = g[c] * (own * scale[c]) + ((x[c] - centre) * q + r) }
        return
    }
    for c in 0..<channels { combine(g + c &* plane, x + c &* plane, mean: centre, own * scale[c], q, r, out + c &* plane, plane) }
}

/// The sums of `normaliseAdjointKernel` where every channel is a single number; those of g scale and of s g scale are returned.
@inline(__always)
private func addFeatures<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, mean: Double, inverse: Double, _ scale: UnsafePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ count: Int,
    shiftSums: UnsafeMutablePointer<Double>, scaleSums: UnsafeMutablePointer<Double>
) -> (Double, Double) {
    typealias V = SIMD8<Double>
    var (average, correlation) = (V(repeating: 0), V(repeating: 0))
    let (centre, factor) = (V(repeating: mean), V(repeating: inverse))
    var c = 0
    while c &+ 8 <= count {
        let own = eightDoubles(g + c)
        let product = own * ((eightDoubles(x + c) - centre) * factor)
        let (shiftPlace, scalePlace) = (UnsafeMutableRawPointer(shiftSums + c), UnsafeMutableRawPointer(scaleSums + c))
        shiftPlace.storeBytes(of: shiftPlace.loadUnaligned(as: V.self) + own, as: V.self)
        scalePlace.storeBytes(of: scalePlace.loadUnaligned(as: V.self) + product, as: V.self)
        let gain = eightDoubles(scale + c)
        average = average.addingProduct(gain, own)
        correlation = correlation.addingProduct(gain, product)
        c &+= 8
    }
    var (total, product) = (average.sum(), correlation.sum())
    while c < count {
        let own = Double(g[c])
        let centred = own * ((Double(x[c]) - mean) * inverse)
        shiftSums[c] += own
        scaleSums[c] += centred
        total += Double(scale[c]) * own
        product += Double(scale[c]) * centred
        c &+= 1
    }
    return (total, product)
}

/// Tangent of a normalisation along d of the field, and of scale and shift: scale inverse (d - mean(d) - s mean(s d)) + s scale' + shift'.
///
/// - Parameter d: none where it is zero.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func normaliseTangentKernel<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, mean: Double, inverse: Double, _ scale: UnsafePointer<Scalar>, _ d: UnsafePointer<Scalar>?,
    scaleDirection: UnsafePointer<Scalar>, shiftDirection: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, channels: Int, plane: Int
) {
    let size = channels &* plane
    var (average, correlation) = (0.0, 0.0)
    if let d {
        let (sum, product) = sums(d, x, shift: mean, dShift: 0, size)
        (average, correlation) = (sum / Double(size), inverse * (product / Double(size)))
    }
    let centre = Scalar(mean)
    for c in 0..<channels {
        let gain = inverse * Double(scale[c])
        let q = Scalar(inverse * Double(scaleDirection[c]) - gain * inverse * correlation)
        let r = Scalar(Double(shiftDirection[c]) - gain * average)
        combine(d.map { $0 + c &* plane }, x + c &* plane, mean: centre, Scalar(gain), q, r, out + c &* plane, plane)
    }
}
