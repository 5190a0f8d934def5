package dev.inkling.serve;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** A page being written; what is not markup goes through {@link #escape}. */
final class Html {
  private static final String CSS =
      resource("/dev/inkling/report/report.css") + resource("site.css");

  private final StringBuilder text = new StringBuilder();

  /**
   * Begins a page.
   *
   * @param refresh after what time the browser asks again
   */
  Html(String title, Optional<Duration> refresh) {
    raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    raw("<meta name=\"viewport\" content=\"width=device-width\">\n");
    refresh.ifPresent(
        r -> raw("<meta http-equiv=\"refresh\" content=\"" + r.toSeconds() + "\">\n"));
    raw("<title>").text(title).raw(" · Inkling</title>\n<style>\n" + CSS + "</style>\n</head>\n");
    raw("<body>\n<nav><a href=\"/\">Inkling</a></nav>\n");
  }

  /** Markup. */
  Html raw(String markup) {
    text.append(markup);
    return this;
  }

  /** A text from anywhere. */
  Html text(String any) {
    return raw(escape(any));
  }

  /** A table's cell with a text. */
  Html cell(String any) {
    return raw("<td>").text(any).raw("</td>");
  }

  /** A link with a text. */
  Html link(String address, String any) {
    return raw("<a href=\"").text(address).raw("\">").text(any).raw("</a>");
  }

  /** The whole page. */
  String page() {
    return text + "</body>\n</html>\n";
  }

  /** A text that stands for itself in elements and in quoted attributes. */
  static String escape(String any) {
    return any.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  private static String resource(String name) {
    try (InputStream in = Html.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
