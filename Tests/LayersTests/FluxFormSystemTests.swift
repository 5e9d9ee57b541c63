import Layers
import StencilSolvers
import Tensors
import TestSupport
import Testing
import _Differentiation

/// What the flux form promises whatever a network says and however badly its system is solved, and its derivatives.
@Suite struct FluxFormSystemTests {
    private let shape = [2, 2, 6, 7]
    private let cellShape = [2, 1, 6, 7]

    /// 1 on open faces: the outer edge, an island and a wall between the basins west and east of column 3.
    private var open: Tensor<Double> {
        var open = Tensor(shape: shape, repeating: 1.0)
        for sample in 0..<2 {
            for j in 0..<6 {
                for i in 0..<7 {
                    let dry = { (j: Int, i: Int) in (j == 2 && i == 1) || i == 3 || i == 7 || j == 6 }
                    for (side, n) in [(j, i + 1), (j + 1, i)].enumerated() where dry(j, i) || dry(n.0, n.1) {
                        open.scalars[((sample * 2 + side) * 6 + j) * 7 + i] = 0
                    }
                }
            }
        }
        return open
    }

    /// Conductance, velocity and depth, all of them anything.
    private func numbers(_ size: Double) -> [Tensor<Double>] {
        (0..<3).map { sampleTensor(shape, seed: 21 + UInt64($0)).scaled(by: size) }
    }

    private func system<Scalar: TensorScalar>(_ x: [Tensor<Double>], _ type: Scalar.Type) -> FluxFormSystem<Scalar> {
        let t = x.map { $0.converted(to: Scalar.self) }
        return FluxFormSystem(conductance: t[0], velocity: t[1], depth: t[2], open: open.converted(to: Scalar.self))
    }

    /// Largest change of the sum over a basin, in units of what was added up.
    private func drift<Scalar: TensorScalar>(
        _ system: FluxFormSystem<Scalar>, from x: Tensor<Scalar>, to next: Tensor<Scalar>, response y: Tensor<Scalar>
    ) -> Double {
        let flux = system.flux - system.coefficients * y.faceDifference()
        func sum(_ t: Tensor<Scalar>, _ sample: Int, _ columns: Range<Int>) -> Double {
            (0..<42).reduce(0) { columns.contains($1 % 7) ? $0 + Double(t.scalars[sample * 42 + $1]) : $0 }
        }
        let size = x.scalars.reduce(0) { $0 + Double(abs($1)) } + flux.scalars.reduce(0) { $0 + Double(abs($1)) }
        return (0..<2).flatMap { sample in
            [0..<3, 3..<4, 4..<7].map { abs(sum(next, sample, $0) - sum(x, sample, $0)) / size }
        }.max() ?? 0
    }

    @Test(arguments: [1e-30, 1e-3, 1, 1e3, 1e15]) func sumsOfBasinsAreKeptWhateverTheResponse(size: Double) {
        let x = sampleTensor(cellShape, seed: 30)
        let double = system(numbers(size), Double.self)
        // Responses that solve nothing: the fluxes keep the sum all the same.
        for response in [x.scaled(by: -7), Tensor(shape: cellShape, repeating: 0), sampleTensor(cellShape, seed: 31).scaled(by: 1e10)] {
            let next = double.advanced(x, response: response)
            #expect(measured("drift at \(size)", drift(double, from: x, to: next, response: response)) < 1e-15)
        }
        let single = system(numbers(size), Float.self)
        let (y, start) = (x.scaled(by: 3).converted(to: Float.self), x.converted(to: Float.self))
        #expect(measured("drift in Float at \(size)", drift(single, from: start, to: single.advanced(start, response: y), response: y)) < 5e-7)
    }

    @Test(arguments: [1e-2, 1e-13]) func sumIsKeptAtAnyTolerance(tolerance: Double) {
        let x = sampleTensor(cellShape, seed: 30)
        let made = system(numbers(1), Double.self)
        let next = made.advanced(x, by: LinearImplicit(solver: GaussSeidel(tolerance: tolerance)))
        #expect(measured("drift at tolerance \(tolerance)", abs(next.total - x.total) / x.scalars.reduce(0) { $0 + abs($1) }) < 1e-14)
        let dry = (0..<84).filter { $0 % 7 == 3 || $0 % 42 == 15 }
        #expect(dry.allSatisfy { next.scalars[$0] == x.scalars[$0] }, "land keeps its values")
        #expect(relativeError(next, x) > 0.01, "something must have moved")
    }

    @Test func updateIsTheSolutionWhereTheSolveIsExact() {
        let x = sampleTensor(cellShape, seed: 30)
        let made = system(numbers(1), Double.self)
        let layer = LinearImplicit(solver: GaussSeidel(tolerance: 1e-15))
        let y = layer.apply(stencil: made.stencil(), b: made.rightHandSide(x))
        #expect(measured("x' - y", relativeError(made.advanced(x, response: y), y)) < 1e-13)
        // Between the extremes of the right-hand side, as an M-matrix of unit row sums must.
        let b = made.rightHandSide(x).scalars
        #expect(y.scalars.allSatisfy { $0 <= (b.max() ?? 0) + 1e-12 && $0 >= (b.min() ?? 0) - 1e-12 })
        #expect(y.squaredNorm <= made.rightHandSide(x).squaredNorm * (1 + 1e-12))
    }

