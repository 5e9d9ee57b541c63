import Tensors

// The kernels that every solver is made of, one source for both precisions and every shape: a row of a matrix is a list of terms.

/// r = b - A y on `columns` cells of one row; the sum of the squares of r.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func residualRow<Scalar: TensorScalar>(
    _ terms: UnsafePointer<StencilTerm<Scalar>>, _ count: Int, _ y: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>,
    _ r: UnsafeMutablePointer<Scalar>, from first: Int, columns: Int
) -> Double {
    @inline(__always)
    func row<Terms: TermSum>(_ sum: Terms) -> Double where Terms.Scalar == Scalar {
        var squares = Scalar.Vector(repeating: 0)
        var k = first
        let end = first &+ columns
        while k < end {
            let value = load(b, k) - sum.product(y, k)
            store(value, r, k)
            squares = Scalar.multiplyAdd(squares, value, value)
            k &+= Scalar.Vector.scalarCount
        }
        return Double(squares.sum())
    }
    switch count {
    case 3: return row(AndOneTerm(terms[0], TwoTerms(terms + 1)))
    case 5: return row(AndOneTerm(terms[0], FourTerms(terms + 1)))
    case 9: return row(AndOneTerm(terms[0], EightTerms(terms + 1)))
    default: return row(ManyTerms(terms: terms, count: count))
    }
}

/// The sum of the squares of b - A y on `columns` cells of one row, without storing it.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func squaredResidualRow<Scalar: TensorScalar>(
    _ terms: UnsafePointer<StencilTerm<Scalar>>, _ count: Int, _ y: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>,
    from first: Int, columns: Int
) -> Double {
    @inline(__always)
    func row<Terms: TermSum>(_ sum: Terms) -> Double where Terms.Scalar == Scalar {
        var squares = Scalar.Vector(repeating: 0)
        var k = first
        let end = first &+ columns
        while k < end {
            let value = load(b, k) - sum.product(y, k)
            squares = Scalar.multiplyAdd(squares, value, value)
            k &+= Scalar.Vector.scalarCount
        }
        return Double(squares.sum())
    }
    switch count {
    case 3: return row(AndOneTerm(terms[0], TwoTerms(terms + 1)))
    case 5: return row(AndOneTerm(terms[0], FourTerms(terms + 1)))
    case 9: return row(AndOneTerm(terms[0], EightTerms(terms + 1)))
    default: return row(ManyTerms(terms: terms, count: count))
    }
}

/// q = A y on `columns` cells of one row; the inner product of q with w.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func multiplyRow<Scalar: TensorScalar>(
    _ terms: UnsafePointer<StencilTerm<Scalar>>, _ count: Int, _ y: UnsafePointer<Scalar>, _ q: UnsafeMutablePointer<Scalar>,
    dot w: UnsafePointer<Scalar>, from first: Int, columns: Int
) -> Double {
    @inline(__always)
    func row<Terms: TermSum>(_ sum: Terms) -> Double where Terms.Scalar == Scalar {
        var total = Scalar.Vector(repeating: 0)
        var k = first
        let end = first &+ columns
        while k < end {
            let value = sum.product(y, k)
            store(value, q, k)
            total = Scalar.multiplyAdd(total, value, load(w, k))
            k &+= Scalar.Vector.scalarCount
        }
        return Double(total.sum())
    }
    switch count {
    case 3: return row(AndOneTerm(terms[0], TwoTerms(terms + 1)))
    case 5: return row(AndOneTerm(terms[0], FourTerms(terms + 1)))
    case 9: return row(AndOneTerm(terms[0], EightTerms(terms + 1)))
    default: return row(ManyTerms(terms: terms, count: count))
    }
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
    @inline(__always)
    func row<Terms: TermSum>(_ sum: Terms) where Terms.Scalar == Scalar {
        @inline(__always)
        func relaxed(_ k: Int) -> Scalar.Vector {
            let at = first &+ k
            let old = load(UnsafePointer(y), at)
            let next = load(inverse, at) * (load(b, at) - sum.product(UnsafePointer(y), at))
            return old + load(weights, k) * (next - old)
        }
        // A vector is stored after the next one is computed: the next reads the last of its cells as a neighbour to the west, and a
        // load that overlaps a store just made waits for it. What it reads is another colour's, or has the weight zero.
        let lanes = Scalar.Vector.scalarCount
        var pending = relaxed(0)
        var k = lanes
        while k < columns {
            let value = relaxed(k)
            store(pending, y, first &+ k &- lanes)
            pending = value
            k &+= lanes
        }
        store(pending, y, first &+ k &- lanes)
    }
    switch count {
    case 2: row(TwoTerms(terms))
    case 4: row(FourTerms(terms))
    case 8: row(EightTerms(terms))
    default: row(ManyTerms(terms: terms, count: count))
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
