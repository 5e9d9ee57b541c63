import Basics
import Tensors

/// What every solve has in common, whatever its method: right-hand sides of any size, guesses of any quality, and a report that is
/// measured on the solution itself.
///
/// A cotangent can be as small as 1e-30, or in double precision 1e-200: divided by its norm, which is taken in units of its
/// largest element, its squares neither underflow nor lose the stopping test.
struct NormalisedSolve<Scalar: TensorScalar> {
    /// What a method made of its iterate y; `residual` is |b - A y| where the method knows it exactly.
    struct Outcome {
        var status: SolveReport.Status
        var iterations: Int
        var residual: Double?
        var note: String?
    }

    let method: String
    let tolerance: Double
    let matrix: GridMatrix<Scalar>
    let measures: StencilMeasures
    /// Whether the method divides by the diagonal.
    let needsDiagonal: Bool

    /// - Parameter iterate: improves y, given b of norm 1, the norm of b - A y at the start, the iterations so far.
    func run(
        _ b: [Scalar], _ guess: [Scalar]?,
        _ iterate: (_ y: GridVector<Scalar>, _ b: GridVector<Scalar>, _ residual: Double, _ iterations: Int) -> Outcome
    ) -> (solution: [Scalar], report: SolveReport) {
        precondition(
            b.count == matrix.unknowns && (guess == nil || guess?.count == b.count),
            "a right-hand side of \(b.count) and a guess of \(guess?.count ?? 0) values do not fit \(matrix.unknowns) unknowns")
        func report(_ status: SolveReport.Status, _ iterations: Int, _ residual: Double, _ note: String? = nil) -> SolveReport {
            SolveReport(status: status, iterations: iterations, relativeResidual: residual, tolerance: tolerance, method: method, note: note)
        }
        let scale = euclideanNorm(b)
        if scale == 0 {
            var exact = report(.converged, 0, 0)
            exact.solutionError = 0
            return ([Scalar](repeating: 0, count: b.count), exact)
        }
        guard scale.isFinite, measures.isFinite else { return (guess ?? b, report(.notFinite, 0, .nan)) }
        guard !needsDiagonal || !matrix.hasSingularDiagonal else { return (guess ?? b, report(.zeroDiagonal, 0, .nan)) }

        let y = matrix.vector()
        let right = GridVector<Scalar>(matrix.layout, planes: matrix.fields, rowsAreLoaded: true)
        right.load(b, over: scale)
        var residual = 1.0
        if let guess {
            y.load(guess, over: scale)
            residual = matrix.residualNorm(y, right)
            if !(residual <= 1) {
                // A guess that is worse than zero is no help; one that is far too large would not even have a square in Float.
                y.clear()
                residual = 1
            }
        }
        var outcome = Outcome(status: .converged, iterations: 0, residual: residual, note: nil)
        // A method may follow its residual by recurrence, which drifts: what counts is the residual of y, and where it is too large
        // the method starts again from y.
        for _ in 0..<Self.restarts where !(residual <= tolerance) {
            let before = residual
            outcome = iterate(y, right, residual, outcome.iterations)
            residual = outcome.residual ?? matrix.residualNorm(y, right)
            if outcome.status != .converged || residual <= tolerance { break }
            outcome.status = .stagnated
            if !(residual < 0.5 * before) { break }
        }
        if residual <= tolerance { outcome.status = .converged } else if !residual.isFinite { outcome.status = .notFinite }
        let solution = unload(y, times: scale)
        let size = euclideanNorm(solution)
        if outcome.status == .converged, !size.isFinite { outcome.status = .notFinite }
        var final = report(outcome.status, outcome.iterations, residual, outcome.note)
        // No bound holds of a solution that is not finite; of one that is zero the error is infinite in its units.
        let isKnown = size.isFinite && residual.isFinite
        final.solutionError = measures.inverseBound.map { isKnown ? $0 * residual * (scale / size) : .infinity }
        return (solution, final)
    }

    private static var restarts: Int { 8 }

    private func unload(_ vector: GridVector<Scalar>, times scale: Double) -> [Scalar] {
        let factor = Scalar(scale)
        return factor.isFinite ? vector.unload(times: factor) : vector.unload().map { Scalar(Double($0) * scale) }
    }
}

