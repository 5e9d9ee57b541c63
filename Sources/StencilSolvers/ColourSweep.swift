import Tensors

/// Multi-colour Gauss-Seidel sweeps with a relaxation factor.
///
/// Cells of one colour do not couple to each other, so that a colour is relaxed as vectors: two colours for three and five points,
/// four for nine; an odd periodic side takes a third along it. Sweeps walk the grid together: each colour of each sweep follows a row
/// behind the one before it, when the rows that it reads are ready and still in cache, which gives exactly what colour after colour gives.
/// So many sweeps read the matrix from memory once.
/// The reversed sweep takes the colours in opposite order: on the transposed matrix it is the transposed sweep.
final class ColourSweep<Scalar: TensorScalar>: @unchecked Sendable {
    let matrix: GridMatrix<Scalar>
    let relaxation: Double
    let colours: Int
    /// What each colour holds of a row, for each class of rows.
    private let members: [[Members]]
    private let rowClass: [Int]

    /// The cells of a colour in a row.
    private enum Members {
        case none
        /// Those of even (0) or odd (1) columns; `butLast` of them, where the last has a colour of its own.
        case half(Int, butLast: Bool)
        /// The last column of an odd periodic side.
        case seam
    }

    init(_ matrix: GridMatrix<Scalar>, relaxation: Double) {
        self.matrix = matrix
        self.relaxation = relaxation
        let layout = matrix.layout
        let (hasSeamX, hasSeamY) = (layout.periodicX && layout.nx % 2 == 1, layout.periodicY && layout.ny % 2 == 1)
        // A proper colouring of a line or ring: neighbours differ.
        rowClass = (0..<layout.ny).map { matrix.shape == .threePoint ? 0 : hasSeamY && $0 == layout.ny - 1 ? 2 : $0 % 2 }
        let (columnClasses, rowClasses) = (hasSeamX ? 3 : min(2, layout.nx), (rowClass.max() ?? 0) + 1)
        let classes = max(columnClasses, rowClasses)
        let isNinePoint = matrix.shape == .ninePoint
        let colours = isNinePoint ? columnClasses * rowClasses : classes
        self.colours = colours
        members = (0..<colours).map { colour in
            (0..<rowClasses).map { rowClass in
                // Along an edge of a torus one of the two classes changes, so that their sum, modulo the larger number, changes too.
                let columnClass = isNinePoint ? colour - rowClass * columnClasses : (colour - rowClass + classes) % classes
                guard (0..<columnClasses).contains(columnClass) else { return .none }
                return columnClass == 2 ? .seam : .half(columnClass, butLast: hasSeamX && columnClass == 0)
            }
        }
    }

    /// The same for the transposed matrix.
    func with(_ matrix: GridMatrix<Scalar>) -> ColourSweep { ColourSweep(matrix, relaxation: relaxation) }

    /// Sweeps over y in place. `scratch` is needed where a cell has several fields.
    ///
    /// - Parameters:
    ///   - factors: relaxation factors, one for each colour of each sweep; nil for `sweeps` with the factor of this object.
    ///   - prepare: changes row j of y before the sweep reads it, while it stays in cache for the sweep.
    ///   - finish: called for each row j when it and its neighbours are done, while the coefficients stay in cache. Wherever a
    ///     direction is periodic, borders are wrapped.
    func relax(
        _ y: GridVector<Scalar>, _ b: GridVector<Scalar>, reversed: Bool, sweeps: Int = 1, factors: [Double]? = nil,
        scratch: GridVector<Scalar>, prepare: ((Int) -> Void)? = nil, finish: ((Int) -> Void)? = nil
    ) {
        let ny = matrix.layout.ny
        let stages = factors?.count ?? sweeps * colours
        @inline(__always)
        func relax(_ j: Int, stage: Int) {
            let colour = stage % colours
            relaxCells(j, reversed ? colours - 1 - colour : colour, Scalar(factors?[stage] ?? relaxation), y, b, scratch)
        }
        if matrix.layout.periodicY {
            // The first rows need the last ones: colour after colour.
            if let prepare { for j in 0..<ny { prepare(j) } }
            y.wrap()
            for stage in 0..<stages {
                for j in 0..<ny { relax(j, stage: stage) }
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
        for front in 0..<max(0, ny + stages) {
            isReady(front + 1)
            let first = max(0, front - ny + 1)
            for stage in first..<max(first, min(stages, front + 1)) { relax(front - stage, stage: stage) }
            if let finish, front - stages >= 0 { finish(front - stages) }
        }
    }

    private func relaxCells(_ j: Int, _ colour: Int, _ factor: Scalar, _ y: GridVector<Scalar>, _ b: GridVector<Scalar>, _ scratch: GridVector<Scalar>) {
        let layout = matrix.layout
        let row = j &* layout.rowStride
        switch members[colour][rowClass[j]] {
        case .none: return
        case .half(let half, let butLast):
            let first = row &+ half &* layout.halfStride
            let last = layout.columns(half) - 1
            keeping(butLast ? first + last..<first + last + 1 : first..<first, y) {
                relaxCells(half, from: first, layout.columns(half), factor, y, b, scratch)
            }
        case .seam: relaxCells(0, from: row + layout.position(layout.nx - 1), 1, factor, y, b, scratch)
        }
        if layout.periodicX { for p in 0..<matrix.fields { y.wrapRow(y.origin(p) + row) } }
    }

    /// Gives cells of other colours back the values that they had before `body` changed a vector with them.
    @inline(__always)
    private func keeping(_ cells: Range<Int>, _ y: GridVector<Scalar>, _ body: () -> Void) {
        if cells.isEmpty { return body() }
        let kept = (0..<matrix.fields).map { p in cells.map { y.origin(p)[$0] } }
        body()
        for p in 0..<matrix.fields {
            for (k, cell) in cells.enumerated() { y.origin(p)[cell] = kept[p][k] }
        }
    }

    @inline(__always)
    private func relaxCells(
        _ half: Int, from first: Int, _ columns: Int, _ factor: Scalar, _ y: GridVector<Scalar>, _ b: GridVector<Scalar>,
        _ scratch: GridVector<Scalar>
    ) {
        if matrix.fields == 1 {
            relaxRow(
                matrix.terms(0, half: half) + 1, matrix.termsPerField - 1, matrix.inverseDiagonal.origin(), y.origin(), b.origin(), factor,
                from: first, columns: columns)
        } else {
            relaxBlockRow(
                matrix.terms(0, half: half), matrix.termsPerField, fields: matrix.fields, planeStride: matrix.layout.planeStride,
                matrix.inverseDiagonal.origin(), y.origin(), b.origin(), scratch.origin(), factor, from: first, columns: columns)
        }
    }
}
