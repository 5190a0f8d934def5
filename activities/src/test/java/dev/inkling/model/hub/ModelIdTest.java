package dev.inkling.model.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a spec names a model whose files one holds. */
class ModelIdTest {
  @Test
  void aRepositoryIsReadWithItsRevision() {
    assertThat(ModelId.parse("hf:Qwen/Qwen2.5-0.5B"))
        .isEqualTo(new ModelId.OnHub("Qwen/Qwen2.5-0.5B", "main"));
    assertThat(ModelId.parse("hf:a/b@refs/pr/7")).isEqualTo(new ModelId.OnHub("a/b", "refs/pr/7"));
    assertThat(ModelId.parse("hf:a/b@" + "0f".repeat(20)))
        .isInstanceOfSatisfying(ModelId.OnHub.class, id -> assertThat(id.pinned()).isTrue());
    assertThat(ModelId.parse("hf:a/b").toString()).isEqualTo("hf:a/b");
    assertThat(ModelId.parse("hf:a/b@v1").toString()).isEqualTo("hf:a/b@v1");
  }

  @Test
  void aDirectoryIsReadAsItIs() {
    assertThat(ModelId.parse("./models/x")).isEqualTo(new ModelId.Directory(Path.of("./models/x")));
    assertThat(ModelId.parse("/models/x")).isEqualTo(new ModelId.Directory(Path.of("/models/x")));
    assertThat(ModelId.parse("~/x"))
        .isEqualTo(new ModelId.Directory(Path.of(System.getProperty("user.home"), "x")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hf:",
        "hf:name",
        "hf:a/b/c",
        "hf:../b",
        "hf:a/..",
        "hf:a/b--c",
        "hf:a/.b",
        "hf:a/b.git",
        "hf:a /b",
        "hf:a/b?x",
        "hf:a/b%2e",
        "hf:-a/b",
        "hf:a/b\n",
        "hf:ä/b"
      })
  void whatIsNoRepositoryIsRefused(String text) {
    assertThatThrownBy(() -> ModelId.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be owner/name");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hf:a/b@",
        "hf:a/b@../x",
        "hf:a/b@x/../y",
        "hf:a/b@/x",
        "hf:a/b@x y",
        "hf:a/b@x@y"
      })
  void whatIsNoRevisionIsRefused(String text) {
    assertThatThrownBy(() -> ModelId.parse(text)).hasMessageContaining("is no revision");
  }

  @Test
  void aNameWithoutItsKindGetsASuggestion() {
    assertThatThrownBy(() -> ModelId.parse("Qwen/Qwen3-0.6B"))
        .hasMessageContaining("did you mean hf:Qwen/Qwen3-0.6B or ./Qwen/Qwen3-0.6B?");
    assertThatThrownBy(() -> ModelId.parse("gpt-4.1"))
        .hasMessageContaining("hf:owner/name@revision");
    assertThatThrownBy(() -> ModelId.parse("/a\0b"))
        .hasMessageContaining("no path")
        .hasMessageNotContaining("\0");
  }
}
