/// Binary operations that run over two arrays of one length.
enum ElementwiseOperation { case add, subtract, multiply, divide }

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func elementwiseKernel<Scalar: TensorScalar>(
    _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, _ count: Int,
    _ operation: ElementwiseOperation
) {
    switch operation {
    case .add: for i in 0..<count { out[i] = a[i] + b[i] }
    case .subtract: for i in 0..<count { out[i] = a[i] - b[i] }
    case .multiply: for i in 0..<count { out[i] = a[i] * b[i] }
    case .divide: for i in 0..<count { out[i] = a[i] / b[i] }
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func scaleKernel<Scalar: TensorScalar>(
    _ a: UnsafePointer<Scalar>, _ factor: Scalar, _ out: UnsafeMutablePointer<Scalar>, _ count: Int
) {
    for i in 0..<count { out[i] = a[i] * factor }
}

/// Adds the multiple of one array to another.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func addMultipleKernel<Scalar: TensorScalar>(
    _ out: UnsafeMutablePointer<Scalar>, _ a: UnsafePointer<Scalar>, _ factor: Scalar, _ count: Int
) {
    for i in 0..<count { out[i] += a[i] * factor }
}

/// Sets numbers to one value. (The library's own way goes through a table of functions where the type is not known.)
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func fillKernel<Scalar: TensorScalar>(_ out: UnsafeMutablePointer<Scalar>, _ value: Scalar, _ count: Int) {
    for i in 0..<count { out[i] = value }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func accumulateKernel<Scalar: TensorScalar>(
    _ a: UnsafeMutablePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ count: Int
) {
    for i in 0..<count { a[i] += b[i] }
}

/// Sum of a * b, accumulated in double precision in a fixed order of eight partial sums.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func dotKernel<Scalar: TensorScalar>(_ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ count: Int) -> Double {
    var partial = SIMD8<Double>(repeating: 0)
    let whole = count & ~7
    var i = 0
    while i < whole {
        var x = SIMD8<Double>(repeating: 0)
        var y = SIMD8<Double>(repeating: 0)
        for lane in 0..<8 {
            x[lane] = Double(a[i &+ lane])
            y[lane] = Double(b[i &+ lane])
        }
        partial += x * y
        i &+= 8
    }
    var sum = partial.sum()
    while i < count {
        sum += Double(a[i]) * Double(b[i])
        i &+= 1
    }
    return sum
}

/// Sum accumulated in double precision in a fixed order of eight partial sums.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func sumKernel<Scalar: TensorScalar>(_ a: UnsafePointer<Scalar>, _ count: Int) -> Double {
    var partial = SIMD8<Double>(repeating: 0)
    let whole = count & ~7
    var i = 0
    while i < whole {
        var x = SIMD8<Double>(repeating: 0)
        for lane in 0..<8 { x[lane] = Double(a[i &+ lane]) }
        partial += x
        i &+= 8
    }
    var sum = partial.sum()
    while i < count {
        sum += Double(a[i])
        i &+= 1
    }
    return sum
}

extension Tensor {
    static func elementwise(_ a: Tensor, _ b: Tensor, _ operation: ElementwiseOperation) -> Tensor {
        precondition(a.shape == b.shape, "cannot combine tensors of shapes \(a.shape) and \(b.shape)")
        let count = a.count
        return Tensor(shape: a.shape) { out in
            a.withPointers(b) { a, b in
                nonisolated(unsafe) let (a, b, out) = (a, b, out)
                TensorThreads.forEachPart(of: count) {
                    elementwiseKernel(a + $0.lowerBound, b + $0.lowerBound, out + $0.lowerBound, $0.count, operation)
                }
            }
        }
    }

    static func scaled(_ a: Tensor, _ factor: Scalar) -> Tensor {
        Tensor(shape: a.shape) { out in
            a.scalars.withPointer { values in
                nonisolated(unsafe) let (values, out) = (values, out)
                TensorThreads.forEachPart(of: a.count) { scaleKernel(values + $0.lowerBound, factor, out + $0.lowerBound, $0.count) }
            }
        }
    }

    /// Σ factors[k] * terms[k] of tensors of one shape. A term that is `.zero` counts for nothing; if all are, so is the sum.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public static func combination(_ terms: [Tensor], _ factors: [Scalar]) -> Tensor {
        precondition(terms.count == factors.count, "\(factors.count) factors for \(terms.count) tensors")
        guard let first = terms.firstIndex(where: { !$0.isSymbolicZero }) else { return .zero }
        let shape = terms[first].shape
        return Tensor(shape: shape) { out in
            nonisolated(unsafe) let out = out
            TensorThreads.forEachPart(of: terms[first].count) { part in
                for k in first..<terms.count where !terms[k].isSymbolicZero {
                    precondition(terms[k].shape == shape, "cannot combine tensors of shapes \(shape) and \(terms[k].shape)")
                    terms[k].scalars.withPointer { values in
                        let (a, sum) = (values + part.lowerBound, out + part.lowerBound)
                        if k == first { scaleKernel(a, factors[k], sum, part.count) } else { addMultipleKernel(sum, a, factors[k], part.count) }
                    }
                }
            }
        }
    }

    /// factors[k] * a for each k that is wanted, `.zero` for the others: the transpose of `combination`.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public static func multiples(of a: Tensor, _ factors: [Scalar], where wanted: [Bool]) -> [Tensor] {
        var multiples: [Tensor] = []
        multiples.reserveCapacity(factors.count)
        for (k, factor) in factors.enumerated() { multiples.append(!wanted[k] ? .zero : factor == 1 ? a : scaled(a, factor)) }
        return multiples
    }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    static func accumulate(_ a: inout [Scalar], _ b: [Scalar]) {
        a.withUnsafeMutableBufferPointer { buffer in
            b.withPointer { values in
                nonisolated(unsafe) let (sums, values) = (buffer.baseAddress!, values)
                TensorThreads.forEachPart(of: b.count) { accumulateKernel(sums + $0.lowerBound, values + $0.lowerBound, $0.count) }
            }
        }
    }
}
