extension Array {
    /// Calls `body` with the storage, if there is any.
    func withPointer(_ body: (UnsafePointer<Element>) -> Void) {
        withUnsafeBufferPointer { if let base = $0.baseAddress { body(base) } }
    }
}

extension Tensor {
    /// Extents of a field [batch, channel, y, x]; of a line [batch, channel, x] and of features [batch, channel] the missing ones are 1.
    var field: (batch: Int, channels: Int, ny: Int, nx: Int) {
        switch shape.count {
        case 4: return (shape[0], shape[1], shape[2], shape[3])
        case 3: return (shape[0], shape[1], 1, shape[2])
        case 2: return (shape[0], shape[1], 1, 1)
        default: preconditionFailure("expected [batch, channel, y, x], [batch, channel, x] or [batch, channel], found shape \(shape)")
        }
    }

    /// The shape of this field with another number of channels.
    func fieldShape(channels: Int) -> [Int] {
        var shape = shape
        shape[1] = channels
        return shape
    }

    /// Calls `body` with the storage of two tensors of at least one element.
    func withPointers(_ other: Tensor, _ body: (UnsafePointer<Scalar>, UnsafePointer<Scalar>) -> Void) {
        scalars.withPointer { a in other.scalars.withPointer { b in body(a, b) } }
    }

    /// Sums over batch, y and x, one per channel, accumulated in double precision: shape [channels].
    public func channelSums() -> Tensor {
        let (batch, channels, ny, nx) = field
        let plane = ny * nx
        var sums = [Double](repeating: 0, count: channels)
        sums.withUnsafeMutableBufferPointer { sums in
            scalars.withPointer { x in
                nonisolated(unsafe) let (x, sums) = (x, sums.baseAddress!)
                TensorThreads.forEach(channels, work: count) { channel in
                    for sample in 0..<batch { sums[channel] += sumKernel(x + (sample * channels + channel) * plane, plane) }
                }
            }
        }
        return Tensor(shape: [channels], scalars: sums.map { Scalar($0) })
    }
}
