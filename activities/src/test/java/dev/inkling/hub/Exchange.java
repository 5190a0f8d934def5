package dev.inkling.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One request and the way to answer it, with what is to go wrong. */
final class Exchange {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-");

  private final HttpExchange http;
  private final byte[] body;
  private final Optional<Fault> fault;

  Exchange(HttpExchange http, byte[] body, Optional<Fault> fault) {
    this.http = http;
    this.body = body;
    this.fault = fault;
  }

  String method() {
    return http.getRequestMethod();
  }

  String path() {
    return http.getRequestURI().getRawPath();
  }

  byte[] body() {
    return body;
  }

  JsonNode json() throws IOException {
    return JSON.readTree(body);
  }

  String header(String name) {
    return Optional.ofNullable(http.getRequestHeaders().getFirst(name)).orElse("");
  }

  String token() {
    return header("Authorization").replaceFirst("^Bearer ", "");
  }

  void error(int status, String code, String message) throws IOException {
    send(
        status,
        Map.of("X-Error-Code", code, "X-Error-Message", message),
        JSON.createObjectNode().put("error", message).toString().getBytes(UTF_8));
  }

  void json(int status, JsonNode answer) throws IOException {
    send(status, Map.of("Content-Type", "application/json"), answer.toString().getBytes(UTF_8));
  }

  /** A file, or the part of it that is asked for. */
  void file(byte[] content, Map<String, String> headers) throws IOException {
    Matcher range = RANGE.matcher(header("Range"));
    boolean ignored = fault.filter(f -> f instanceof Fault.IgnoresRange).isPresent();
    headers.forEach(http.getResponseHeaders()::set);
    if (!range.matches() || ignored) {
      send(200, Map.of(), content);
      return;
    }
    int from = Integer.parseInt(range.group(1));
    if (from >= content.length) {
      send(416, Map.of("Content-Range", "bytes */" + content.length), new byte[0]);
      return;
    }
    byte[] rest = new byte[content.length - from];
    System.arraycopy(content, from, rest, 0, rest.length);
    String part = "bytes " + from + "-" + (content.length - 1) + "/" + content.length;
    send(206, Map.of("Content-Range", part), rest);
  }

  void send(int status, Map<String, String> headers, byte[] answer) throws IOException {
    headers.forEach(http.getResponseHeaders()::set);
    if (fault.filter(f -> f instanceof Fault.AnswerLost).isPresent()) {
      http.close();
      return;
    }
    if (method().equals("HEAD")) {
      http.getResponseHeaders().set("Content-Length", "" + answer.length);
      http.sendResponseHeaders(status, -1);
      http.close();
      return;
    }
    http.sendResponseHeaders(status, answer.length == 0 ? -1 : answer.length);
    if (answer.length > 0) {
      write(answer);
    }
    http.close();
  }

  private void write(byte[] answer) throws IOException {
    OutputStream out = http.getResponseBody();
    switch (fault.orElse(new Fault.IgnoresRange())) {
      case Fault.DropAfter drop -> out.write(answer, 0, Math.min(drop.bytes(), answer.length));
      case Fault.Holds holds -> {
        out.write(answer, 0, Math.min(holds.bytes(), answer.length));
        out.flush();
        pause(holds);
        out.write(answer, holds.bytes(), answer.length - holds.bytes());
      }
      case Fault.WrongByte _ -> {
        answer[answer.length / 2] ^= 1;
        out.write(answer);
      }
      case Fault.Says _, Fault.AnswerLost _, Fault.IgnoresRange _ -> out.write(answer);
    }
    out.flush();
  }

  static void pause(Fault.Holds holds) throws IOException {
    holds.reached().countDown();
    try {
      holds.goOn().await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the server ends", e);
    }
  }
}
