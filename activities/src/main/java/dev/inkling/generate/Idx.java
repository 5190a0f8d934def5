package dev.inkling.generate;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.zip.GZIPInputStream;

/**
 * MNIST's IDX files (http://yann.lecun.com/exdb/mnist, "the idx file format"), plain or gzipped.
 */
final class Idx {
  /** Pixels of an image. */
  static final int PIXELS = 28 * 28;

  private static final int IMAGES = 0x803;
  private static final int LABELS = 0x801;

  private Idx() {}

  /** The pixels of all images, one byte each. */
  static byte[] images(String name, InputStream in) throws IOException {
    DataInputStream data = new DataInputStream(unzipped(in));
    int count = count(name, data, IMAGES);
    if (data.readInt() * data.readInt() != PIXELS) {
      throw new IOException(name + " does not hold images of 28 x 28 pixels");
    }
    return body(name, data, (long) count * PIXELS);
  }

  /** The labels, one byte each. */
  static byte[] labels(String name, InputStream in) throws IOException {
    DataInputStream data = new DataInputStream(unzipped(in));
    byte[] labels = body(name, data, count(name, data, LABELS));
    for (byte label : labels) {
      if (label < 0 || label > 9) {
        throw new IOException(name + " holds the label " + label + ", which is no digit");
      }
    }
    return labels;
  }

  private static int count(String name, DataInputStream data, int magic) throws IOException {
    int found = data.readInt();
    if (found != magic) {
      throw new IOException(
          name
              + " is not the IDX file expected: it begins with "
              + Integer.toHexString(found)
              + ", not "
              + Integer.toHexString(magic));
    }
    return data.readInt();
  }

  private static byte[] body(String name, DataInputStream data, long length) throws IOException {
    byte[] body = data.readNBytes(Math.toIntExact(length));
    if (body.length != length || data.read() != -1) {
      throw new IOException(
          name + " is cut short or too long: its header promises " + length + " bytes");
    }
    return body;
  }

  private static InputStream unzipped(InputStream in) throws IOException {
    PushbackInputStream start = new PushbackInputStream(in, 2);
    byte[] magic = start.readNBytes(2);
    start.unread(magic);
    boolean zipped = magic.length == 2 && magic[0] == (byte) 0x1F && magic[1] == (byte) 0x8B;
    return zipped ? new GZIPInputStream(start) : start;
  }
}
