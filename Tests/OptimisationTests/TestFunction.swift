import Basics
import Optimisation

/// A function with its gradient by hand.
struct TestFunction {
    let start: [Double]
    let minimiser: [Double]
    let evaluate: ([Double]) -> Evaluation

    /// <x - m, A (x - m)>/2, A with eigenvalues 1 ... `condition` in a basis that no axis is in.
    static func quadratic(_ count: Int, condition: Double) -> TestFunction {
        var stream = RandomStream(seed: 6, purpose: "quadratic test function")
        let (axis, minimiser, start) = (stream.normals(count), stream.normals(count), stream.normals(count))
        let square = inner(axis, axis)
        func reflected(_ x: [Double]) -> [Double] {
            var y = x
            add(-2 * inner(axis, x) / square, axis, to: &y)
            return y
        }
        return TestFunction(start: start, minimiser: minimiser) { x in
            let offset = reflected(zip(x, minimiser).map { $0 - $1 })
            let scaled = offset.enumerated().map { $1 * (1 + (condition - 1) * Double($0) / Double(max(1, count - 1))) }
            return Evaluation(value: inner(offset, scaled) / 2, gradient: reflected(scaled))
        }
    }

    /// Rosenbrock's valley in `count` dimensions, an even number (More, Garbow and Hillstrom 1981, problem 21).
    static func rosenbrock(_ count: Int) -> TestFunction {
        TestFunction(start: (0..<count).map { $0 % 2 == 0 ? -1.2 : 1 }, minimiser: [Double](repeating: 1, count: count)) { x in
            var (value, gradient) = (0.0, [Double](repeating: 0, count: count))
            for k in stride(from: 0, to: count, by: 2) {
                let (a, b) = (10 * (x[k + 1] - x[k] * x[k]), 1 - x[k])
                value += a * a + b * b
                gradient[k] = -40 * a * x[k] - 2 * b
                gradient[k + 1] = 20 * a
            }
            return Evaluation(value: value, gradient: gradient)
        }
    }

    /// The same function of x / `length`, times `factor`.
    func scaled(by factor: Double, length: Double = 1) -> TestFunction {
        TestFunction(start: start.map { $0 * length }, minimiser: minimiser.map { $0 * length }) { x in
            let at = evaluate(x.map { $0 / length })
            return Evaluation(value: factor * at.value, gradient: at.gradient.map { factor / length * $0 })
        }
    }
}
