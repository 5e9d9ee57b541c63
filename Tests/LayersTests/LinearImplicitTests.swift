import Layers
import StencilSolvers
import Tensors
import TestSupport
import Testing
import _Differentiation

/// The implicit layer's derivatives of first and second order, against dense elimination and against each other.
@Suite struct LinearImplicitTests {
    private func linearised<Scalar: TensorScalar>(
        _ c: LayerCase, _ type: Scalar.Type = Scalar.self, tolerance: Double, guess: Tensor<Scalar> = .zero, solver: (any StencilSolver)? = nil
    ) -> ImplicitLinearisation<Scalar> {
        LinearImplicit(solver: solver ?? GaussSeidel(tolerance: tolerance)).linearise(
            stencil: c.stencil.converted(to: Scalar.self), b: c.b.converted(to: Scalar.self), startingFrom: guess, layout: c.layout)
    }

    /// The layer as Swift differentiates it.
    private func differentiated(
        _ c: LayerCase, _ inputs: [Tensor<Double>], solver: any StencilSolver = GaussSeidel(tolerance: 1e-13)
    ) -> Linearised<Double> {
        let layer = LinearImplicit(solver: solver)
        return Linearised(at: inputs[0], inputs[1]) { layer.apply(stencil: $0, b: $1, startingFrom: c.guess, layout: c.layout) }
    }

    // MARK: Against dense elimination

    private func errors<Scalar: TensorScalar>(
        _ o: LayerOracle, _ type: Scalar.Type, tolerance: Double, solver: (any StencilSolver)? = nil
    ) -> [(String, Double)] {
        let c = o.c
        func convert(_ t: Tensor<Double>) -> Tensor<Scalar> { t.converted(to: Scalar.self) }
        let at = linearised(c, type, tolerance: tolerance, solver: solver)
        let gradient = at.pullback(convert(c.cotangent))
        let tangent = at.tangent(stencil: convert(c.stencilDirection), b: convert(c.bDirection))
        let second = at.derivative(
            of: gradient, cotangent: convert(c.cotangentDirection), stencil: convert(c.stencilDirection), tangent: tangent)
        return [
            ("solution", relativeError(at.solution, o.solution)), ("tangent", relativeError(tangent, o.tangent)),
            ("gradient by b", relativeError(gradient.b, o.adjoint)),
            ("gradient by the coefficients", relativeError(gradient.stencil, o.stencilGradient)),
            ("second derivative by b", relativeError(second.b, o.adjointDerivative)),
            ("second derivative by the coefficients", relativeError(second.stencil, o.stencilGradientDerivative)),
        ]
    }

