package dev.inkling.model.hub;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;

/** A piece of a file on its way out; counted anew each time it is sent. */
final class Piece {
  private final Upload.Content content;
  private final long offset;
  private final long length;
  private final Meter meter;
  private long counted;

  Piece(Upload.Content content, long offset, long length, Meter meter) {
    this.content = content;
    this.offset = offset;
    this.length = length;
    this.meter = meter;
  }

  /** Its bytes with their number, which storage insists on. */
  BodyPublisher publisher() {
    return length == 0
        ? BodyPublishers.noBody()
        : BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(this::open), length);
  }

  private InputStream open() {
    try {
      count(-counted);
      InputStream in = content.open();
      in.skipNBytes(offset);
      return new Counted(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private synchronized void count(long bytes) {
    counted += bytes;
    meter.add(bytes);
  }

  /** Ends where the piece does. */
  private final class Counted extends FilterInputStream {
    private long left = length;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int from, int most) throws IOException {
      if (left == 0) {
        return -1;
      }
      int read = in.read(buffer, from, (int) Math.min(most, left));
      if (read > 0) {
        left -= read;
        count(read);
      }
      return read;
    }
  }
}
