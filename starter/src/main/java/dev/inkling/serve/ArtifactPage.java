package dev.inkling.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.artifact.Manifest;
import dev.inkling.server.TemporalPages;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** One artifact: its files, and everything that went into it. */
final class ArtifactPage {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ArtifactPage() {}

  static String of(Manifest manifest) {
    String title = manifest.stage() + " · " + manifest.name();
    Html html = new Html(title, Optional.empty());
    html.raw("<h1>").text(title).raw("</h1>\n<p class=\"question\">").text(manifest.summary());
    html.raw("</p>\n<p><code>").text(manifest.key()).raw("</code></p>\n<p class=\"muted\">Made ");
    html.text(manifest.made().at())
        .raw(String.format(Locale.ROOT, " in %.1f s, ", manifest.made().seconds()));
    html.raw("attempts: " + manifest.made().attempts()).raw(". ");
    html.text(manifest.made().versions().toString()).raw("</p>\n");
    html.raw("<h2>Files</h2>\n<table>\n<tr><th>file</th><th class=\"number\">bytes</th>");
    html.raw("<th>SHA-256</th></tr>\n");
    for (Map.Entry<String, Manifest.FileEntry> file : manifest.files().entrySet()) {
      html.raw("<tr><td class=\"nowrap\">")
          .link(address(manifest.key(), file.getKey()), file.getKey());
      html.raw("</td><td class=\"number\">");
      html.raw(String.format(Locale.ROOT, "%,d", file.getValue().bytes())).raw("</td><td><code>");
      html.text(file.getValue().sha256()).raw("</code></td></tr>\n");
    }
    html.raw("</table>\n<p>").link(address(manifest.key(), Manifest.FILE), Manifest.FILE);
    html.raw("</p>\n<h2>Made of</h2>\n<pre>").text(pretty(manifest)).raw("</pre>\n");
    return html.page();
  }

  private static String pretty(Manifest manifest) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(manifest.identity());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The page of an artifact. */
  static String address(String key) {
    return "/artifacts/" + TemporalPages.segment(key);
  }

  /** A file of an artifact. */
  static String address(String key, String file) {
    return address(key) + "/" + TemporalPages.segment(file).replace("%2F", "/");
  }
}
