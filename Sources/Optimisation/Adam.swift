import Basics

/// Adam (Kingma and Ba 2015) on a flat parameter vector, in double precision.
public struct Adam: Equatable, Sendable {
    public static let firstDecay = 0.9
    public static let secondDecay = 0.999
    static let epsilon = 1e-8

    /// Updates done.
    public private(set) var updates: Int
    public private(set) var firstMoment: [Double]
    public private(set) var secondMoment: [Double]

    /// - Parameter count: number of parameters.
    public init(count: Int) {
        updates = 0
        firstMoment = [Double](repeating: 0, count: count)
        secondMoment = firstMoment
    }

    /// As saved in a checkpoint.
    public init(updates: Int, firstMoment: [Double], secondMoment: [Double]) {
        self.updates = updates
        self.firstMoment = firstMoment
        self.secondMoment = secondMoment
    }

    /// The step that one update takes, for a `gradient` of the length given at the start.
    public mutating func step(gradient: [Double], rate: Double) -> [Double] {
        updates += 1
        let firstCorrection = 1 - power(Self.firstDecay, Double(updates))
        let secondCorrection = 1 - power(Self.secondDecay, Double(updates))
        let size = gradient.count
        precondition(size == firstMoment.count && size == secondMoment.count, "a gradient of \(size) values for \(firstMoment.count) parameters")
        return [Double](unsafeUninitializedCapacity: size) { step, count in
            count = size
            gradient.withUnsafeBufferPointer { gradient in
                firstMoment.withUnsafeMutableBufferPointer { first in
                    secondMoment.withUnsafeMutableBufferPointer { second in
                        guard let gradient = gradient.baseAddress, let first = first.baseAddress, let second = second.baseAddress,
                            let step = step.baseAddress
                        else { return }
                        adamKernel(gradient, first, second, step, size, firstCorrection, secondCorrection, rate)
                    }
                }
            }
        }
    }
}

/// A function of its own, so that the compiler sees a loop over plain numbers and takes whole vectors.
private func adamKernel(
    _ gradient: UnsafePointer<Double>, _ first: UnsafeMutablePointer<Double>, _ second: UnsafeMutablePointer<Double>,
    _ step: UnsafeMutablePointer<Double>, _ count: Int, _ firstCorrection: Double, _ secondCorrection: Double, _ rate: Double
) {
    let (a, b, epsilon) = (Adam.firstDecay, Adam.secondDecay, Adam.epsilon)
    for k in 0..<count {
        let g = gradient[k]
        let m = a * first[k] + (1 - a) * g
        let v = b * second[k] + (1 - b) * g * g
        first[k] = m
        second[k] = v
        let direction = (m / firstCorrection) / ((v / secondCorrection).squareRoot() + epsilon)
        step[k] = -rate * direction
    }
}
