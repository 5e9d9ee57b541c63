/// A time in the proleptic Gregorian calendar to the second, without leap seconds or time zones: what files count from and runs start at.
public struct CalendarTime: Equatable, Hashable, Sendable {
    /// Since 2000-01-01 00:00:00; negative before.
    public let secondsSince2000: Int

    public init(secondsSince2000: Int) { self.secondsSince2000 = secondsSince2000 }

    /// From "YYYY-MM-DD", "YYYY-MM-DD hh:mm" or "YYYY-MM-DD hh:mm:ss", the years 1 to 9999; nil for anything else, a 30th of February too.
    ///
    /// As in the units of NetCDF files, digits may be fewer ("2000-1-1 0:0:0"), a T may stand for the blank, and seconds may have zeros
    /// behind a point.
    public init?(_ text: String) {
        let parts = text.split(omittingEmptySubsequences: false) { $0 == " " || $0 == "T" }
        guard (1...2).contains(parts.count), let date = Self.numbers(parts[0], separator: "-", counts: 3...3) else { return nil }
        var clock = [0, 0, 0]
        if parts.count == 2 {
            var digits = parts[1]
            if let point = digits.firstIndex(of: "."), digits.count(where: { $0 == ":" }) == 2 {
                guard digits[digits.index(after: point)...].allSatisfy({ $0 == "0" }) else { return nil }
                digits = digits[..<point]
            }
            guard let given = Self.numbers(digits, separator: ":", counts: 2...3) else { return nil }
            clock = given + [Int](repeating: 0, count: 3 - given.count)
        }
        let (year, month, day) = (date[0], date[1], date[2])
        guard (1...9999).contains(year), (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day),
            (0...23).contains(clock[0]), (0...59).contains(clock[1]), (0...59).contains(clock[2])
        else { return nil }
        let months = (1..<month).reduce(0) { $0 + Self.days(in: $1, of: year) }
        let days = Self.days(before: year) - Self.days(before: 2000) + months + day - 1
        secondsSince2000 = days * Self.secondsADay + (clock[0] * 60 + clock[1]) * 60 + clock[2]
    }

    private static let secondsADay = 86_400

    private static func numbers(_ text: Substring, separator: Character, counts: ClosedRange<Int>) -> [Int]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard counts.contains(parts.count), parts.allSatisfy({ (1...4).contains($0.count) && $0.allSatisfy { $0.isASCII && $0.isNumber } })
        else { return nil }
        return parts.compactMap { Int($0) }
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private static func days(in month: Int, of year: Int) -> Int {
        month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// From the first of January of year 1 to that of `year`.
    private static func days(before year: Int) -> Int {
        let past = year - 1
        return 365 * past + past / 4 - past / 100 + past / 400
    }
}

extension CalendarTime: CustomStringConvertible {
    /// "YYYY-MM-DD hh:mm:ss", which `init` reads back.
    public var description: String {
        var days = secondsSince2000 / Self.secondsADay
        var seconds = secondsSince2000 % Self.secondsADay
        if seconds < 0 { (days, seconds) = (days - 1, seconds + Self.secondsADay) }
        days += Self.days(before: 2000)
        // 365.2425 days are a mean year: at most one off, which the two loops put right.
        var year = days * 10_000 / 3_652_425 + 1
        while Self.days(before: year) > days { year -= 1 }
        while Self.days(before: year + 1) <= days { year += 1 }
        var (month, rest) = (1, days - Self.days(before: year))
        while rest >= Self.days(in: month, of: year) {
            rest -= Self.days(in: month, of: year)
            month += 1
        }
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(rest + 1, 2)) "
            + "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
    }
}
