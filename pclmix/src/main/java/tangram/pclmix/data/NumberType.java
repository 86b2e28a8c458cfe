package tangram.pclmix.data;

import java.nio.ByteBuffer;

/** The numbers that files of images are made of. */
enum NumberType {
  INT8(1),
  UINT8(1),
  INT16(2),
  UINT16(2),
  INT32(4),
  UINT32(4),
  INT64(8),
  UINT64(8),
  FLOAT16(2),
  FLOAT32(4),
  FLOAT64(8);

  final int bytes;

  NumberType(int bytes) {
    this.bytes = bytes;
  }

  /** How far from a whole number a class may be stored, as a product or after resampling. */
  private static final double NEARLY = 1e-3;

  /** The class that a number is, to a thousandth; -1 if it is none of 0 to 255. */
  static int asClass(double number) {
    double whole = Math.rint(number);
    // Written so that NaN is none.
    return whole >= 0 && whole <= 255 && Math.abs(number - whole) <= NEARLY ? (int) whole : -1;
  }

  /** Number i of a buffer: exact but for integers of 64 bits, which are rounded. */
  double get(ByteBuffer buffer, int i) {
    int at = i * bytes;
    switch (this) {
      case INT8:
        return buffer.get(at);
      case UINT8:
        return buffer.get(at) & 0xFF;
      case INT16:
        return buffer.getShort(at);
      case UINT16:
        return buffer.getShort(at) & 0xFFFF;
      case INT32:
        return buffer.getInt(at);
      case UINT32:
        return buffer.getInt(at) & 0xFFFFFFFFL;
      case INT64:
        return buffer.getLong(at);
      case UINT64:
        long value = buffer.getLong(at);
        return value >= 0 ? value : value + 0x1p64;
      case FLOAT16:
        return Float.float16ToFloat(buffer.getShort(at));
      case FLOAT32:
        return buffer.getFloat(at);
      case FLOAT64:
        return buffer.getDouble(at);
      default:
        throw new AssertionError(this);
    }
  }
}
