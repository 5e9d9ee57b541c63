import Basics
import Optimisation
import TestSupport
import Testing

@Suite struct WolfeLineSearchTests {
    /// A function of one variable with its derivative.
    struct Line: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let value: @Sendable (Double) -> Double
        let slope: @Sendable (Double) -> Double
    }

    /// The first three functions of More and Thuente (1994), section 5, and two that grow or end suddenly.
    static let lines = [
        Line(testDescription: "bowl behind a slope", value: { -$0 / ($0 * $0 + 2) }, slope: { ($0 * $0 - 2) / (($0 * $0 + 2) * ($0 * $0 + 2)) }),
        Line(
            testDescription: "steep wall", value: { x in powers(x + 0.004, 5) - 2 * powers(x + 0.004, 4) },
            slope: { x in 5 * powers(x + 0.004, 4) - 8 * powers(x + 0.004, 3) }),
        Line(testDescription: "quartic", value: { powers($0 - 3, 4) }, slope: { 4 * powers($0 - 3, 3) }),
        Line(testDescription: "quadratic", value: { ($0 - 2) * ($0 - 2) }, slope: { 2 * ($0 - 2) }),
        Line(testDescription: "ends at 5", value: { $0 < 5 ? ($0 - 4) * ($0 - 4) : .nan }, slope: { $0 < 5 ? 2 * ($0 - 4) : .nan }),
    ]

    private static func powers(_ x: Double, _ n: Int) -> Double { (0..<n).reduce(1) { product, _ in product * x } }

    @Test(arguments: lines, [1e-3, 1e-1, 1, 10, 1e3])
    func bothConditionsHoldFromEveryFirstLength(_ line: Line, firstLength: Double) throws {
        for curvature in [0.9, 0.1, 1e-3] {
            let search = WolfeLineSearch(curvature: curvature, maximumEvaluations: 60)
            var evaluations = 0
            let start = Evaluation(value: line.value(0), gradient: [line.slope(0)])
            let outcome = try search.search(along: [1], from: start, firstLength: firstLength) { step in
                evaluations += 1
                return Evaluation(value: line.value(step[0]), gradient: [line.slope(step[0])])
            }
            #expect(outcome.satisfiesWolfe && outcome.length > 0 && outcome.evaluations == evaluations)
            #expect(outcome.end == Evaluation(value: line.value(outcome.length), gradient: [line.slope(outcome.length)]))
            #expect(outcome.end.value <= start.value + search.sufficientDecrease * outcome.length * line.slope(0))
            #expect(abs(outcome.end.gradient[0]) <= curvature * abs(line.slope(0)))
            #expect(measured("\(line), c2 \(curvature), from \(firstLength): evaluations", Double(evaluations)) <= 40)
        }
    }

    @Test func ofAQuadraticItFindsTheBottom() throws {
        for firstLength in [0.1, 1.0, 3, 100] {
            let outcome = try WolfeLineSearch(curvature: 1e-9).search(
                along: [1], from: Evaluation(value: 4, gradient: [-4]), firstLength: firstLength
            ) { Evaluation(value: ($0[0] - 2) * ($0[0] - 2), gradient: [2 * ($0[0] - 2)]) }
            #expect(outcome.satisfiesWolfe && abs(outcome.length - 2) < 1e-8)
        }
    }

    @Test func whatCannotBeLoweredIsLeft() throws {
        let start = Evaluation(value: 1, gradient: [-1])
        // A slope that lies.
        let liar = try WolfeLineSearch().search(along: [1], from: start, firstLength: 1) { Evaluation(value: 1 + $0[0], gradient: [1]) }
        #expect(liar.length == 0 && !liar.satisfiesWolfe && liar.end == start)
        let void = try WolfeLineSearch().search(along: [1], from: start, firstLength: 1) { _ in Evaluation(value: .nan, gradient: [.nan]) }
        #expect(void.length == 0 && !void.satisfiesWolfe && void.evaluations == 20)
        // Uphill no search is made.
        let uphill = try WolfeLineSearch().search(along: [-1], from: start, firstLength: 1) { _ in start }
        #expect(uphill.length == 0 && uphill.evaluations == 0)
    }

    @Test func aFunctionWithoutBottomIsLoweredAsFarAsTheEvaluationsGo() throws {
        let outcome = try WolfeLineSearch().search(along: [1], from: Evaluation(value: 0, gradient: [-1]), firstLength: 1) {
            Evaluation(value: -$0[0], gradient: [-1])
        }
        #expect(!outcome.satisfiesWolfe && outcome.length > 1e6 && outcome.end.value == -outcome.length)
    }
}
