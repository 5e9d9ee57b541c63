import Basics
import Testing

/// What is asked of the one source of chance. Bounds are five standard errors of a sample of `count` numbers.
@Suite struct RandomStreamTests {
    let count = 400_000
    private var bound: Double { 5 / Double(count).squareRoot() }

    private func mean(_ values: [Double], _ power: (Double) -> Double = { $0 }) -> Double {
        values.reduce(0) { $0 + power($1) } / Double(values.count)
    }

    private func uniforms(_ seed: UInt64, _ purpose: String, _ index: Int) -> [Double] {
        var stream = RandomStream(seed: seed, purpose: purpose, index: index)
        return (0..<count).map { _ in stream.uniform() }
    }

    @Test func sameNameSameNumbers() {
        var (a, b) = (RandomStream(seed: 3, purpose: "weights", index: 7), RandomStream(seed: 3, purpose: "weights", index: 7))
        #expect((0..<1000).allSatisfy { _ in a.next() == b.next() })
    }

    @Test func knownNumbersStayTheSame() {
        // A change here would change every experiment: data sets, weights and batch orders follow from these.
        var stream = RandomStream(seed: 42, purpose: "weights")
        #expect((0..<3).map { _ in stream.next() } == [12_396_601_021_258_443_509, 12_514_567_806_948_751_252, 1_864_118_013_091_740_124])
    }

    @Test func uniformsFillTheUnitInterval() {
        let values = uniforms(1, "uniform", 0)
        #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
        #expect(abs(mean(values) - 1.0 / 2) < bound * (1.0 / 12).squareRoot())
        // The fourth central moment of the uniform is 1/80, so its square has the variance 1/80 - 1/144.
        #expect(abs(mean(values) { ($0 - 0.5) * ($0 - 0.5) } - 1.0 / 12) < bound * (1.0 / 80 - 1.0 / 144).squareRoot())
        #expect(abs(mean(Array(zip(values, values.dropFirst()).map { ($0 - 0.5) * ($1 - 0.5) }))) < bound / 12)
    }

    @Test func uniformsKeepToTheirRange() {
        var stream = RandomStream(seed: 1, purpose: "range")
        let values = (0..<1000).map { _ in stream.uniform(in: -3...5) }
        #expect(values.allSatisfy { (-3...5).contains($0) })
        #expect(abs(mean(values) - 1) < 5 * 8 * (1.0 / 12).squareRoot() / 1000.squareRoot())
    }

    @Test func normalsHaveTheirMoments() {
        var stream = RandomStream(seed: 1, purpose: "normal")
        let values = stream.normals(count)
        // Variances of the first four powers of a standard normal: 1, 2, 15, 96.
        #expect(abs(mean(values)) < bound)
        #expect(abs(mean(values) { $0 * $0 } - 1) < bound * 2.squareRoot())
        #expect(abs(mean(values) { $0 * $0 * $0 }) < bound * 15.squareRoot())
        #expect(abs(mean(values) { $0 * $0 * $0 * $0 } - 3) < bound * 96.squareRoot())
        // Neighbours come in pairs from one point of the plane; they must not know of each other.
        #expect(abs(mean(Array(zip(values, values.dropFirst()).map { $0 * $1 }))) < bound)
    }

    @Test func oddNumberOfNormals() {
        var (a, b) = (RandomStream(seed: 1, purpose: "odd"), RandomStream(seed: 1, purpose: "odd"))
        #expect(a.normals(5) == Array(b.normals(6).prefix(5)))
        #expect(a.normals(0).isEmpty)
    }

    @Test(arguments: [("seed", 2, "a", 0), ("purpose", 1, "b", 0), ("index", 1, "a", 1), ("negative index", 1, "a", -1)])
    func streamsOfOtherNamesAreIndependent(_ name: String, seed: UInt64, purpose: String, index: Int) {
        let (a, b) = (uniforms(1, "a", 0), uniforms(seed, purpose, index))
        #expect(a[0] != b[0])
        #expect(abs(mean(zip(a, b).map { ($0 - 0.5) * ($1 - 0.5) })) < bound / 12, "correlated")
    }
}