    @Test(arguments: LayerOracle.all) func derivativesAreTheOracles(_ o: LayerOracle) {
        for (name, error) in errors(o, Double.self, tolerance: 1e-13) { #expect(measured("\(o), \(name)", error) < 1e-10, "\(name)") }
    }

    @Test(arguments: LayerOracle.all) func derivativesAreTheOraclesWithTheSolverThatChooses(_ o: LayerOracle) {
        for (name, error) in errors(o, Double.self, tolerance: 0, solver: AutomaticSolver(tolerance: 1e-13)) {
            #expect(measured("\(o), \(name), automatic", error) < 1e-10, "\(name)")
        }
    }

    @Test(arguments: LayerOracle.all) func derivativesAreTheOraclesInFloat(_ o: LayerOracle) {
        for (name, error) in errors(o, Float.self, tolerance: 2e-6) { #expect(measured("\(o), \(name) in Float", error) < 4e-4, "\(name)") }
    }

    @Test(arguments: LayerOracle.all) func swiftsDerivativeIsTheLayers(_ o: LayerOracle) {
        let found = differentiated(o.c, [o.c.stencil, o.c.b])
        let gradients = found.pullback(o.c.cotangent)
        #expect(relativeError(found.value, o.solution) < 1e-10)
        #expect(relativeError(gradients[0], o.stencilGradient) < 1e-10 && relativeError(gradients[1], o.adjoint) < 1e-10)
    }

    // MARK: Against each other

    @Test(arguments: LayerCase.all) func tangentAndPullbackAreTransposes(_ c: LayerCase) {
        let at = linearised(c, Double.self, tolerance: 1e-13)
        let tangent = at.tangent(stencil: c.stencilDirection, b: c.bDirection)
        let gradient = at.pullback(c.cotangent)
        let (left, right) = (c.cotangent.dot(tangent), gradient.stencil.dot(c.stencilDirection) + gradient.b.dot(c.bDirection))
        let size = (c.cotangent.squaredNorm * tangent.squaredNorm).squareRoot()
        #expect(measured("\(c), dot product", abs(left - right) / size) < 2e-11)
    }

    /// A loss that is neither linear nor quadratic: sum of y^4 / 4.
    private func gradientOfLoss(_ at: ImplicitLinearisation<Double>) -> ImplicitLinearisation<Double>.Gradient {
        at.pullback(at.solution * at.solution * at.solution)
    }

    private func hessian(
        _ at: ImplicitLinearisation<Double>, _ stencil: Tensor<Double>, _ b: Tensor<Double>
    ) -> ImplicitLinearisation<Double>.Gradient {
        at.hessianVectorProduct(stencil: stencil, b: b, gradient: gradientOfLoss(at)) { (at.solution * at.solution * $0).scaled(by: 3) }
    }

    @Test(arguments: LayerCase.all) func hessianIsSymmetric(_ c: LayerCase) {
        let at = linearised(c, Double.self, tolerance: 1e-13)
        let (other, otherB) = (sampleTensor(c.stencil.shape, seed: 15), sampleTensor(c.b.shape, seed: 16))
        let (first, second) = (hessian(at, c.stencilDirection, c.bDirection), hessian(at, other, otherB))
        let (left, right) = (first.stencil.dot(other) + first.b.dot(otherB), second.stencil.dot(c.stencilDirection) + second.b.dot(c.bDirection))
        let size = ((first.stencil.squaredNorm + first.b.squaredNorm) * (other.squaredNorm + otherB.squaredNorm)).squareRoot()
        #expect(measured("\(c), asymmetry of the Hessian", abs(left - right) / size) < 1e-10)
    }

    @Test(arguments: LayerCase.few) func remaindersAreOfSecondOrder(_ c: LayerCase) {
        let at = linearised(c, Double.self, tolerance: 1e-13)
        let layer = LinearImplicit(solver: GaussSeidel(tolerance: 1e-13))
        let tangent = at.tangent(stencil: c.stencilDirection, b: c.bDirection)
        let (gradient, change) = (gradientOfLoss(at), hessian(at, c.stencilDirection, c.bDirection))
        let remainders = [4e-4, 2e-4, 1e-4].map { h in
            let moved = layer.linearise(
                stencil: c.stencil + c.stencilDirection.scaled(by: h), b: c.b + c.bDirection.scaled(by: h), layout: c.layout)
            let other = gradientOfLoss(moved)
            return [
                (moved.solution - at.solution - tangent.scaled(by: h)).squaredNorm.squareRoot(),
                (other.stencil - gradient.stencil - change.stencil.scaled(by: h)).squaredNorm.squareRoot(),
                (other.b - gradient.b - change.b.scaled(by: h)).squaredNorm.squareRoot(),
            ]
        }
        for which in 0..<3 {
            for (wide, narrow) in zip(remainders, remainders.dropFirst()) {
                let name = ["tangent", "Hessian by the coefficients", "Hessian by b"][which]
                #expect(abs(measured("\(c), ratio of \(name)", wide[which] / narrow[which]) - 4) < 0.3, "\(name)")
            }
        }
    }

    @Test(arguments: LayerCase.few) func gradientIsTheCentralDifference(_ c: LayerCase) {
        let check = GradientCheck([c.stencil, c.b], of: { differentiated(c, $0) })
        for (input, error) in check.differenceErrors().enumerated() { #expect(measured("\(c), difference \(input)", error) < 1e-6) }
        #expect(measured("\(c), dot product with differences", check.dotProductError()) < 1e-6)
        for order in check.taylorOrders(steps: [4e-4, 2e-4, 1e-4]) { #expect(abs(measured("\(c), Taylor order", order) - 2) < 0.1) }
    }

    // MARK: What must not matter

    @Test(arguments: LayerOracle.all.filter { o in LayerCase.few.contains { $0.description == o.description } })
    func gradientIsAsGoodForCotangentsOfAnySize(_ o: LayerOracle) {
        // A loose tolerance shows the solver's error, which must be relative to the cotangent.
        let at = linearised(o.c, Double.self, tolerance: 1e-6)
        func errors(_ scale: Double) -> [Double] {
            let gradient = at.pullback(o.c.cotangent.scaled(by: scale))
            return [
                relativeError(gradient.stencil.scaled(by: 1 / scale), o.stencilGradient),
                relativeError(gradient.b.scaled(by: 1 / scale), o.adjoint),
            ]
        }
        let reference = errors(1)
        for error in reference { #expect(measured("\(o), error at tolerance 1e-6", error) < 1e-4) }
        for scale in [1e-30, 1e-15, 1e15, 1e30] {
            for (error, same) in zip(errors(scale), reference) {
                #expect(measured("\(o), change of the error with the cotangent times \(scale)", abs(error - same)) < 1e-13)
            }
        }
    }

    @Test(arguments: LayerCase.all) func guessesDoNotMatter(_ c: LayerCase) {
        let plain = linearised(c, Double.self, tolerance: 1e-13)
        let expected = plain.pullback(c.cotangent)
        for guess in [c.guess, plain.solution, plain.solution.scaled(by: 0.9), c.b.scaled(by: 1e3), c.b.scaled(by: .nan)] {
            let at = linearised(c, tolerance: 1e-13, guess: guess)
            let gradient = at.pullback(c.cotangent, startingFrom: guess)
            #expect(relativeError(at.solution, plain.solution) < 1e-11)
            #expect(measured("\(c), guess", relativeError(gradient.b, expected.b)) < 1e-11)
            #expect(relativeError(gradient.stencil, expected.stencil) < 1e-11)
        }
        let again = plain.pullback(c.cotangent, startingFrom: expected.b)
        #expect(relativeError(again.b, expected.b) < 1e-14)
    }

    @Test(arguments: LayerCase.all + [LayerCase(.nonSymmetric, .ninePoint, .init(ny: 20, nx: 33, periodicY: false, periodicX: true, fields: 1))])
    func batchIsTheLoopOverItsSamples(_ c: LayerCase) {
        // The last case is large enough for its samples to run side by side.
        func slice(_ t: Tensor<Double>, _ k: Int) -> Tensor<Double> {
            let half = t.count / 2
            return Tensor(shape: [1] + t.shape.dropFirst(), scalars: Array(t.scalars[k * half..<(k + 1) * half]))
        }
        let layer = LinearImplicit(solver: GaussSeidel(tolerance: 1e-10))
        let whole = layer.linearise(stencil: c.stencil, b: c.b, layout: c.layout)
        let gradient = whole.pullback(c.cotangent)
        let second = hessian(whole, c.stencilDirection, c.bDirection)
        for k in 0..<2 {
            let one = layer.linearise(stencil: slice(c.stencil, k), b: slice(c.b, k), layout: c.layout)
            let own = one.pullback(slice(c.cotangent, k))
            let curved = hessian(one, slice(c.stencilDirection, k), slice(c.bDirection, k))
            #expect(slice(whole.solution, k) == one.solution)
            #expect(slice(gradient.stencil, k) == own.stencil && slice(gradient.b, k) == own.b)
            #expect(slice(second.stencil, k) == curved.stencil && slice(second.b, k) == curved.b)
        }
    }

    @Test(arguments: LayerCase.few) func derivativesOfNothingAreNothing(_ c: LayerCase) {
        #expect(differentiated(c, [c.stencil, c.b]).pullback(.zero).allSatisfy { $0.isSymbolicZero })
        let at = linearised(c, Double.self, tolerance: 1e-13)
        #expect(at.tangent(stencil: .zero, b: .zero).isSymbolicZero)
        let gradient = at.pullback(c.cotangent)
        let none = at.derivative(of: gradient, cotangent: .zero, stencil: .zero, tangent: .zero)
        #expect(none.b.isSymbolicZero && none.stencil.isSymbolicZero)
        // Each part of a direction alone, and both together.
        let parts = [(c.stencilDirection, Tensor<Double>.zero), (.zero, c.bDirection)].map { hessian(at, $0.0, $0.1) }
        let whole = hessian(at, c.stencilDirection, c.bDirection)
        #expect(relativeError(parts[0].stencil + parts[1].stencil, whole.stencil) < 1e-10)
        #expect(relativeError(parts[0].b + parts[1].b, whole.b) < 1e-10)
    }
}
