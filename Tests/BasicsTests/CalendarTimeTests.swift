import Basics
import Testing

@Suite struct CalendarTimeTests {
    private func seconds(_ text: String) -> Int? { CalendarTime(text)?.secondsSince2000 }

    @Test func knownTimes() {
        #expect(seconds("2000-01-01 00:00:00") == 0)
        #expect(seconds("2000-01-01") == 0)
        #expect(seconds("2000-01-02 00:01") == 86_460)
        #expect(seconds("1970-01-01 00:00:00") == -946_684_800, "Unix' beginning")
        #expect(seconds("1999-12-31 23:59:59") == -1)
        // The century rules: 1900 is no leap year, 2000 is one.
        #expect(seconds("1900-01-01") == -36_524 * 86_400)
        #expect(seconds("2001-01-01") == 366 * 86_400)
        #expect(seconds("0001-01-01") == -730_119 * 86_400)
    }

    @Test func whatNetCDFToolsWrite() {
        #expect(seconds("2000-1-1 0:0:0") == 0)
        #expect(seconds("2000-01-01 00:00:0.0") == 0)
        #expect(seconds("2000-01-01T06:00:00") == 21_600)
    }

    @Test(arguments: [
        "", "2000", "2000-13-01", "2000-00-01", "2001-02-29", "1900-02-29", "2000-04-31", "2000-01-01 24:00:00", "2000-01-01 00:60:00",
        "2000-01-01 00:00:00.5", "2000-01-01 00", "2000-01-01 00:00:00 UTC", "-2000-01-01", "01.02.2000", "0000-01-01", "20000-01-01",
        "2000-01-01  00:00:00", "2000-01-01 00:00:00:00",
    ])
    func notATime(text: String) { #expect(CalendarTime(text) == nil) }

    /// Every day of eight centuries, and odd seconds: the day after is 86400 s later, and its text comes back as itself.
    @Test func textComesBack() {
        for day in -150_000...150_000 {
            let time = CalendarTime(secondsSince2000: day * 86_400 + day % 86_400)
            #expect(CalendarTime(time.description) == time)
        }
        #expect(CalendarTime(secondsSince2000: -1).description == "1999-12-31 23:59:59")
        #expect(CalendarTime(secondsSince2000: 59 * 86_400).description == "2000-02-29 00:00:00")
    }
}
