import _Differentiation

/// How a field is refined by two.
public enum Upsampling: String, CaseIterable, Sendable {
    /// Every cell becomes 2 x 2 cells of its value.
    case nearest
    /// Between centres of cells: 3/4 of the cell and 1/4 of its neighbour along each axis; beyond the edges the outermost cells go on.
    case bilinear
}

/// Doubling one line: out[2i] and out[2i + 1] from in[i] and its neighbours.
private struct Doubling {
    let coarse: Int
    let fine: Int
    /// Of the neighbour; what is left is the cell's own.
    let share: Double

    /// The cell and the neighbour that a fine cell is made of.
    func sources(_ k: Int) -> (own: Int, neighbour: Int) {
        let own = k / 2
        return (own, min(max(own + (k % 2 == 0 ? -1 : 1), 0), coarse - 1))
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func blendKernel<Scalar: TensorScalar>(
    _ own: UnsafePointer<Scalar>, _ neighbour: UnsafePointer<Scalar>, _ share: Scalar, _ out: UnsafeMutablePointer<Scalar>, _ count: Int
) {
    for x in 0..<count { out[x] = own[x] + share * (neighbour[x] - own[x]) }
}

/// Doubles the columns of one row.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func doubleKernel<Scalar: TensorScalar>(
    _ row: UnsafePointer<Scalar>, coarse: Int, share: Scalar, _ out: UnsafeMutablePointer<Scalar>, fine: Int
) {
    for i in 0..<coarse {
        let own = row[i]
        out[2 &* i] = own + share * (row[max(i &- 1, 0)] - own)
        if 2 &* i &+ 1 < fine { out[2 &* i &+ 1] = own + share * (row[min(i &+ 1, coarse &- 1)] - own) }
    }
}

/// The adjoint: sums of the fine columns into the coarse ones.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func halveKernel<Scalar: TensorScalar>(
    _ g: UnsafePointer<Scalar>, fine: Int, share: Scalar, _ out: UnsafeMutablePointer<Scalar>, coarse: Int
) {
    let own = 1 - share
    for i in 0..<coarse { out[i] = 0 }
    for i in 0..<coarse {
        out[i] += own * g[2 &* i]
        out[max(i &- 1, 0)] += share * g[2 &* i]
        if 2 &* i &+ 1 < fine {
            out[i] += own * g[2 &* i &+ 1]
            out[min(i &+ 1, coarse &- 1)] += share * g[2 &* i &+ 1]
        }
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func addScaledKernel<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, _ factor: Scalar, _ out: UnsafeMutablePointer<Scalar>, _ count: Int
) {
    for k in 0..<count { out[k] += factor * x[k] }
}

extension Tensor {
    /// A field of `extents` [y, x], or a line of `extents` [x], from one half as fine: the reverse of pooling. Linear.
    ///
    /// - Parameter extents: of each axis twice that of the field, or one less: where the finer field had an odd number of cells.
    @differentiable(reverse, wrt: self)
    public func upsampled(to extents: [Int], by method: Upsampling) -> Tensor {
        let (planes, y, x) = doublings(extents, method)
        return Tensor(shape: shape.prefix(2) + extents) { out in
            scalars.withPointer { values in
                nonisolated(unsafe) let (values, out) = (values, out)
                TensorThreads.forEach(planes, work: 4 * planes * y.fine * x.fine) { plane in
                    withUnsafeTemporaryAllocation(of: Scalar.self, capacity: x.coarse) { buffer in
                        let blended = buffer.baseAddress!
                        let source = values + plane * y.coarse * x.coarse
                        for k in 0..<y.fine {
                            let (own, neighbour) = y.sources(k)
                            blendKernel(source + own * x.coarse, source + neighbour * x.coarse, Scalar(y.share), blended, x.coarse)
                            doubleKernel(blended, coarse: x.coarse, share: Scalar(x.share), out + (plane * y.fine + k) * x.fine, fine: x.fine)
                        }
                    }
                }
            }
        }
    }

    @derivative(of: upsampled, wrt: self)
    public func vjpUpsampled(to extents: [Int], by method: Upsampling) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        let (shape, doublings) = (self.shape, doublings(extents, method))
        return (upsampled(to: extents, by: method), { cotangent in
            if cotangent.isSymbolicZero { return .zero }
            let (planes, y, x) = doublings
            return Tensor(shape: shape) { out in
                cotangent.scalars.withPointer { g in
                    nonisolated(unsafe) let (g, out) = (g, out)
                    TensorThreads.forEach(planes, work: 4 * planes * y.fine * x.fine) { plane in
                        withUnsafeTemporaryAllocation(of: Scalar.self, capacity: x.coarse) { buffer in
                            let sums = buffer.baseAddress!
                            let target = out + plane * y.coarse * x.coarse
                            target.initialize(repeating: 0, count: y.coarse * x.coarse)
                            for k in 0..<y.fine {
                                halveKernel(g + (plane * y.fine + k) * x.fine, fine: x.fine, share: Scalar(x.share), sums, coarse: x.coarse)
                                let (own, neighbour) = y.sources(k)
                                addScaledKernel(sums, 1 - Scalar(y.share), target + own * x.coarse, x.coarse)
                                addScaledKernel(sums, Scalar(y.share), target + neighbour * x.coarse, x.coarse)
                            }
                        }
                    }
                }
            }
        })
    }

    private func doublings(_ extents: [Int], _ method: Upsampling) -> (planes: Int, y: Doubling, x: Doubling) {
        let (batch, channels, ny, nx) = field
        precondition(
            shape.count > 2 && extents.count == shape.count - 2 && zip(extents, shape[2...]).allSatisfy { $0 == 2 * $1 || $0 == 2 * $1 - 1 },
            "a field of shape \(shape) cannot be refined to \(extents): each extent must double, or double less one")
        let share = method == .nearest ? 0 : 0.25
        // The missing axis of a line has one cell before and after.
        let fineNy = extents.count == 2 ? extents[0] : 1
        return (
            batch * channels, Doubling(coarse: ny, fine: fineNy, share: share), Doubling(coarse: nx, fine: extents[extents.count - 1], share: share)
        )
    }
}
