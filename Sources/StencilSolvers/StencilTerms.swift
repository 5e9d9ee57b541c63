import Tensors

// Sums of the terms of a row, unrolled for the numbers of terms that matrices of one field have: their pointers and shifts then
// stay in registers through a row, and a sweep runs at the speed of memory instead of a third of it.

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

/// The terms of a row.
protocol TermSum<Scalar> {
    associatedtype Scalar: TensorScalar
    /// Their sum for one vector of unknowns, the first of which is k.
    func product(_ y: UnsafePointer<Scalar>, _ k: Int) -> Scalar.Vector
}

struct OneTerm<Scalar: TensorScalar>: TermSum {
    let coefficient: UnsafePointer<Scalar>
    let shift: Int

    @inline(__always)
    init(_ term: StencilTerm<Scalar>) {
        coefficient = term.coefficient
        shift = term.shift
    }

    @inline(__always)
    func product(_ y: UnsafePointer<Scalar>, _ k: Int) -> Scalar.Vector { load(coefficient, k) * load(y, k &+ shift) }
}

struct TwoTerms<Scalar: TensorScalar>: TermSum {
    let first: OneTerm<Scalar>
    let second: OneTerm<Scalar>

    @inline(__always)
    init(_ terms: UnsafePointer<StencilTerm<Scalar>>) { (first, second) = (OneTerm(terms[0]), OneTerm(terms[1])) }

    @inline(__always)
    func product(_ y: UnsafePointer<Scalar>, _ k: Int) -> Scalar.Vector {
        Scalar.multiplyAdd(first.product(y, k), load(second.coefficient, k), load(y, k &+ second.shift))
    }
}

struct FourTerms<Scalar: TensorScalar>: TermSum {
    let first: TwoTerms<Scalar>
    let second: TwoTerms<Scalar>

    @inline(__always)
    init(_ terms: UnsafePointer<StencilTerm<Scalar>>) { (first, second) = (TwoTerms(terms), TwoTerms(terms + 2)) }

    @inline(__always)
    func product(_ y: UnsafePointer<Scalar>, _ k: Int) -> Scalar.Vector { first.product(y, k) + second.product(y, k) }
}

struct EightTerms<Scalar: TensorScalar>: TermSum {
    let first: FourTerms<Scalar>
    let second: FourTerms<Scalar>

    @inline(__always)
    init(_ terms: UnsafePointer<StencilTerm<Scalar>>) { (first, second) = (FourTerms(terms), FourTerms(terms + 4)) }

    @inline(__always)
    func product(_ y: UnsafePointer<Scalar>, _ k: Int) -> Scalar.Vector { first.product(y, k) + second.product(y, k) }
}

/// Any terms and one before them.
struct AndOneTerm<Others: TermSum>: TermSum {
    typealias Scalar = Others.Scalar
    let one: OneTerm<Scalar>
    let others: Others

    @inline(__always)
    init(_ one: StencilTerm<Scalar>, _ others: Others) { (self.one, self.others) = (OneTerm(one), others) }

    @inline(__always)
    func product(_ y: UnsafePointer<Scalar>, _ k: Int) -> Scalar.Vector {
        Scalar.multiplyAdd(others.product(y, k), load(one.coefficient, k), load(y, k &+ one.shift))
    }
}

/// As many as there are, with several fields in a cell.
struct ManyTerms<Scalar: TensorScalar>: TermSum {
    let terms: UnsafePointer<StencilTerm<Scalar>>
    let count: Int

    @inline(__always)
    func product(_ y: UnsafePointer<Scalar>, _ k: Int) -> Scalar.Vector {
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
}
