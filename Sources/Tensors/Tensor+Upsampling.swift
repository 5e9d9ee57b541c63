import _Differentiation

/// How a field is refined by two.
public enum Upsampling: String, CaseIterable, Sendable {
    /// Every cell becomes 2 x 2 cells of its value.
    case nearest
    /// Between centres of cells: 3/4 of the cell and 1/4 of its neighbour along each axis.
    case bilinear
}

/// The grids of a refinement.
private struct Refinement {
    let planes: Int
    let coarse: (y: Int, x: Int)
    let fine: (y: Int, x: Int)
    let method: Upsampling
    /// The coarse row that each of -1...coarse.y shows, and the column that each of -1...coarse.x shows; -1 for zeros.
    let rows: [Int]
    let columns: [Int]

    init<Scalar: TensorScalar>(_ field: Tensor<Scalar>, to extents: [Int], _ method: Upsampling, edges: Padding) {
        let (batch, channels, ny, nx) = field.field
        precondition(
            field.shape.count > 2 && extents.count == field.shape.count - 2
                && zip(extents, field.shape[2...]).allSatisfy { $0 == 2 * $1 || $0 == 2 * $1 - 1 },
            "a field of shape \(field.shape) cannot be refined to \(extents): each extent must double, or double less one")
        planes = batch * channels
        // The missing axis of a line has one cell before and after.
        (coarse, fine) = ((ny, nx), (extents.count == 2 ? extents[0] : 1, extents[extents.count - 1]))
        self.method = method
        let border = Correlation.Border(before: 1, after: 1)
        // The missing axis of a line goes on beyond its cell.
        rows = (extents.count == 2 ? edges : .replicate).sources(extent: ny, border: border)
        columns = edges.sources(extent: nx, border: border)
    }

    /// The coarse row that a fine one lies in, and the one that it lies next to, or -1 for zeros.
    func sources(_ k: Int) -> (own: Int, neighbour: Int) { (k / 2, rows[k / 2 + (k % 2 == 0 ? 0 : 2)]) }

    func forEachPlane(_ body: @Sendable (Int) -> Void) { TensorThreads.forEach(planes, work: 4 * planes * fine.y * fine.x, body) }
}

extension Tensor {
    /// A field of `extents` [y, x], or a line of `extents` [x], from one half as fine: the reverse of pooling. Linear.
    ///
    /// - Parameters:
    ///   - extents: of each axis twice that of the field, or one less: where the finer field had an odd number of cells.
    ///   - edges: what the bilinear method sees beyond the edges: on a ring the other end, or the outermost cells again.
    @differentiable(reverse, wrt: self)
    public func upsampled(to extents: [Int], by method: Upsampling, edges: Padding = .replicate) -> Tensor {
        let r = Refinement(self, to: extents, method, edges: edges)
        return Tensor(shape: shape.prefix(2) + extents) { out in
            scalars.withPointer { values in
                nonisolated(unsafe) let (values, out) = (values, out)
                r.forEachPlane { plane in
                    let (source, target) = (values + plane * r.coarse.y * r.coarse.x, out + plane * r.fine.y * r.fine.x)
                    switch r.method {
                    case .nearest:
                        for k in 0..<r.fine.y { repeatEachKernel(source + k / 2 * r.coarse.x, target + k * r.fine.x, fine: r.fine.x) }
                    case .bilinear:
                        withUnsafeTemporaryAllocation(of: Scalar.self, capacity: r.coarse.x + 2) { buffer in
                            let row = buffer.baseAddress!
                            for k in 0..<r.fine.y {
                                let (own, neighbour) = r.sources(k)
                                blendKernel(source + own * r.coarse.x, neighbour < 0 ? nil : source + neighbour * r.coarse.x, row + 1, r.coarse.x)
                                for edge in [0, r.coarse.x + 1] { row[edge] = r.columns[edge] < 0 ? 0 : row[r.columns[edge] + 1] }
                                doubleKernel(row, target + k * r.fine.x, fine: r.fine.x)
                            }
                        }
                    }
                }
            }
        }
    }

    @derivative(of: upsampled, wrt: self)
    public func vjpUpsampled(
        to extents: [Int], by method: Upsampling, edges: Padding = .replicate
    ) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        let (shape, r) = (self.shape, Refinement(self, to: extents, method, edges: edges))
        return (upsampled(to: extents, by: method, edges: edges), { cotangent in
            if cotangent.isSymbolicZero { return .zero }
            return Tensor(shape: shape) { out in
                cotangent.scalars.withPointer { g in
                    nonisolated(unsafe) let (g, out) = (g, out)
                    r.forEachPlane { plane in
                        let (source, target) = (g + plane * r.fine.y * r.fine.x, out + plane * r.coarse.y * r.coarse.x)
                        withUnsafeTemporaryAllocation(of: Scalar.self, capacity: 3 * (r.coarse.x + 4)) { buffer in
                            fillKernel(buffer.baseAddress!, 0, buffer.count)
                            fillKernel(target, 0, r.coarse.y * r.coarse.x)
                            let sums = buffer.baseAddress!
                            for k in 0..<r.fine.y {
                                let (own, neighbour) = r.sources(k)
                                let row = target + own * r.coarse.x
                                switch r.method {
                                case .nearest: addPairsKernel(source + k * r.fine.x, row, fine: r.fine.x)
                                case .bilinear:
                                    halveKernel(source + k * r.fine.x, fine: r.fine.x, sums + (r.coarse.x + 4), sums, coarse: r.coarse.x)
                                    for edge in [0, r.coarse.x + 1] where r.columns[edge] >= 0 { sums[r.columns[edge] + 1] += sums[edge] }
                                    addScaledKernel(sums + 1, 0.75, row, r.coarse.x)
                                    if neighbour >= 0 { addScaledKernel(sums + 1, 0.25, target + neighbour * r.coarse.x, r.coarse.x) }
                                }
                            }
                        }
                    }
                }
            }
        })
    }
}
