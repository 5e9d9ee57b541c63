import Basics
import Layers
import Tensors

/// What a one-level Lorenz '96 model adds in every cell, as a function of the slow variable there, for the fast variables it does not have.
///
/// - D. S. Wilks (2005): Effects of stochastic parametrizations in the Lorenz '96 system. Q. J. R. Meteorol. Soc. 131, 389-407.
/// - S. Rasp (2020): Coupled online learning as a way to tackle instabilities and biases in neural network parameterizations. Geosci. Model Dev. 13,
///   2185-2196.
public enum SubgridTerm: Equatable, Sendable {
    case none
    /// A polynomial of the normalised slow variable (Wilks 2005), of degree one or more.
    case polynomial(degree: Int)
    /// A net 1 -> width -> width -> 1 with smooth rectifiers, the same in every cell (Rasp 2020).
    case network(width: Int)

    /// The map from normalised slow variables [batch, 1, k] to the term, in normalised units per unit of time, and where its weights sit. nil for
    /// none. It starts by saying nothing.
    public func block(in layout: inout ParameterLayout) -> (any Block)? {
        switch self {
        case .none: nil
        case .polynomial(let degree): Polynomial("subgrid", degree: max(1, degree), in: &layout)
        case .network(let width):
            Chain([
                Convolution("subgrid.0", axes: 1, inputs: 1, outputs: width, kernel: 1, activation: .squareplus, in: &layout),
                Convolution("subgrid.1", axes: 1, inputs: width, outputs: width, kernel: 1, activation: .squareplus, in: &layout),
                Convolution("subgrid.2", axes: 1, inputs: width, outputs: 1, kernel: 1, gain: 0, in: &layout),
            ])
        }
    }
}

/// c_0 + c_1 x + ... + c_n x^n, element by element.
struct Polynomial: Block {
    let degree: Int
    /// c_1 ... c_n, and c_0 as its bias.
    let sum: Convolution

    init(_ name: String, degree: Int, in layout: inout ParameterLayout) {
        self.degree = degree
        sum = Convolution(name, axes: 1, inputs: degree, outputs: 1, kernel: 1, gain: 0, in: &layout)
    }

    func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        var (power, powers) = (x, x)
        for _ in 1..<degree {
            power = power * x
            powers = powers.concatenated(with: power)
        }
        return sum(powers, weights)
    }
}

/// The tendency of the one-level model, known, with a term of its own in every cell: of normalised states x = (X - mean) / deviation,
///
///     dx_k/dt = (X_{k-1} (X_{k+1} - X_{k-2}) - X_k + F) / deviation + term(x_k).
struct SubgridTendency: Block {
    let forcing: Double
    let scales: Lorenz96Scales
    let term: (any Block)?

    func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        let (mean, deviation) = (scales.mean, scales.deviation)
        // The factors X_{k-1} and X_{k+1} - X_{k-2}, and the linear part, by taps at k - 2 ... k + 2.
        let taps = [0, 1, 0, 0, 0, -1, 0, 0, 1, 0, 0, 0, -1, 0, 0].map { Field.Scalar(deviation * $0) }
        let local = Self.convolved(
            x, taps, shape: [3, 1, 5], bias: [Field.Scalar(mean), 0, Field.Scalar(forcing - mean)])
        let share = Field.Scalar(1 / deviation)
        let known = Self.convolved(local.pairwiseProducts(1), [share, share], shape: [1, 2, 1], bias: [0])
        guard let term else { return known }
        return known + term(x, weights)
    }

    private static func convolved<Field: FieldAlgebra>(_ x: Field, _ taps: [Field.Scalar], shape: [Int], bias: [Field.Scalar]) -> Field {
        let (weights, bias) = (Field(constant: Tensor(shape: shape, scalars: taps)), Field(constant: Tensor(shape: [bias.count], scalars: bias)))
        return x.shape.count == 4
            ? x.convolvedAlongLines(with: weights, bias: bias, padding: .circular) : x.convolved(with: weights, bias: bias, padding: .circular)
    }
}

extension Lorenz96Emulator {
    /// The learned term at some values of the slow variable, per unit of time; 0 where there is none.
    public func subgridTendency(at x: [Double]) -> [Double] {
        var layout = ParameterLayout()
        guard case .subgrid(let term, _) = network, let block = term.block(in: &layout) else { return [Double](repeating: 0, count: x.count) }
        let input = Tensor(shape: [1, 1, x.count], scalars: x.map { ($0 - scales.mean) / scales.deviation })
        return block.value(parameters, at: input).scalars.map { scales.deviation * $0 }
    }
}
