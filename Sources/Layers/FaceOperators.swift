import Tensors
import _Differentiation

// Differences between cells and faces of a C grid with closed edges, in index space (spacing 1).
// A face field is [batch, 2, y, x]: channel 0 the face east of each cell, channel 1 the face north of it.
// What lies on the faces of the outer edge (last column of channel 0, last row of channel 1) counts as zero.

/// a y(i) + b y(i+1) on east faces, a y(j) + b y(j+1) on north faces, zero on the outer edge.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func toFacesKernel<Scalar: TensorScalar>(
    _ y: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, ny: Int, nx: Int, _ a: Scalar, _ b: Scalar
) {
    let plane = ny &* nx
    for j in 0..<ny {
        let row = j &* nx
        for i in 0..<nx {
            let k = row &+ i
            out[k] = i &+ 1 < nx ? a * y[k] + b * y[k &+ 1] : 0
            out[plane &+ k] = j &+ 1 < ny ? a * y[k] + b * y[k &+ nx] : 0
        }
    }
}

/// a f(i) + b f(i-1) over the four faces of each cell: the transpose of `toFacesKernel`.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func toCellsKernel<Scalar: TensorScalar>(
    _ f: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, ny: Int, nx: Int, _ a: Scalar, _ b: Scalar
) {
    let north = f.advanced(by: ny &* nx)
    for j in 0..<ny {
        let row = j &* nx
        for i in 0..<nx {
            let k = row &+ i
            var sum: Scalar = 0
            if i &+ 1 < nx { sum += a * f[k] }
            if i > 0 { sum += b * f[k &- 1] }
            if j &+ 1 < ny { sum += a * north[k] }
            if j > 0 { sum += b * north[k &- nx] }
            out[k] = sum
        }
    }
}

extension Tensor {
    /// Runs `body` on each sample's planes of `input` and of a new tensor of `shape`.
    func mapSamples(
        to channels: Int, _ body: (UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>, Int, Int) -> Void
    ) -> Tensor {
        precondition(shape.count == 4, "expected [batch, channel, y, x], found shape \(shape)")
        let (batch, planes, ny, nx) = (shape[0], shape[1], shape[2], shape[3])
        let scalars = [Scalar](unsafeUninitializedCapacity: batch * channels * ny * nx) { buffer, count in
            self.scalars.withUnsafeBufferPointer { values in
                guard let source = values.baseAddress, let target = buffer.baseAddress else { return }
                for sample in 0..<batch {
                    body(source + sample * planes * ny * nx, target + sample * channels * ny * nx, ny, nx)
                }
            }
            count = batch * channels * ny * nx
        }
        return Tensor(shape: [batch, channels, ny, nx], scalars: scalars)
    }

    /// Net flux out of each cell: [batch, 2, y, x] on faces to [batch, 1, y, x]. Its sum over all cells is zero, whatever the fluxes.
    @differentiable(reverse, wrt: self)
    public func faceDivergence() -> Tensor {
        mapSamples(to: 1) { toCellsKernel($0, $1, ny: $2, nx: $3, 1, -1) }
    }

    /// Differences across faces: [batch, 1, y, x] to [batch, 2, y, x]. The negative transpose of `faceDivergence`.
    @differentiable(reverse, wrt: self)
    public func faceDifference() -> Tensor {
        mapSamples(to: 2) { toFacesKernel($0, $1, ny: $2, nx: $3, -1, 1) }
    }

    @derivative(of: faceDivergence, wrt: self)
    public func vjpFaceDivergence() -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        (faceDivergence(), { $0.isSymbolicZero ? .zero : $0.faceDifference().scaled(by: -1) })
    }

    @derivative(of: faceDifference, wrt: self)
    public func vjpFaceDifference() -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        (faceDifference(), { $0.isSymbolicZero ? .zero : $0.faceDivergence().scaled(by: -1) })
    }

    /// Means of the two cells of each face: [batch, 1, y, x] to [batch, 2, y, x].
    @differentiable(reverse, wrt: self)
    public func faceMean() -> Tensor {
        mapSamples(to: 2) { toFacesKernel($0, $1, ny: $2, nx: $3, 0.5, 0.5) }
    }

    @derivative(of: faceMean, wrt: self)
    public func vjpFaceMean() -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        (faceMean(), { cotangent in
            cotangent.isSymbolicZero ? .zero : cotangent.mapSamples(to: 1) { toCellsKernel($0, $1, ny: $2, nx: $3, 0.5, 0.5) }
        })
    }
}
