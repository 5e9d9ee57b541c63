import Layers
import Tensors
import TestSupport
import Testing
import _Differentiation

@Suite struct ParameterLayoutTests {
    private func layout(hasMiddle: Bool) -> (layout: ParameterLayout, first: ParameterLayout.Block, last: ParameterLayout.Block) {
        var layout = ParameterLayout()
        let first = layout.reserve("first", shape: [300, 10], initialiser: .normal(gain: 2, fanIn: 50))
        if hasMiddle { _ = layout.reserve("middle", shape: [7], initialiser: .values([Double](repeating: 0.25, count: 7))) }
        let last = layout.reserve("last", shape: [2000], initialiser: .normal(gain: 3, fanIn: 4))
        return (layout, first, last)
    }

    @Test func blocksLieSideBySide() {
        let (layout, _, last) = layout(hasMiddle: true)
        #expect(ParameterLayout().count == 0)
        #expect(layout.count == 5007 && last.range == 3007..<5007)
        #expect(layout.blocks.map(\.name) == ["first", "middle", "last"])
        var next = 0
        for block in layout.blocks {
            #expect(block.range == next..<next + block.shape.reduce(1, *))
            next = block.range.upperBound
        }
    }

    @Test func sameSeedSameValues() {
        let layout = layout(hasMiddle: true).layout
        #expect(layout.initialParameters(seed: 5) == layout.initialParameters(seed: 5))
        #expect(layout.initialParameters(seed: 5) != layout.initialParameters(seed: 6))
    }

    @Test func newBlockLeavesTheValuesOfOthers() {
        let (with, without) = (layout(hasMiddle: true), layout(hasMiddle: false))
        let (a, b) = (with.layout.initialParameters(seed: 5).scalars, without.layout.initialParameters(seed: 5).scalars)
        #expect(a[with.first.range] == b[without.first.range])
        #expect(Array(a[with.last.range]) == Array(b[without.last.range]))
        #expect(a[3000..<3007].allSatisfy { $0 == 0.25 })
    }

    @Test func variancesAreAsAsked() {
        let (layout, first, last) = layout(hasMiddle: true)
        let values = layout.initialParameters(seed: 5).scalars
        func variance(_ block: ParameterLayout.Block) -> Double {
            values[block.range].reduce(0) { $0 + $1 * $1 } / Double(block.range.count)
        }
        // Five standard errors of a variance from n normals are 5 sqrt(2 / n).
        #expect(abs(variance(first) / (2.0 / 50) - 1) < 5 * (2.0 / 3000).squareRoot())
        #expect(abs(variance(last) / (3.0 / 4) - 1) < 5 * (2.0 / 2000).squareRoot())
    }

    @Test func convolutionFindsItsWeights() {
        var layout = ParameterLayout()
        _ = layout.reserve("before", shape: [11], initialiser: .values([Double](repeating: 1, count: 11)))
        let convolution = Convolution("edge", inputs: 3, outputs: 2, kernel: 3, gain: 1, bias: [0.5, 0.5], in: &layout)
        #expect(layout.blocks.map(\.name) == ["before", "edge.weights", "edge.bias"])
        #expect(convolution.weights.shape == [2, 3, 3, 3] && convolution.bias?.range == 65..<67)
        #expect(Convolution("bare", inputs: 1, outputs: 2, kernel: 3, hasBias: false, in: &layout).bias == nil && layout.count == 67 + 18)
        let start = layout.initialParameters(seed: 1)
        #expect(start.scalars[65..<67].allSatisfy { $0 == 0.5 })
        let input = sampleTensor([2, 3, 4, 5])
        let expected = input.convolved(
            with: Tensor(shape: [2, 3, 3, 3], scalars: Array(start.scalars[11..<65])), bias: Tensor(shape: [2], scalars: [0.5, 0.5]))
        #expect(convolution.value(start, at: input) == expected)

        let check = GradientCheck([start, input]) { x in Linearised(at: x[0], x[1]) { convolution.value($0, at: $1) } }
        for error in check.differenceErrors(step: 1e-3) { #expect(measured("Convolution, difference", error) < 1e-10) }
        for order in check.taylorOrders() { #expect(abs(order - 2) < 0.05) }
    }

    @Test func layerOfGainZeroSaysNothingAtFirst() {
        var layout = ParameterLayout()
        let convolution = Convolution("silent", inputs: 2, outputs: 1, kernel: 3, gain: 0, in: &layout)
        #expect(convolution.value(layout.initialParameters(seed: 1), at: sampleTensor([1, 2, 3, 3])).squaredNorm == 0)
    }

    @Test func initialisersHaveTheirVariances() {
        var layout = ParameterLayout()
        let he = layout.reserve("he", shape: [4000], initialiser: .he(fanIn: 32))
        let xavier = layout.reserve("xavier", shape: [4000], initialiser: .xavier(fanIn: 10, fanOut: 40))
        let zero = layout.reserve("zero", shape: [3], initialiser: .zero)
        let values = layout.initialParameters(seed: 9).scalars
        func variance(_ block: ParameterLayout.Block) -> Double { values[block.range].reduce(0) { $0 + $1 * $1 } / Double(block.range.count) }
        // Five standard errors of a variance from n values: 5 sqrt((kurtosis - 1) / n), kurtosis 3 normal and 9/5 uniform.
        #expect(abs(variance(he) / (2.0 / 32) - 1) < 5 * (2.0 / 4000).squareRoot())
        #expect(abs(variance(xavier) / (2.0 / 50) - 1) < 5 * (0.8 / 4000).squareRoot())
        let bound = (6.0 / 50).squareRoot()
        #expect(values[xavier.range].allSatisfy { abs($0) <= bound } && values[xavier.range].contains { abs($0) > 0.99 * bound })
        #expect(values[zero.range].allSatisfy { $0 == 0 })
    }

    @Test func weightsGoToTheirNamesAndBack() throws {
        let layout = layout(hasMiddle: true).layout
        let parameters = layout.initialParameters(seed: 4)
        let named = layout.named(parameters)
        #expect(named.map(\.name) == ["first", "middle", "last"] && named.map(\.weights.shape) == [[300, 10], [7], [2000]])
        #expect(layout.weights("last", in: parameters)?.scalars == Array(parameters.scalars[3007...]))
        #expect(layout.weights("first one", in: parameters) == nil)
        let byName = Dictionary(uniqueKeysWithValues: named.map { ($0.name, $0.weights) })
        #expect(try layout.vector(of: byName) == parameters)

        var wrong = byName
        wrong["mid"] = wrong.removeValue(forKey: "middle")
        #expect(complaint(.invalidInput, "'mid'", "first, middle, last") { _ = try layout.vector(of: wrong) } == nil)
        wrong.removeValue(forKey: "mid")
        #expect(complaint(.invalidInput, "'middle'", "[7]", "missing") { _ = try layout.vector(of: wrong) } == nil)
        wrong["middle"] = Tensor(shape: [8], repeating: 0)
        #expect(complaint(.invalidInput, "'middle'", "[8]", "[7]") { _ = try layout.vector(of: wrong) } == nil)
    }
}
