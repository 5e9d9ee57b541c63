import Basics
import Layers
import StencilSolvers
import Tensors
import TestSupport

/// Two samples of one kind of system, with directions to differentiate along, beside what dense elimination says of them.
struct LayerCase: Sendable, CustomStringConvertible {
    /// A matrix that is not symmetric, with land: `StencilKind` has land for symmetric ones.
    enum Land: Sendable { case ofTheKind, added }

    let description: String
    let layout: StencilLayout
    let ny: Int
    let nx: Int
    let isSymmetric: Bool
    /// Two samples of each.
    let stencil: Tensor<Double>
    let b: Tensor<Double>
    let guess: Tensor<Double>
    let cotangent: Tensor<Double>
    /// A' and b'.
    let stencilDirection: Tensor<Double>
    let bDirection: Tensor<Double>
    /// w'.
    let cotangentDirection: Tensor<Double>

    init(_ kind: StencilKind, _ shape: StencilShape, _ side: Side, land: Land = .ofTheKind) {
        let cases = (0..<2).map {
            StencilCase(
                kind, shape, ny: side.ny, nx: side.nx, periodicY: side.periodicY, periodicX: side.periodicX, fields: side.fields, index: $0)
        }
        description = "\(cases[0])" + (land == .added ? " with land" : "")
        layout = StencilLayout(shape, periodicY: side.periodicY, periodicX: side.periodicX, fields: side.fields)
        (ny, nx) = (side.ny, side.nx)
        isSymmetric = kind != .nonSymmetric
        let (channels, fields) = (layout.channels, side.fields)
        b = Tensor(shape: [2, fields, ny, nx], scalars: cases.flatMap(\.b))
        guess = Tensor(shape: b.shape, scalars: cases.flatMap(\.guess))
        var stencil = Tensor(shape: [2, channels, ny, nx], scalars: cases.flatMap(\.coefficients))
        if land == .added { Self.flood(&stencil, layout) }
        self.stencil = stencil
        cotangent = sampleTensor(b.shape, seed: 4)
        stencilDirection = sampleTensor(stencil.shape, seed: 5)
        bDirection = sampleTensor(b.shape, seed: 6)
        cotangentDirection = sampleTensor(b.shape, seed: 7)
    }

    struct Side: Sendable {
        let ny, nx: Int
        let periodicY, periodicX: Bool
        let fields: Int
    }

    /// Closed and periodic grids, sides odd, even and so short that they lead back to themselves, one field and several.
    static let sides = [
        (1, 1, false, false, 1), (1, 7, false, false, 1), (5, 4, false, false, 1), (11, 13, false, false, 1), (6, 9, false, true, 1),
        (7, 9, true, true, 1), (1, 2, true, true, 1), (1, 1, true, true, 1), (5, 4, false, false, 2), (5, 6, true, true, 3),
    ].map { Side(ny: $0.0, nx: $0.1, periodicY: $0.2, periodicX: $0.3, fields: $0.4) }

    static let all = StencilShape.allCases.flatMap { shape in
        sides.flatMap { side in
            StencilKind.allCases.map { LayerCase($0, shape, side) } + [LayerCase(.nonSymmetric, shape, side, land: .added)]
        }
    }
    /// Few and small, of every kind and shape, for properties that take many solves.
    static let few = all.filter { ($0.ny, $0.nx) == (5, 4) || ($0.ny, $0.nx) == (1, 2) }

    /// Where the neighbour in a direction lies, if there is one: written apart from the library's stretches.
    static func neighbour(_ k: Int, _ d: StencilDirection, _ layout: StencilLayout, ny: Int, nx: Int) -> Int? {
        var (j, i) = (k / nx + d.dy, k % nx + d.dx)
        if layout.periodicY { j = (j + ny) % ny }
        if layout.periodicX { i = (i + nx) % nx }
        return (0..<ny).contains(j) && (0..<nx).contains(i) ? j * nx + i : nil
    }

