import TestSupport
import Testing
import Training

/// What is written is read back by a reader of its own: framing with checksums bit by bit, and the fields of the protocol buffers.
@Suite struct EventRecordsTests {
    private struct Event: Equatable {
        var wallTime = 0.0
        var step = 0
        var version: String?
        var scalars: [String: Float] = [:]
    }

    private static func crc32c(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var register: UInt32 = 0xffff_ffff
        for byte in bytes {
            for bit in 0..<8 {
                let feedback = (register ^ (UInt32(byte) >> UInt32(bit))) & 1
                register >>= 1
                if feedback == 1 { register ^= 0x82f6_3b78 }
            }
        }
        return ~register
    }

    /// The check value of RFC 3720, appendix B.4, and of the catalogue of CRCs.
    @Test func theReadersChecksumIsCastagnolis() {
        #expect(Self.crc32c(Array("123456789".utf8)) == 0xe306_9283)
        #expect(Self.crc32c([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
        #expect(Self.crc32c([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
        #expect(Self.crc32c(0..<32) == 0x46dd_794e)
    }

    private struct Reader {
        var bytes: ArraySlice<UInt8>
        mutating func word(_ size: Int) throws -> UInt64 {
            try #require(bytes.count >= size)
            defer { bytes = bytes.dropFirst(size) }
            return bytes.prefix(size).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        mutating func varint() throws -> UInt64 {
            var (value, shift) = (UInt64(0), UInt64(0))
            while true {
                let byte = try word(1)
                value |= (byte & 127) << shift
                shift += 7
                if byte < 128 { return value }
            }
        }
        mutating func part(_ size: Int) throws -> Reader {
            try #require(bytes.count >= size)
            defer { bytes = bytes.dropFirst(size) }
            return Reader(bytes: bytes.prefix(size))
        }
        mutating func text() throws -> String { String(decoding: try part(Int(varint())).bytes, as: UTF8.self) }
    }

    private func events(_ file: [UInt8]) throws -> [Event] {
        var reader = Reader(bytes: file[...])
        var result: [Event] = []
        func check(_ bytes: ArraySlice<UInt8>, _ masked: UInt64) {
            let sum = UInt32(truncatingIfNeeded: masked) &- 0xa282_ead8
            #expect(Self.crc32c(bytes) == (sum << 15 | sum >> 17))
        }
        while !reader.bytes.isEmpty {
            let header = reader.bytes.prefix(8)
            let length = try reader.word(8)
            check(header, try reader.word(4))
            var record = try reader.part(Int(length))
            check(record.bytes, try reader.word(4))
            var event = Event()
            while !record.bytes.isEmpty {
                switch try record.word(1) {
                case 0x09: event.wallTime = Double(bitPattern: try record.word(8))
                case 0x10: event.step = Int(try record.varint())
                case 0x1a: event.version = try record.text()
                case 0x2a:
                    var summary = try record.part(Int(record.varint()))
                    while !summary.bytes.isEmpty {
                        #expect(try summary.word(1) == 0x0a)
                        var value = try summary.part(Int(summary.varint()))
                        #expect(try value.word(1) == 0x0a)
                        let tag = try value.text()
                        #expect(try value.word(1) == 0x15)
                        event.scalars[tag] = Float(bitPattern: UInt32(try value.word(4)))
                    }
                case let key: Issue.record("field \(key)")
                }
            }
            result.append(event)
        }
        return result
    }

    private let longName = "a_long_" + String(repeating: "name", count: 60)
    private let steps = [1, 127, 128, 300, 16_384, 2_000_000_000]

    private var file: [UInt8] {
        EventRecords.header(wallTime: 1.5e9) + steps.flatMap { step in
            EventRecords.scalars([("loss", 0.1 + Double(step)), (longName, -3)], step: step, wallTime: Double(step))
        }
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let expected = [Event(wallTime: 1.5e9, version: "brain.Event:2")] + steps.map { step in
            Event(wallTime: Double(step), step: step, scalars: ["loss": Float(0.1 + Double(step)), longName: -3])
        }
        #expect(try events(file) == expected)
    }

    @Test func whatBelongsToLaterStepsIsDropped() throws {
        #expect(EventRecords.kept(of: file, upTo: .max) == file)
        for (count, step) in [(1, 0), (2, 1), (2, 126), (3, 127), (5, 16_383), (6, 16_384)] {
            #expect(try events(EventRecords.kept(of: file, upTo: step)).count == count)
        }
        // Cut anywhere, or damaged, the whole records before are kept.
        let header = EventRecords.header(wallTime: 1.5e9).count
        for end in stride(from: 0, to: file.count, by: 7) {
            let kept = EventRecords.kept(of: Array(file[..<end]), upTo: .max)
            #expect(kept.count <= end && file.starts(with: kept) && (end < header || !kept.isEmpty))
        }
        var damaged = file
        damaged[header + 20] ^= 1
        #expect(EventRecords.kept(of: damaged, upTo: .max).count == header)
        #expect(EventRecords.kept(of: [UInt8](repeating: 255, count: 100), upTo: .max).isEmpty)
    }
}
