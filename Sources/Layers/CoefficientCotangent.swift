import Basics
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
        let products = [(z, y)] + (second.map { [($0.u, $0.v)] } ?? [])
        let scalars = [Scalar](unsafeUninitializedCapacity: batch * channels * cells) { buffer, count in
            count = batch * channels * cells
            guard let out = buffer.baseAddress else { return }
            // Samples of so many coefficients are worth a thread.
            concurrentRanges(batch, leastWork: max(1, (1 << 16) / max(1, channels * cells))) { samples, _ in
                for sample in samples {
                    clear(out + sample * channels * cells, channels * cells)
                    for (left, right) in products { subtractProducts(left, right, sample: sample, from: out + sample * channels * cells) }
                }
            }
        }
        return Tensor(shape: [batch, channels, ny, nx], scalars: scalars)
    }

    /// out -= z y^T for one sample.
    private func subtractProducts<Scalar: TensorScalar>(
        _ z: Tensor<Scalar>, _ y: Tensor<Scalar>, sample: Int, from out: UnsafeMutablePointer<Scalar>
    ) {
        let (ny, nx) = (z.shape[2], z.shape[3])
        let (cells, vector) = (ny * nx, sample * fields * ny * nx)
        z.scalars.withUnsafeBufferPointer { left in
            y.scalars.withUnsafeBufferPointer { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return }
                for p in 0..<fields {
                    for q in 0..<fields {
                        let (z, y) = (left + vector + p * cells, right + vector + q * cells)
                        forEachStretch(ny: ny, nx: nx) { d, cell, neighbour, count in
                            subtractElements(out + channel(d, p, q) * cells + cell, z + cell, y + neighbour, count)
                        }
                    }
                }
            }
        }
    }
}

/// out -= z y, element by element.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func subtractElements<Scalar: TensorScalar>(
    _ out: UnsafeMutablePointer<Scalar>, _ z: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>, _ count: Int
) {
    for k in 0..<max(count, 0) { out[k] -= z[k] * y[k] }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func clear<Scalar: TensorScalar>(_ out: UnsafeMutablePointer<Scalar>, _ count: Int) {
    for k in 0..<count { out[k] = 0 }
}
