package tangram.pclmix.data;

import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.EnumDataType;
import io.jhdf.object.datatype.FixedPoint;
import io.jhdf.object.datatype.FloatingPoint;
import io.jhdf.object.datatype.OrderedDataType;
import java.nio.ByteOrder;

/** Which numbers HDF5's types describe. */
final class Hdf5Types {
  private Hdf5Types() {}

  /** The type of numbers, named ones such as h5py's booleans included; null if it is another. */
  static NumberType numberType(DataType type) {
    DataType plain = plain(type);
    int bits = 8 * plain.getSize();
    if (plain instanceof FixedPoint fixed) {
      return fixed.getBitOffset() != 0 || fixed.getBitPrecision() != bits
          ? null
          : integer(bits, fixed.isSigned());
    }
    if (plain instanceof FloatingPoint real
        && real.getBitOffset() == 0
        && real.getBitPrecision() == bits
        && real.getSignLocation() == bits - 1
        && real.getMantissaLocation() == 0
        && real.getExponentLocation() == real.getMantissaSize()
        && real.getExponentSize() == bits - 1 - real.getMantissaSize()
        && real.getExponentBias() == (1 << (real.getExponentSize() - 1)) - 1) {
      if (bits == 16 && real.getMantissaSize() == 10) {
        return NumberType.FLOAT16;
      } else if (bits == 32 && real.getMantissaSize() == 23) {
        return NumberType.FLOAT32;
      } else if (bits == 64 && real.getMantissaSize() == 52) {
        return NumberType.FLOAT64;
      }
    }
    return null;
  }

  /** The order of the bytes of a type of numbers. */
  static ByteOrder order(DataType type) {
    return ((OrderedDataType) plain(type)).getByteOrder();
  }

  private static DataType plain(DataType type) {
    return type instanceof EnumDataType named ? named.getBaseType() : type;
  }

  private static NumberType integer(int bits, boolean signed) {
    switch (bits) {
      case 8:
        return signed ? NumberType.INT8 : NumberType.UINT8;
      case 16:
        return signed ? NumberType.INT16 : NumberType.UINT16;
      case 32:
        return signed ? NumberType.INT32 : NumberType.UINT32;
      case 64:
        return signed ? NumberType.INT64 : NumberType.UINT64;
      default:
        return null;
    }
  }
}
