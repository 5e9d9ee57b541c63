import StencilSolvers
import Tensors

// What parametrisations do with the rows of a stencil tensor [batch, points * fields * fields, y, x]; a field of numbers one for each row
// is [batch, fields, y, x].

extension StencilDomain {
    /// Sums over a row's entries of open |a|, with the diagonal or without.
    func magnitudes(_ a: Tensor<Scalar>, diagonal: Bool) -> Tensor<Scalar> { reduced(a, a, diagonal: diagonal, addMagnitudes) }

    /// Sums over a row's entries of open sign(a) c: the derivative of `magnitudes` along c.
    func magnitudes(_ a: Tensor<Scalar>, along c: Tensor<Scalar>, diagonal: Bool) -> Tensor<Scalar> {
        reduced(a, c, diagonal: diagonal, addSigned)
    }

    /// Sums over a row's off-diagonal entries of open a c.
    func products(_ a: Tensor<Scalar>, _ c: Tensor<Scalar>) -> Tensor<Scalar> { reduced(a, c, diagonal: false, addProducts) }

    /// open a times the row's factor off the diagonal, and `diagonal` on it.
    func scaled(_ a: Tensor<Scalar>, rows factor: Tensor<Scalar>, diagonal: Tensor<Scalar>) -> Tensor<Scalar> {
        mapped(a, factor, diagonal, scaleOpen)
    }

    /// open sign(a) times the row's factor off the diagonal, and `diagonal`, or where nil the same, on it: the transpose of the derivative of
    /// `magnitudes`.
    func signs(_ a: Tensor<Scalar>, rows factor: Tensor<Scalar>, diagonal: Tensor<Scalar>?) -> Tensor<Scalar> {
        mapped(a, factor, diagonal, scaleSigns)
    }

    /// The diagonal entries, one for each row.
    func diagonal(of a: Tensor<Scalar>) -> Tensor<Scalar> {
        let batch = a.shape[0]
        var values: [Scalar] = []
        values.reserveCapacity(batch * layout.fields * cells)
        for sample in 0..<batch {
            for p in 0..<layout.fields {
                let first = (sample * layout.channels + layout.channel(.center, p, p)) * cells
                values += a.scalars[first..<first + cells]
            }
        }
        return Tensor(shape: [batch, layout.fields, ny, nx], scalars: values)
    }

    /// 1 for the rows of wet cells, 0 for those of dry ones.
    func wetRows(_ batch: Int) -> Tensor<Scalar> {
        Tensor(shape: [batch, layout.fields, ny, nx], scalars: (0..<batch * layout.fields).flatMap { _ in open[0..<cells] })
    }

    // MARK: Drivers

    private typealias Kernel = (UnsafeMutablePointer<Scalar>, UnsafePointer<Scalar>, UnsafePointer<Scalar>, UnsafePointer<Scalar>, Int) -> Void

    /// out[row] accumulated by kernel(out, open, a, c) over the row's entries.
    private func reduced(_ a: Tensor<Scalar>, _ c: Tensor<Scalar>, diagonal: Bool, _ kernel: Kernel) -> Tensor<Scalar> {
        let batch = a.shape[0]
        var result = Tensor<Scalar>(shape: [batch, layout.fields, ny, nx], repeating: 0)
        withPointers(&result, a, c) { out, open, a, c in
            forEachEntry(batch) { row, entry, d, isDiagonal in
                if isDiagonal && !diagonal { return }
                kernel(out + row * cells, open + d.rawValue * cells, a + entry * cells, c + entry * cells, cells)
            }
        }
        return result
    }

