import Tensors

// Differences between cells and faces of a C grid, as in FaceOperators.swift and FluxFormStencil.swift.

extension FieldAlgebra {
    /// Net flux out of each cell: [batch, 2, y, x] on faces to [batch, 1, y, x].
    public func faceDivergence() -> Self { linear({ $0.faceDivergence() }, { $0.vjpFaceDivergence() }) }

    /// Differences across faces: [batch, 1, y, x] to [batch, 2, y, x].
    public func faceDifference() -> Self { linear({ $0.faceDifference() }, { $0.vjpFaceDifference() }) }

    /// Means of the two cells of each face: [batch, 1, y, x] to [batch, 2, y, x].
    public func faceMean() -> Self { linear({ $0.faceMean() }, { $0.vjpFaceMean() }) }
}
