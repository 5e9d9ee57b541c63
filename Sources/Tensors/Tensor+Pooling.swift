import _Differentiation

/// The mean or the largest of the cells of every window of 2 x 2. Odd extents keep their last row and column: windows are cut off at the edge, and a mean
/// is that of the cells there are. A line [batch, channel, x] has windows of 2.
private struct Windows {
    let planes: Int
    let ny: Int
    let nx: Int
    var outNy: Int { (ny + 1) / 2 }
    var outNx: Int { (nx + 1) / 2 }

    init<Scalar: TensorScalar>(_ field: Tensor<Scalar>) {
        let extents = field.field
        planes = extents.batch * extents.channels
        (ny, nx) = (extents.ny, extents.nx)
    }

    func outShape<Scalar: TensorScalar>(_ field: Tensor<Scalar>) -> [Int] {
        let leading = Array(field.shape.prefix(2))
        return leading + (field.shape.count == 4 ? [outNy, outNx] : field.shape.count == 3 ? [outNx] : [])
    }

    /// Calls `body` for every row of windows with where its two rows of cells begin (one row twice at an odd edge) and where the windows' own row begins.
    func forEachRow(_ body: @Sendable (_ upper: Int, _ lower: Int, _ windows: Int) -> Void) {
        TensorThreads.forEach(planes, work: 4 * planes * ny * nx) { plane in
            for y in 0..<outNy {
                body((plane * ny + 2 * y) * nx, (plane * ny + min(2 * y + 1, ny - 1)) * nx, (plane * outNy + y) * outNx)
            }
        }
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func averageKernel<Scalar: TensorScalar>(
    _ upper: UnsafePointer<Scalar>, _ lower: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, nx: Int
) {
    for x in 0..<nx / 2 { out[x] = ((upper[2 &* x] + upper[2 &* x &+ 1]) + (lower[2 &* x] + lower[2 &* x &+ 1])) * 0.25 }
    if nx & 1 == 1 { out[nx / 2] = (upper[nx &- 1] + lower[nx &- 1]) * 0.5 }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func averageAdjointKernel<Scalar: TensorScalar>(
    _ g: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, share: Scalar, nx: Int
) {
    for x in 0..<nx / 2 {
        let part = g[x] * share * 0.5
        out[2 &* x] = part
        out[2 &* x &+ 1] = part
    }
    if nx & 1 == 1 { out[nx &- 1] = g[nx / 2] * share }
}

/// Where in each window the largest cell is: 2 (row) + column, the first of equals; NaN counts as larger than all.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func largestKernel<Scalar: TensorScalar>(
    _ upper: UnsafePointer<Scalar>, _ lower: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<UInt8>, nx: Int
) {
    for x in 0..<(nx &+ 1) / 2 {
        let (a, b) = (2 &* x, min(2 &* x &+ 1, nx &- 1))
        var best = upper[a]
        var place: UInt8 = 0
        @inline(__always) func look(_ value: Scalar, _ candidate: UInt8) {
            // Not smaller or equal: larger, or one of them NaN; a NaN that was found stays.
            if !(value <= best) && best == best {
                best = value
                place = candidate
            }
        }
        look(upper[b], 1)
        look(lower[a], 2)
        look(lower[b], 3)
        out[x] = place
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func gatherKernel<Scalar: TensorScalar>(
    _ upper: UnsafePointer<Scalar>, _ lower: UnsafePointer<Scalar>, _ places: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Scalar>,
    _ count: Int
) {
    for k in 0..<count { out[k] = (places[k] > 1 ? lower : upper)[2 &* k &+ Int(places[k] & 1)] }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func scatterKernel<Scalar: TensorScalar>(
    _ g: UnsafePointer<Scalar>, _ places: UnsafePointer<UInt8>, _ upper: UnsafeMutablePointer<Scalar>, _ lower: UnsafeMutablePointer<Scalar>,
    _ count: Int
) {
    for k in 0..<count { (places[k] > 1 ? lower : upper)[2 &* k &+ Int(places[k] & 1)] = g[k] }
}

/// Which cell of every window was the largest: the derivative of `maximumPooled`.
public struct LinearisedMaximum<Scalar: TensorScalar>: Sendable {
    public let value: Tensor<Scalar>
    private let places: [UInt8]
    private let shape: [Int]

    init(_ field: Tensor<Scalar>) {
        let windows = Windows(field)
        shape = field.shape
        places = [UInt8](unsafeUninitializedCapacity: windows.planes * windows.outNy * windows.outNx) { buffer, initialised in
            initialised = buffer.count
            guard let base = buffer.baseAddress else { return }
            nonisolated(unsafe) let places = base
            windows.forEachRow { upper, lower, row in
                field.scalars.withPointer { x in largestKernel(x + upper, x + lower, places + row, nx: windows.nx) }
            }
        }
        value = Self.chosen(field, places)
    }

    private static func chosen(_ field: Tensor<Scalar>, _ places: [UInt8]) -> Tensor<Scalar> {
        let windows = Windows(field)
        return Tensor(shape: windows.outShape(field)) { out in
            nonisolated(unsafe) let out = out
            windows.forEachRow { upper, lower, row in
                places.withPointer { places in
                    field.scalars.withPointer { x in
                        gatherKernel(x + upper, x + lower, places + row, out + row, windows.outNx)
                    }
                }
            }
        }
    }

    /// The direction at the largest cells.
    public func tangent(_ direction: Tensor<Scalar>) -> Tensor<Scalar> {
        if direction.isSymbolicZero { return .zero }
        precondition(direction.shape == shape, "a direction of shape \(direction.shape) for a field of shape \(shape)")
        return Self.chosen(direction, places)
    }

    /// The cotangent of every window, at its largest cell.
    public func cotangent(_ cotangent: Tensor<Scalar>) -> Tensor<Scalar> {
        if cotangent.isSymbolicZero { return .zero }
        precondition(cotangent.shape == value.shape, "a cotangent of shape \(cotangent.shape) for a value of shape \(value.shape)")
        var result = Tensor<Scalar>(shape: shape, repeating: 0)
        let windows = Windows(result)
        result.scalars.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            nonisolated(unsafe) let out = base
            windows.forEachRow { upper, lower, row in
                places.withPointer { places in
                    cotangent.scalars.withPointer { g in
                        scatterKernel(g + row, places + row, out + upper, out + lower, windows.outNx)
                    }
                }
            }
        }
        return result
    }
}

extension Tensor {
    /// Means over windows of 2 x 2 cells, cut off at odd edges: [batch, channel, y, x] to [batch, channel, (y + 1) / 2, (x + 1) / 2]. Linear.
    @differentiable(reverse, wrt: self)
    public func averagePooled() -> Tensor {
        let windows = Windows(self)
        return Tensor(shape: windows.outShape(self)) { out in
            nonisolated(unsafe) let out = out
            windows.forEachRow { upper, lower, row in
                self.scalars.withPointer { x in averageKernel(x + upper, x + lower, out + row, nx: windows.nx) }
            }
        }
    }

    @derivative(of: averagePooled, wrt: self)
    public func vjpAveragePooled() -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        let (windows, shape) = (Windows(self), self.shape)
        return (averagePooled(), { cotangent in
            if cotangent.isSymbolicZero { return .zero }
            return Tensor(shape: shape) { out in
                nonisolated(unsafe) let out = out
                windows.forEachRow { upper, lower, row in
                    cotangent.scalars.withPointer { g in
                        averageAdjointKernel(g + row, out + upper, share: upper == lower ? 1 : 0.5, nx: windows.nx)
                        if upper != lower { averageAdjointKernel(g + row, out + lower, share: 0.5, nx: windows.nx) }
                    }
                }
            }
        })
    }

    /// Largest cells of windows of 2 x 2, cut off at odd edges: [batch, channel, y, x] to [batch, channel, (y + 1) / 2, (x + 1) / 2].
    ///
    /// Of equals the first has the derivative; NaN counts as the largest.
    @differentiable(reverse, wrt: self)
    public func maximumPooled() -> Tensor { linearisedMaximum().value }

    @derivative(of: maximumPooled, wrt: self)
    public func vjpMaximumPooled() -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        let linearised = linearisedMaximum()
        return (linearised.value, { linearised.cotangent($0) })
    }

    /// `maximumPooled`, with its derivative for use in any direction.
    public func linearisedMaximum() -> LinearisedMaximum<Scalar> { LinearisedMaximum(self) }

    public func maximumPooledTangent(along direction: Tensor) -> Tensor { linearisedMaximum().tangent(direction) }
}