    /// out[entry] = kernel(out, open, a, factor of the row); where `diagonal` is given, that on the diagonal.
    private func mapped(_ a: Tensor<Scalar>, _ factor: Tensor<Scalar>, _ diagonal: Tensor<Scalar>?, _ kernel: Kernel) -> Tensor<Scalar> {
        let batch = a.shape[0]
        var result = Tensor<Scalar>(shape: a.shape, repeating: 0)
        withPointers(&result, a, factor) { out, open, a, factor in
            forEachEntry(batch) { row, entry, d, isDiagonal in
                if isDiagonal && diagonal != nil { return }
                kernel(out + entry * cells, open + d.rawValue * cells, a + entry * cells, factor + row * cells, cells)
            }
        }
        if let diagonal {
            forEachEntry(batch) { row, entry, _, isDiagonal in
                guard isDiagonal else { return }
                result.scalars.replaceSubrange(
                    entry * cells..<(entry + 1) * cells, with: diagonal.scalars[row * cells..<(row + 1) * cells])
            }
        }
        return result
    }

    /// Calls `body` with the plane of the row, the plane of the entry and its direction, for every entry of every row.
    private func forEachEntry(_ batch: Int, _ body: (_ row: Int, _ entry: Int, _ d: StencilDirection, _ isDiagonal: Bool) -> Void) {
        for sample in 0..<batch {
            for d in layout.shape.directions {
                for p in 0..<layout.fields {
                    for q in 0..<layout.fields {
                        body(
                            sample * layout.fields + p, sample * layout.channels + layout.channel(d, p, q), d, d == .center && p == q)
                    }
                }
            }
        }
    }

    private func withPointers(
        _ result: inout Tensor<Scalar>, _ a: Tensor<Scalar>, _ c: Tensor<Scalar>,
        _ body: (UnsafeMutablePointer<Scalar>, UnsafePointer<Scalar>, UnsafePointer<Scalar>, UnsafePointer<Scalar>) -> Void
    ) {
        result.scalars.withUnsafeMutableBufferPointer { out in
            open.withUnsafeBufferPointer { open in
                a.scalars.withUnsafeBufferPointer { a in
                    c.scalars.withUnsafeBufferPointer { c in
                        guard let out = out.baseAddress, let open = open.baseAddress, let a = a.baseAddress, let c = c.baseAddress else { return }
                        body(out, open, a, c)
                    }
                }
            }
        }
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func addMagnitudes<Scalar: TensorScalar>(
    _ out: UnsafeMutablePointer<Scalar>, _ open: UnsafePointer<Scalar>, _ a: UnsafePointer<Scalar>, _ c: UnsafePointer<Scalar>, _ count: Int
) {
    for k in 0..<count { out[k] += open[k] * abs(a[k]) }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func addSigned<Scalar: TensorScalar>(
    _ out: UnsafeMutablePointer<Scalar>, _ open: UnsafePointer<Scalar>, _ a: UnsafePointer<Scalar>, _ c: UnsafePointer<Scalar>, _ count: Int
) {
    for k in 0..<count { out[k] += open[k] * sign(a[k]) * c[k] }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func addProducts<Scalar: TensorScalar>(
    _ out: UnsafeMutablePointer<Scalar>, _ open: UnsafePointer<Scalar>, _ a: UnsafePointer<Scalar>, _ c: UnsafePointer<Scalar>, _ count: Int
) {
    for k in 0..<count { out[k] += open[k] * a[k] * c[k] }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func scaleOpen<Scalar: TensorScalar>(
    _ out: UnsafeMutablePointer<Scalar>, _ open: UnsafePointer<Scalar>, _ a: UnsafePointer<Scalar>, _ factor: UnsafePointer<Scalar>, _ count: Int
) {
    for k in 0..<count { out[k] = open[k] * a[k] * factor[k] }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func scaleSigns<Scalar: TensorScalar>(
    _ out: UnsafeMutablePointer<Scalar>, _ open: UnsafePointer<Scalar>, _ a: UnsafePointer<Scalar>, _ factor: UnsafePointer<Scalar>, _ count: Int
) {
    for k in 0..<count { out[k] = open[k] * sign(a[k]) * factor[k] }
}

/// -1, 0 or 1: the slope of |x|, zero at its kink.
@inline(__always)
private func sign<Scalar: TensorScalar>(_ x: Scalar) -> Scalar { x > 0 ? 1 : x < 0 ? -1 : 0 }
