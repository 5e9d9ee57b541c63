import Basics
import Synchronization
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
    /// What each colour holds of a row: [classes of rows][colours].
    private let members: [Members]
    private let rowClass: [Int]

    /// The cells of a colour in a row.
    private enum Members {
        case none, evenColumns, oddColumns
        /// Where the last column has a colour of its own: an odd periodic side.
        case evenColumnsButTheLast, lastColumn
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
        members = (0..<rowClasses * colours).map { index in
            let (rowClass, colour) = (index / colours, index % colours)
            // Along an edge of a torus one of the two classes changes, so that their sum, modulo the larger number, changes too.
            let columnClass = isNinePoint ? colour - rowClass * columnClasses : (colour - rowClass + classes) % classes
            guard (0..<columnClasses).contains(columnClass) else { return .none }
            return [hasSeamX ? .evenColumnsButTheLast : .evenColumns, .oddColumns, .lastColumn][columnClass]
        }
    }

    /// The same for the transposed matrix.
    func with(_ matrix: GridMatrix<Scalar>) -> ColourSweep { ColourSweep(matrix, relaxation: relaxation) }

    /// Sweeps over y in place. `scratch` is needed where a cell has several fields.
    ///
    /// - Parameters:
    ///   - strips: the largest number of strips of rows that are swept side by side.
    ///   - prepare: changes row j of y before the sweep reads it, while it stays in cache for the sweep.
    ///   - finish: called for each row j when it and its neighbours are done, and the two rows before it, while the coefficients stay in cache;
    ///     in any order, side by side, with the number of the strip. Wherever a direction is periodic, borders are wrapped.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func relax(
        _ y: GridVector<Scalar>, _ b: GridVector<Scalar>, reversed: Bool, sweeps: Int = 1, strips: Int = .max,
        scratch: GridVector<Scalar>? = nil, prepare: ((Int) -> Void)? = nil, finish: ((Int, Int) -> Void)? = nil
    ) {
        let ny = matrix.layout.ny
        let (stages, factor) = (sweeps * colours, Scalar(relaxation))
        let order = (0..<stages).map { reversed ? colours - 1 - $0 % colours : $0 % colours }
        let cells = CellPointers(matrix, y, b, scratch)
        if matrix.layout.periodicY {
            // The first rows need the last ones: colour after colour.
            if let prepare { for j in 0..<ny { prepare(j) } }
            y.wrap()
            for colour in order {
                for j in 0..<ny { relax(j, colour, factor, cells) }
                y.wrap()
            }
            if let finish { for j in 0..<ny { finish(j, 0) } }
            return
        }
        if prepare == nil { y.wrap() }
        // Strips of rows side by side. At an edge between two each stage stops a row earlier than the one before, since the next row is not
        // ready; what is left open there is done when both strips are.
        let least = max(4 * (stages + 4), Self.leastWork / max(1, stages * matrix.layout.nx * matrix.termsPerField * matrix.fields))
        let edges = Mutex<[Int]>([])
        concurrentRanges(ny, leastWork: least, atMost: strips) { rows, strip in
            relax(rows, strip, order, factor, cells, y, prepare, finish)
            if rows.upperBound < ny { edges.withLock { $0.append(rows.upperBound) } }
        }
        for edge in edges.withLock({ $0 }).sorted() {
            for (stage, colour) in order.enumerated() {
                for j in edge - 1 - stage..<edge + 1 + stage { relax(j, colour, factor, cells) }
            }
            if let finish { for j in edge - 1 - stages..<edge + 3 + stages { finish(j, 0) } }
        }
    }

    /// Products of a coefficient and a value that take as long as starting a thread.
    private static var leastWork: Int { 1 << 20 }

    /// A strip of rows, each stage a row behind the one before.
    @inline(__always)
    private func relax(
        _ rows: Range<Int>, _ strip: Int, _ order: [Int], _ factor: Scalar, _ cells: CellPointers, _ y: GridVector<Scalar>, _ prepare: ((Int) -> Void)?,
        _ finish: ((Int, Int) -> Void)?
    ) {
        let (ny, stages) = (matrix.layout.ny, order.count)
        let (isFirst, isLast) = (rows.lowerBound == 0, rows.upperBound == ny)
        func isReady(_ j: Int) {
            guard let prepare, rows.contains(j) else { return }
            prepare(j)
            for p in 0..<matrix.fields { y.wrapRow(y.origin(p) + j * matrix.layout.rowStride) }
        }
        isReady(rows.lowerBound)
        for front in rows.lowerBound..<max(rows.lowerBound, rows.upperBound + stages) {
            isReady(front + 1)
            var stage = 0
            while stage < stages {
                let j = front &- stage
                if j >= (isFirst ? 0 : rows.lowerBound &+ 1 &+ stage), j < (isLast ? ny : rows.upperBound &- 1 &- stage) {
                    relax(j, order[stage], factor, cells)
                }
                stage &+= 1
            }
            // What follows a row may look back at the two before it.
            let done = front - stages
            if let finish, done >= (isFirst ? 0 : rows.lowerBound + 3 + stages), done < (isLast ? ny : rows.upperBound - 1 - stages) { finish(done, strip) }
        }
    }

    /// What the sweep of a row needs, found once: a row of a small grid takes no longer than finding it would.
    private struct CellPointers {
        let termCount: Int
        /// Those of even and of odd columns.
        let terms: (even: UnsafePointer<StencilTerm<Scalar>>, odd: UnsafePointer<StencilTerm<Scalar>>)
        let inverse: UnsafePointer<Scalar>
        let y: UnsafeMutablePointer<Scalar>
        let b: UnsafePointer<Scalar>
        let scratch: UnsafeMutablePointer<Scalar>
        let columns: (even: Int, odd: Int)

        @inline(__always)
        init(_ matrix: GridMatrix<Scalar>, _ y: GridVector<Scalar>, _ b: GridVector<Scalar>, _ scratch: GridVector<Scalar>?) {
            termCount = matrix.termsPerField
            terms = (matrix.terms(0, half: 0), matrix.terms(0, half: 1))
            inverse = UnsafePointer(matrix.inverseDiagonal.origin())
            self.y = y.origin()
            self.b = UnsafePointer(b.origin())
            self.scratch = (scratch ?? y).origin()
            columns = (matrix.layout.columns(0), matrix.layout.columns(1))
        }
    }

    /// Relaxes the cells of one colour in row j.
    @inline(__always)
    private func relax(_ j: Int, _ colour: Int, _ factor: Scalar, _ cells: CellPointers) {
        let layout = matrix.layout
        let row = j &* layout.rowStride
        switch members[rowClass[j] &* colours &+ colour] {
        case .none: return
        case .evenColumns: relax(cells.terms.even, from: row, cells.columns.even, factor, cells)
        case .oddColumns: relax(cells.terms.odd, from: row &+ layout.halfStride, cells.columns.odd, factor, cells)
        case .evenColumnsButTheLast:
            // The last lies within the last vector: it gets its value back.
            let last = row + layout.position(layout.nx - 1)
            let kept = (0..<matrix.fields).map { cells.y[$0 * layout.planeStride + last] }
            relax(cells.terms.even, from: row, cells.columns.even, factor, cells)
            for (p, value) in kept.enumerated() { cells.y[p * layout.planeStride + last] = value }
        case .lastColumn: relax(cells.terms.even, from: row + layout.position(layout.nx - 1), 1, factor, cells)
        }
        guard layout.periodicX else { return }
        for p in 0..<matrix.fields {
            let first = cells.y + p * layout.planeStride + row
            first[layout.position(-1)] = first[layout.position(layout.nx - 1)]
            first[layout.position(layout.nx)] = first[0]
        }
    }

    @inline(__always)
    private func relax(_ terms: UnsafePointer<StencilTerm<Scalar>>, from first: Int, _ columns: Int, _ factor: Scalar, _ cells: CellPointers) {
        if matrix.fields == 1 {
            relaxRow(terms + 1, cells.termCount &- 1, cells.inverse, cells.y, cells.b, factor, from: first, columns: columns)
        } else {
            relaxBlockRow(
                terms, cells.termCount, fields: matrix.fields, planeStride: matrix.layout.planeStride, cells.inverse, cells.y, cells.b,
                cells.scratch, factor, from: first, columns: columns)
        }
    }
}
