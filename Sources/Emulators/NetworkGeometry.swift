import Dynamics
import Tensors

/// What a network sees of a grid: constant fields, zero on land.
public struct NetworkGeometry<Scalar: TensorScalar>: Sendable {
    /// Undisturbed depth divided by its scale, then the wet mask (1 or 0): [1, 2, y, x].
    public let fields: Tensor<Scalar>
    /// 1 on open faces, 0 on closed ones: east, then north, [1, 2, y, x].
    public let openFaces: Tensor<Scalar>
    /// 1 where a state value is free (wet cells, open faces): zeta, u, v, [1, 3, y, x].
    public let stateMask: Tensor<Scalar>
    /// 1 where a cell is wet, [1, 1, y, x].
    public let wet: Tensor<Scalar>

    /// - Parameter depthScale: in m, what depth is divided by.
    public init(_ grid: ShallowWaterGrid, depthScale: Double) {
        let (ny, nx) = (grid.ny, grid.nx)
        let wet = grid.wet.map { $0 ? Scalar(1) : 0 }
        let depth = zip(grid.depth, grid.wet).map { $1 ? Scalar($0 / depthScale) : 0 }
        let east = grid.openEast.map { $0 ? Scalar(1) : 0 }
        let north = grid.openNorth.map { $0 ? Scalar(1) : 0 }
        self.wet = Tensor(shape: [1, 1, ny, nx], scalars: wet)
        fields = Tensor(shape: [1, 2, ny, nx], scalars: depth + wet)
        openFaces = Tensor(shape: [1, 2, ny, nx], scalars: east + north)
        stateMask = Tensor(shape: [1, 3, ny, nx], scalars: wet + east + north)
    }
}
