import Basics
import Optimisation
import Testing

@Suite struct ScheduleTests {
    @Test func aRateFallsWhereErrorsStall() {
        var plateau = PlateauReduction(PlateauReduction.Settings(factor: 0.5, patience: 2, threshold: 0.01, least: 0.2))
        var scales: [Double] = []
        for error in [8.0, 4, 4, 3.99, 2, 2, 2, 2, 2, 2, .infinity, .nan, 1, 1] {
            plateau.look(at: error)
            scales.append(plateau.scale)
        }
        // 3.99 lowers 4 by less than 1 %: the second look in a row without an improvement.
        #expect(scales == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2])
        #expect(plateau.lowest == 1 && plateau.looks == 1)
    }

    @Test func averagesForgetTheStartAndKeepAConstant() {
        var average = WeightAverage(decay: 0.9, values: [100, 1])
        for update in 1...300 { average.add([update % 2 == 0 ? 3 : 1, 1], update: update) }
        // Alternating 1 and 3 ends at 2 + 0.1 / 1.9 after a 3.
        #expect(abs(average.values[0] - (2 + 0.1 / 1.9)) < 1e-9 && average.values[1] == 1)
        var young = WeightAverage(decay: 0.999, values: [100])
        for update in 1...30 { young.add([0], update: update) }
        // (2/11) (3/12) ... (31/40) = 10! / (32 33 ... 40)
        let left = (1...10).reduce(100.0) { $0 * Double($1) } / (32...40).reduce(1.0) { $0 * Double($1) }
        #expect(abs(young.values[0] - left) < 1e-14)
    }

    @Test func decayIsProportionalToWeightAndRateAndSparesTheRest() {
        var weights = [1.0, 2, 3, 4]
        WeightDecay(decay: 0.5, ranges: [0..<1, 2..<4]).apply(to: &weights, rate: 0.1)
        #expect(weights == [0.95, 2, 3 * 0.95, 4 * 0.95])
    }
}
