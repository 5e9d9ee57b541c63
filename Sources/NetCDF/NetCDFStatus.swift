import Basics
import CNetCDF

extension SeicheError {
    /// A netCDF-C status as an error. Call under the lock: the text comes from the library.
    ///
    /// `action` completes "cannot ..." and names the variable or attribute; `place` names the file.
    static func netCDF(_ status: Int32, _ action: String, _ place: String) -> SeicheError {
        let (why, remedy) = advice(status)
        return SeicheError(
            .file, "cannot \(action) in '\(place)': \(String(cString: nc_strerror(status))) (status \(status))", why: why, remedy: remedy)
    }

    private static func advice(_ status: Int32) -> (why: String?, remedy: String?) {
        switch status {
        case NC_EHDFERR, NC_EIO:
            ("the file is damaged or truncated, or the disk is full", "look at it with `ncdump -h`; check the free space; write it again")
        case NC_EPERM, NC_ECANTWRITE:
            ("the file was opened for reading", "write a new file")
        case NC_ENAMEINUSE:
            ("the name is already taken in this file", "choose another name")
        case NC_EBADNAME:
            ("NetCDF names begin with a letter, digit or underscore and hold no '/'", "choose another name")
        case NC_ERANGE:
            ("a value does not fit the number type", "read or write it in a wider type")
        case NC_ECHAR:
            ("the variable holds text, not numbers", "check the name of the variable")
        case NC_EBADCHUNK:
            ("a chunk must be at least 1 and no longer than its fixed dimension", "choose other chunk lengths")
        case NC_EINVAL:
            ("an option is out of its range", "the deflate level is 0 ... 9; chunks and the shape have one entry per dimension")
        case NC_ENOTATT:
            (nil, "list the attributes with `ncdump -h`")
        case 1...:
            (nil, Files.remedy(forErrno: status))
        default:
            (nil, nil)
        }
    }
}
