package tangram.pclmix.data;

import java.nio.ByteBuffer;

/** The voxel types that are read, with the codes of nifti1.h. */
enum NiftiType {
  UINT8(2, NumberType.UINT8),
  INT16(4, NumberType.INT16),
  INT32(8, NumberType.INT32),
  FLOAT32(16, NumberType.FLOAT32),
  FLOAT64(64, NumberType.FLOAT64),
  INT8(256, NumberType.INT8),
  UINT16(512, NumberType.UINT16),
  UINT32(768, NumberType.UINT32),
  INT64(1024, NumberType.INT64),
  UINT64(1280, NumberType.UINT64);

  final int code;
  final int bytes;
  private final NumberType number;

  NiftiType(int code, NumberType number) {
    this.code = code;
    this.bytes = number.bytes;
    this.number = number;
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

  /** The standard's name of a type that is not read, behind its code; empty where unknown. */
  static String name(int code) {
    switch (code) {
      case 1:
        return " (bits)";
      case 32:
      case 1792:
      case 2048:
        return " (complex numbers)";
      case 128:
      case 2304:
        return " (colours)";
      case 1536:
        return " (128-bit floats)";
      default:
        return "";
    }
  }

  /** Element i of a buffer: exact but for integers above 2^53, which are rounded. */
  double get(ByteBuffer buffer, int i) {
    return number.get(buffer, i);
  }
}
