package tangram.pclmix.data;

import java.nio.ByteBuffer;
import java.util.OptionalDouble;

/**
 * What a dataset holds where nothing was ever written. Source: HDF5 File Format Specification 3.0,
 * "The Data Storage - Fill Value Message".
 */
final class Hdf5Fill {
  private static final int NEVER = 1;

  private Hdf5Fill() {}

  /** The value; empty where the file says that there is none. */
  static OptionalDouble value(Hdf5Header header, Hdf5Dataset of) {
    if (header.has(Hdf5Header.FILL_VALUE)) {
      return value(header.body(Hdf5Header.FILL_VALUE), of);
    }
    if (header.has(Hdf5Header.OLD_FILL_VALUE)) {
      return number(header.body(Hdf5Header.OLD_FILL_VALUE), of);
    }
    return OptionalDouble.of(0);
  }

  private static OptionalDouble value(ByteBuffer message, Hdf5Dataset of) {
    int version = message.get();
    int writeTime;
    boolean none;
    boolean given;
    if (version == 3) {
      int flags = message.get();
      writeTime = flags >> 2 & 3;
      none = (flags & 16) != 0;
      given = (flags & 32) != 0;
    } else {
      message.get();
      writeTime = message.get();
      none = message.get() == 0;
      given = version == 1 || !none;
    }
    if (none || writeTime == NEVER) {
      return OptionalDouble.empty();
    }
    return given ? number(message, of) : OptionalDouble.of(0);
  }

  private static OptionalDouble number(ByteBuffer sizeAndValue, Hdf5Dataset of) {
    int bytes = sizeAndValue.getInt();
    if (bytes == 0) {
      return OptionalDouble.of(0);
    }
    if (bytes != of.type().bytes || bytes > sizeAndValue.remaining()) {
      throw new IllegalArgumentException("a fill value of " + bytes + " bytes");
    }
    return OptionalDouble.of(of.type().get(sizeAndValue.slice().order(of.order()), 0));
  }
}
