import _Differentiation

/// A dense array of `Float` or `Double` in row-major order, with value semantics.
///
/// Fields are `[batch, channel, y, x]` throughout; x is fastest, as in the Fortran models and in NetCDF.
/// Operations on tensors are the level at which derivatives are written: each has a hand-written pullback beside it,
/// and Swift's own differentiation composes them.
///
/// Shapes are the programmer's business: an operation whose operands do not fit stops with a message that names both shapes.
/// What a user supplies (files, experiments) is checked, by throwing code, before it becomes a tensor.
public struct Tensor<Scalar: TensorScalar>: Equatable, Sendable {
    /// Extents, slowest first. Empty for the symbolic zero.
    public let shape: [Int]
    /// The values, row-major.
    public var scalars: [Scalar]

    public init(shape: [Int], scalars: [Scalar]) {
        precondition(shape.reduce(1, *) == scalars.count, "a tensor of shape \(shape) cannot hold \(scalars.count) values")
        self.shape = shape
        self.scalars = scalars
    }

    public init(shape: [Int], repeating value: Scalar) {
        self.init(shape: shape) { fillKernel($0, value, shape.reduce(1, *)) }
    }

    /// Storage that `fill` writes whole; nothing is zeroed first.
    @inlinable
    init(shape: [Int], filling fill: (UnsafeMutablePointer<Scalar>) -> Void) {
        self.shape = shape
        let count = shape.reduce(1, *)
        scalars = [Scalar](unsafeUninitializedCapacity: count) { buffer, initialised in
            if let base = buffer.baseAddress { fill(base) }
            initialised = count
        }
    }

    private init(symbolicZero: Void) {
        shape = []
        scalars = []
    }

    /// The additive identity of every shape: no storage, accepted by every operation's pullback.
    /// (Swift's differentiation needs a zero before it knows a shape.)
    public static var zero: Tensor { Tensor(symbolicZero: ()) }

    /// Whether this is the shapeless zero.
    public var isSymbolicZero: Bool { shape.isEmpty && scalars.isEmpty }

    public var count: Int { scalars.count }

    /// The same values in the other precision.
    public func converted<Other: TensorScalar>(to type: Other.Type) -> Tensor<Other> {
        Tensor<Other>(shape: shape, scalars: scalars.map { Other($0) })
    }

    /// Samples `range` of a batch: of whatever has the batch first.
    public func samples(_ range: Range<Int>) -> Tensor {
        precondition(!shape.isEmpty && range.lowerBound >= 0 && range.upperBound <= shape[0], "samples \(range) of a tensor of shape \(shape)")
        if range.count == shape[0] { return self }
        let size = count / max(1, shape[0])
        return block(range.lowerBound * size..<range.upperBound * size, shape: [range.count] + shape.dropFirst())
    }

    /// Sets elements `range` of the flat storage to those of `block`.
    public mutating func set(_ range: Range<Int>, to block: Tensor) {
        precondition(range.count == block.count && range.upperBound <= count, "\(block.count) values for elements \(range) of \(count)")
        scalars.withUnsafeMutableBufferPointer { out in
            block.scalars.withPointer { values in
                if let out = out.baseAddress { copyScalars(from: values, to: out + range.lowerBound, range.count) }
            }
        }
    }

    /// Adds a field to channels `range` of this one; batch and cells are the same.
    public mutating func add(_ part: Tensor, toChannels range: Range<Int>) {
        let (batch, channels, ny, nx) = field
        precondition(
            range.lowerBound >= 0 && range.upperBound <= channels && part.shape == fieldShape(channels: range.count),
            "a field of shape \(part.shape) for channels \(range) of one of shape \(shape)")
        let plane = ny * nx
        scalars.withUnsafeMutableBufferPointer { out in
            part.scalars.withPointer { values in
                guard let out = out.baseAddress else { return }
                for sample in 0..<batch {
                    accumulateKernel(
                        out + (sample * channels + range.lowerBound) * plane, values + sample * range.count * plane, range.count * plane)
                }
            }
        }
    }

    /// Adds every element to that of `sums`, which are as many.
    public func add(to sums: inout [Double]) {
        precondition(sums.count == count, "\(sums.count) sums of \(count) values")
        sums.withUnsafeMutableBufferPointer { sums in
            scalars.withUnsafeBufferPointer { values in
                if let sums = sums.baseAddress, let values = values.baseAddress { addWidened(values, to: sums, count) }
            }
        }
    }

    /// This tensor, or zeros of `shape` where it is the symbolic zero.
    func materialised(_ shape: [Int]) -> Tensor {
        if isSymbolicZero { return Tensor(shape: shape, repeating: 0) }
        precondition(self.shape == shape, "a cotangent of shape \(self.shape) met a value of shape \(shape)")
        return self
    }
}

extension Tensor: AdditiveArithmetic {
    public static func + (a: Tensor, b: Tensor) -> Tensor {
        if a.isSymbolicZero { return b }
        if b.isSymbolicZero { return a }
        return elementwise(a, b, .add)
    }

    public static func - (a: Tensor, b: Tensor) -> Tensor {
        if b.isSymbolicZero { return a }
        if a.isSymbolicZero { return scaled(b, -1) }
        return elementwise(a, b, .subtract)
    }

    public static func += (a: inout Tensor, b: Tensor) {
        if b.isSymbolicZero { return }
        if a.isSymbolicZero {
            a = b
            return
        }
        precondition(a.shape == b.shape, "cannot add tensors of shapes \(a.shape) and \(b.shape)")
        accumulate(&a.scalars, b.scalars)
    }
}

extension Tensor: Differentiable {
    public typealias TangentVector = Tensor

    public mutating func move(by offset: Tensor) { self += offset }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func addWidened<Scalar: TensorScalar>(_ values: UnsafePointer<Scalar>, to sums: UnsafeMutablePointer<Double>, _ count: Int) {
    for k in 0..<count { sums[k] += Double(values[k]) }
}

/// Copies numbers as bytes: code that does not know which precision it serves would copy them one by one.
@inline(__always)
func copyScalars<Scalar>(from source: UnsafePointer<Scalar>, to target: UnsafeMutablePointer<Scalar>, _ count: Int) {
    UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: count * MemoryLayout<Scalar>.stride)
}
