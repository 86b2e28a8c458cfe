package tangram.onnx;

import java.util.Locale;
import tangram.tensor.DType;

/**
 * Element types of ONNX, and how a {@link OnnxTensor} keeps their elements: integers shorter than
 * 32 bits as {@code I32}, {@code UINT32} and the bits of {@code UINT64} as {@code I64}, real
 * numbers of 8 and 4 bits as {@code F32}, strings as places in a list.
 */
public enum ElementType {
  /** Single precision. */
  FLOAT(1, DType.F32, 32),
  /** 0 to 255. */
  UINT8(2, DType.I32, 8),
  /** -128 to 127. */
  INT8(3, DType.I32, 8),
  /** 0 to 65535. */
  UINT16(4, DType.I32, 16),
  /** 16 bits. */
  INT16(5, DType.I32, 16),
  /** 32 bits. */
  INT32(6, DType.I32, 32),
  /** 64 bits. */
  INT64(7, DType.I64, 64),
  /** Texts. */
  STRING(8, DType.I64, 0),
  /** True or false. */
  BOOL(9, DType.BOOL, 8),
  /** Half precision. */
  FLOAT16(10, DType.F16, 16),
  /** Double precision. */
  DOUBLE(11, DType.F64, 64),
  /** 32 bits without sign. */
  UINT32(12, DType.I64, 32),
  /** 64 bits without sign; kept as the same bits with sign. */
  UINT64(13, DType.I64, 64),
  /** Two floats. */
  COMPLEX64(14, null, 64),
  /** Two doubles. */
  COMPLEX128(15, null, 128),
  /** Upper half of a float. */
  BFLOAT16(16, DType.BF16, 16),
  /** 4 bits of exponent, 3 of digits; without infinities. */
  FLOAT8E4M3FN(17, DType.F32, 8),
  /** The same, also without a negative zero. */
  FLOAT8E4M3FNUZ(18, DType.F32, 8),
  /** 5 bits of exponent, 2 of digits. */
  FLOAT8E5M2(19, DType.F32, 8),
  /** The same, without infinities and a negative zero. */
  FLOAT8E5M2FNUZ(20, DType.F32, 8),
  /** 0 to 15. */
  UINT4(21, DType.I32, 4),
  /** -8 to 7. */
  INT4(22, DType.I32, 4),
  /** 2 bits of exponent, 1 of digits. */
  FLOAT4E2M1(23, DType.F32, 4),
  /** Powers of two. */
  FLOAT8E8M0(24, DType.F32, 8),
  /** 0 to 3. */
  UINT2(25, DType.I32, 2),
  /** -2 to 1. */
  INT2(26, DType.I32, 2);

  private final int code;
  private final DType storage;
  private final int bits;

  ElementType(int code, DType storage, int bits) {
    this.code = code;
    this.storage = storage;
    this.bits = bits;
  }

  /** The type of a number in a file, or null. */
  public static ElementType of(long code) {
    for (ElementType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    return null;
  }

  /** The type as which tensors of a type that ONNX has too are seen. */
  public static ElementType of(DType type) {
    return switch (type) {
      case F32 -> FLOAT;
      case F64 -> DOUBLE;
      case F16 -> FLOAT16;
      case BF16 -> BFLOAT16;
      case I32 -> INT32;
      case I64 -> INT64;
      case BOOL -> BOOL;
    };
  }

  /** Its number in files. */
  public int code() {
    return code;
  }

  /** How elements are kept; null of complex numbers, which are not. */
  public DType storage() {
    return storage;
  }

  /** Bits of an element in a file; 0 of texts. */
  public int bits() {
    return bits;
  }

  /** Whether it holds real numbers that are computed with: no 8-bit and 4-bit ones. */
  public boolean isReal() {
    return this == FLOAT || this == DOUBLE || this == FLOAT16 || this == BFLOAT16;
  }

  /** Whether it is a real number of 8 or 4 bits. */
  public boolean isTiny() {
    return storage == DType.F32 && this != FLOAT;
  }

  /** Whether it holds whole numbers. */
  public boolean isInteger() {
    return this != STRING && (storage == DType.I32 || storage == DType.I64);
  }

  /** Whether it holds whole numbers that are not negative. */
  public boolean isUnsigned() {
    return isInteger() && name().startsWith("U");
  }

  /** Whether elements are kept by a type that holds more. */
  public boolean isNarrow() {
    return isInteger() && bits < storage.bytes() * 8;
  }

  /** A whole number as this type keeps it: its lowest bits. */
  public long wrap(long value) {
    if (!isInteger() || bits == 64) {
      return this == BOOL ? (value != 0 ? 1 : 0) : value;
    }
    int spare = 64 - bits;
    return isUnsigned() ? value << spare >>> spare : value << spare >> spare;
  }

  /** The smallest whole number. */
  public long least() {
    return isUnsigned() ? 0 : bits == 64 ? Long.MIN_VALUE : -(1L << (bits - 1));
  }

  /** The largest whole number; of UINT64, -1. */
  public long most() {
    return isUnsigned()
        ? (bits == 64 ? -1 : (1L << bits) - 1)
        : bits == 64 ? Long.MAX_VALUE : (1L << (bits - 1)) - 1;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
