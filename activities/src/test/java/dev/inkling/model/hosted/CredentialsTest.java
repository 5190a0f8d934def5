package dev.inkling.model.hosted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys from the environment and a file, and what keeps them out of texts. */
class CredentialsTest {
  @TempDir Path directory;

  @Test
  void theEnvironmentGoesBeforeTheFile() throws IOException {
    Path file =
        file(
            """
            # keys
            OPENAI_API_KEY=from-file-1
            export ANTHROPIC_API_KEY="from file 2"
            TOGETHER_BASE_URL = http://localhost:8000/v1
            """
                .replace(" = ", "="),
            "rw-------");
    Credentials credentials =
        Credentials.of(Map.of("OPENAI_API_KEY", "from-environment", "ANTHROPIC_API_KEY", ""), file);
    assertThat(credentials.get("OPENAI_API_KEY")).contains("from-environment");
    assertThat(credentials.get("ANTHROPIC_API_KEY")).contains("from file 2");
    assertThat(credentials.get("TOGETHER_BASE_URL")).contains("http://localhost:8000/v1");
    assertThat(credentials.get("OTHER")).isEmpty();
  }

  @Test
  void aFileThatEveryUserMayReadIsRefused() throws IOException {
    Path file = file("OPENAI_API_KEY=sk-secret-1\n", "rw-r--r--");
    assertThatThrownBy(() -> Credentials.of(Map.of(), file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("chmod 600 " + file);
  }

  @Test
  void aLineWithoutANameIsRefusedWithoutBeingShown() throws IOException {
    Path file = file("\nsk-secret-1\n", "rw-------");
    assertThatThrownBy(() -> Credentials.of(Map.of(), file))
        .hasMessageContaining("line 2")
        .hasMessageNotContaining("secret");
  }

  @Test
  void aMissingFileIsNone() throws IOException {
    assertThat(Credentials.of(Map.of("A", "b"), directory.resolve("none")).get("A")).contains("b");
  }

  @Test
  void nothingPrintsAKey() {
    Credentials credentials =
        Credentials.of(
            Map.of("OPENAI_API_KEY", "plain secret value", "OPENAI_BASE_URL", "http://a"));
    assertThat(credentials.toString()).isEqualTo("Credentials[OPENAI_API_KEY]");
    assertThat(credentials.scrub("Incorrect key: plain secret value."))
        .isEqualTo("Incorrect key: [key].");
  }

  @Test
  void whatLooksLikeAKeyIsTakenOutAndProseStays() {
    Credentials credentials = Credentials.of(Map.of());
    assertThat(credentials.scrub("Incorrect API key provided: sk-ab***************wxyz. See"))
        .isEqualTo("Incorrect API key provided: [key]. See");
    assertThat(credentials.scrub("sk-proj-Ab12_cd34-ef and sk-ant-api03-xyz, Bearer abcdef123456"))
        .isEqualTo("[key] and [key], [key]");
    String prose = "The key-value store of task-1 and the sk-learn pipeline: 2 * 3 ** 4";
    assertThat(credentials.scrub(prose)).isEqualTo(prose);
  }

  private Path file(String text, String permissions) throws IOException {
    Path file = Files.writeString(directory.resolve(".env"), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }
}
