import Basics
import Tensors

/// Multigrid cycles that correct a solution by what they make of its residual, whatever precision they compute in.
protocol MultigridCorrections<Scalar> {
    associatedtype Scalar: TensorScalar
    /// Takes the residual b - A y; its Euclidean norm. Wraps y.
    func lookAt(_ y: GridVector<Scalar>, _ b: GridVector<Scalar>) -> Double
    /// Takes a residual that is known.
    func take(_ r: GridVector<Scalar>)
    /// Adds to y what so many cycles from zero make of the residual last taken.
    func correct(_ y: GridVector<Scalar>, cycles: Int)
}

/// In the precision of `Cycle`; residuals are computed in that of the matrix, row by row, and kept in that of the cycles.
final class CyclesOnResidual<Scalar: TensorScalar, Cycle: TensorScalar>: MultigridCorrections {
    private let matrix: GridMatrix<Scalar>
    private let run: MultigridRun<Cycle>
    /// What a correction is to be multiplied by.
    private let scale: Scalar
    private let residual: GridVector<Cycle>
    private let correction: GridVector<Cycle>

    init(_ matrix: GridMatrix<Scalar>, _ hierarchy: MultigridHierarchy<Cycle>, scale: Double) {
        self.matrix = matrix
        self.scale = Scalar(scale)
        run = MultigridRun(hierarchy)
        residual = hierarchy.sweeps[0].matrix.vector()
        correction = hierarchy.sweeps[0].matrix.vector()
    }

    func lookAt(_ y: GridVector<Scalar>, _ b: GridVector<Scalar>) -> Double { matrix.residual(y, b, converted: residual) }

    func take(_ r: GridVector<Scalar>) { r.convert(to: residual) }

    func correct(_ y: GridVector<Scalar>, cycles: Int) {
        run.improve(correction, residual, cycles: cycles, fromZero: true)
        y.add(scale, converted: correction)
    }
}

extension GridMatrix {
    /// b - A y in another precision; its Euclidean norm. Wraps y.
    @_specialize(where Scalar == Double, Other == Float)
    @_specialize(where Scalar == Double, Other == Double)
    @_specialize(where Scalar == Float, Other == Float)
    func residual<Other: TensorScalar>(_ y: GridVector<Scalar>, _ b: GridVector<Scalar>, converted r: GridVector<Other>) -> Double {
        y.wrap()
        return layout.sumOfRows(leastWork: rowsWorthAThread) { rows, sums in
            let line = GridVector<Scalar>(layout.row, planes: 1)
            for j in rows {
                for field in 0..<fields {
                    for half in 0...1 {
                        let (first, columns) = (j &* layout.rowStride &+ half &* layout.halfStride, layout.columns(half))
                        sums[j] += residualRow(
                            terms(field, half: half), termsPerField, y.origin(field), b.origin(field), line.origin() - first, from: first,
                            columns: columns)
                        convertRow(
                            line.origin(), r.origin(field) + (j &* r.layout.rowStride &+ half &* r.layout.halfStride), columns,
                            r.layout.halfStride, 1)
                    }
                }
            }
        }.squareRoot()
    }
}

extension GridVector {
    /// The same planes in another precision, multiplied by `factor`; zero beyond the columns.
    func convert<Other: TensorScalar>(to target: GridVector<Other>, times factor: Double = 1) {
        forEachHalfRow(of: target) { convertRow($0, $1, $2, target.layout.halfStride, factor) }
    }

    /// Row j of the first plane, and what its border holds, as row `to` of another vector; zero beyond.
    func convert<Other: TensorScalar>(row j: Int, to target: GridVector<Other>, _ to: Int) {
        let (row, copy) = (origin() + j * layout.rowStride, target.origin() + to * target.layout.rowStride)
        for half in 0...1 {
            convertRow(row + half * layout.halfStride, copy + half * target.layout.halfStride, layout.columns(half), target.layout.halfStride, 1)
        }
        target.wrapRow(copy)
    }

    /// self += factor * a, which is of another precision.
    func add<Other: TensorScalar>(_ factor: Scalar, converted a: GridVector<Other>) {
        forEachHalfRow(of: a) { addConvertedRow($0, $1, $2, factor) }
    }

    /// Calls `body` with the beginnings of each half of a row of either, and its cells.
    @inline(__always)
    private func forEachHalfRow<Other: TensorScalar>(
        of other: GridVector<Other>, _ body: (UnsafeMutablePointer<Scalar>, UnsafeMutablePointer<Other>, Int) -> Void
    ) {
        for plane in 0..<planes {
            concurrentRanges(layout.ny, leastWork: layout.rowsWorthAThread) { rows, _ in
                for j in rows {
                    for half in 0...1 {
                        body(
                            origin(plane) + j * layout.rowStride + half * layout.halfStride,
                            other.origin(plane) + j * other.layout.rowStride + half * other.layout.halfStride, layout.columns(half))
                    }
                }
            }
        }
    }
}

@_specialize(where Scalar == Double, Other == Float)
@_specialize(where Scalar == Float, Other == Double)
@_specialize(where Scalar == Double, Other == Double)
@_specialize(where Scalar == Float, Other == Float)
private func convertRow<Scalar: TensorScalar, Other: TensorScalar>(
    _ source: UnsafePointer<Scalar>, _ target: UnsafeMutablePointer<Other>, _ count: Int, _ room: Int, _ factor: Double
) {
    // Multiplied before it is made narrow: what is beyond the range of `Float` is no longer there by then.
    for k in 0..<count { target[k] = Other(Double(source[k]) * factor) }
    for k in count..<room { target[k] = 0 }
}

@_specialize(where Scalar == Double, Other == Float)
@_specialize(where Scalar == Double, Other == Double)
@_specialize(where Scalar == Float, Other == Float)
private func addConvertedRow<Scalar: TensorScalar, Other: TensorScalar>(
    _ target: UnsafeMutablePointer<Scalar>, _ source: UnsafePointer<Other>, _ count: Int, _ factor: Scalar
) {
    for k in 0..<count { target[k] += factor * Scalar(source[k]) }
}
