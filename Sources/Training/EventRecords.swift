/// Records of a TensorBoard event file: TFRecord framing around protocol buffers `Event` that hold scalars, written by hand
/// (tensorflow/core/util/event.proto, framework/summary.proto, lib/io/record_writer.cc).
public enum EventRecords {
    /// The first record of a file.
    ///
    /// - Parameter wallTime: seconds since 1970, here and below.
    public static func header(wallTime: Double) -> [UInt8] {
        framed(double(1, wallTime) + bytes(3, Array("brain.Event:2".utf8)))
    }

    /// Scalars by their tags.
    public static func scalars(_ values: [(tag: String, value: Double)], step: Int, wallTime: Double) -> [UInt8] {
        let summary = values.flatMap { entry in
            bytes(1, bytes(1, Array(entry.tag.utf8)) + [key(2, type: 5)] + littleEndian(Float(entry.value).bitPattern))
        }
        return framed(double(1, wallTime) + [key(2, type: 0)] + varint(UInt64(max(0, step))) + bytes(5, summary))
    }

    /// The records at the start of a file that were written here, are whole, and belong to steps up to `step`.
    public static func kept(of file: [UInt8], upTo step: Int) -> [UInt8] {
        var end = 0
        while file.count - end >= 12 {
            let length = file[end..<end + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard length <= UInt64(file.count - end - 12), file.count - end - 16 >= Int(length) else { break }
            let record = file[end..<end + 16 + Int(length)]
            let event = Array(record[(end + 12)..<(end + 12 + Int(length))])
            guard framed(event).elementsEqual(record), (self.step(of: event) ?? 0) <= step else { break }
            end += record.count
        }
        return Array(file[..<end])
    }

    /// Field 2, where it follows the wall time.
    private static func step(of event: [UInt8]) -> Int? {
        guard event.count > 10, event[0] == key(1, type: 1), event[9] == key(2, type: 0) else { return nil }
        var (value, shift) = (UInt64(0), UInt64(0))
        for byte in event[10...] {
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return Int(exactly: value) }
            shift += 7
            if shift > 63 { return nil }
        }
        return nil
    }

    private static func framed(_ data: [UInt8]) -> [UInt8] {
        let length = littleEndian(UInt64(data.count))
        return length + littleEndian(maskedChecksum(length)) + data + littleEndian(maskedChecksum(data))
    }

    // Fields of a protocol buffer.

    private static func key(_ field: UInt8, type: UInt8) -> UInt8 { field << 3 | type }

    private static func double(_ field: UInt8, _ value: Double) -> [UInt8] { [key(field, type: 1)] + littleEndian(value.bitPattern) }

    private static func bytes(_ field: UInt8, _ content: [UInt8]) -> [UInt8] { [key(field, type: 2)] + varint(UInt64(content.count)) + content }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var (rest, result) = (value, [UInt8]())
        while rest >= 0x80 {
            result.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return result + [UInt8(rest)]
    }

    private static func littleEndian<Word: FixedWidthInteger>(_ word: Word) -> [UInt8] {
        (0..<Word.bitWidth / 8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
    }

    /// CRC-32C (Castagnoli), rotated and shifted so that a checksum of data that holds checksums stays sound.
    private static func maskedChecksum(_ data: [UInt8]) -> UInt32 {
        var sum = UInt32.max
        for byte in data { sum = table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ (sum >> 8) }
        sum = ~sum
        return ((sum >> 15) | (sum << 17)) &+ 0xa282_ead8
    }

    private static let table: [UInt32] = (0..<256).map { index in
        var value = UInt32(index)
        for _ in 0..<8 { value = value & 1 == 0 ? value >> 1 : (value >> 1) ^ 0x82f6_3b78 }
        return value
    }
}
