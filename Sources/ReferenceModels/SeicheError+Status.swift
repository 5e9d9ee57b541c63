import Basics
import CReference

extension SeicheError {
    /// An error with the reason and the remedy that the Fortran library gives for a status.
    init(_ category: Category, _ what: String, explaining status: Int32) {
        let sentence = String(unsafeUninitializedCapacity: 256) { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                seiche_status_text(status, characters.baseAddress!, Int32(characters.count))
                return characters.firstIndex(of: 0) ?? 0
            }
        }
        // The library's sentence reads "reason: remedy".
        guard let colon = sentence.firstIndex(of: ":") else {
            self.init(category, what, why: sentence)
            return
        }
        let remedy = sentence[sentence.index(after: colon)...].drop { $0 == " " }
        self.init(category, what, why: String(sentence[..<colon]), remedy: String(remedy))
    }
}
