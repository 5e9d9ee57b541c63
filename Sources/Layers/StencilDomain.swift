import StencilSolvers
import Tensors

/// Which cells of a grid are wet, and which couplings that leaves: land and walls as part of every stencil made on it.
///
/// A coupling is open where the row's cell and its neighbour are both wet and the neighbour lies in the grid. The parametrisations put nothing on
/// closed couplings and the identity into the rows of dry cells, so that in their matrices no cell feels land and land feels nothing.
public struct StencilDomain<Scalar: TensorScalar>: Sendable {
    public let layout: StencilLayout
    public let ny: Int
    public let nx: Int
    /// 1 where a coupling is open, 0 elsewhere: [points, ny, nx]. The centre's plane is the wet mask.
    let open: [Scalar]

    /// - Parameter wet: [ny, nx]; every cell where nil.
    public init(_ layout: StencilLayout = StencilLayout(), ny: Int, nx: Int, wet: [Bool]? = nil) {
        precondition(wet == nil || wet?.count == ny * nx, "a mask of \(wet?.count ?? 0) cells for \(ny) x \(nx)")
        self.layout = layout
        self.ny = ny
        self.nx = nx
        var open = Tensor<Scalar>(shape: [layout.shape.points * ny * nx], repeating: 0).scalars
        // Blocks make their domain anew in every call.
        open.withUnsafeMutableBufferPointer { open in
            guard let open = open.baseAddress else { return }
            layout.forEachStretch(ny: ny, nx: nx) { d, cell, neighbour, count in
                let plane = open + d.rawValue * ny * nx + cell
                guard let wet else { return fill(plane, count, with: 1) }
                wet.withUnsafeBufferPointer { if let wet = $0.baseAddress { markOpen(plane, wet + cell, wet + neighbour, count) } }
            }
        }
        self.open = open
    }

    /// Cells of a plane.
    var cells: Int { ny * nx }

    func check(_ raw: Tensor<Scalar>, _ b: Tensor<Scalar>) {
        precondition(b.shape.count == 4 && b.shape[2] == ny && b.shape[3] == nx, "a right-hand side \(b.shape) on \(ny) x \(nx) cells")
        layout.check(stencil: raw, b: b)
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func fill<Scalar: TensorScalar>(_ out: UnsafeMutablePointer<Scalar>, _ count: Int, with value: Scalar) {
    for k in 0..<max(count, 0) { out[k] = value }
}

/// 1 where both cells are wet.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func markOpen<Scalar: TensorScalar>(
    _ out: UnsafeMutablePointer<Scalar>, _ wet: UnsafePointer<Bool>, _ neighbour: UnsafePointer<Bool>, _ count: Int
) {
    for k in 0..<max(count, 0) { out[k] = wet[k] && neighbour[k] ? 1 : 0 }
}
