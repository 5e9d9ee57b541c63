import Basics
import NetCDF

// What the files of wind and open boundaries have in common: times, and variables without missing values.
extension NetCDFFile {
    /// The times of a file in s since 2000-01-01 00:00:00, from `time(time)` in "<seconds, minutes, hours or days> since YYYY-MM-DD[ hh:mm:ss]",
    /// proleptic Gregorian.
    func forcingTimes() throws -> [Double] {
        let variable = try variable("time")
        guard variable.dimensionNames == ["time"] else {
            throw SeicheError(
                .file, "variable 'time' in '\(path)' has the dimensions \(variable.dimensionNames), not [time]",
                remedy: "give it the one dimension 'time'")
        }
        guard let units = try variable.attributeIfPresent("units")?.text else {
            throw SeicheError(
                .file, "variable 'time' in '\(path)' has no units", remedy: "give it units like 'hours since 2000-01-01 00:00:00'")
        }
        let words = units.split(separator: " ", maxSplits: 2).map(String.init)
        let seconds = ["seconds": 1.0, "minutes": 60, "hours": 3600, "days": 86_400]
        guard words.count == 3, words[1] == "since", let unit = seconds[words[0]], let reference = CalendarTime(words[2]) else {
            throw SeicheError(
                .file, "the units of 'time' in '\(path)' are '\(units)'",
                why: "only '<seconds|minutes|hours|days> since YYYY-MM-DD[ hh:mm:ss]' is understood",
                remedy: "write the times anew, for example with `cdo settunits,hours`")
        }
        if let calendar = try variable.attributeIfPresent("calendar")?.text,
            !["standard", "gregorian", "proleptic_gregorian"].contains(calendar.lowercased()) {
            throw SeicheError(
                .file, "the calendar of 'time' in '\(path)' is '\(calendar)'",
                remedy: "convert it to the standard calendar, for example with `cdo setcalendar,standard`")
        }
        let times = try variable.forcingValues().map { Double(reference.secondsSince2000) + $0 * unit }
        guard let last = times.indices.last else {
            throw SeicheError(.file, "'\(path)' has no times", remedy: "write at least one")
        }
        if let late = times.indices.dropFirst().first(where: { times[$0] <= times[$0 - 1] }) {
            throw SeicheError(
                .file, "'time' in '\(path)' does not increase: value \(late) of \(last + 1) is not after the one before",
                remedy: "sort the times and take doubles out, for example with `cdo mergetime`")
        }
        return times
    }
}

extension NetCDFVariable {
    /// All values as Double. Throws `SeicheError(.file)` for one that is missing or not finite, and where values are packed.
    func forcingValues() throws -> [Double] {
        for name in ["scale_factor", "add_offset"] where try attributeIfPresent(name) != nil {
            throw SeicheError(
                .file, "variable '\(self.name)' in '\(file.path)' is packed (it has '\(name)')",
                remedy: "unpack it first, for example with `ncpdq -U`")
        }
        let values = try read(Double.self)
        let missing = [try fillValue(), try attributeIfPresent("missing_value")?.number].compactMap(\.self) + [Double.netCDF.defaultFill]
        if let bad = values.firstIndex(where: { !$0.isFinite || missing.contains($0) }) {
            throw SeicheError(
                .file, "value \(try place(of: bad)) of variable '\(name)' in '\(file.path)' is missing or not finite", remedy: "fill the gaps first")
        }
        return values
    }

    /// "[time 3, y 0, x 7]" for a position in the array.
    private func place(of position: Int) throws -> String {
        var (rest, words) = (position, [String]())
        for (name, length) in zip(dimensionNames, try shape()).reversed() {
            words.insert("\(name) \(rest % length)", at: 0)
            rest /= length
        }
        return "[" + words.joined(separator: ", ") + "]"
    }
}
