/// What a convolution sees beyond the edges of its field.
public enum Padding: String, CaseIterable, Sendable {
    /// Zeros.
    case zero
    /// The field again, as on a ring or a torus.
    case circular
    /// The nearest cell of the field.
    case replicate

    /// For every place of an axis of `extent` cells with a border added: the cell that it shows, or -1 for zero.
    func sources(extent: Int, border: Correlation.Border) -> [Int] {
        (-border.before..<extent + border.after).map { place in
            switch self {
            case .zero: (0..<extent).contains(place) ? place : -1
            case .circular: (place % extent + extent) % extent
            case .replicate: min(max(place, 0), extent - 1)
            }
        }
    }
}