extension GridVector {
    /// Divided by a scale whose inverse may be beyond the scalar's range.
    fileprivate func load(_ values: [Scalar], over scale: Double) {
        let inverse = Scalar(1 / scale)
        if inverse.isFinite { load(values, times: inverse) } else { load(values.map { Scalar(Double($0) / scale) }) }
    }
}

extension GridMatrix {
    /// |b - A y| / |b| where a solve that is given this guess begins: at zero where there is none, or zero is better.
    func relativeResidual(ofGuess guess: [Scalar]?, _ b: [Scalar]) -> Double {
        let scale = euclideanNorm(b)
        guard let guess, scale > 0, scale.isFinite else { return 1 }
        let (y, right) = (vector(), vector())
        y.load(guess, over: scale)
        right.load(b, over: scale)
        let residual = residualNorm(y, right)
        return residual < 1 ? residual : 1
    }
}

/// The Euclidean norm, without overflow or underflow of the squares; not finite where an element is not.
public func euclideanNorm<Scalar: TensorScalar>(_ values: [Scalar]) -> Double { values.withUnsafeBufferPointer { euclideanNorm($0) } }

/// The same of elements in memory.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
public func euclideanNorm<Scalar: TensorScalar>(_ values: UnsafeBufferPointer<Scalar>) -> Double {
    let plain = sumOfSquares(values, times: 1)
    // Far from overflow, and so far from underflow that what is lost there is lost in rounding.
    if plain > 1e-280 && plain < 1e300 { return plain.squareRoot() }
    // NaN compares with nothing, so that it passes here and is met below.
    let largest = largestMagnitude(values)
    // A power of two changes no bit. The inverse of one below 2^-1000 may overflow; so small a unit is nearly as good when it is larger.
    let inverse = 1 / max(largest == 0 || !largest.isFinite ? 1 : Double(largest).binade, 0x1p-1000)
    return sumOfSquares(values, times: inverse).squareRoot() / inverse
}

/// The sum of (factor value)^2 in double precision, of stretches added in their order however many threads there are.
private func sumOfSquares<Scalar: TensorScalar>(_ values: UnsafeBufferPointer<Scalar>, times factor: Double) -> Double {
    guard let first = values.baseAddress else { return 0 }
    let length = 1 << 15
    if values.count <= length { return sumOfSquares(first, values.count, times: factor) }
    var sums = [Double](repeating: 0, count: (values.count + length - 1) / length)
    sums.withUnsafeMutableBufferPointer { sums in
        let sums = sums
        concurrentRanges(sums.count, leastWork: 8) { stretches, _ in
            for k in stretches { sums[k] = sumOfSquares(first + k * length, min(length, values.count - k * length), times: factor) }
        }
    }
    return sums.reduce(0, +)
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func sumOfSquares<Scalar: TensorScalar>(_ first: UnsafePointer<Scalar>, _ count: Int, times factor: Double) -> Double {
    var (squares, others) = (SIMD8<Double>(repeating: 0), SIMD8<Double>(repeating: 0))
    var k = 0
    while k &+ 16 <= count {
        var (x, y) = (SIMD8<Double>(), SIMD8<Double>())
        for lane in 0..<8 { (x[lane], y[lane]) = (Double(first[k &+ lane]) * factor, Double(first[k &+ 8 &+ lane]) * factor) }
        squares.addProduct(x, x)
        others.addProduct(y, y)
        k &+= 16
    }
    var rest = 0.0
    while k < count {
        let x = Double(first[k]) * factor
        rest += x * x
        k &+= 1
    }
    return (squares + others).sum() + rest
}

/// The largest |value|; 0 of none, and NaN is passed over.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
public func largestMagnitude<Scalar: TensorScalar>(_ values: UnsafeBufferPointer<Scalar>) -> Scalar {
    guard let first = values.baseAddress else { return 0 }
    let lanes = Scalar.Vector.scalarCount
    var largest = Scalar.Vector(repeating: 0)
    var k = 0
    while k &+ lanes <= values.count {
        largest = Scalar.larger(largest, Scalar.magnitude(load(first, k)))
        k &+= lanes
    }
    var result = largest.max()
    while k < values.count {
        if abs(first[k]) > result { result = abs(first[k]) }
        k &+= 1
    }
    return result
}
