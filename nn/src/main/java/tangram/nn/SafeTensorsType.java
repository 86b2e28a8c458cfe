package tangram.nn;

/** Element types of safetensors files that can be read. F32 and I32 are also written. */
enum SafeTensorsType {
  F64(8, true),
  F32(4, true),
  F16(2, true),
  BF16(2, true),
  I64(8, false),
  I32(4, false),
  U8(1, false);

  private final int bytes;
  private final boolean real;

  SafeTensorsType(int bytes, boolean real) {
    this.bytes = bytes;
    this.real = real;
  }

  /** Bytes of one element. */
  int bytes() {
    return bytes;
  }

  /** Whether elements are real numbers rather than integers. */
  boolean isReal() {
    return real;
  }

  /** The type of that name, or null. */
  static SafeTensorsType of(String name) {
    for (SafeTensorsType type : values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    return null;
  }
}
