import Tensors

/// Gauss-Seidel sweeps of whole lines along x, from zero: row after row towards the north and back towards the south, or one way only where
/// the wind blows that way, each row eliminated with what its neighbours hold. What a strong coupling along a row or a wind carries far
/// arrives in one sweep.
struct LinePreconditioner<Scalar: TensorScalar>: GridPreconditioner {
    private let matrix: GridMatrix<Scalar>
    private let lines: TridiagonalLines<Scalar>
    /// For each sweep, whether it goes north.
    private let order: [Bool]

    /// Nil for several fields, and where a line cannot be eliminated without pivoting.
    init?(_ matrix: GridMatrix<Scalar>) {
        // With a wind from the south all that matters goes north, and the way back is not worth its time.
        let (north, south) = (matrix.size(.north), matrix.size(.south))
        self.init(matrix, order: south > 2 * north ? [true] : north > 2 * south ? [false] : [true, false])
    }

    private init?(_ matrix: GridMatrix<Scalar>, order: [Bool]) {
        guard matrix.fields == 1, let lines = TridiagonalLines(matrix) else { return nil }
        self.matrix = matrix
        self.lines = lines
        self.order = order
    }

    func application() -> (_ r: GridVector<Scalar>, _ z: GridVector<Scalar>) -> Void {
        let layout = matrix.layout
        let (right, line) = (GridVector<Scalar>(layout.row, planes: 1), RowPlanes<Scalar>(layout.row, isSplit: false, planes: 1))
        return { r, z in
            z.clear()
            for north in order { sweep(r, z, north: north, right, line.origin()) }
        }
    }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    private func sweep(
        _ r: GridVector<Scalar>, _ z: GridVector<Scalar>, north: Bool, _ right: GridVector<Scalar>, _ line: UnsafeMutablePointer<Scalar>
    ) {
        let layout = matrix.layout
        // The terms of other rows lie behind those of the row itself.
        let (inRow, others) = (3, matrix.termsPerField - 3)
        for step in 0..<layout.ny {
            let j = north ? step : layout.ny - 1 - step
            let first = j * layout.rowStride
            for half in 0...1 {
                _ = residualRow(
                    matrix.terms(0, half: half) + inRow, others, z.origin(), r.origin(), right.origin() - first, from: first + half * layout.halfStride,
                    columns: layout.columns(half))
            }
            right.unloadRow(line, 0, 0)
            lines.solve(row: j, line)
            z.loadRow(line, 0, j)
            z.wrapRow(z.origin() + first)
            guard layout.periodicY else { continue }
            if j == 0 { copyScalars(from: z.origin(), to: z.origin() + layout.ny * layout.rowStride, layout.rowStride) }
            if j == layout.ny - 1 { copyScalars(from: z.origin() + first, to: z.origin() - layout.rowStride, layout.rowStride) }
        }
    }

    /// (S_1 then S_2)^T = S_2^T then S_1^T, each in the opposite direction.
    func transposed(_ matrix: GridMatrix<Scalar>) -> any GridPreconditioner<Scalar> {
        LinePreconditioner(matrix, order: order.reversed().map { !$0 })
            ?? SweepPreconditioner(sweep: ColourSweep(matrix, relaxation: 1), order: [false]) as any GridPreconditioner<Scalar>
    }
}

extension GridMatrix {
    /// Whether couplings to one side outweigh those to the other, as of something that a wind carries.
    var hasWind: Bool {
        func isOneSided(_ a: StencilDirection, _ b: StencilDirection) -> Bool {
            let (a, b) = (size(a), size(b))
            return max(a, b) > 2 * min(a, b)
        }
        return isOneSided(.north, .south) || isOneSided(.east, .west)
    }

    /// The sum of the magnitudes of the couplings in one direction of a matrix of one field; 0 where the shape has none.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    fileprivate func size(_ d: StencilDirection) -> Double {
        guard d.rawValue < shape.points, fields == 1 else { return 0 }
        var total = Scalar.Vector(repeating: 0)
        for half in 0...1 {
            let plane = UnsafePointer(coefficient(d, half: half))
            for j in 0..<layout.ny {
                // Behind the last column coefficients are zero.
                var k = j &* layout.rowStride &+ half &* layout.halfStride
                let end = k &+ layout.columns(half)
                while k < end {
                    total += Scalar.magnitude(load(plane, k))
                    k &+= Scalar.Vector.scalarCount
                }
            }
        }
        return Double(total.sum())
    }
}