    /// Turns a third of the cells into land.
    private static func flood(_ stencil: inout Tensor<Double>, _ layout: StencilLayout) {
        let (ny, nx) = (stencil.shape[2], stencil.shape[3])
        let cells = ny * nx
        var stream = RandomStream(seed: 9, purpose: "test land", index: cells)
        let isDry = (0..<cells).map { _ in stream.uniform() < 0.34 }
        for (plane, d) in StencilDirection.planes(layout) {
            for sample in 0..<2 {
                for k in 0..<cells where isDry[k] || neighbour(k, d, layout, ny: ny, nx: nx).map({ isDry[$0] }) ?? false {
                    let isDiagonal = d == .center && (plane / layout.fields) % layout.fields == plane % layout.fields
                    stencil.scalars[(sample * layout.channels + plane) * cells + k] = isDiagonal ? 1 : 0
                }
            }
        }
    }
}

extension StencilDirection {
    /// Every channel of a stencil tensor with its direction.
    static func planes(_ layout: StencilLayout) -> [(Int, StencilDirection)] {
        layout.shape.directions.flatMap { d in
            (0..<layout.fields * layout.fields).map { (d.rawValue * layout.fields * layout.fields + $0, d) }
        }
    }
}

/// Solution, gradient, tangent and second derivative of a case by dense elimination.
struct LayerOracle: Sendable, CustomStringConvertible {
    let c: LayerCase
    let solution: Tensor<Double>
    let adjoint: Tensor<Double>
    let stencilGradient: Tensor<Double>
    let tangent: Tensor<Double>
    let adjointDerivative: Tensor<Double>
    let stencilGradientDerivative: Tensor<Double>

    var description: String { c.description }

    init(_ c: LayerCase) {
        self.c = c
        let unknowns = c.b.count / 2
        func dense(_ stencil: Tensor<Double>, _ sample: Int) -> DenseMatrix {
            let size = stencil.count / 2
            return DenseMatrix(
                c.layout.shape, ny: c.ny, nx: c.nx, periodicY: c.layout.periodicY, periodicX: c.layout.periodicX, fields: c.layout.fields,
                coefficients: Array(stencil.scalars[sample * size..<(sample + 1) * size]))
        }
        func part(_ t: Tensor<Double>, _ sample: Int) -> [Double] { Array(t.scalars[sample * unknowns..<(sample + 1) * unknowns]) }
        func minus(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 - $1 } }
        var (y, z, yDot, zDot, g, gDot): ([Double], [Double], [Double], [Double], [Double], [Double]) = ([], [], [], [], [], [])
        let cells = c.ny * c.nx
        for sample in 0..<2 {
            let (matrix, change) = (dense(c.stencil, sample), dense(c.stencilDirection, sample))
            let solution = matrix.solve(part(c.b, sample))
            let adjoint = matrix.transposed.solve(part(c.cotangent, sample))
            let tangent = matrix.solve(minus(part(c.bDirection, sample), change.times(solution)))
            let adjointTangent = matrix.transposed.solve(minus(part(c.cotangentDirection, sample), change.transposed.times(adjoint)))
            for (plane, d) in StencilDirection.planes(c.layout) {
                let (p, q) = ((plane / c.layout.fields) % c.layout.fields * cells, plane % c.layout.fields * cells)
                for k in 0..<cells {
                    let n = LayerCase.neighbour(k, d, c.layout, ny: c.ny, nx: c.nx)
                    g.append(n.map { -adjoint[p + k] * solution[q + $0] } ?? 0)
                    gDot.append(n.map { -(adjointTangent[p + k] * solution[q + $0] + adjoint[p + k] * tangent[q + $0]) } ?? 0)
                }
            }
            y += solution
            z += adjoint
            yDot += tangent
            zDot += adjointTangent
        }
        solution = Tensor(shape: c.b.shape, scalars: y)
        adjoint = Tensor(shape: c.b.shape, scalars: z)
        tangent = Tensor(shape: c.b.shape, scalars: yDot)
        adjointDerivative = Tensor(shape: c.b.shape, scalars: zDot)
        stencilGradient = Tensor(shape: c.stencil.shape, scalars: g)
        stencilGradientDerivative = Tensor(shape: c.stencil.shape, scalars: gDot)
    }

    static let all = LayerCase.all.map { LayerOracle($0) }
}
