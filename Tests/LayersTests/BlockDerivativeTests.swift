import Basics
import Layers
import Tensors
import TestSupport
import Testing
import _Differentiation

/// What holds for the derivatives of every block, whatever it is composed of.
@Suite struct BlockDerivativeTests {
    private func check(_ c: BlockCase) -> GradientCheck {
        GradientCheck([c.parameters, c.input]) { x in
            let at = c.block.linearised(x[0], at: x[1])
            return Linearised(value: at.value) { w in
                let gradient = at.pullback(w)
                return [gradient.parameters, gradient.input]
            }
        }
    }

    @Test(arguments: BlockCase.all) func pullbackIsTheCentralDifference(_ c: BlockCase) {
        let errors = check(c).differenceErrors(step: c.step)
        if c.layout.count > 0 { #expect(measured("\(c.name), parameters, difference", errors[0]) < 1e-8) }
        #expect(measured("\(c.name), input, difference", errors[1]) < 1e-8)
    }

    @Test(arguments: BlockCase.all) func pullbackIsTheTransposeOfTheTangent(_ c: BlockCase) {
        let at = c.block.linearised(c.parameters, at: c.input)
        let w = sampleTensor(at.value.shape, seed: 15)
        let gradient = at.pullback(w)
        let (parameters, x) = c.direction
        // By both, and by each alone: an error in one must not drown in the other.
        for (p, v) in [(parameters, x), (.zero, x)] + (c.layout.count > 0 ? [(parameters, .zero)] : []) {
            let tangent = at.tangent(input: v, parameters: p)
            let forward = w.dot(tangent)
            let backward = (p.isSymbolicZero ? 0 : gradient.parameters.dot(p)) + (v.isSymbolicZero ? 0 : gradient.input.dot(v))
            let size = (w.squaredNorm * tangent.squaredNorm).squareRoot()
            #expect(size > 0)
            #expect(measured("\(c.name), dot product", abs(forward - backward) / size) < 1e-13)
        }
    }

    @Test(arguments: BlockCase.all) func tangentIsTheDerivativeOfTheValue(_ c: BlockCase) {
        let (p, v) = c.direction
        let (value, tangent) = c.block.valueWithTangent(c.parameters, at: c.input, along: (p, v))
        func moved(_ step: Double) -> Tensor<Double> { c.block.value(c.parameters + p.scaled(by: step), at: c.input + v.scaled(by: step)) }
        let difference = (moved(1e-5) - moved(-1e-5)).scaled(by: 1 / 2e-5)
        #expect(measured("\(c.name), tangent, difference", relativeError(tangent, difference)) < 1e-8)
        // What the tangent leaves falls with the square of the step, unless there is nothing of second order. Small steps keep off kinks.
        let remainders = [4e-4, 2e-4, 1e-4].map { (moved($0) - value - tangent.scaled(by: $0)).squaredNorm.squareRoot() }
        if c.isCurved {
            for (a, b) in zip(remainders, remainders.dropFirst()) {
                #expect(abs(measured("\(c.name), Taylor order", naturalLogarithm(a / b) / naturalLogarithm(2)) - 2) < 0.1)
            }
        } else {
            #expect(remainders.allSatisfy { $0 < 1e-14 })
        }
    }

    @Test(arguments: BlockCase.all) func theThreeInterpretationsAgreeToTheBit(_ c: BlockCase) {
        let (p, v) = c.direction
        let value = c.block.value(c.parameters, at: c.input)
        let at = c.block.linearised(c.parameters, at: c.input)
        #expect(at.value == value)
        for direction in [(p, v), (.zero, v), (p, .zero)] {
            let side = c.block.valueWithTangent(c.parameters, at: c.input, along: direction)
            #expect(side.value == value)
            #expect(side.tangent == at.tangent(input: direction.1, parameters: direction.0))
        }
        // Twice the same, and by parts what it is together.
        let w = sampleTensor(value.shape, seed: 15)
        let gradient = at.pullback(w)
        #expect(at.pullback(w) == gradient)
        #expect(at.pullback(w, by: .input) == .init(input: gradient.input, parameters: .zero))
        #expect(at.pullback(w, by: .parameters) == .init(input: .zero, parameters: gradient.parameters))
        let swift = Linearised(at: c.parameters, c.input) { c.block.value($0, at: $1) }
        #expect(swift.value == value)
        #expect(swift.pullback(w) == [gradient.parameters, gradient.input])
    }

    @Test(arguments: BlockCase.all) func nothingGivesNothing(_ c: BlockCase) {
        let at = c.block.linearised(c.parameters, at: c.input)
        #expect(at.tangent().isSymbolicZero)
        #expect(at.pullback(.zero) == .init(input: .zero, parameters: .zero))
        #expect(c.block.valueWithTangent(c.parameters, at: c.input, along: (.zero, .zero)).tangent.isSymbolicZero)
    }

    @Test(arguments: BlockCase.all) func batchIsTheLoopOverItsSamples(_ c: BlockCase) {
        let (p, v) = c.direction
        let at = c.block.linearised(c.parameters, at: c.input)
        let w = sampleTensor(at.value.shape, seed: 15)
        let (whole, tangent) = (at.pullback(w), at.tangent(input: v, parameters: p))
        var parameters = Tensor<Double>.zero
        for k in 0..<c.shape[0] {
            let one = c.block.linearised(c.parameters, at: c.input.only(k))
            #expect(relativeError(one.value, at.value.only(k)) < 1e-15)
            #expect(relativeError(one.tangent(input: v.only(k), parameters: p), tangent.only(k)) < 1e-14)
            let gradient = one.pullback(w.only(k))
            #expect(relativeError(gradient.input, whole.input.only(k)) < 1e-14)
            parameters += gradient.parameters
        }
        if c.layout.count > 0 { #expect(measured("\(c.name), sum over samples", relativeError(parameters, whole.parameters)) < 1e-14) }
    }

    @Test(arguments: BlockCase.all) func floatAgreesWithDouble(_ c: BlockCase) {
        let (p, v) = c.direction
        let double = c.block.linearised(c.parameters, at: c.input)
        let float = c.block.linearised(c.parameters.converted(to: Float.self), at: c.input.converted(to: Float.self))
        let w = sampleTensor(double.value.shape, seed: 15)
        let (g, h) = (double.pullback(w), float.pullback(w.converted(to: Float.self)))
        let tangent = float.tangent(input: v.converted(to: Float.self), parameters: p.converted(to: Float.self))
        #expect(measured("\(c.name), value in Float", relativeError(float.value, double.value)) < 1e-5)
        #expect(measured("\(c.name), tangent in Float", relativeError(tangent, double.tangent(input: v, parameters: p))) < 1e-5)
        #expect(measured("\(c.name), gradient by input in Float", relativeError(h.input, g.input)) < 1e-5)
        #expect(measured("\(c.name), gradient by parameters in Float", relativeError(h.parameters, g.parameters)) < 1e-5)
    }

    @Test(arguments: BlockCase.all) func everyWeightMatters(_ c: BlockCase) {
        let at = c.block.linearised(c.parameters, at: c.input)
        // Behind a rectifier that lets nothing through a weight may have no gradient; whole blocks of weights may not.
        let gradient = at.pullback(sampleTensor(at.value.shape, seed: 15)).parameters
        for block in c.layout.blocks { #expect(gradient.scalars[block.range].contains { $0 != 0 }, "\(block.name)") }
    }
}

extension Tensor {
    /// Sample k alone, [1, ...].
    fileprivate func only(_ k: Int) -> Tensor {
        let size = count / shape[0]
        return Tensor(shape: [1] + shape.dropFirst(), scalars: Array(scalars[k * size..<(k + 1) * size]))
    }
}

extension BlockCase {
    /// Whether the value has a second derivative by input and parameters together.
    fileprivate var isCurved: Bool { layout.count > 0 }
}
