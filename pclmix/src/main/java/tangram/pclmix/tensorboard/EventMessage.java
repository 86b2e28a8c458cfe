package tangram.pclmix.tensorboard;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The messages of event files in the encoding of Protocol Buffers. Source of the fields' numbers:
 * tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto.
 */
final class EventMessage {
  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;

  private static final int SESSION_STATUS = 1;
  private static final int SESSION_START = 1;

  private static final int SUMMARY_VALUE = 1;
  private static final int VALUE_TAG = 1;
  private static final int VALUE_SIMPLE = 2;
  private static final int VALUE_IMAGE = 4;

  private static final int IMAGE_HEIGHT = 1;
  private static final int IMAGE_WIDTH = 2;
  private static final int IMAGE_COLOURS = 3;
  private static final int IMAGE_BYTES = 4;
  private static final int RGB = 3;

  private EventMessage() {}

  /** Writes the fields of a message. */
  private interface Body {
    void write(CodedOutputStream out) throws IOException;
  }

  /** What every event file begins with. */
  static byte[] fileVersion(double seconds) {
    return event(seconds, 0, out -> out.writeString(FILE_VERSION, "brain.Event:2"));
  }

  /** A program starts: what earlier files hold of this step and later ones is void. */
  static byte[] start(double seconds, long step) {
    byte[] log = message(out -> out.writeEnum(SESSION_STATUS, SESSION_START));
    return event(seconds, step, out -> out.writeByteArray(SESSION_LOG, log));
  }

  static byte[] scalar(double seconds, long step, String tag, float value) {
    return summary(seconds, step, tag, out -> out.writeFloat(VALUE_SIMPLE, value));
  }

  /** A picture of height x width pixels as PNG. */
  static byte[] image(double seconds, long step, String tag, byte[] png, int width, int height) {
    byte[] image =
        message(
            out -> {
              out.writeInt32(IMAGE_HEIGHT, height);
              out.writeInt32(IMAGE_WIDTH, width);
              out.writeInt32(IMAGE_COLOURS, RGB);
              out.writeByteArray(IMAGE_BYTES, png);
            });
    return summary(seconds, step, tag, out -> out.writeByteArray(VALUE_IMAGE, image));
  }

  private static byte[] summary(double seconds, long step, String tag, Body content) {
    byte[] value =
        message(
            out -> {
              out.writeString(VALUE_TAG, tag);
              content.write(out);
            });
    byte[] summary = message(out -> out.writeByteArray(SUMMARY_VALUE, value));
    return event(seconds, step, out -> out.writeByteArray(SUMMARY, summary));
  }

  private static byte[] event(double seconds, long step, Body content) {
    return message(
        out -> {
          out.writeDouble(WALL_TIME, seconds);
          out.writeInt64(STEP, step);
          content.write(out);
        });
  }

  private static byte[] message(Body body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      body.write(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("an array in memory does not fail", e);
    }
    return bytes.toByteArray();
  }
}
