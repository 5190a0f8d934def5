package dev.inkling.model.hosted;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;

/** The input file of a batch, made from an order's requests while it is uploaded. */
final class OpenAiRequestLines extends InputStream {
  private final Batches.Order order;
  private final BufferedReader requests;
  private byte[] line = new byte[0];
  private int at;

  OpenAiRequestLines(Batches.Order order) throws IOException {
    this.order = order;
    this.requests = Files.newBufferedReader(order.requests());
  }

  @Override
  public int read() throws IOException {
    return more() ? line[at++] & 0xff : -1;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!more()) {
      return -1;
    }
    int count = Math.min(length, line.length - at);
    System.arraycopy(line, at, bytes, offset, count);
    at += count;
    return count;
  }

  private boolean more() throws IOException {
    if (at == line.length) {
      String request = requests.readLine();
      line = request == null ? new byte[0] : line(request).getBytes(UTF_8);
      at = 0;
    }
    return at < line.length;
  }

  private String line(String request) {
    int space = request.indexOf(' ');
    return "{\"custom_id\":\""
        + order.request(Long.parseLong(request.substring(0, space)))
        + "\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":"
        + request.substring(space + 1)
        + "}\n";
  }

  @Override
  public void close() throws IOException {
    requests.close();
  }
}
