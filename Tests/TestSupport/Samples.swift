import Basics
import Tensors

/// Standard normal numbers that `Float` holds exactly, so that both precisions can start from the same values.
public func sampleTensor(_ shape: [Int], seed: UInt64 = 1, index: Int = 0) -> Tensor<Double> {
    var stream = RandomStream(seed: seed, purpose: "test tensor", index: index)
    return Tensor(shape: shape, scalars: stream.normals(shape.reduce(1, *)).map { Double(Float($0)) })
}

/// `value`, which a test is about to compare with a bound; printed beside its name where SEICHE_MEASURES is set.
public func measured(_ name: String, _ value: Double) -> Double {
    if showsMeasures { print("measured \(name): \(value)") }
    return value
}

private let showsMeasures = environmentHolds("SEICHE_MEASURES")

/// Largest |a - b| over the largest |b|; 0 where both are zero throughout, infinite where a value is not finite.
public func relativeError(_ a: [Double], _ b: [Double]) -> Double {
    guard a.count == b.count, a.allSatisfy(\.isFinite), b.allSatisfy(\.isFinite) else { return .infinity }
    let difference = zip(a, b).map { abs($0 - $1) }.max() ?? 0
    return difference == 0 ? 0 : difference / (b.map { abs($0) }.max() ?? 0)
}

/// The same for tensors of either precision, which must have one shape; the symbolic zero equals zeros of any shape.
public func relativeError<A: TensorScalar, B: TensorScalar>(_ a: Tensor<A>, _ b: Tensor<B>) -> Double {
    if a.isSymbolicZero { return b.squaredNorm == 0 ? 0 : .infinity }
    guard a.shape == b.shape else { return .infinity }
    return relativeError(a.scalars.map { Double($0) }, b.scalars.map { Double($0) })
}
