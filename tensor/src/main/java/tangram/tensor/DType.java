package tangram.tensor;

/** Element type of a tensor. */
public enum DType {
  /**
   * Real numbers in single precision; the device {@code reference} keeps and computes them in
   * double precision.
   */
  F32(Kind.REAL, 4),
  /**
   * Real numbers in half precision (IEEE 754 binary16), to be kept: formulas compute them in single
   * precision.
   */
  F16(Kind.REAL, 2),
  /**
   * Real numbers with the range of single precision and 8 bits of digits, kept like {@link #F16}.
   */
  BF16(Kind.REAL, 2),
  /** Real numbers in double precision. */
  F64(Kind.REAL, 8),
  /** 32-bit integers: labels, indices, permutations. Integers carry no gradient. */
  I32(Kind.INTEGER, 4),
  /** 64-bit integers. */
  I64(Kind.INTEGER, 8),
  /** True or false, computed with as 1 and 0. */
  BOOL(Kind.BOOLEAN, 1);

  /** What numbers a type holds. */
  public enum Kind {
    /** True or false. */
    BOOLEAN,
    /** Whole numbers. */
    INTEGER,
    /** Floating-point numbers. */
    REAL
  }

  private final Kind kind;
  private final int bytes;

  DType(Kind kind, int bytes) {
    this.kind = kind;
    this.bytes = bytes;
  }

  /** What numbers it holds. */
  public Kind kind() {
    return kind;
  }

  /** Whether it holds floating-point numbers. */
  public boolean isReal() {
    return kind == Kind.REAL;
  }

  /** Bytes of an element. */
  public int bytes() {
    return bytes;
  }

  /**
   * The type in which elements of both meet: real before integer before boolean, then the wider.
   */
  public static DType promote(DType a, DType b) {
    if (a.kind != b.kind) {
      return a.kind.compareTo(b.kind) > 0 ? a : b;
    }
    if (a.bytes == b.bytes) {
      // Neither of the short ones holds the other.
      return a == b ? a : F32;
    }
    return a.bytes > b.bytes ? a : b;
  }
}
