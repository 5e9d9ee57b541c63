import CNetCDF

/// The number and text types a NetCDF variable can have on disk.
public enum NetCDFType: Equatable, Sendable {
    case int8, uint8, int16, uint16, int32, uint32, int64, uint64, float, double
    case character, string
    /// A user-defined type, with its number; this package does not read these.
    case other(Int32)

    init(code: Int32) {
        switch code {
        case NC_BYTE: self = .int8
        case NC_UBYTE: self = .uint8
        case NC_SHORT: self = .int16
        case NC_USHORT: self = .uint16
        case NC_INT: self = .int32
        case NC_UINT: self = .uint32
        case NC_INT64: self = .int64
        case NC_UINT64: self = .uint64
        case NC_FLOAT: self = .float
        case NC_DOUBLE: self = .double
        case NC_CHAR: self = .character
        case NC_STRING: self = .string
        default: self = .other(code)
        }
    }
}

/// A Swift number that netCDF-C reads and writes: Int8, Int32, Int64, Float, Double.
///
/// Reading converts from whatever number type the file has; a value that does not fit is an error, a Double read
/// as Float is rounded. Writing creates variables of exactly this type.
public protocol NetCDFScalar: Equatable, Sendable {
    static var netCDF: NetCDFBinding<Self> { get }
}

/// How one Swift type meets netCDF-C: its type on disk, its default fill value and the library's typed functions.
public struct NetCDFBinding<Scalar: Sendable>: Sendable {
    public let type: NetCDFType
    /// What netCDF tools take for "never written" when a variable names no fill value of its own.
    public let defaultFill: Scalar
    let code: Int32
    typealias Slab = @Sendable (Int32, Int32, UnsafePointer<Int>?, UnsafePointer<Int>?, UnsafePointer<Scalar>?) -> Int32
    typealias MutableSlab = @Sendable (Int32, Int32, UnsafePointer<Int>?, UnsafePointer<Int>?, UnsafeMutablePointer<Scalar>?) -> Int32
    typealias PutAttribute = @Sendable (Int32, Int32, UnsafePointer<CChar>?, Int32, Int, UnsafePointer<Scalar>?) -> Int32
    typealias GetAttribute = @Sendable (Int32, Int32, UnsafePointer<CChar>?, UnsafeMutablePointer<Scalar>?) -> Int32
    let putSlab: Slab
    let getSlab: MutableSlab
    let putAttribute: PutAttribute
    let getAttribute: GetAttribute

    init(
        _ code: Int32, fill: Scalar, putSlab: @escaping Slab, getSlab: @escaping MutableSlab,
        putAttribute: @escaping PutAttribute, getAttribute: @escaping GetAttribute
    ) {
        self.type = NetCDFType(code: code)
        self.code = code
        self.defaultFill = fill
        self.putSlab = putSlab
        self.getSlab = getSlab
        self.putAttribute = putAttribute
        self.getAttribute = getAttribute
    }
}

// The fill values are those of netcdf.h (NC_FILL_BYTE and so on).

extension Int8: NetCDFScalar {
    public static let netCDF = NetCDFBinding<Int8>(
        NC_BYTE, fill: -127, putSlab: { nc_put_vara_schar($0, $1, $2, $3, $4) }, getSlab: { nc_get_vara_schar($0, $1, $2, $3, $4) },
        putAttribute: { nc_put_att_schar($0, $1, $2, $3, $4, $5) }, getAttribute: { nc_get_att_schar($0, $1, $2, $3) })
}

extension Int32: NetCDFScalar {
    public static let netCDF = NetCDFBinding<Int32>(
        NC_INT, fill: -2_147_483_647, putSlab: { nc_put_vara_int($0, $1, $2, $3, $4) }, getSlab: { nc_get_vara_int($0, $1, $2, $3, $4) },
        putAttribute: { nc_put_att_int($0, $1, $2, $3, $4, $5) }, getAttribute: { nc_get_att_int($0, $1, $2, $3) })
}

extension Int64: NetCDFScalar {
    public static let netCDF = NetCDFBinding<Int64>(
        NC_INT64, fill: -9_223_372_036_854_775_806,
        putSlab: { nc_put_vara_longlong($0, $1, $2, $3, $4) }, getSlab: { nc_get_vara_longlong($0, $1, $2, $3, $4) },
        putAttribute: { nc_put_att_longlong($0, $1, $2, $3, $4, $5) }, getAttribute: { nc_get_att_longlong($0, $1, $2, $3) })
}

extension Float: NetCDFScalar {
    public static let netCDF = NetCDFBinding<Float>(
        NC_FLOAT, fill: 9.9692099683868690e+36,
        putSlab: { nc_put_vara_float($0, $1, $2, $3, $4) }, getSlab: { nc_get_vara_float($0, $1, $2, $3, $4) },
        putAttribute: { nc_put_att_float($0, $1, $2, $3, $4, $5) }, getAttribute: { nc_get_att_float($0, $1, $2, $3) })
}

extension Double: NetCDFScalar {
    public static let netCDF = NetCDFBinding<Double>(
        NC_DOUBLE, fill: 9.9692099683868690e+36,
        putSlab: { nc_put_vara_double($0, $1, $2, $3, $4) }, getSlab: { nc_get_vara_double($0, $1, $2, $3, $4) },
        putAttribute: { nc_put_att_double($0, $1, $2, $3, $4, $5) }, getAttribute: { nc_get_att_double($0, $1, $2, $3) })
}
