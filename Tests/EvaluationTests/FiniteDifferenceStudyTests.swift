import Basics
import Dynamics
import Evaluation
import TestSupport
import Testing

@Suite struct FiniteDifferenceStudyTests {
    private let state: ShallowWaterState
    private let direction: [Double]
    private let model = ShiftModel(c: 0.5)

    init() throws {
        state = sampleState(try islandGrid(), 2)
        direction = sampleState(try islandGrid(), 10).vector
    }

    /// The exact derivative of some steps.
    private func exact(steps: Int) -> [Double] {
        var (x, d) = (state, direction)
        for _ in 0..<steps {
            d = model.tangent(at: x, d)
            x = model.step(x)
        }
        return d
    }

    private func distance(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }

    /// True errors form a V: e^2 on the one side, 1/e on the other. The estimates follow, to the safe side: by at most 10 + 1
    /// where curvature leads, and little more than sqrt(10) + 1 where rounding does. The choice is near the tip.
    @Test(arguments: [1, 3]) func errorsFormAVAndTheChoiceIsNearItsTip(steps: Int) throws {
        let study = try model.finiteDifferenceStudy(at: state, along: direction, steps: steps)
        let exact = exact(steps: steps)
        let errors = try study.rows.map {
            distance(try model.finiteDifference(at: state, along: direction, size: $0.size, steps: steps), exact)
        }
        #expect(study.rows.count == 19)
        for (row, error) in zip(study.rows, errors) { _ = measured("error at \(row.size), estimated \(row.error)", error) }
        let smallest = try #require(errors.min())
        #expect(errors[0] > 1e3 * smallest && errors[18] > 1e3 * smallest)
        for place in study.rows.indices where study.rows[place].error.isFinite {
            let ratio = study.rows[place].error / errors[place]
            #expect(ratio > 0.5 && (ratio < 12 || errors[place] < 10 * smallest))
        }
        // Curvature: ten times less error for each half decade.
        for place in 2..<6 { #expect(abs(errors[place] / errors[place + 1] - 10) < 1) }
        #expect(study.error >= errors[study.chosen] && errors[study.chosen] <= 10 * smallest)
        let relative = errors[study.chosen] / distance(exact, exact.map { _ in 0 })
        #expect(measured("relative error, estimated \(study.relativeError)", relative) < 2e-10)
        #expect(study.derivative == (try model.finiteDifference(at: state, along: direction, size: study.size, steps: steps)))
    }

    /// Differences of a linear model are exact at every size but for rounding, so that the largest sizes are the best.
    @Test func aLinearModelWantsLargeSteps() throws {
        let linear = ShiftModel()
        let study = try linear.finiteDifferenceStudy(at: state, along: direction)
        #expect(study.chosen <= 4)
        #expect(measured("linear model", relativeError(study.derivative, linear.tangent(at: state, direction))) < 1e-13)
    }

    /// The default sizes are relative to state and direction: scaling either by powers of two scales the study, bit for bit.
    @Test(arguments: [-300, 300]) func noUnitIsTooSmallOrTooLarge(exponent: Int) throws {
        let linear = ShiftModel()
        let factor = power(2, Double(exponent))
        let study = try linear.finiteDifferenceStudy(at: state, along: direction)
        let scaled = try linear.finiteDifferenceStudy(at: state, along: direction.map { factor * $0 })
        #expect(scaled.chosen == study.chosen)
        #expect(scaled.derivative == study.derivative.map { factor * $0 })
    }

    @Test func sizesOfAnyOrderAreSorted() throws {
        let study = try model.finiteDifferenceStudy(at: state, along: direction, sizes: [1e-4, 1e-2, 1e-6, 1e-3, 1e-5])
        #expect(study.rows.map(\.size) == [1e-2, 1e-3, 1e-4, 1e-5, 1e-6])
        #expect(study.rows[0].error == .infinity && study.rows[4].error == .infinity)
        #expect(study.size == 1e-5)
    }

    /// A model that fails far from the state is differentiated close to it; the table says where and why it failed.
    @Test func failuresAtSomeSizesAreRowsOfTheTable() throws {
        let limited = LimitedModel(model: model, limit: state.vector.reduce(0) { max($0, abs($1)) } + 1e-3)
        let study = try limited.finiteDifferenceStudy(at: state, along: direction)
        let failed = study.rows.filter { $0.failure != nil }
        #expect(failed.count >= 3 && failed.allSatisfy { $0.norm.isNaN && $0.error == .infinity && $0.failure?.category == .model })
        #expect(relativeError(study.derivative, exact(steps: 1)) < 1e-9)
        #expect(complaint(.model, "beyond the limit") {
            _ = try LimitedModel(model: model, limit: 0).finiteDifferenceStudy(at: state, along: direction)
        } == nil)
    }

    /// Sizes at which x + e d is x agree with each other on zero. They must not be believed, be it in one element only.
    @Test func whatIsLostInRoundingIsNotChosen() throws {
        let sizes = [1e-4, 1e-5, 1e-6, 1e-25, 1e-26, 1e-27]
        let study = try model.finiteDifferenceStudy(at: state, along: direction, sizes: sizes)
        #expect(study.size == 1e-5)
        #expect(complaint(.invalidInput, "no three neighbouring sizes", "lost in rounding", "try:") {
            _ = try model.finiteDifferenceStudy(at: state, along: direction, sizes: [1e-25, 1e-26, 1e-27])
        } == nil)
        var uneven = state
        uneven.vector[7] = 1e12
        #expect(complaint(.invalidInput, "no three neighbouring sizes") {
            _ = try ShiftModel().finiteDifferenceStudy(at: uneven, along: direction, sizes: [1e-5, 1e-6, 1e-7])
        } == nil)
    }

    @Test func argumentsAreChecked() throws {
        func words(_ expected: String..., along d: [Double]? = nil, steps: Int = 1, sizes: [Double]? = nil) -> String? {
            complaint(.invalidInput, expected + ["try:"]) {
                _ = try model.finiteDifferenceStudy(at: state, along: d ?? direction, steps: steps, sizes: sizes)
            }
        }
        #expect(words("59 values", "the state 60", along: Array(direction.dropLast())) == nil)
        #expect(words("61 values", along: direction + [1]) == nil)
        #expect(words("zero everywhere", along: direction.map { _ in 0 }) == nil)
        #expect(words("not finite", along: direction.map { _ in .infinity }) == nil)
        #expect(words("of 0 steps", steps: 0) == nil)
        #expect(words("size of a finite difference is -1.0", sizes: [1, 0.1, -1]) == nil)
        #expect(words("size of a finite difference is nan", sizes: [1, 0.1, .nan]) == nil)
        #expect(words("three or more", sizes: [1, 0.1]) == nil)
        #expect(words("three or more", sizes: [1, 0.1, 0.1]) == nil)
        #expect(complaint(.invalidInput, "size of a finite difference is 0.0") {
            _ = try model.finiteDifferenceStep(at: state, along: direction, size: 0)
        } == nil)
        #expect(complaint(.invalidInput, "61 values") {
            _ = try model.finiteDifferenceStep(at: state, along: direction + [1], size: 1)
        } == nil)
    }
}

/// Refuses states beyond a limit.
private struct LimitedModel: DynamicalModel {
    let model: ShiftModel
    let limit: Double
    var timeStep: Double { model.timeStep }

    func step(_ state: ShallowWaterState) throws -> ShallowWaterState {
        guard state.vector.allSatisfy({ abs($0) <= limit }) else { throw SeicheError(.model, "a value is beyond the limit") }
        return model.step(state)
    }
}
