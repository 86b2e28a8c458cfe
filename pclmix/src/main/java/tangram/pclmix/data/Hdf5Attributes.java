package tangram.pclmix.data;

import io.jhdf.Constants;
import io.jhdf.Superblock;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.message.AttributeInfoMessage;
import io.jhdf.object.message.DataSpace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import tangram.nn.data.DataException;

/**
 * The attributes of a dataset. Source: HDF5 File Format Specification 3.0, "The Attribute Message".
 */
final class Hdf5Attributes {
  private static final int INFO = 0x15;

  private Hdf5Attributes() {}

  /** An attribute whose parts were not read yet. */
  private record Attribute(String name, ByteBuffer type, ByteBuffer space, ByteBuffer data) {
    /** Whether its type or space are told by another object. */
    static boolean isShared(ByteBuffer message) {
      return message.get(0) >= 2 && (message.get(1) & 3) != 0;
    }

    static Attribute of(ByteBuffer message) {
      int version = message.get();
      message.get();
      int[] lengths = new int[3];
      for (int i = 0; i < 3; i++) {
        lengths[i] = message.getShort() & 0xFFFF;
      }
      if (version == 3) {
        // Of the name: ASCII or UTF-8.
        message.get();
      }
      ByteBuffer[] parts = new ByteBuffer[3];
      for (int i = 0; i < 3; i++) {
        parts[i] = message.slice(message.position(), lengths[i]).order(ByteOrder.LITTLE_ENDIAN);
        // In the first version every part is filled up to a multiple of eight bytes.
        int taken = version == 1 ? (lengths[i] + 7) / 8 * 8 : lengths[i];
        message.position(message.position() + taken);
      }
      String name = StandardCharsets.UTF_8.decode(parts[0]).toString().replaceFirst("\0.*", "");
      return new Attribute(name, parts[1], parts[2], message.slice());
    }
  }

  /**
   * An attribute of three 64-bit floats.
   *
   * @param of the dataset, for messages
   * @return its numbers, or null if there is none of that name
   * @throws DataException if it is of another kind, or one of many that are kept elsewhere
   */
  static double[] threeNumbers(
      Hdf5Header header, Superblock superblock, String wanted, Hdf5Dataset of) {
    for (ByteBuffer message : header.bodies(Hdf5Header.ATTRIBUTE)) {
      boolean shared = Attribute.isShared(message);
      Attribute attribute = Attribute.of(message);
      if (attribute.name().equals(wanted)) {
        return threeNumbers(attribute, shared, superblock, of);
      }
    }
    if (header.has(INFO)
        && header.message(INFO, AttributeInfoMessage.class).getFractalHeapAddress()
            != Constants.UNDEFINED_ADDRESS) {
      throw of.failure(
          "has more than eight attributes in HDF5's newer form, which is not read; remove some, or"
              + " write it for the earliest version of HDF5.");
    }
    return null;
  }

  private static double[] threeNumbers(
      Attribute attribute, boolean shared, Superblock superblock, Hdf5Dataset of) {
    DataType type = shared ? null : Hdf5Header.dataType(attribute.type());
    if (type == null
        || Hdf5Types.numberType(type) != NumberType.FLOAT64
        || !Arrays.equals(
            DataSpace.readDataSpace(attribute.space(), superblock).getDimensions(), new int[] {3})
        || attribute.data().remaining() < 3 * Double.BYTES) {
      throw new DataException(
          of.path()
              + ": attribute '"
              + attribute.name()
              + "' of '"
              + of.name()
              + "' is not three 64-bit floats; correct or remove it.");
    }
    ByteBuffer data = attribute.data().order(Hdf5Types.order(type));
    return new double[] {data.getDouble(), data.getDouble(), data.getDouble()};
  }
}
