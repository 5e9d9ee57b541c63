import Basics
import Optimisation
import TestSupport
import Testing

@Suite struct SOAPTests {
    /// 1/2 |A W B - Y|^2 with ill-conditioned A and B: the curvature is the Kronecker product that SOAP assumes.
    private struct Quadratic {
        let rows = 6
        let columns = 9
        let left: [[Double]]
        let right: [[Double]]
        let solution: [Double]

        init() {
            var stream = RandomStream(seed: 1, purpose: "soap test")
            /// Neighbours that are nearly equal, as in a smooth field.
            func smooth(_ n: Int) -> [[Double]] {
                let noise = (0..<n).map { _ in stream.normals(n) }
                return (0..<n).map { i in
                    (0..<n).map { j -> Double in
                        let ramp = 0.1 * Double(min(i, j)) / Double(n)
                        return 1 + ramp + 0.02 * noise[i][j]
                    }
                }
            }
            left = smooth(rows)
            right = smooth(columns)
            solution = stream.normals(rows * columns)
        }

        private func product(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
            a.map { row in b[0].indices.map { j in zip(row, b).reduce(0) { $0 + $1.0 * $1.1[j] } } }
        }
        private func transpose(_ a: [[Double]]) -> [[Double]] { a[0].indices.map { j in a.map { $0[j] } } }

        func gradient(_ parameters: [Double]) -> (value: Double, gradient: [Double]) {
            let error = (0..<rows).map { i in (0..<columns).map { j in parameters[i * columns + j] - solution[i * columns + j] } }
            let residual = product(product(left, error), right)
            let gradient = product(product(transpose(left), residual), transpose(right))
            return (0.5 * residual.flatMap { $0 }.reduce(0) { $0 + $1 * $1 }, gradient.flatMap { $0 })
        }
    }

    private func settings(_ problem: Quadratic, longestSide: Int = 600) -> SOAP.Settings {
        SOAP.Settings(
            matrices: [.init(range: 0..<problem.rows * problem.columns, rows: problem.rows, columns: problem.columns)], refreshEvery: 5,
            longestSide: longestSide)
    }

    /// Half a cosine down.
    private func rate(_ step: Int, of steps: Int) -> Double { 0.1 * (0.5 + 0.5 * cosine(.pi * Double(step) / Double(steps))) }

    @Test func wherePlainAdamCrawlsItDescends() {
        let problem = Quadratic()
        let steps = 600
        var (soap, adam) = (SOAP(settings(problem), count: problem.solution.count), Adam(count: problem.solution.count))
        var (x, y) = ([Double](repeating: 0, count: problem.solution.count), [Double](repeating: 0, count: problem.solution.count))
        let start = problem.gradient(x).value
        for step in 0..<steps {
            add(1, soap.step(gradient: problem.gradient(x).gradient, rate: rate(step, of: steps)), to: &x)
            add(1, adam.step(gradient: problem.gradient(y).gradient, rate: rate(step, of: steps)), to: &y)
        }
        let (ours, theirs) = (problem.gradient(x).value / start, problem.gradient(y).value / start)
        #expect(measured("SOAP's value", ours) < 0.05 * measured("Adam's value", theirs))
    }

    /// A turn of the outputs and of the inputs turns the steps with them: what Adam's do not. Square, so that no eigenvalue of the first gradient's is zero:
    /// the eigenvectors of a zero are any.
    @Test func stepsTurnWithTheGradients() {
        let n = 7
        let settings = SOAP.Settings(matrices: [.init(range: 0..<n * n, rows: n, columns: n)], refreshEvery: 5)
        let (c, s) = (0.6, 0.8)
        /// Rows 1 and 4, and columns 0 and 6, turned.
        func turned(_ x: [Double]) -> [Double] {
            var result = x
            func turn(_ i: Int, _ j: Int) {
                let (a, b) = (result[i], result[j])
                (result[i], result[j]) = (c * a - s * b, s * a + c * b)
            }
            for j in 0..<n { turn(n + j, 4 * n + j) }
            for i in 0..<n { turn(i * n, i * n + 6) }
            return result
        }
        var (plain, other) = (SOAP(settings, count: n * n), SOAP(settings, count: n * n))
        var stream = RandomStream(seed: 3, purpose: "soap test")
        for _ in 0..<12 {
            let gradient = stream.normals(n * n)
            let step = plain.step(gradient: gradient, rate: 0.1)
            let image = other.step(gradient: turned(gradient), rate: 0.1)
            // In its own eigenbasis the first gradient is diagonal: what is zero but for rounding is divided by Adam's epsilon, 1e-8.
            #expect(relativeError(image, turned(step)) < 1e-5)
        }
    }

    /// With no side short enough the basis is the identity.
    @Test func withoutABasisItIsAdam() {
        let problem = Quadratic()
        var settings = settings(problem, longestSide: 1)
        (settings.firstDecay, settings.secondDecay) = (Adam.firstDecay, Adam.secondDecay)
        var (soap, adam) = (SOAP(settings, count: 60), Adam(count: 60))
        var stream = RandomStream(seed: 2, purpose: "soap test")
        for _ in 0..<7 {
            let gradient = stream.normals(60)
            let (ours, theirs) = (soap.step(gradient: gradient, rate: 0.1), adam.step(gradient: gradient, rate: 0.1))
            #expect(relativeError(ours, theirs) < 1e-12)
        }
    }

    @Test func whatACheckpointHoldsGoesOnBitForBit() throws {
        let problem = Quadratic()
        var (soap, stream) = (SOAP(settings(problem), count: 60), RandomStream(seed: 4, purpose: "soap test"))
        for _ in 0..<7 { _ = soap.step(gradient: stream.normals(60), rate: 0.1) }
        var copy = try #require(SOAP(
            soap.settings, updates: soap.updates, firstMoment: soap.firstMoment, secondMoment: soap.secondMoment, covariances: soap.covariances,
            bases: soap.bases))
        for _ in 0..<7 {
            let gradient = stream.normals(60)
            #expect(copy.step(gradient: gradient, rate: 0.1) == soap.step(gradient: gradient, rate: 0.1))
        }
        #expect(SOAP(soap.settings, updates: 7, firstMoment: soap.firstMoment, secondMoment: soap.secondMoment, covariances: [], bases: []) == nil)
    }
}
