package tangram.pclmix.data;

import java.nio.ByteBuffer;

/** The voxel types that are read, with the codes of nifti1.h. */
enum NiftiType {
  UINT8(2, 1),
  INT16(4, 2),
  INT32(8, 4),
  FLOAT32(16, 4),
  FLOAT64(64, 8),
  INT8(256, 1),
  UINT16(512, 2);

  final int code;
  final int bytes;

  NiftiType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** The type of a code, or null. */
  static NiftiType of(int code) {
    for (NiftiType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    return null;
  }

  /** Element i of a buffer, exactly. */
  double get(ByteBuffer buffer, int i) {
    switch (this) {
      case UINT8:
        return buffer.get(i) & 0xFF;
      case INT8:
        return buffer.get(i);
      case INT16:
        return buffer.getShort(2 * i);
      case UINT16:
        return buffer.getShort(2 * i) & 0xFFFF;
      case INT32:
        return buffer.getInt(4 * i);
      case FLOAT32:
        return buffer.getFloat(4 * i);
      case FLOAT64:
        return buffer.getDouble(8 * i);
      default:
        throw new AssertionError(this);
    }
  }
}
