import Dynamics

/// Largest absolute value.
func maximumNorm(_ values: some Sequence<Double>) -> Double { values.reduce(0) { max($0, abs($1)) } }

/// Largest absolute difference.
func maximumDifference(_ a: [Double], _ b: [Double]) -> Double { maximumNorm(zip(a, b).map { $0 - $1 }) }

/// Sum over wet cells.
func wetSum(_ values: [Double], on grid: ShallowWaterGrid) -> Double { zip(values, grid.wet).reduce(0) { $1.1 ? $0 + $1.0 : $0 } }
