package tangram.web.annotate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that is appended to. */
record FileMedium(FileChannel channel) implements Journal.Medium {
  static FileMedium open(Path file) throws IOException {
    return new FileMedium(FileChannel.open(file, StandardOpenOption.WRITE));
  }

  @Override
  public long size() throws IOException {
    return channel.size();
  }

  @Override
  public void append(ByteBuffer bytes) throws IOException {
    channel.position(channel.size());
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  @Override
  public void force() throws IOException {
    channel.force(true);
  }

  @Override
  public void truncate(long size) throws IOException {
    channel.truncate(size);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
