/// Surface elevation and velocities of a shallow-water model on a C grid (see `ShallowWaterGrid` for where they sit).
public struct ShallowWaterState: DynamicalState {
    /// zeta, u, v one after the other, each [y, x]: m, m/s, m/s.
    public var vector: [Double]
    public let nx: Int
    public let ny: Int

    /// At rest.
    public init(nx: Int, ny: Int) {
        self.nx = nx
        self.ny = ny
        vector = [Double](repeating: 0, count: 3 * nx * ny)
    }

    /// From three fields of nx * ny values each.
    public init(nx: Int, ny: Int, zeta: [Double], u: [Double], v: [Double]) {
        precondition(zeta.count == nx * ny && u.count == nx * ny && v.count == nx * ny)
        self.nx = nx
        self.ny = ny
        vector = zeta + u + v
    }

    private var cells: Int { nx * ny }

    /// Surface elevation in m, at cell centres, [y, x].
    public var zeta: [Double] {
        get { Array(vector[0..<cells]) }
        set { vector.replaceSubrange(0..<cells, with: newValue) }
    }

    /// Velocity along x in m/s, on east faces, [y, x].
    public var u: [Double] {
        get { Array(vector[cells..<2 * cells]) }
        set { vector.replaceSubrange(cells..<2 * cells, with: newValue) }
    }

    /// Velocity along y in m/s, on north faces, [y, x].
    public var v: [Double] {
        get { Array(vector[2 * cells..<3 * cells]) }
        set { vector.replaceSubrange(2 * cells..<3 * cells, with: newValue) }
    }
}
