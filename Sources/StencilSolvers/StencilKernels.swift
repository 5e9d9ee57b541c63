import Tensors

// The kernels that every solver is made of, one source for both precisions and every shape: a row of a matrix is a list of terms. They
// work on one half of a row, `first` being its first cell, counted from cell (0, 0).

/// b - A y on `columns` cells, stored in r where there is one; the sum of its squares.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func residualRow<Scalar: TensorScalar>(
    _ terms: UnsafePointer<StencilTerm<Scalar>>, _ count: Int, _ y: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>,
    _ r: UnsafeMutablePointer<Scalar>?, from first: Int, columns: Int
) -> Double {
    @inline(__always)
    func row<Terms: TermSum>(_ sum: Terms) -> Double where Terms.Scalar == Scalar {
        var squares = Scalar.Vector(repeating: 0)
        var k = first
        let end = first &+ columns
        while k < end {
            let value = load(b, k) - sum.product(y, k)
            if let r { store(value, r, k) }
            squares = Scalar.multiplyAdd(squares, value, value)
            k &+= Scalar.Vector.scalarCount
        }
        return Double(squares.sum())
    }
    switch count {
    case 1: return row(OneTerm(terms[0]))
    case 2: return row(TwoTerms(terms))
    case 3: return row(AndOneTerm(terms[0], TwoTerms(terms + 1)))
    case 5: return row(AndOneTerm(terms[0], FourTerms(terms + 1)))
    case 9: return row(AndOneTerm(terms[0], EightTerms(terms + 1)))
    default: return row(ManyTerms(terms: terms, count: count))
    }
}

/// q = A y on `columns` cells; the inner product of q with w.
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

/// Relaxes `columns` cells of one colour: y += factor (inverse diagonal (b - off-diagonal terms) - y).
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func relaxRow<Scalar: TensorScalar>(
    _ terms: UnsafePointer<StencilTerm<Scalar>>, _ count: Int, _ inverse: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
    _ b: UnsafePointer<Scalar>, _ factor: Scalar, from first: Int, columns: Int
) {
    @inline(__always)
    func row<Terms: TermSum>(_ sum: Terms) where Terms.Scalar == Scalar {
        let end = first &+ columns
        var k = first
        if factor == 1 {
            while k < end {
                store(load(inverse, k) * (load(b, k) - sum.product(UnsafePointer(y), k)), y, k)
                k &+= Scalar.Vector.scalarCount
            }
        } else {
            let factors = Scalar.Vector(repeating: factor)
            while k < end {
                let old = load(UnsafePointer(y), k)
                let change = load(inverse, k) * (load(b, k) - sum.product(UnsafePointer(y), k)) - old
                store(Scalar.multiplyAdd(old, factors, change), y, k)
                k &+= Scalar.Vector.scalarCount
            }
        }
    }
    switch count {
    case 2: row(TwoTerms(terms))
    case 4: row(FourTerms(terms))
    case 8: row(EightTerms(terms))
    default: row(ManyTerms(terms: terms, count: count))
    }
}

/// The same for several fields in a cell, whose coupling is inverted as a block: y_p += factor sum_q inverse[p, q] r_q
/// with r = b - A y of all fields, which `r` has room for.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func relaxBlockRow<Scalar: TensorScalar>(
    _ terms: UnsafePointer<StencilTerm<Scalar>>, _ termsPerField: Int, fields: Int, planeStride: Int, _ inverse: UnsafePointer<Scalar>,
    _ y: UnsafeMutablePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ r: UnsafeMutablePointer<Scalar>, _ factor: Scalar,
    from first: Int, columns: Int
) {
    for q in 0..<fields {
        _ = residualRow(
            terms + q &* termsPerField, termsPerField, UnsafePointer(y) + q &* planeStride, b + q &* planeStride, r + q &* planeStride,
            from: first, columns: columns)
    }
    let factors = Scalar.Vector(repeating: factor)
    for p in 0..<fields {
        var k = first
        while k < first &+ columns {
            var change = Scalar.Vector(repeating: 0)
            for q in 0..<fields {
                change = Scalar.multiplyAdd(
                    change, load(inverse, (p &* fields &+ q) &* planeStride &+ k), load(UnsafePointer(r), q &* planeStride &+ k))
            }
            let old = load(UnsafePointer(y), p &* planeStride &+ k)
            store(Scalar.multiplyAdd(old, factors, change), y, p &* planeStride &+ k)
            k &+= Scalar.Vector.scalarCount
        }
    }
}
