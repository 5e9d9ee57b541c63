import Assimilation
import Basics
import Dynamics
import Optimisation
import TestSupport
import Testing

/// Linear models with Gaussian errors, where all methods must give the Kalman filter's and smoother's estimates.
struct LinearGaussianTests {
    private let size = 6
    private let steps = 5
    private let model = LinearModel(size: 6)
    private let covariance: any ErrorCovariance
    private let modelError: DiagonalCovariance
    private let background: VectorState
    private let window: ObservationWindow
    private let operators: [DenseMatrix]

    init() throws {
        covariance = try DiffusionCovariance(
            DiffusionGrid(ring: 6), deviations: normals(6, seed: 1).map { 0.4 + abs($0) }, correlationLength: 1.5, diffusionSteps: 2)
        modelError = try DiagonalCovariance(deviations: normals(6, seed: 2).map { 0.1 + 0.1 * abs($0) })
        background = VectorState(vector: normals(6, seed: 3))
        let positions = [[0.0, 2, 4.5], [1.25], [5.5, 3, 0.5]]
        let batches = try zip([0, 2, 5], positions).map { step, positions in
            let count = positions.count
            return try ObservationBatch(
                step: step, WeightedComponents(ring: 6, positions: positions), values: normals(count, seed: 4, index: step),
                variances: normals(count, seed: 5, index: step).map { 0.2 + abs($0) })
        }
        window = try ObservationWindow(steps: steps, batches: batches)
        operators = try batches.map { batch in
            let columns = try (0..<6).map { k in try batch.observationOperator.apply((0..<6).map { $0 == k ? 1 : 0 }) }
            return DenseMatrix(rows: columns).flipped
        }
    }

    /// The filter's mean and covariance at the last step.
    private func kalmanFilter(_ q: DenseMatrix?) throws -> (mean: [Double], covariance: DenseMatrix) {
        var (mean, p) = (background.vector, try covariance.matrix())
        for step in 0...steps {
            if step > 0 {
                mean = model.matrix.times(mean)
                p = model.matrix * p * model.matrix.flipped
                if let q { p = p + q }
            }
            for (batch, h) in zip(window.batches, operators) where batch.step == step {
                let s = h * p * h.flipped + .diagonal(batch.variances)
                // K^T = S^-1 H P
                let gain = s.solve(h * p).flipped
                let change = gain.times(try batch.departures(from: mean))
                mean = zip(mean, change).map(+)
                let removed = gain * (h * p)
                p = DenseMatrix(rows: zip(p.rows, removed.rows).map { zip($0, $1).map(-) })
            }
        }
        return (mean, p)
    }

    private static let exactly = Minimiser.gaussNewton(outerLoops: 20, inner: ConjugateGradients(tolerance: 1e-14, maximumIterations: 200))

    private static let minimisers = [
        exactly, .lbfgs(LBFGS.Settings(memory: 20, lineSearch: WolfeLineSearch(curvature: 0.1)), maximumIterations: 400),
    ]

    /// A line search tells values apart, which rounding hides where the gradient has fallen to some 1e-8: L-BFGS comes no closer.
    @Test(arguments: [false, true], [0, 1])
    func fourDVarEndsWhereTheKalmanFilterDoes(isWeak: Bool, minimiser: Int) throws {
        let filter = try kalmanFilter(isWeak ? modelError.matrix() : nil)
        for memory in [TrajectoryMemory.stored, .checkpointed(states: 2)] {
            let method = FourDVar(
                model: model, covariance: covariance, modelErrorCovariance: isWeak ? modelError : nil, minimiser: Self.minimisers[minimiser],
                tolerance: minimiser == 0 ? 1e-12 : 1e-7, memory: memory)
            let analysis = try method.analyse(window, from: background)
            #expect(analysis.minimisation?.isConverged == true)
            #expect(distance(analysis.final.vector, filter.mean) < (minimiser == 0 ? 1e-11 : 1e-6))
        }
    }

