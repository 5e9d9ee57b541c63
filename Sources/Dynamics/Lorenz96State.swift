/// Variables of a Lorenz '96 model on its ring, dimensionless.
public struct Lorenz96State: DynamicalState {
    /// X, then Y: element k for X_k, element sectors + k * fastPerSector + j for Y_{j,k}, all counted from 0.
    public var vector: [Double]
    /// Number of slow variables, K.
    public let sectors: Int
    /// Number of fast variables to each slow one, J; 0 for one level.
    public let fastPerSector: Int

    /// All zero.
    public init(sectors: Int, fastPerSector: Int = 0) {
        self.sectors = sectors
        self.fastPerSector = fastPerSector
        vector = [Double](repeating: 0, count: sectors + sectors * fastPerSector)
    }

    /// From the slow variables and the ring of fast ones, a multiple of their number or none.
    public init(x: [Double], y: [Double] = []) {
        precondition(!x.isEmpty && y.count.isMultiple(of: x.count))
        sectors = x.count
        fastPerSector = y.count / x.count
        vector = x + y
    }

    /// The slow variables, `sectors` values.
    public var x: [Double] {
        get { Array(vector[..<sectors]) }
        set { vector.replaceSubrange(..<sectors, with: newValue) }
    }

    /// The one ring of fast variables, sector after sector: `sectors * fastPerSector` values.
    public var y: [Double] {
        get { Array(vector[sectors...]) }
        set { vector.replaceSubrange(sectors..., with: newValue) }
    }
}
