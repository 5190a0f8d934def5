package dev.inkling.provider;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** HTTP/1.1 over one connection, as much of it as the clients use. */
final class Wire implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;

  /** A request; the names of headers are in lower case. */
  record Request(String method, String path, Map<String, String> headers, byte[] body) {}

  /** A response. */
  record Response(int status, String type, Map<String, String> headers, byte[] body) {
    static Response json(int status, Map<String, String> headers, String body) {
      return new Response(
          status, "application/json", headers, body.getBytes(StandardCharsets.UTF_8));
    }
  }

  Wire(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream(), 8192);
  }

  /** The next request; empty when the client has gone. */
  Optional<Request> read() throws IOException {
    String first = line();
    if (first.isEmpty()) {
      return Optional.empty();
    }
    String[] parts = first.split(" ", 3);
    Map<String, String> headers = new HashMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    byte[] body =
        "chunked".equals(headers.get("transfer-encoding"))
            ? chunks()
            : in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
    return Optional.of(new Request(parts[0], parts[1], headers, body));
  }

  private byte[] chunks() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size = size(); size > 0; size = size()) {
      body.write(in.readNBytes(size));
      line();
    }
    line();
    return body.toByteArray();
  }

  private int size() throws IOException {
    return Integer.parseInt(line().split(";", 2)[0].strip(), 16);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        if (line.isEmpty()) {
          return "";
        }
        throw new EOFException();
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  void write(Response response) throws IOException {
    socket.getOutputStream().write(bytes(response));
  }

  /** Half of the response, and then nothing more. */
  void writeHalf(Response response) throws IOException {
    byte[] bytes = bytes(response);
    socket.getOutputStream().write(bytes, 0, bytes.length - response.body().length / 2);
  }

  private static byte[] bytes(Response response) {
    StringBuilder head = new StringBuilder(256);
    head.append("HTTP/1.1 ").append(response.status()).append(" Status\r\nContent-Type: ");
    head.append(response.type()).append("\r\nContent-Length: ").append(response.body().length);
    response
        .headers()
        .forEach((name, value) -> head.append("\r\n").append(name).append(": ").append(value));
    byte[] start = head.append("\r\n\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    byte[] bytes = Arrays.copyOf(start, start.length + response.body().length);
    System.arraycopy(response.body(), 0, bytes, start.length, response.body().length);
    return bytes;
  }

  /** Ends the connection as a crash would: with a reset instead of a farewell. */
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
