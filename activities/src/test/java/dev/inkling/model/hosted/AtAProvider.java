package dev.inkling.model.hosted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.inkling.model.LanguageModel;
import dev.inkling.model.ModelException;
import dev.inkling.model.Question;
import dev.inkling.provider.FakeProcess;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests with real clients, over HTTP, against a provider in a process of its own. A class shares
 * the provider; each test begins with one that does nothing odd, and with clients of its own.
 */
abstract class AtAProvider {
  @TempDir static Path directory;
  static FakeProcess provider;

  /** They do not wait long, because some answers never come. */
  final Providers providers = new Providers(Clock.systemUTC(), Duration.ofSeconds(3));

  @BeforeAll
  static void startProvider() throws Exception {
    provider = new FakeProcess(ledger());
  }

  @AfterAll
  static void stopProvider() throws Exception {
    provider.close();
  }

  @BeforeEach
  void behaveWell() throws Exception {
    provider.behave("{}");
  }

  @AfterEach
  void closeProviders() {
    providers.close();
  }

  /** Where the provider writes down what it bills. */
  static Path ledger() {
    return directory.resolve("ledger.jsonl");
  }

  /** A key for each interface, and where to find the provider. */
  static Credentials credentials(String key) {
    return Credentials.of(
        Map.of(
            "OPENAI_API_KEY",
            key,
            "OPENAI_BASE_URL",
            provider.openAiUrl(),
            "ANTHROPIC_API_KEY",
            key,
            "ANTHROPIC_BASE_URL",
            provider.url()));
  }

  /** How a question fails, as it must. */
  static ModelException failure(LanguageModel model, Question question) {
    ModelException failure = catchThrowableOfType(ModelException.class, () -> model.ask(question));
    assertThat(failure).as(question.toString()).isNotNull();
    return failure;
  }
}
