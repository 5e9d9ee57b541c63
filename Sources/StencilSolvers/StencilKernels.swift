import Tensors

// The kernels that every solver is made of, one source for both precisions and every shape: a row of a matrix is a list of terms.

/// One entry of the rows of a matrix: the plane of its coefficients, at cell (0, 0), and how far from a row's unknown its factor lies.
struct StencilTerm<Scalar: TensorScalar> {
    let coefficient: UnsafePointer<Scalar>
    let shift: Int
}

@inline(__always)
func load<Scalar: TensorScalar>(_ base: UnsafePointer<Scalar>, _ offset: Int) -> Scalar.Vector {
    UnsafeRawPointer(base.advanced(by: offset)).loadUnaligned(as: Scalar.Vector.self)
}

@inline(__always)
func store<Scalar: TensorScalar>(_ value: Scalar.Vector, _ base: UnsafeMutablePointer<Scalar>, _ offset: Int) {
    UnsafeMutableRawPointer(base.advanced(by: offset)).storeBytes(of: value, as: Scalar.Vector.self)
}

/// Sum of the terms of the rows of one vector of unknowns, the first of which is k.
@inline(__always)
private func product<Scalar: TensorScalar>(
    _ terms: UnsafePointer<StencilTerm<Scalar>>, _ count: Int, _ y: UnsafePointer<Scalar>, _ k: Int
) -> Scalar.Vector {
    // Two chains of sums, as one would wait for itself.
    var even = Scalar.Vector(repeating: 0)
    var odd = even
    var t = 0
    while t &+ 1 < count {
        even = Scalar.multiplyAdd(even, load(terms[t].coefficient, k), load(y, k &+ terms[t].shift))
        odd = Scalar.multiplyAdd(odd, load(terms[t &+ 1].coefficient, k), load(y, k &+ terms[t &+ 1].shift))
        t &+= 2
    }
    if t < count { even = Scalar.multiplyAdd(even, load(terms[t].coefficient, k), load(y, k &+ terms[t].shift)) }
    return even + odd
}

/// r = b - A y on `columns` cells of one row; the sum of the squares of r.
@inline(__always)
func residualRow<Scalar: TensorScalar>(
    _ terms: UnsafePointer<StencilTerm<Scalar>>, _ count: Int, _ y: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>,
    _ r: UnsafeMutablePointer<Scalar>, from first: Int, columns: Int
) -> Double {
    var squares = Scalar.Vector(repeating: 0)
    var k = 0
    while k < columns {
        let value = load(b, first &+ k) - product(terms, count, y, first &+ k)
        store(value, r, first &+ k)
        squares = Scalar.multiplyAdd(squares, value, value)
        k &+= Scalar.Vector.scalarCount
    }
    return Double(squares.sum())
}

/// The sum of the squares of b - A y over all rows of one field, without storing it.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func squaredResidual<Scalar: TensorScalar>(
    _ terms: UnsafePointer<StencilTerm<Scalar>>, _ count: Int, _ y: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ layout: GridLayout
) -> Double {
    var total = 0.0
    for j in 0..<layout.ny {
        var squares = Scalar.Vector(repeating: 0)
        var k = j &* layout.rowStride
        let end = k &+ layout.nx
        while k < end {
            let value = load(b, k) - product(terms, count, y, k)
            squares = Scalar.multiplyAdd(squares, value, value)
            k &+= Scalar.Vector.scalarCount
        }
        total += Double(squares.sum())
    }
    return total
}

/// r = b - A y over all rows of one field; the sum of the squares of r.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func residual<Scalar: TensorScalar>(
    _ terms: UnsafePointer<StencilTerm<Scalar>>, _ count: Int, _ y: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>,
    _ r: UnsafeMutablePointer<Scalar>, _ layout: GridLayout
) -> Double {
    var total = 0.0
    for j in 0..<layout.ny {
        total += residualRow(terms, count, y, b, r, from: j &* layout.rowStride, columns: layout.nx)
    }
    return total
}

/// q = A y over all rows of one field; the inner product of q with w.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func multiply<Scalar: TensorScalar>(
    _ terms: UnsafePointer<StencilTerm<Scalar>>, _ count: Int, _ y: UnsafePointer<Scalar>, _ q: UnsafeMutablePointer<Scalar>,
    dot w: UnsafePointer<Scalar>, _ layout: GridLayout
) -> Double {
    var total = 0.0
    for j in 0..<layout.ny {
        var sum = Scalar.Vector(repeating: 0)
        var k = j &* layout.rowStride
        let end = k &+ layout.nx
        while k < end {
            let value = product(terms, count, y, k)
            store(value, q, k)
            sum = Scalar.multiplyAdd(sum, value, load(w, k))
            k &+= Scalar.Vector.scalarCount
        }
        total += Double(sum.sum())
    }
    return total
}

/// Relaxes the cells of one row whose weight is not zero: y += weight (inverse diagonal (b - off-diagonal terms) - y).
///
/// Whole vectors are computed, and lanes of other colours have the weight zero: cells of one colour see none of their own, so
/// that the order within a colour does not matter.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func relaxRow<Scalar: TensorScalar>(
    _ terms: UnsafePointer<StencilTerm<Scalar>>, _ count: Int, _ inverse: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
    _ b: UnsafePointer<Scalar>, _ weights: UnsafePointer<Scalar>, from first: Int, columns: Int
) {
    var k = 0
    while k < columns {
        let at = first &+ k
        let old = load(UnsafePointer(y), at)
        let next = load(inverse, at) * (load(b, at) - product(terms, count, UnsafePointer(y), at))
        store(old + load(weights, k) * (next - old), y, at)
        k &+= Scalar.Vector.scalarCount
    }
}

/// The same for several fields in a cell, whose coupling is inverted as a block: y_p += weight sum_q inverse[p, q] r_q
/// with r = b - A y of all fields, which `r` has room for.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func relaxBlockRow<Scalar: TensorScalar>(
    _ terms: UnsafePointer<StencilTerm<Scalar>>, _ termsPerField: Int, fields: Int, planeStride: Int, _ inverse: UnsafePointer<Scalar>,
    _ y: UnsafeMutablePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ r: UnsafeMutablePointer<Scalar>, _ weights: UnsafePointer<Scalar>,
    from first: Int, columns: Int
) {
    for q in 0..<fields {
        _ = residualRow(
            terms + q &* termsPerField, termsPerField, UnsafePointer(y) + q &* planeStride, b + q &* planeStride, r + q &* planeStride,
            from: first, columns: columns)
    }
    for p in 0..<fields {
        var k = 0
        while k < columns {
            let at = first &+ k
            var change = Scalar.Vector(repeating: 0)
            for q in 0..<fields {
                change = Scalar.multiplyAdd(
                    change, load(inverse, (p &* fields &+ q) &* planeStride &+ at), load(UnsafePointer(r), q &* planeStride &+ at))
            }
            store(load(UnsafePointer(y), p &* planeStride &+ at) + load(weights, k) * change, y, p &* planeStride &+ at)
            k &+= Scalar.Vector.scalarCount
        }
    }
}
