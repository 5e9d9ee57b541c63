import Basics
import Dynamics
import Layers
import Tensors

/// What a network sees of a grid: constant fields, zero on land.
public struct NetworkGeometry<Scalar: TensorScalar>: Sendable {
    /// Undisturbed depth divided by its scale, then the wet mask (1 or 0): [1, 2, y, x].
    public let fields: Tensor<Scalar>
    /// The same with D / (1 + D) in place of the depth D, which no depth makes larger than 1.
    public let boundedFields: Tensor<Scalar>
    /// 1 on open faces, 0 on closed ones: east, then north, [1, 2, y, x].
    public let openFaces: Tensor<Scalar>
    /// 1 where a state value is free (wet cells, open faces): zeta, u, v, [1, 3, y, x].
    public let stateMask: Tensor<Scalar>
    /// 1 where a cell is wet, [1, 1, y, x].
    public let wet: Tensor<Scalar>
    /// The same as the land mask of implicit layers, [y, x].
    public let wetCells: [Bool]

    /// Undisturbed depth on faces (mean of both cells) divided by the depth scale, zero on closed ones, [1, 2, y, x].
    public let faceDepth: Tensor<Scalar>
    /// zeta's scale over the depth scale: what a normalised elevation adds to a normalised depth.
    public let elevationToDepth: Scalar

    /// What a normalised velocity times a normalised depth carries through a face in a time step, as a change of a cell's normalised elevation; zero on
    /// closed faces: east, then north, [1, 2, y, x].
    public let transport: Tensor<Scalar>

    /// What changes of velocity by slopes of the surface are multiplied by, where the network was trained on another time step or spacing:
    /// (dt / dt0) (dx0 / dx), 1 otherwise; zero on closed faces: east, then north, [1, 2, y, x].
    public let slopeFactors: Tensor<Scalar>
    /// The same for changes of velocity that have nothing to do with the spacing, dt / dt0.
    public let stressFactors: Tensor<Scalar>

    /// - Parameters:
    ///   - scales: what depth and the channels of the state are divided by.
    ///   - timeStep: in s.
    ///   - trained: the step and the spacing that the weights were trained for; those of here by default.
    public init(_ grid: ShallowWaterGrid, scales: ChannelScales, timeStep: Double, trained: Discretisation? = nil) {
        let (ny, nx) = (grid.ny, grid.nx)
        let wet = grid.wet.map { $0 ? Scalar(1) : 0 }
        wetCells = grid.wet
        let depth = zip(grid.depth, grid.wet).map { $1 ? Scalar($0 / scales.depth) : 0 }
        let east = grid.openEast.map { $0 ? Scalar(1) : 0 }
        let north = grid.openNorth.map { $0 ? Scalar(1) : 0 }
        elevationToDepth = Scalar(scales.zeta / scales.depth)
        let perVelocity = timeStep * scales.depth / scales.zeta
        transport = Tensor(
            shape: [1, 2, ny, nx],
            scalars: east.map { $0 * Scalar(perVelocity * scales.u / grid.dx) } + north.map { $0 * Scalar(perVelocity * scales.v / grid.dy) })
        let onlyDepth = Tensor(shape: [1, 1, ny, nx], scalars: depth)
        let open = Tensor(shape: [1, 2, ny, nx], scalars: east + north)
        openFaces = open
        faceDepth = onlyDepth.faceMean().masked(by: open)
        let trained = trained ?? Discretisation(timeStep: timeStep, dx: grid.dx, dy: grid.dy)
        let stretch = timeStep / trained.timeStep
        stressFactors = Tensor(shape: [1, 2, ny, nx], scalars: (east + north).map { $0 * Scalar(stretch) })
        slopeFactors = Tensor(
            shape: [1, 2, ny, nx],
            scalars: east.map { $0 * Scalar(stretch * (trained.dx / grid.dx)) } + north.map { $0 * Scalar(stretch * (trained.dy / grid.dy)) })
        self.wet = Tensor(shape: [1, 1, ny, nx], scalars: wet)
        fields = Tensor(shape: [1, 2, ny, nx], scalars: depth + wet)
        boundedFields = Tensor(shape: [1, 2, ny, nx], scalars: depth.map { $0 / (1 + $0) } + wet)
        stateMask = Tensor(shape: [1, 3, ny, nx], scalars: wet + east + north)
    }
}

/// What a step's numbers depend on beside the state: time step and spacing.
public struct Discretisation: Equatable, Sendable {
    /// s
    public var timeStep: Double
    /// m
    public var dx: Double
    public var dy: Double

    public init(timeStep: Double, dx: Double, dy: Double) {
        self.timeStep = timeStep
        self.dx = dx
        self.dy = dy
    }

    /// Whether another is the same to a millionth: spacings that were read from files carry roundings.
    public func agrees(with other: Discretisation) -> Bool {
        func agrees(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-6 * abs(b) }
        return agrees(timeStep, other.timeStep) && agrees(dx, other.dx) && agrees(dy, other.dy)
    }
}

extension ShallowWaterGrid {
    /// Throws `SeicheError` (invalidInput) for a grid that networks cannot work on: their convolutions and solves know closed edges only.
    public func checkEdgesAreClosed() throws {
        guard periodicX || periodicY else { return }
        throw SeicheError(
            .invalidInput, "the grid is periodic along \(periodicX ? periodicY ? "x and y" : "x" : "y")", why: "emulators know closed edges only",
            remedy: "use a grid with closed edges")
    }
}
