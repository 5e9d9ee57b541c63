import Basics
import Optimisation
import TestSupport
import Testing

@Suite struct AdamTests {
    @Test func scheduleRisesAndFalls() {
        let schedule = LearningRateSchedule(peak: 1, final: 0.1, warmUpSteps: 10, steps: 110)
        #expect((0..<10).map { schedule.rate(at: $0) } == (1...10).map { Double($0) / 10 })
        #expect(schedule.rate(at: 10) == 1)
        #expect(abs(schedule.rate(at: 60) - 0.55) < 1e-15, "half way down the cosine lies the mean of both rates")
        #expect(schedule.rate(at: 110) == 0.1 && schedule.rate(at: 1000) == 0.1)
        #expect(schedule.rate(at: 109) - 0.1 < 1e-3)
        let falling = (10...110).map { schedule.rate(at: $0) }
        #expect(zip(falling, falling.dropFirst()).allSatisfy { $0 > $1 })
    }

    @Test func scheduleWithoutWarmUpStartsAtItsPeak() {
        #expect(LearningRateSchedule(peak: 0.3, final: 0, warmUpSteps: 0, steps: 10).rate(at: 0) == 0.3)
        let onlyWarmUp = LearningRateSchedule(peak: 0.3, final: 0, warmUpSteps: 5, steps: 5)
        #expect(onlyWarmUp.rate(at: 4) == 0.3 && onlyWarmUp.rate(at: 5).isFinite)
    }

    @Test func adamByHand() {
        // Gradient 2, then -1, rate 0.1.
        // Step 1: m = 0.2, v = 0.004; corrected 2 and 4: the update is 0.1 * 2 / (2 + 1e-8).
        // Step 2: m = 0.08, v = 0.004996; corrected by 0.19 and 0.001999.
        var adam = Adam(count: 1)
        var x = [1.0]
        advance(&x, &adam, gradient: [2], rate: 0.1)
        #expect(abs(x[0] - (1 - 0.1 * 2 / (2 + 1e-8))) < 1e-15)
        let first = x[0]
        advance(&x, &adam, gradient: [-1], rate: 0.1)
        let step = 0.1 * (0.08 / 0.19) / ((0.004996 / 0.001999).squareRoot() + 1e-8)
        #expect(abs(x[0] - (first - step)) < 1e-14)
        #expect(adam.updates == 2 && abs(adam.firstMoment[0] - 0.08) < 1e-16 && abs(adam.secondMoment[0] - 0.004996) < 1e-17)
    }

    @Test func adamFindsTheBottomOfAQuadratic() {
        // Curvatures 1 ... 1000: the method is blind to the scale of each coordinate.
        let curvature = [1.0, 10, 100, 1000]
        let bottom = [3.0, -1, 0.5, 2]
        var adam = Adam(count: 4)
        var x = [0.0, 0, 0, 0]
        let schedule = LearningRateSchedule(peak: 0.1, final: 0, warmUpSteps: 0, steps: 1000)
        for step in 0..<1000 {
            let gradient = (0..<4).map { curvature[$0] * (x[$0] - bottom[$0]) }
            advance(&x, &adam, gradient: gradient, rate: schedule.rate(at: step))
        }
        #expect(measured("distance of Adam from the bottom", (0..<4).map { abs(x[$0] - bottom[$0]) }.max() ?? 0) < 1e-4)
    }

    @Test func adamForgetsTheScaleOfTheGradient() {
        var (a, b) = (Adam(count: 1), Adam(count: 1))
        var (x, y) = ([0.0], [0.0])
        for k in 0..<20 {
            let gradient = Double(k % 3) - 0.5
            advance(&x, &a, gradient: [gradient], rate: 0.1)
            advance(&y, &b, gradient: [1e3 * gradient], rate: 0.1)
        }
        #expect(abs(x[0] - y[0]) < 1e-6)
    }

    private func advance(_ x: inout [Double], _ adam: inout Adam, gradient: [Double], rate: Double) {
        x = zip(x, adam.step(gradient: gradient, rate: rate)).map { $0 + $1 }
    }
}
