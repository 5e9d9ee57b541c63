import Basics
import Configuration
import Evaluation

extension Report {
    /// Files of this name in the folders, in their order.
    func files(_ name: String) throws -> [ResultFile] { try folders.compactMap { try ResultFile(ifPresent: "\($0)/\(name)") } }

    /// Targets whose figures are not in comparison.nc.
    func measuredTargets() -> [Target] {
        guard !basins.isEmpty else { return [] }
        func figure(_ file: String, _ variable: String, _ emulator: String) -> Double? {
            guard let found = try? files(file).first, let labels = try? found.labels("emulator"), let k = labels.firstIndex(of: emulator),
                let rows = try? found.values(variable), rows.count == labels.count
            else { return nil }
            return rows[k]
        }
        func rows(_ variable: String) -> [Double]? {
            guard let found = try? files("stability.nc").first, let labels = try? found.labels("emulator"),
                let k = labels.firstIndex(of: "implicit"), let rows = try? found.rows(variable), rows.count == labels.count
            else { return nil }
            return rows[k]
        }
        return [
            Target(
                "implicit", "full one-step Jacobian: relative error at most 1e-2 (aim 1e-3)", figure("jacobian.nc", "frobenius_error", "implicit"),
                atMost: 1e-2),
            // One value that is not finite makes the run unstable.
            Target(
                "implicit", "finite for 10,000 steps: largest RMS", rows("rms").map { $0.allSatisfy(\.isFinite) ? $0.max() ?? .nan : .infinity },
                atMost: .greatestFiniteMagnitude),
            Target(
                "implicit", "relative mass drift at most 1e-6 in single precision",
                figure("stability.nc", "largest_relative_mass_drift", "implicit") ?? rows("relative_mass_drift")?.map(abs).max(), atMost: 1e-6),
        ] + transferTargets()
    }

    /// At the end of forecasts of each case, beside the first case.
    private func transferTargets() -> [Target] {
        guard let found = try? files("transfer.nc").first, let cases = try? found.labels("case"), let emulators = try? found.labels("emulator"),
            let k = emulators.firstIndex(of: "implicit"), let rows = try? found.rows("error"), rows.count == cases.count * emulators.count
        else { return [Target("implicit", "transfer: error at most twice that in distribution", nil, atMost: 2)] }
        let ends = cases.indices.map { rows[$0 * emulators.count + k].last { !$0.isNaN } ?? .nan }
        return cases.indices.dropFirst().map { c in
            Target("implicit", "transfer to \(cases[c]): error at the end at most twice that in distribution", ends[c] / ends[0], atMost: 2) {
                Text.measured($0) + " times"
            }
        }
    }

    mutating func jacobians() throws {
        page.section("Derivatives")
        let found = try files("jacobian.nc")
        if found.isEmpty { page.missing("Full Jacobians were not measured yet: `seiche check EXPERIMENT --jacobian 24` writes jacobian.nc.") }
        for file in found {
            page.paragraph(
                "The whole Jacobian of one step on a small basin beside the Fortran model's exact one, in normalised units: relative error in Frobenius' norm.")
            let labels = try file.labels("emulator") ?? []
            let errors = try file.values("frobenius_error") ?? []
            page.table(
                ["emulator", "error"], zip(labels, errors).map { [.init($0), .init(Text.measured($1))] }, source: "\(file.path): frobenius_error")
        }
    }

    mutating func transfer() throws {
        page.section("Cases that nothing was trained on")
        let found = try files("transfer.nc")
        if found.isEmpty { page.missing("Not measured yet: `seiche transfer EXPERIMENT` writes transfer.nc.") }
        for file in found {
            guard let cases = try file.labels("case"), let emulators = try file.labels("emulator"), let oneStep = try file.values("one_step_error"),
                oneStep.count == cases.count * emulators.count
            else { throw SeicheError(.file, "'\(file.path)' has no one_step_error(case, emulator)", remedy: "write it again with `seiche transfer`") }
            let courant = try file.values("courant_number") ?? cases.map { _ in .nan }
            page.paragraph(
                """
                Errors of one step and of the last forecast lead, divided by the RMS of the case's own truth, as the emulators were trained. The factor is \
                that beside the first case, the one of the training; the target is at most 2. A dash: the emulator cannot serve the case.
                """)
            // The last lead of each case that has a value.
            let byLead = try file.rows("error")
            let end = byLead.map { $0.map { row in row.last { !$0.isNaN } ?? .nan } }
            for (k, emulator) in emulators.enumerated() {
                page.heading(emulator)
                func value(_ values: [Double], _ c: Int) -> Double { values.indices.contains(c * emulators.count + k) ? values[c * emulators.count + k] : .nan }
                func factor(_ values: [Double], _ c: Int) -> HTMLPage.Cell {
                    let ratio = value(values, c) / value(values, 0)
                    // Persistence is there to compare with, and meets or misses nothing.
                    let isJudged = c > 0 && emulator != "persistence"
                    return ratio.isNaN ? "–" : .init(Text.measured(ratio), !isJudged ? .none : ratio <= 2 ? .met : .missed)
                }
                page.table(
                    ["case", "Courant number", "one step", "factor", "end", "factor"],
                    cases.indices.map { c in
                        [.init(cases[c]), .init(c < courant.count ? Text.measured(courant[c]) : "–"), .init(Text.measured(value(oneStep, c))), factor(oneStep, c)]
                            + (end.map { [.init(Text.measured(value($0, c))), factor($0, c)] } ?? ["–", "–"])
                    }, source: "\(file.path): one_step_error, error, courant_number")
            }
        }
    }

