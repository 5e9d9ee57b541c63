import _Differentiation

/// A dense layer at given features, weights and bias: its value, and its derivative applied from either side.
public struct LinearisedDense<Scalar: TensorScalar>: LinearisedLayer {
    public let value: Tensor<Scalar>
    let input: Tensor<Scalar>
    let weights: Tensor<Scalar>
    let activation: LinearisedActivation<Scalar>

    /// J d, of the value's shape; directions have the shapes of what they belong to, or are `.zero`.
    public func tangent(input direction: Tensor<Scalar>, weights: Tensor<Scalar>, bias: Tensor<Scalar>) -> Tensor<Scalar> {
        var sum = Tensor<Scalar>.zero
        if !direction.isSymbolicZero { sum = direction.timesTransposed(self.weights, bias: .zero) }
        if !weights.isSymbolicZero || !bias.isSymbolicZero {
            sum += input.timesTransposed(weights.materialised(self.weights.shape), bias: bias)
        }
        return activation.slope(times: sum)
    }

    /// J^T g; what is not wanted is `.zero` and costs nothing.
    public func cotangents(
        _ cotangent: Tensor<Scalar>, input wantsInput: Bool = true, weights wantsWeights: Bool = true, bias wantsBias: Bool = true
    ) -> (input: Tensor<Scalar>, weights: Tensor<Scalar>, bias: Tensor<Scalar>) {
        if cotangent.isSymbolicZero { return (.zero, .zero, .zero) }
        precondition(cotangent.shape == value.shape, "a cotangent of shape \(cotangent.shape) for a value of shape \(value.shape)")
        let cotangent = activation.slope(times: cotangent)
        return (
            wantsInput ? cotangent.times(weights) : .zero,
            wantsWeights ? cotangent.transposedTimes(input) : .zero,
            wantsBias ? cotangent.channelSums() : .zero
        )
    }
}

extension Tensor {
    /// Dense layer: features [batch, inputs] times the transpose of `weights` [outputs, inputs], plus `bias` [outputs], activated: [batch, outputs].
    ///
    /// On `reshaped` fields it is a layer of the whole grid.
    @differentiable(reverse, wrt: (self, weights, bias))
    public func dense(with weights: Tensor, bias: Tensor, activation: Activation = .none) -> Tensor {
        timesTransposed(weights, bias: bias).activated(by: activation)
    }

    @derivative(of: dense, wrt: (self, weights, bias))
    public func vjpDense(
        with weights: Tensor, bias: Tensor, activation: Activation = .none
    ) -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor, Tensor)) {
        let linearised = linearisedDense(with: weights, bias: bias, activation: activation)
        return (linearised.value, { cotangent in
            let (input, weights, bias) = linearised.cotangents(cotangent)
            return (input, weights, bias)
        })
    }

    /// `dense`, with its derivative for use in any direction.
    public func linearisedDense(with weights: Tensor, bias: Tensor, activation: Activation = .none) -> LinearisedDense<Scalar> {
        let activated = timesTransposed(weights, bias: bias).linearisedActivation(activation)
        return LinearisedDense(value: activated.value, input: self, weights: weights, activation: activated)
    }

    /// The derivative of `dense` along directions of features, weights and bias, each of the shape of its own or `.zero`.
    public func denseTangent(
        with weights: Tensor, bias: Tensor, activation: Activation = .none, along direction: Tensor, weights weightDirection: Tensor,
        bias biasDirection: Tensor
    ) -> Tensor {
        linearisedDense(with: weights, bias: bias, activation: activation)
            .tangent(input: direction, weights: weightDirection, bias: biasDirection)
    }

    /// self [m, k] times the transpose of b [n, k], plus `bias` [n] or `.zero` in every row: [m, n].
    func timesTransposed(_ b: Tensor, bias: Tensor) -> Tensor {
        precondition(
            shape.count == 2 && b.shape.count == 2 && b.shape[1] == shape[1] && (bias.isSymbolicZero || bias.shape == [b.shape[0]]),
            "weights \(b.shape) and bias \(bias.shape) do not fit features of shape \(shape)")
        let (m, n, k) = (shape[0], b.shape[0], shape[1])
        return Tensor(shape: [m, n]) { out in
            for row in 0..<m {
                if bias.isSymbolicZero { (out + row * n).initialize(repeating: 0, count: n) } else { (out + row * n).initialize(from: bias.scalars, count: n) }
            }
            withPointers(b) { x, w in
                nonisolated(unsafe) let (x, w, out) = (x, w, out)
                let columns = 32
                TensorThreads.forEach((n + columns - 1) / columns, work: m * n * k) { part in
                    let first = part * columns
                    let count = min(columns, n - first)
                    let offsets = (0..<count).map { (first + $0) * k }
                    // Lengths of which the lines of a block stay in the cache.
                    for start in stride(from: 0, to: k, by: 4096) {
                        innerProductKernel(
                            x + start, leftStride: k, lines: m, w + start, offsets, terms: count, length: min(4096, k - start), out + first,
                            sumsStride: n)
                    }
                }
            }
        }
    }

    /// self [m, k] times b [k, n]: [m, n].
    func times(_ b: Tensor) -> Tensor {
        Self.product(
            packed: WeightTable(scalars: scalars, outputs: shape[0], outputStride: shape[1], channels: shape[1], channelStride: 1).packed(width: 8),
            lines: shape[0], b)
    }

    /// The transpose of self [k, m] times b [k, n]: [m, n].
    func transposedTimes(_ b: Tensor) -> Tensor {
        Self.product(
            packed: WeightTable(scalars: scalars, outputs: shape[1], outputStride: 1, channels: shape[0], channelStride: shape[1]).packed(width: 8),
            lines: shape[1], b)
    }

    private static func product(packed: [Scalar], lines m: Int, _ b: Tensor) -> Tensor {
        let (k, n) = (b.shape[0], b.shape[1])
        let offsets = (0..<k).map { $0 * n }
        let bias = [Scalar](repeating: 0, count: 8)
        // A line shorter than a vector is read past its end.
        let b = n < Scalar.Vector.scalarCount ? b.scalars + [Scalar](repeating: 0, count: Scalar.Vector.scalarCount) : b.scalars
        return Tensor(shape: [m, n]) { out in
            b.withPointer { b in
                nonisolated(unsafe) let (b, out) = (b, out)
                let parts = max(1, n / 1024)
                TensorThreads.forEach(parts, work: m * n * k) { part in
                    let columns = n * part / parts..<n * (part + 1) / parts
                    packed.withPointer { packed in
                        for first in stride(from: 0, to: m, by: 8) {
                            productKernel(
                                b + columns.lowerBound, rowStride: 0, offsets, terms: k, packed + first * k, bias,
                                out + first * n + columns.lowerBound, outputStride: n, outputRowStride: 0, used: min(8, m - first), rows: 1,
                                nx: columns.count)
                        }
                    }
                }
            }
        }
    }
}
