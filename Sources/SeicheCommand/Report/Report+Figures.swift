import Basics
import Evaluation

extension Report {
    /// A figure that `seiche plot` draws: its file, what it shows, and where the numbers are, relative to the emulators' folder.
    static let drawn: [(name: String, caption: String, source: String)] = [
        ("error_by_lead_time", "Error against lead time on test simulations; points are the published nets.", "comparison.nc: error"),
        ("stencils", "Couplings to the eastern and northern neighbour over the diagonal: those of the Fortran scheme, the learned ones, and what differs.",
            "figures/stencils.nc: coupling"),
        ("training_curves", "Error on validation runs while training.", "figures/training_curves.nc: seconds, validation_error"),
        ("learning_curves", "Error of one step against the number of training trajectories.", "comparison.nc: one_step_error"),
    ]

    mutating func figures() throws {
        page.section("Figures")
        let count = try folders.reduce(0) { $0 + (try figures(of: $1)) }
        if count == 0 { page.missing("None was drawn yet: `seiche plot EXPERIMENT` draws them.") }
    }

    private mutating func figures(of folder: String) throws -> Int {
        let place = "\(folder)/figures"
        guard Files.isFolder(place) else { return 0 }
        let names = try Files.list(folder: place).filter { $0.hasSuffix(".png") }
        guard !names.isEmpty else { return 0 }
        let timeStep = basins.first { $0.folder == folder }.map { "Time step \(Text.figure($0.timeStep)) s" }
        page.heading(timeStep ?? Files.name(of: folder))
        var shown: Set<String> = []
        for figure in Self.drawn where names.contains(figure.name + ".png") {
            try page.figure(png: "\(place)/\(figure.name).png", caption: figure.caption, source: "\(folder)/\(figure.source)")
            shown.insert(figure.name + ".png")
        }
        for name in names where !shown.contains(name) {
            let (caption, source) = Self.described(String(name.dropLast(4)), place)
            try page.figure(png: "\(place)/\(name)", caption: caption, source: source)
        }
        return names.count
    }

    /// Figures of which each emulator has one.
    private static func described(_ name: String, _ place: String) -> (caption: String, source: String) {
        if name.hasPrefix("maps_") {
            return ("Elevation of the Fortran model and of \(name.dropFirst(5)), and the difference, by lead time.", "\(place)/maps.nc: truth, zeta")
        }
        if name.hasPrefix("convergence_") {
            return (
                "Solvers on the system that \(name.dropFirst(12)) learned, from the layer's right-hand side; dashed: on its transpose, from white noise.",
                "\(place)/convergence.nc: relative_residual"
            )
        }
        return ("\(name).", "\(place)/maps.nc: truth, zeta")
    }
}
