import Basics
import Tensors

// A model's parameters as one vector, and by name.

extension ParameterLayout {
    /// The weights of a block in a parameter vector of this layout, by the block's name; nil where there is none of that name.
    public func weights<Scalar: TensorScalar>(_ name: String, in parameters: Tensor<Scalar>) -> Tensor<Scalar>? {
        checkLength(parameters)
        return blocks.first { $0.name == name }.map { parameters.block($0.range, shape: $0.shape) }
    }

    /// All weights with their names, in the order of the vector.
    public func named<Scalar: TensorScalar>(_ parameters: Tensor<Scalar>) -> [(name: String, weights: Tensor<Scalar>)] {
        checkLength(parameters)
        return blocks.map { ($0.name, parameters.block($0.range, shape: $0.shape)) }
    }

    /// The parameter vector of weights by name, as a file or another model may give them.
    ///
    /// Throws `SeicheError` (invalidInput) where names or shapes are not this layout's.
    public func vector<Scalar: TensorScalar>(of weights: [String: Tensor<Scalar>]) throws -> Tensor<Scalar> {
        let known = Set(blocks.map(\.name))
        if let stranger = weights.keys.filter({ !known.contains($0) }).min() {
            throw SeicheError(
                .invalidInput, "the model has no weights called '\(stranger)'; it has \(blocks.map(\.name).joined(separator: ", "))",
                why: "the weights belong to another model")
        }
        var values: [Scalar] = []
        values.reserveCapacity(count)
        for block in blocks {
            guard let given = weights[block.name] else {
                throw SeicheError(.invalidInput, "the weights called '\(block.name)' of shape \(block.shape) are missing")
            }
            guard given.shape == block.shape else {
                throw SeicheError(
                    .invalidInput, "the weights called '\(block.name)' have shape \(given.shape), expected \(block.shape)",
                    why: "the weights belong to a model of another size")
            }
            values += given.scalars
        }
        return Tensor(shape: [count], scalars: values)
    }

    private func checkLength<Scalar: TensorScalar>(_ parameters: Tensor<Scalar>) {
        precondition(parameters.shape == [count], "a parameter vector of shape \(parameters.shape) for \(count) parameters")
    }
}
