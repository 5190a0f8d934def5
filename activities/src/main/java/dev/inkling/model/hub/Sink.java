package dev.inkling.model.hub;

import java.io.IOException;
import java.net.http.HttpHeaders;

/**
 * Takes a file as it comes from the network, in threads of the network: one after the other, but
 * maybe still one when nobody waits for it any more.
 */
interface Sink {
  /** Where the file is to go on; 0 for a whole one. */
  long offset();

  /**
   * A good answer begins.
   *
   * @param status 200 for a whole file, 206 for the part from {@link #offset} on
   * @throws java.net.ProtocolException if the server is at fault; other exceptions are the disk's
   */
  void begin(int status, HttpHeaders headers) throws IOException;

  /**
   * The next bytes.
   *
   * @throws java.net.ProtocolException if the server is at fault; other exceptions are the disk's
   */
  void take(byte[] bytes) throws IOException;
}
