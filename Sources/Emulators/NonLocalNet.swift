import Basics
import Layers
import Tensors

/// A feed-forward net on the whole grid gives the change of all three fields: what the implicit layer's inverse says with five numbers a cell, dense
/// layers say with matrices of all cells by hidden units (`WholeGrid`).
///
///     x' = x + C(x, depth, mask) + R D(gelu(E P (x, depth, mask))),
///
/// with C two pointwise convolutions, P means over 2^k x 2^k cells, E and D dense, and R bilinear refinement. It serves one size of grid, its weights
/// grow with the number of cells, and what is finer than the coarse grid only C sees: it is here to show so.
public struct NonLocalNet: EmulatorNetwork {
    public static let kind = "non_local"

    public struct Sizes: Equatable, Sendable {
        /// Of the grid that the network serves.
        public let nx: Int
        public let ny: Int
        /// k: how often pairs of rows and columns become one.
        public let coarsenings: Int
        /// Units that see and say the whole coarse grid.
        public let hidden: Int
        /// Channels between the pointwise convolutions.
        public let local: Int

        public init(nx: Int, ny: Int, coarsenings: Int, hidden: Int, local: Int) {
            self.nx = nx
            self.ny = ny
            self.coarsenings = coarsenings
            self.hidden = hidden
            self.local = local
        }
    }

    public let sizes: Sizes
    public let layout: ParameterLayout
    public var inputLayers: [Convolution] { [local] }
    private let local: Convolution
    private let change: Convolution
    private let encoder: WholeGrid
    private let decoder: WholeGrid
    /// [y, x] of the grids, the finest first.
    private let extents: [[Int]]

    public init(_ sizes: Sizes) {
        var layout = ParameterLayout()
        self.sizes = sizes
        var extents = [[sizes.ny, sizes.nx]]
        for k in 0..<sizes.coarsenings { extents.append(extents[k].map { ($0 + 1) / 2 }) }
        self.extents = extents
        let coarse = extents[sizes.coarsenings]
        local = Convolution("local", inputs: 5, outputs: sizes.local, kernel: 1, activation: .rectifier, in: &layout)
        change = Convolution("change", inputs: sizes.local, outputs: 3, kernel: 1, gain: 0, in: &layout)
        encoder = WholeGrid("encoder", inputs: [5] + coarse, outputs: [sizes.hidden], activation: .gelu, in: &layout)
        decoder = WholeGrid("decoder", inputs: [sizes.hidden], outputs: [3] + coarse, initialiser: .zero, in: &layout)
        self.layout = layout
    }

    public func check(ny: Int, nx: Int) throws {
        guard ny == sizes.ny, nx == sizes.nx else {
            throw SeicheError(
                .invalidInput, "the grid has \(nx) x \(ny) cells, the non-local network was made for \(sizes.nx) x \(sizes.ny)",
                why: "its dense layers have weights for each cell of one grid", remedy: "train it for this grid, or use another kind of network")
        }
    }

    public func next<Field: FieldAlgebra>(
        _ state: Field, _ weights: Weights<Field>, geometry: NetworkGeometry<Field.Scalar>, implicit: LinearImplicit
    ) -> Field {
        let seen = state.concatenated(with: Field(constant: geometry.fields))
        let coarse = extents.dropFirst().reduce(seen) { field, _ in field.averagePooled() }
        let far = extents.dropLast().reversed().reduce(decoder(encoder(coarse, weights), weights)) { $0.upsampled(to: $1, by: .bilinear) }
        return state + (change(local(seen, weights), weights) + far).masked(by: geometry.stateMask)
    }
}