    mutating func stability() throws {
        page.section("Long forecasts")
        let found = try files("stability.nc")
        if found.isEmpty { page.missing("Not measured yet: `seiche compare EXPERIMENT --stability 10000` writes stability.nc.") }
        for file in found {
            guard let emulators = try file.labels("emulator"), let rms = try file.rows("rms"), let drift = try file.rows("relative_mass_drift"),
                rms.count == emulators.count, drift.count == emulators.count
            else { throw SeicheError(.file, "'\(file.path)' has no rms and relative_mass_drift of each emulator", remedy: "write it again") }
            let steps = try file.values("step")?.last.map(Text.count) ?? "many"
            page.paragraph("\(steps) steps in single precision from a test state: root mean square of the state at the end, and the sum of the elevation.")
            page.table(
                ["emulator", "finite", "RMS at the end", "relative mass drift at the end", "largest"],
                emulators.indices.map { k in
                    let isFinite = (rms[k] + drift[k]).allSatisfy(\.isFinite)
                    return [
                        .init(emulators[k]), .init(isFinite ? "yes" : "no", isFinite ? .met : .missed), .init(Text.measured(rms[k].last ?? .nan)),
                        .init(Text.measured(drift[k].last ?? .nan)), .init(Text.measured(drift[k].filter(\.isFinite).max() ?? .nan)),
                    ]
                }, source: "\(file.path): rms, relative_mass_drift")
        }
    }

    mutating func cost() throws {
        page.section("What a step costs")
        let found = try files("cost.nc")
        if found.isEmpty { page.missing("Not measured yet: `seiche cost EXPERIMENT` writes cost.nc.") }
        for file in found {
            for variable in try file.labelled() {
                guard let columns = variable.axes.last, let rows = try file.rows(variable.name) else { continue }
                page.heading(variable.meaning + (variable.units == "1" ? "" : ", \(variable.units)"))
                let names = variable.axes.dropLast().reduce([[]]) { names, axis in names.flatMap { name in axis.labels.map { name + [$0] } } }
                page.table(
                    variable.axes.dropLast().map(\.name) + columns.labels,
                    // What there is not, such as the Fortran model in single precision, has no row.
                    zip(names, rows).filter { $1.contains { !$0.isNaN } }
                        .map { name, values in name.map { .init($0) } + values.map { .init(Text.measured($0)) } },
                    source: "\(file.path): \(variable.name)")
            }
        }
    }

    mutating func lorenz96() throws {
        page.section("Lorenz '96")
        let found = try files("comparison.nc").filter { $0.has("valid_time") }
        if found.isEmpty { page.missing("Not compared yet: `seiche compare` of an experiment of that model writes comparison.nc.") }
        for file in found {
            let emulators = try file.labels("emulator") ?? []
            let (oneStep, valid) = (try file.values("one_step_error") ?? [], try file.rows("valid_time") ?? [])
            let exponents = try file.rows("lyapunov_exponent") ?? []
            let leading = exponents.map { $0.first ?? .nan }
            let lyapunovTime = leading.first.flatMap { $0 > 0 ? 1 / $0 : nil }
            page.paragraph(
                """
                Errors of one step are relative to the climatological standard deviation; a forecast is valid until its error exceeds \
                \(try file.number("threshold").map(Text.figure) ?? "0.4") of it\(lyapunovTime.map { "; a Lyapunov time is \(Text.figure($0)) units" } ?? ""). \
                Targets, of bilinear_rk4: one step at most 1e-6, valid for at least 11 Lyapunov times. \
                Jacobians, target 1e-3, are printed by `seiche check` and kept in no file.
                """)
            page.table(
                ["emulator", "one step", "valid, units of time", "Lyapunov times", "leading exponent"],
                emulators.indices.map { k in
                    let times = k < valid.count ? valid[k] : []
                    let mean = times.reduce(0, +) / Double(times.count)
                    // The model's exponents come first, persistence has none.
                    let exponent = k + 1 < leading.count ? leading[k + 1] : .nan
                    let isHeld = emulators[k].hasPrefix("bilinear_rk4")
                    let lengths = lyapunovTime.map { mean / $0 } ?? .nan
                    let error = k < oneStep.count ? oneStep[k] : .nan
                    return [
                        .init(emulators[k]), .init(Text.measured(error), isHeld && !error.isNaN ? (error <= 1e-6 ? .met : .missed) : .none),
                        .init(Text.measured(mean)),
                        .init(Text.measured(lengths), isHeld && !lengths.isNaN ? (lengths >= 11 ? .met : .missed) : .none), .init(Text.measured(exponent)),
                    ]
                } + [["Fortran model", "", "", "", .init(Text.measured(leading.first ?? .nan))]],
                source: "\(file.path): one_step_error, valid_time, lyapunov_exponent")
        }
    }
}
