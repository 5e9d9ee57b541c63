// Refinement by two, row by row, and its adjoint.

/// Every number twice.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func repeatEachKernel<Scalar: TensorScalar>(_ row: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, fine: Int) {
    for i in 0..<fine / 2 {
        let own = row[i]
        out[2 &* i] = own
        out[2 &* i &+ 1] = own
    }
    if fine & 1 == 1 { out[fine &- 1] = row[fine / 2] }
}

/// The adjoint of `repeatEachKernel`, added to `out`.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func addPairsKernel<Scalar: TensorScalar>(_ g: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, fine: Int) {
    for i in 0..<fine / 2 { out[i] += g[2 &* i] + g[2 &* i &+ 1] }
    if fine & 1 == 1 { out[fine / 2] += g[fine &- 1] }
}

/// 3/4 of a row and 1/4 of its neighbour, which are zeros where nil.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func blendKernel<Scalar: TensorScalar>(
    _ own: UnsafePointer<Scalar>, _ neighbour: UnsafePointer<Scalar>?, _ out: UnsafeMutablePointer<Scalar>, _ count: Int
) {
    if let neighbour {
        for x in 0..<count { out[x] = own[x] + 0.25 * (neighbour[x] - own[x]) }
    } else {
        for x in 0..<count { out[x] = 0.75 * own[x] }
    }
}

/// Doubles the columns of one row, which has a cell more at either end.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func doubleKernel<Scalar: TensorScalar>(_ row: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, fine: Int) {
    for i in 0..<fine / 2 {
        let own = row[i &+ 1]
        out[2 &* i] = own + 0.25 * (row[i] - own)
        out[2 &* i &+ 1] = own + 0.25 * (row[i &+ 2] - own)
    }
    if fine & 1 == 1 {
        let own = row[fine / 2 &+ 1]
        out[fine &- 1] = own + 0.25 * (row[fine / 2] - own)
    }
}

/// The adjoint of `doubleKernel`: `out` has the coarse row with a cell more at either end.
///
/// - Parameter scratch: 2 (coarse + 4) zeros; where this does not write, zeros stay.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func halveKernel<Scalar: TensorScalar>(
    _ g: UnsafePointer<Scalar>, fine: Int, _ scratch: UnsafeMutablePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, coarse: Int
) {
    // Even columns and odd ones, with two zeros at either end.
    let (even, odd) = (scratch + 2, scratch + (coarse &+ 6))
    for i in 0..<fine / 2 {
        even[i] = g[2 &* i]
        odd[i] = g[2 &* i &+ 1]
    }
    if fine & 1 == 1 { even[fine / 2] = g[fine &- 1] }
    for j in 0..<coarse &+ 2 {
        out[j] = 0.75 * (even[j &- 1] + odd[j &- 1]) + 0.25 * (even[j] + odd[j &- 2])
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func addScaledKernel<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, _ factor: Scalar, _ out: UnsafeMutablePointer<Scalar>, _ count: Int
) {
    for k in 0..<count { out[k] += factor * x[k] }
}
