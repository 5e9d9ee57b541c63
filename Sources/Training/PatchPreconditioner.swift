import Basics
import Emulators
import Layers
import Optimisation
import Tensors

/// A change of variables for the weights of the convolutions that see the state: in the new ones, its inputs are uncorrelated.
///
/// Neighbouring values of a smooth field are nearly equal, so the gradient of a field, on which the dynamics depend, is a small
/// difference of large and strongly correlated inputs: first-order training then crawls. With C = L L^T the second moments of the
/// patches (all channels and taps, and the constant 1 that the bias multiplies) over the training states, the optimiser works on
/// theta with weights w = L^-T theta, whose inputs L^-1 p have unit second moments. The network and its checkpoint know nothing of it.
public struct PatchPreconditioner: ChangeOfVariables {
    private let layers: [Convolution]
    /// L^-1; its leading block belongs to layers that see the state alone, the first part of a patch. Lower triangular, row-major, size x size.
    private let inverse: [Double]
    /// Inputs * taps + 1.
    private let size: Int

    /// - Parameters:
    ///   - network: its input layers count.
    ///   - windows: at most 24 states, spread evenly, and at most every 7th of their wet cells are looked at.
    public init(_ network: any EmulatorNetwork, windows: TrainingWindows) throws {
        layers = network.inputLayers
        let kernel = layers.first?.weights.shape[2] ?? 1
        size = 5 * kernel * kernel + 1
        let looks = min(24, windows.count)
        let partial = Slots<(moments: [Double], count: Int)>(looks)
        let size = size
        try concurrentForEach(looks) { k in
            let window = windows[k * windows.count / looks]
            partial.set(k, Self.secondMoments(
                of: window.input.concatenated(with: network.fields(of: window.geometry)), wet: window.geometry.wet.scalars, kernel: kernel, size: size))
        }
        var moments = [Double](repeating: 0, count: size * size)
        var count = 0
        for part in partial.values {
            for k in moments.indices { moments[k] += part.moments[k] }
            count += part.count
        }
        // The ridge bounds how far a direction that the data hardly show is stretched, here by 100 against the mean.
        let trace = (0..<size).reduce(0.0) { $0 + moments[$1 * size + $1] } / Double(max(1, count))
        let ridge = 1e-4 * trace / Double(size)
        for k in moments.indices { moments[k] /= Double(max(1, count)) }
        for k in 0..<size { moments[k * size + k] += ridge }
        inverse = try Self.inverseCholeskyFactor(moments, size: size)
    }

    private static func secondMoments(of input: Tensor<Float>, wet: [Float], kernel: Int, size: Int) -> (moments: [Double], count: Int) {
        let (channels, ny, nx) = (input.shape[1], input.shape[2], input.shape[3])
        let half = kernel / 2
        var moments = [Double](repeating: 0, count: size * size)
        var count = 0
        var patch = [Double](repeating: 1, count: size)
        // Every seventh cell, shifted from row to row: no width of the grid makes it miss a column.
        for cell in 0..<ny * nx where wet[cell] != 0 && (cell % nx + 3 * (cell / nx)) % 7 == 0 {
            let (j, i) = (cell / nx, cell % nx)
            for c in 0..<channels {
                for ky in 0..<kernel {
                    for kx in 0..<kernel {
                        let (y, x) = (j + ky - half, i + kx - half)
                        let isInside = y >= 0 && y < ny && x >= 0 && x < nx
                        patch[(c * kernel + ky) * kernel + kx] = isInside ? Double(input.scalars[(c * ny + y) * nx + x]) : 0
                    }
                }
            }
            for a in 0..<size {
                for b in 0...a { moments[a * size + b] += patch[a] * patch[b] }
            }
            count += 1
        }
        return (moments, count)
    }

    /// L^-1 of the symmetric positive definite matrix whose lower triangle is given.
    private static func inverseCholeskyFactor(_ matrix: [Double], size: Int) throws -> [Double] {
        var l = matrix
        for a in 0..<size {
            for b in 0...a {
                var sum = l[a * size + b]
                for k in 0..<b { sum -= l[a * size + k] * l[b * size + k] }
                if a == b {
                    guard sum > 0 else {
                        throw SeicheError(
                            .invalidInput, "the training states have no variance, so the network's inputs cannot be scaled",
                            remedy: "look at the training files; start them from an elevation that is not flat")
                    }
                    l[a * size + a] = sum.squareRoot()
                } else {
                    l[a * size + b] = sum / l[b * size + b]
                }
            }
        }
        var inverse = [Double](repeating: 0, count: size * size)
        for column in 0..<size {
            for row in column..<size {
                var sum = row == column ? 1.0 : 0
                for k in column..<row { sum -= l[row * size + k] * inverse[k * size + column] }
                inverse[row * size + column] = sum / l[row * size + row]
            }
        }
        return inverse
    }

    /// The gradient with respect to theta, L^-1 times that with respect to w, row by row.
    public func gradient(_ gradient: [Double]) -> [Double] {
        transform(gradient) { row, theta in
            for a in row.indices {
                for b in 0...a { theta[a] += inverse[a * size + b] * row[b] }
            }
        }
    }

    /// A step in theta as a step in w: L^-T theta, row by row.
    public func weights(_ step: [Double]) -> [Double] {
        transform(step) { row, w in
            for a in row.indices {
                for b in 0...a { w[b] += inverse[a * size + b] * row[a] }
            }
        }
    }

    /// Applies `body` to each output channel's weights and bias; the other parameters pass unchanged.
    private func transform(_ vector: [Double], _ body: ([Double], inout [Double]) -> Void) -> [Double] {
        var result = vector
        for layer in layers {
            let taps = layer.weights.shape.dropFirst().reduce(1, *)
            for output in 0..<layer.weights.shape[0] {
                let start = layer.weights.range.lowerBound + output * taps
                let bias = layer.bias.map { $0.range.lowerBound + output }
                let row = Array(vector[start..<start + taps]) + (bias.map { [vector[$0]] } ?? [])
                var image = [Double](repeating: 0, count: row.count)
                body(row, &image)
                result.replaceSubrange(start..<start + taps, with: image[0..<taps])
                if let bias { result[bias] = image[taps] }
            }
        }
        return result
    }
}
