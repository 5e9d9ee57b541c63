import StencilSolvers
import Tensors

extension StencilLayout {
    /// -(z y^T + u v^T) on the entries of the stencil, the second product only where it is given: -z_p(k) y_q(neighbour of k in direction d)
    /// for every coefficient, zero for those that point out of the grid. What the loss's gradient is made of, without any matrix
    /// larger than the stencil.
    ///
    /// - Parameters: all [batch, fields, y, x].
    /// - Returns: [batch, points * fields * fields, y, x].
    func negatedProducts<Scalar: TensorScalar>(
        _ z: Tensor<Scalar>, _ y: Tensor<Scalar>, and second: (u: Tensor<Scalar>, v: Tensor<Scalar>)? = nil
    ) -> Tensor<Scalar> {
        let (batch, ny, nx) = (z.shape[0], z.shape[2], z.shape[3])
        let cells = ny * nx
        var result = Tensor<Scalar>(shape: [batch, channels, ny, nx], repeating: 0)
        result.scalars.withUnsafeMutableBufferPointer { out in
            guard let out = out.baseAddress else { return }
            for (left, right) in [(z, y)] + (second.map { [($0.u, $0.v)] } ?? []) {
                left.scalars.withUnsafeBufferPointer { left in
                    right.scalars.withUnsafeBufferPointer { right in
                        guard let left = left.baseAddress, let right = right.baseAddress else { return }
                        for sample in 0..<batch {
                            let vector = sample * fields * cells
                            for p in 0..<fields {
                                for q in 0..<fields {
                                    let (z, y) = (left + vector + p * cells, right + vector + q * cells)
                                    forEachStretch(ny: ny, nx: nx) { d, cell, neighbour, count in
                                        let plane = out + (sample * channels + channel(d, p, q)) * cells
                                        subtractProducts(plane + cell, z + cell, y + neighbour, count)
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        return result
    }
}

/// out -= z y, element by element.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func subtractProducts<Scalar: TensorScalar>(
    _ out: UnsafeMutablePointer<Scalar>, _ z: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>, _ count: Int
) {
    for k in 0..<max(count, 0) { out[k] -= z[k] * y[k] }
}