    @Test(arguments: [1e-30, 1, 1e6, 1e30]) func matrixIsAnMMatrixWhateverComesIn(size: Double) {
        func check<Scalar: TensorScalar>(_ type: Scalar.Type) {
            for sign in [1.0, -1] {
                var x = numbers(size)
                x[2] = numbers(1)[2].scaled(by: sign)
                let made = system(x, type)
                #expect(made.coefficients.scalars.allSatisfy { $0 >= 0 && $0.isFinite })
                #expect(zip(made.coefficients.scalars, open.scalars).allSatisfy { $1 == 1 || $0 == 0 })
                let matrix = StencilLayout().matrix(made.stencil(), sample: 1)
                let measures = matrix.measures
                #expect(measures.isSymmetric && measures.hasPositiveDiagonal && measures.isFinite)
                #expect(measures.jacobiBound <= 1 + 8 * Double(Scalar.ulpOfOne))
                #expect(matrix.coefficients[..<42].allSatisfy { $0 >= 1 } && matrix.coefficients[42...].allSatisfy { $0 <= 0 })
                // The 1 survives beside coefficients up to 1 / eps.
                if size <= 1e6 && type == Double.self { #expect(measures.rowMargin > 0.99 && measures.inverseBound != nil) }
            }
        }
        check(Double.self)
        check(Float.self)
    }

    // MARK: Derivatives

    /// Away from the kink of the depth at zero.
    private func inputs() -> [Tensor<Double>] {
        var x = numbers(1)
        x[2].scalars = x[2].scalars.map { $0 < 0 ? $0 - 0.125 : $0 + 0.125 }
        return x
    }

    private func linearised(_ x: [Tensor<Double>]) -> Linearised<Double> {
        let layer = LinearImplicit(solver: GaussSeidel(tolerance: 1e-14))
        let (open, field) = (open, sampleTensor(cellShape, seed: 30))
        return Linearised(at: x[0], x[1], x[2]) {
            FluxFormSystem(conductance: $0, velocity: $1, depth: $2, open: open).advanced(field, by: layer)
        }
    }

    @Test func gradientsAreCentralDifferences() {
        let check = GradientCheck(inputs(), of: { linearised($0) })
        for (input, error) in check.differenceErrors().enumerated() { #expect(measured("flux form, input \(input)", error) < 1e-7) }
        for order in check.taylorOrders(steps: [1e-3, 5e-4, 2.5e-4]) { #expect(abs(measured("flux form, Taylor order", order) - 2) < 0.1) }
    }

    @Test func tangentIsTheTransposeOfThePullback() {
        let x = inputs()
        let layer = LinearImplicit(solver: GaussSeidel(tolerance: 1e-14))
        let (w, field) = (sampleTensor(cellShape, seed: 40), sampleTensor(cellShape, seed: 30))
        let directions = (0..<3).map { sampleTensor(shape, seed: 50 + UInt64($0)) }
        let fieldDirection = sampleTensor(cellShape, seed: 53)
        let gradients = linearised(x).pullback(w)
        let made = system(x, Double.self)
        let fieldGradient = Linearised(at: field) { made.advanced($0, by: layer) }.pullback(w)[0]
        func tangent(_ d: [Tensor<Double>], _ f: Tensor<Double>) -> Tensor<Double> {
            let along = FluxFormSystem<Double>.tangent(
                conductance: x[0], velocity: x[1], depth: x[2], open: open, along: (d[0], d[1], d[2]))
            return made.advancedWithTangent(field, along: along, f, by: layer).tangent
        }
        func error(_ tangent: Tensor<Double>, _ right: Double) -> Double {
            abs(w.dot(tangent) - right) / (w.squaredNorm * tangent.squaredNorm).squareRoot()
        }
        for k in 0..<3 {
            var alone = [Tensor<Double>](repeating: .zero, count: 3)
            alone[k] = directions[k]
            #expect(measured("flux form, dot product of \(k)", error(tangent(alone, .zero), gradients[k].dot(directions[k]))) < 1e-12)
        }
        #expect(error(tangent([.zero, .zero, .zero], fieldDirection), fieldGradient.dot(fieldDirection)) < 1e-12)
        let whole = zip(gradients, directions).reduce(fieldGradient.dot(fieldDirection)) { $0 + $1.0.dot($1.1) }
        #expect(error(tangent(directions, fieldDirection), whole) < 1e-12)
        #expect(tangent([.zero, .zero, .zero], .zero).isSymbolicZero)
        // The tangent conserves too: no direction changes the sum but the field's own.
        #expect(abs(tangent(directions, .zero).total) < 1e-12)
    }
}