    /// The smoother in closed form: x_a = x_b + B G^T (G B G^T + R)^-1 d, P_a = B - B G^T (G B G^T + R)^-1 G B.
    @Test func theInitialStateIsTheSmoothers() throws {
        var (power, g) = (DenseMatrix.diagonal([Double](repeating: 1, count: size)), [[Double]]())
        for step in 0...steps {
            if step > 0 { power = model.matrix * power }
            for (batch, h) in zip(window.batches, operators) where batch.step == step { g += (h * power).rows }
        }
        let (b, all) = (try covariance.matrix(), DenseMatrix(rows: g))
        let s = all * b * all.flipped + .diagonal(window.batches.flatMap(\.variances))
        let departures = zip(window.batches.flatMap(\.values), all.times(background.vector)).map(-)
        let gain = s.solve(all * b).flipped
        let method = FourDVar(model: model, covariance: covariance, minimiser: Self.exactly, tolerance: 1e-12)
        let analysis = try method.analyse(window, from: background)
        #expect(distance(analysis.initial.vector, zip(background.vector, gain.times(departures)).map(+)) < 1e-12)
        #expect(distance(analysis.innovations.flatMap(\.self), departures) < 1e-13)
        // 2 J(min) = d^T (G B G^T + R)^-1 d
        #expect(abs(2 * (analysis.minimisation?.minimum ?? .nan) - dot(departures, s.solve(departures))) < 1e-11)

        let exact = zip(b.rows, (gain * (all * b)).rows).enumerated().map { k, rows in rows.0[k] - rows.1[k] }
        let linearised = try LinearisedWindow(method.cost(window, from: background), at: [Double](repeating: 0, count: size))
        #expect(try distance(linearised.exactPosteriorVariances(), exact) < 1e-12)
        #expect(try distance(linearised.posteriorVariances(lanczosSteps: size), exact) < 1e-12)
        // Fewer pairs leave variances too large, never too small.
        for steps in 0..<size {
            let few = try linearised.posteriorVariances(lanczosSteps: steps)
            for k in 0..<size { #expect(few[k] >= exact[k] - 1e-12 && few[k] <= covariance.variances[k] + 1e-12, "\(steps) steps") }
        }
    }

    @Test func posteriorVariancesOfWeakConstraintAreTheSmoothers() throws {
        let method = FourDVar(model: model, covariance: covariance, modelErrorCovariance: modelError, minimiser: Self.exactly)
        let cost = try method.cost(window, from: background)
        let linearised = try LinearisedWindow(cost, at: [Double](repeating: 0, count: cost.controlSize))
        let exact = try linearised.exactPosteriorVariances()
        #expect(try distance(linearised.posteriorVariances(lanczosSteps: cost.controlSize), exact) < 1e-11)
        // Errors of the model make the initial state less certain than a perfect model would.
        let strong = try LinearisedWindow(
            FourDVar(model: model, covariance: covariance).cost(window, from: background), at: [Double](repeating: 0, count: size)
        ).exactPosteriorVariances()
        for k in 0..<size { #expect(exact[k] > strong[k] && exact[k] <= covariance.variances[k]) }
    }

    @Test func oneTimeIsTheSameForFourDVarThreeDVarAndOptimalInterpolation() throws {
        let once = try ObservationWindow(firstStep: 2, steps: 0, batches: [window.batches[1], window.batches[1]])
        let interpolated = try OptimalInterpolation<VectorState>(covariance: covariance).analyse(once.batches, from: background)
        let threeDVar = try ThreeDVar<VectorState>(covariance: covariance, minimiser: Self.exactly, tolerance: 1e-13)
            .analyse(once.batches, from: background)
        let fourDVar = try FourDVar(model: model, covariance: covariance, minimiser: Self.exactly, tolerance: 1e-13)
            .analyse(once, from: background)
        #expect(distance(interpolated.vector, threeDVar.vector) < 1e-13)
        #expect(distance(interpolated.vector, fourDVar.initial.vector) < 1e-13 && fourDVar.initial == fourDVar.final)
        #expect(distance(interpolated.vector, background.vector) > 0.1)
    }

    /// A speed does not tell which way the current goes, so that a cost may have minima for both; where background and truth are far from rest there
    /// is one, and both minimisers find it.
    @Test func nonlinearObservationsHaveOneMinimumForBothMinimisers() throws {
        let background = VectorState(vector: normals(6, seed: 3).map { 4 + $0 })
        let truth = VectorState(vector: zip(background.vector, try covariance.root(times: normals(6, seed: 6))).map { $0 + 0.5 * $1 })
        let speeds = try ObservationChain(WeightedComponents(ring: 6, positions: [0, 1.5, 3, 4]), SpeedOperator(count: 2))
        let batches = try [(1, speeds), (3, speeds)].map { step, observationOperator in
            let speeds = try observationOperator.apply(model.advanced(truth, steps: step).vector)
            return try ObservationBatch(
                step: step, observationOperator, values: zip(speeds, normals(2, seed: 7, index: step)).map { $0 + 0.3 * $1 }, variances: [0.1, 0.2])
        }
        let window = try ObservationWindow(steps: 4, batches: batches)
        let results = try Self.minimisers.map { minimiser in
            try FourDVar(model: model, covariance: covariance, minimiser: minimiser, tolerance: 1e-7).analyse(window, from: background)
        }
        #expect(results.allSatisfy { $0.minimisation?.isConverged == true && $0.minimisation?.history.count ?? 0 > 2 })
        #expect(distance(results[0].initial.vector, results[1].initial.vector) < 1e-6)
        #expect(distance(results[0].initial.vector, background.vector) > 0.1)
    }

    /// Twin experiments with the errors that the analysis takes for true: 2 J(min) / p is one on average, and departures give R, HBH^T and H P_a H^T
    /// back.
    @Test func costAndDeparturesTellTheErrorsBehindThem() throws {
        let method = FourDVar(model: model, covariance: covariance, minimiser: Self.exactly, tolerance: 1e-10)
        let count = 1500
        var (chiSquare, statistics) = (0.0, DesroziersStatistics())
        for sample in 0..<count {
            let truth = VectorState(vector: zip(background.vector, try covariance.root(times: normals(6, seed: 21, index: sample))).map(+))
            let batches = try window.batches.map { batch in
                let state = try model.advanced(truth, steps: batch.step)
                let noise = normals(batch.count, seed: 22, index: 10 * sample + batch.step)
                return try ObservationBatch(
                    step: batch.step, batch.observationOperator,
                    values: zip(batch.observationOperator.apply(state.vector), zip(noise, batch.variances)).map { $0 + $1.0 * $1.1.squareRoot() },
                    variances: batch.variances)
            }
            let analysis = try method.analyse(ObservationWindow(steps: steps, batches: batches), from: background)
            chiSquare += try #require(analysis.minimisation).chiSquare(observations: window.observationCount)
            statistics.add(innovations: analysis.innovations, residuals: analysis.residuals)
        }
        let p = Double(window.observationCount)
        // Four standard errors of the mean of chi-square with p degrees of freedom.
        #expect(abs(chiSquare / Double(count) - 1) < 4 * (2 / (p * Double(count))).squareRoot())
        let r = window.batches.flatMap(\.variances).reduce(0, +) / p
        #expect(abs(statistics.observationVariance / r - 1) < 0.08)
        #expect(abs(statistics.innovationVariance - statistics.observationVariance - statistics.backgroundVariance) < 1e-12)
        let linearised = try LinearisedWindow(method.cost(window, from: background), at: [Double](repeating: 0, count: size))
        let basis = try (0..<size).map { k in try linearised.tangent((0..<size).map { $0 == k ? 1 : 0 }).flatMap(\.self) }
        let backgroundVariance = basis.reduce(0) { $0 + dot($1, $1) } / p
        #expect(abs(statistics.backgroundVariance / backgroundVariance - 1) < 0.08)
        #expect(statistics.analysisVariance > 0 && statistics.analysisVariance < backgroundVariance)
    }
}
