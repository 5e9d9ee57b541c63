import Assimilation
import Basics
import Dynamics
import TestSupport

struct VectorState: DynamicalState {
    var vector: [Double]
}

/// x -> M x.
struct LinearModel: TangentLinearModel, AdjointModel {
    let matrix: DenseMatrix
    private let transpose: DenseMatrix
    var timeStep: Double { 1 }

    /// Near a rotation, with some growth and decay.
    init(size: Int, seed: UInt64 = 5) {
        let noise = normals(size * size, seed: seed, "model")
        matrix = DenseMatrix(rows: (0..<size).map { row in
            (0..<size).map { ($0 == (row + 1) % size ? 0.9 : 0) + 0.2 * noise[row * size + $0] }
        })
        transpose = matrix.flipped
    }

    func step(_ state: VectorState) -> VectorState { VectorState(vector: matrix.times(state.vector)) }
    func tangentStep(at state: VectorState, applying perturbation: VectorState) -> VectorState { step(perturbation) }
    func adjointStep(at state: VectorState, applying cotangent: VectorState) -> VectorState {
        VectorState(vector: transpose.times(cotangent.vector))
    }
}

func normals(_ count: Int, seed: UInt64, _ purpose: String = "test", index: Int = 0) -> [Double] {
    var stream = RandomStream(seed: seed, purpose: purpose, index: index)
    return stream.normals(count)
}

func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

func distance(_ a: [Double], _ b: [Double]) -> Double {
    precondition(a.count == b.count)
    return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

/// |<A x, y> - <x, A^T y>| over the product of the lengths.
func dotProductError(_ ax: [Double], _ y: [Double], _ x: [Double], _ aty: [Double]) -> Double {
    let size = (dot(ax, ax) * dot(y, y)).squareRoot() + (dot(x, x) * dot(aty, aty)).squareRoot()
    return abs(dot(ax, y) - dot(x, aty)) / max(size, .leastNormalMagnitude)
}

extension ObservationOperator {
    /// The dot product test of its derivatives at a state.
    func adjointError(at state: [Double], seed: UInt64 = 11) throws -> Double {
        let (direction, cotangent) = (normals(stateSize, seed: seed, "direction"), normals(count, seed: seed, "cotangent"))
        return dotProductError(
            try tangent(at: state, applying: direction), cotangent, direction, try adjoint(at: state, applying: cotangent))
    }
}

extension ErrorCovariance {
    func adjointError(seed: UInt64 = 12) throws -> Double {
        let (control, state) = (normals(controlSize, seed: seed, "control"), normals(stateSize, seed: seed, "state"))
        return dotProductError(try root(times: control), state, control, try rootTransposed(times: state))
    }

    /// B, row by row.
    func matrix() throws -> DenseMatrix {
        DenseMatrix(rows: try (0..<stateSize).map { k in
            var unit = [Double](repeating: 0, count: stateSize)
            unit[k] = 1
            return try times(unit)
        })
    }
}

extension DenseMatrix {
    /// The transpose of a matrix that need not be square.
    var flipped: DenseMatrix { DenseMatrix(rows: rows[0].indices.map { k in rows.map { $0[k] } }) }

    static func * (a: DenseMatrix, b: DenseMatrix) -> DenseMatrix {
        let columns = b.flipped
        return DenseMatrix(rows: a.rows.map { row in columns.rows.map { dot(row, $0) } })
    }

    static func + (a: DenseMatrix, b: DenseMatrix) -> DenseMatrix {
        DenseMatrix(rows: zip(a.rows, b.rows).map { zip($0, $1).map(+) })
    }

    static func diagonal(_ values: [Double]) -> DenseMatrix {
        DenseMatrix(rows: values.indices.map { row in values.indices.map { $0 == row ? values[row] : 0 } })
    }

    /// A^-1 B.
    func solve(_ b: DenseMatrix) -> DenseMatrix { DenseMatrix(rows: b.flipped.rows.map { solve($0) }).flipped }
}
