import Tensors

/// A dense layer: features [batch, inputs] to [batch, outputs].
public struct Dense: Block, Equatable {
    public let weights: ParameterLayout.Block
    public let bias: ParameterLayout.Block
    public let activation: Activation

    /// Reserves `name.weights` [outputs, inputs] and `name.bias` [outputs].
    ///
    /// - Parameter initialiser: of the weights; Xavier's where nil.
    public init(
        _ name: String, inputs: Int, outputs: Int, initialiser: ParameterLayout.Initialiser? = nil, activation: Activation = .none,
        in layout: inout ParameterLayout
    ) {
        weights = layout.reserve(
            name + ".weights", shape: [outputs, inputs], initialiser: initialiser ?? .xavier(fanIn: inputs, fanOut: outputs))
        bias = layout.reserve(name + ".bias", shape: [outputs], initialiser: .zero)
        self.activation = activation
    }

    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        x.dense(with: weights[self.weights], bias: weights[bias], activation: activation)
    }
}

/// A non-local layer: every value of the grid depends on every value of the grid.
///
/// The explicit counterpart of the linear implicit layer: what a learned stencil's inverse says with a few numbers in each cell, it says with a
/// matrix of all cells by all cells. For small grids.
public struct WholeGrid: Block, Equatable {
    /// [channels, y, x] or [channels, x] of the output.
    public let outputs: [Int]
    public let dense: Dense

    /// Reserves `name.weights` and `name.bias` of a dense layer between the grids' values.
    ///
    /// - Parameters:
    ///   - inputs: [channels, y, x] or [channels, x] of the input.
    ///   - outputs: the same of the output.
    ///   - initialiser: of the weights; Xavier's where nil.
    public init(
        _ name: String, inputs: [Int], outputs: [Int], initialiser: ParameterLayout.Initialiser? = nil, activation: Activation = .none,
        in layout: inout ParameterLayout
    ) {
        self.outputs = outputs
        dense = Dense(
            name, inputs: inputs.reduce(1, *), outputs: outputs.reduce(1, *), initialiser: initialiser, activation: activation, in: &layout)
    }

    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        let batch = x.shape[0]
        return dense(x.reshaped(to: [batch, x.primal.count / batch]), weights).reshaped(to: [batch] + outputs)
    }
}
