import Tensors
import _Differentiation

/// A linear system, stencil and right-hand side, or a derivative of one.
public struct StencilSystem<Scalar: TensorScalar>: Differentiable, AdditiveArithmetic, Sendable {
    public typealias TangentVector = StencilSystem

    /// [batch, points * fields * fields, y, x] in the order of `StencilLayout`.
    public var stencil: Tensor<Scalar>
    /// [batch, fields, y, x].
    public var b: Tensor<Scalar>

    @differentiable(reverse)
    public init(stencil: Tensor<Scalar>, b: Tensor<Scalar>) {
        self.stencil = stencil
        self.b = b
    }

    @derivative(of: init)
    public static func vjpInit(
        stencil: Tensor<Scalar>, b: Tensor<Scalar>
    ) -> (value: StencilSystem, pullback: (StencilSystem) -> (Tensor<Scalar>, Tensor<Scalar>)) {
        (StencilSystem(stencil: stencil, b: b), { ($0.stencil, $0.b) })
    }

    public static var zero: StencilSystem { StencilSystem(stencil: .zero, b: .zero) }
    public static func + (a: StencilSystem, b: StencilSystem) -> StencilSystem { StencilSystem(stencil: a.stencil + b.stencil, b: a.b + b.b) }
    public static func - (a: StencilSystem, b: StencilSystem) -> StencilSystem { StencilSystem(stencil: a.stencil - b.stencil, b: a.b - b.b) }
    public mutating func move(by offset: StencilSystem) { self += offset }
}

/// A way of making a solvable system out of numbers that a network says freely, with a proof of what holds whatever they are.
public protocol StencilParametrisation<Scalar>: Sendable {
    associatedtype Scalar: TensorScalar

    var domain: StencilDomain<Scalar> { get }

    /// - Parameters:
    ///   - raw: anything finite, [batch, points * fields * fields, y, x].
    ///   - b: anything finite, [batch, fields, y, x].
    @differentiable(reverse, wrt: (raw, b))
    func system(raw: Tensor<Scalar>, b: Tensor<Scalar>) -> StencilSystem<Scalar>

    /// The derivative of `system` at (raw, b) along a direction, whose parts may be `.zero`.
    func tangent(raw: Tensor<Scalar>, b: Tensor<Scalar>, along rawDirection: Tensor<Scalar>, _ bDirection: Tensor<Scalar>) -> StencilSystem<Scalar>
}

extension LinearImplicit {
    /// The solution of a parametrised system: see `apply(stencil:b:startingFrom:layout:)`.
    @differentiable(reverse, wrt: system)
    public func apply<Scalar: TensorScalar>(
        _ system: StencilSystem<Scalar>, startingFrom guess: Tensor<Scalar> = .zero, layout: StencilLayout
    ) -> Tensor<Scalar> {
        apply(stencil: system.stencil, b: system.b, startingFrom: guess, layout: layout)
    }

    @derivative(of: apply, wrt: system)
    public func vjpApply<Scalar: TensorScalar>(
        _ system: StencilSystem<Scalar>, startingFrom guess: Tensor<Scalar>, layout: StencilLayout
    ) -> (value: Tensor<Scalar>, pullback: (Tensor<Scalar>) -> StencilSystem<Scalar>) {
        let (value, pullback) = vjpApply(stencil: system.stencil, b: system.b, startingFrom: guess, layout: layout)
        return (value, {
            let (stencil, b) = pullback($0)
            return StencilSystem(stencil: stencil, b: b)
        })
    }
}
