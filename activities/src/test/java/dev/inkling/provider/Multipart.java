package dev.inkling.provider;

import dev.inkling.provider.Wire.Request;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parts of a form with files (RFC 7578).
 *
 * @param parts in their order
 */
record Multipart(List<Part> parts) {
  private static final Pattern BOUNDARY = Pattern.compile("boundary=\"?([^\";]+)\"?");
  private static final Pattern NAME = Pattern.compile("[; ]name=\"([^\"]*)\"");
  private static final Pattern FILENAME = Pattern.compile("filename=\"([^\"]*)\"");

  /** A field; a file has a name of its own. */
  record Part(String name, Optional<String> filename, byte[] content) {}

  static Multipart of(Request request) {
    Matcher boundary = BOUNDARY.matcher(request.headers().getOrDefault("content-type", ""));
    if (!boundary.find()) {
      return new Multipart(List.of());
    }
    // One character for each byte.
    String body = new String(request.body(), StandardCharsets.ISO_8859_1);
    String line = "--" + boundary.group(1);
    List<Part> parts = new ArrayList<>();
    int start = body.indexOf(line);
    while (start >= 0 && !body.startsWith("--", start + line.length())) {
      int next = body.indexOf("\r\n" + line, start);
      int head = body.indexOf("\r\n\r\n", start);
      if (next < 0 || head < 0) {
        break;
      }
      String headers = body.substring(start, head);
      String content = body.substring(head + 4, next);
      parts.add(
          new Part(
              found(NAME, headers).orElse(""),
              found(FILENAME, headers),
              content.getBytes(StandardCharsets.ISO_8859_1)));
      start = next + 2;
    }
    return new Multipart(parts);
  }

  private static Optional<String> found(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  Optional<Part> part(String name) {
    return parts.stream().filter(p -> p.name().equals(name)).findFirst();
  }
}
