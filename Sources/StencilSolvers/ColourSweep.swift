import Tensors

/// Multi-colour Gauss-Seidel sweeps with a relaxation factor.
///
/// Cells of one colour do not couple to each other, so that a colour is relaxed as vectors: two colours for three and five points,
/// four for nine; an odd periodic side takes a third along it. A sweep walks the grid once: colour s follows s rows behind the first
/// colour, when the rows that it reads are ready and still in cache, which gives exactly what colour after colour gives.
/// The reversed sweep takes the colours in opposite order: on the transposed matrix it is the transposed sweep.
final class ColourSweep<Scalar: TensorScalar>: @unchecked Sendable {
    let matrix: GridMatrix<Scalar>
    let relaxation: Double
    let colours: Int
    /// For each colour and each class of rows, the weight of every column: the factor on cells of that colour, zero elsewhere.
    private var weights: [[GridVector<Scalar>?]] = []
    private let rowClass: [Int]

    init(_ matrix: GridMatrix<Scalar>, relaxation: Double) {
        self.matrix = matrix
        self.relaxation = relaxation
        let layout = matrix.layout
        // A proper colouring of a line or ring: neighbours differ.
        func ring(_ count: Int, _ isPeriodic: Bool) -> [Int] {
            (0..<count).map { isPeriodic && count % 2 == 1 && $0 == count - 1 ? 2 : $0 % 2 }
        }
        let columnClass = ring(layout.nx, layout.periodicX)
        rowClass = matrix.shape == .threePoint ? [Int](repeating: 0, count: layout.ny) : ring(layout.ny, layout.periodicY)
        let (columnClasses, rowClasses) = ((columnClass.max() ?? 0) + 1, (rowClass.max() ?? 0) + 1)
        let classes = max(columnClasses, rowClasses)
        colours = matrix.shape == .ninePoint ? columnClasses * rowClasses : classes
        for colour in 0..<colours {
            weights.append((0..<rowClasses).map { rowClass in
                let row = GridVector<Scalar>(
                    GridLayout(ny: 1, nx: layout.nx, periodicY: false, periodicX: false, lanes: Scalar.Vector.scalarCount), planes: 1)
                var isEmpty = true
                for i in 0..<layout.nx {
                    // Along an edge of a torus one of the two classes changes, so that their sum, modulo the larger number, changes too.
                    let own = matrix.shape == .ninePoint
                        ? rowClass * columnClasses + columnClass[i] : (rowClass + columnClass[i]) % classes
                    guard own == colour else { continue }
                    row.origin()[i] = Scalar(relaxation)
                    isEmpty = false
                }
                return isEmpty ? nil : row
            })
        }
    }

    /// The same for the transposed matrix.
    func with(_ matrix: GridMatrix<Scalar>) -> ColourSweep { ColourSweep(matrix, relaxation: relaxation) }

    /// One sweep over y in place. `scratch` is needed where a cell has several fields.
    ///
    /// - Parameters:
    ///   - prepare: changes row j of y before the sweep reads it, while it stays in cache for the sweep.
    ///   - finish: called for each row j when it and its neighbours are done, while the coefficients stay in cache. Wherever a
    ///     direction is periodic, borders are wrapped.
    func relax(
        _ y: GridVector<Scalar>, _ b: GridVector<Scalar>, reversed: Bool, scratch: GridVector<Scalar>,
        prepare: ((Int) -> Void)? = nil, finish: ((Int) -> Void)? = nil
    ) {
        let ny = matrix.layout.ny
        if matrix.layout.periodicY {
            // The first rows need the last ones: colour after colour.
            if let prepare { for j in 0..<ny { prepare(j) } }
            y.wrap()
            for step in 0..<colours {
                for j in 0..<ny { relax(j, reversed ? colours - 1 - step : step, y, b, scratch) }
                y.wrap()
            }
            if let finish { for j in 0..<ny { finish(j) } }
            return
        }
        func isReady(_ j: Int) {
            guard let prepare, j < ny else { return }
            prepare(j)
            for p in 0..<matrix.fields { y.wrapRow(y.origin(p) + j * matrix.layout.rowStride) }
        }
        if prepare == nil { y.wrap() }
        isReady(0)
        for front in 0...ny + colours - 1 {
            isReady(front + 1)
            for step in 0..<colours where front - step >= 0 && front - step < ny {
                relax(front - step, reversed ? colours - 1 - step : step, y, b, scratch)
            }
            if let finish, front - colours >= 0 { finish(front - colours) }
        }
    }

    private func relax(_ j: Int, _ colour: Int, _ y: GridVector<Scalar>, _ b: GridVector<Scalar>, _ scratch: GridVector<Scalar>) {
        guard let row = weights[colour][rowClass[j]] else { return }
        let (layout, fields) = (matrix.layout, matrix.fields)
        let first = j &* layout.rowStride
        if fields == 1 {
            relaxRow(
                matrix.terms + 1, matrix.termsPerField - 1, matrix.inverseDiagonal.origin(), y.origin(), b.origin(), row.origin(),
                from: first, columns: layout.nx)
        } else {
            relaxBlockRow(
                matrix.terms, matrix.termsPerField, fields: fields, planeStride: layout.planeStride, matrix.inverseDiagonal.origin(),
                y.origin(), b.origin(), scratch.origin(), row.origin(), from: first, columns: layout.nx)
        }
        if layout.periodicX { for p in 0..<fields { y.wrapRow(y.origin(p) + first) } }
    }
}
