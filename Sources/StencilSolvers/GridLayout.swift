/// How the fields of a solve lie in memory: each row as its cells of even column, then those of odd column, with a border of one cell
/// around the grid and room for whole vectors.
///
/// So split, the cells of one colour of a sweep lie side by side, and so do the cells that a coarser grid keeps: every kernel walks through
/// memory cell by cell, and none has special cases at an edge. What lies outside a closed grid is zero.
struct GridLayout: Equatable {
    let ny: Int
    let nx: Int
    let periodicY: Bool
    let periodicX: Bool
    /// Scalars in a vector.
    let lanes: Int
    /// Elements from the first even column of a row to its first odd one: whole vectors, and one more so that the last vector of one half
    /// and its neighbours do not reach into the other. The last element is the border to the west.
    let halfStride: Int
    /// Elements from one plane to the next. The odd number of vectors keeps planes of 4096-byte multiples off the same cache sets.
    let planeStride: Int

    init(ny: Int, nx: Int, periodicY: Bool, periodicX: Bool, lanes: Int) {
        self.ny = ny
        self.nx = nx
        self.periodicY = periodicY
        self.periodicX = periodicX
        self.lanes = lanes
        halfStride = ((nx + 1) / 2 + lanes - 1) / lanes * lanes + lanes
        planeStride = 2 * halfStride * (ny + 2) + 3 * lanes
    }

    /// Rows of a plane that take as long to copy as starting a thread.
    var rowsWorthAThread: Int { max(1, (1 << 17) / max(1, nx)) }

    /// Elements from one row to the next.
    var rowStride: Int { 2 * halfStride }
    /// Elements before cell (0, 0) of the first plane.
    var lead: Int { rowStride }

    /// Elements of `planes` planes; the last kernel vector of the last row may reach past its border.
    func capacity(_ planes: Int, _ lanes: Int) -> Int { planes * planeStride + rowStride + 2 * lanes }

    /// The layout of some rows.
    func with(rows: Int) -> GridLayout { GridLayout(ny: rows, nx: nx, periodicY: false, periodicX: periodicX, lanes: lanes) }
    /// The layout of one row.
    var row: GridLayout { with(rows: 1) }

    /// Columns that are even (half 0) or odd (half 1).
    func columns(_ half: Int) -> Int { (nx + 1 - half) / 2 }

    /// Where column i lies in its row, from the west border, -1, to the east one, nx.
    func position(_ i: Int) -> Int { (i & 1) * halfStride + i >> 1 }

    /// How far a neighbour lies from the cells of one half of a row.
    func shift(_ d: StencilDirection, half: Int) -> Int { d.dy * rowStride + position(half + d.dx) - position(half) }

    /// Row j, read round the edge of a periodic direction; nil outside a closed one.
    func wrappedRow(_ j: Int) -> Int? {
        if (0..<ny).contains(j) { return j }
        return periodicY ? (j + ny) % ny : nil
    }

    func wrappedColumn(_ i: Int) -> Int? {
        if (0..<nx).contains(i) { return i }
        return periodicX ? (i + nx) % nx : nil
    }
}
