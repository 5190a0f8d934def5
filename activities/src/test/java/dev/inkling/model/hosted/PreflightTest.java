package dev.inkling.model.hosted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import dev.inkling.model.hosted.Preflight.Finding;
import dev.inkling.model.hosted.Preflight.FineTuning;
import dev.inkling.model.hosted.Preflight.Presence;
import dev.inkling.spec.HostedModel;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is found out about models before anything is paid. */
@Timeout(60)
class PreflightTest extends AtAProvider {
  private static final Clock NOW =
      Clock.fixed(Instant.parse("2026-11-22T23:59:00Z"), ZoneOffset.UTC);
  private static final String MODELS =
      """
      {"models": {"gpt-good": "", "gpt-soon": "2026-12-11", "gpt-late": "2027-01-22",
                  "gpt-gone": "2026-11-22", "org/model-7b": ""}, "modelRoutes": "%s"}
      """;

  private final Preflight preflight = new Preflight(providers, NOW);
  private Credentials credentials;

  @BeforeEach
  void open() throws Exception {
    provider.behave(MODELS.formatted("all"));
    credentials = credentials("a");
  }

  private static HostedModel gpt(String id) {
    return HostedModel.of(HostedModel.Provider.OPENAI, id);
  }

  private static HostedModel claude(String id) {
    return HostedModel.of(HostedModel.Provider.ANTHROPIC, id);
  }

  @Test
  void aModelThatIsThereIsKnown() throws Exception {
    for (HostedModel model :
        List.of(gpt("gpt-good"), gpt("org/model-7b"), gpt("gpt-late"), claude("gpt-good"))) {
      Finding finding = preflight.check(model, credentials);
      assertThat(finding.presence()).isEqualTo(Presence.KNOWN);
      assertThat(finding.warnings()).isEmpty();
    }
  }

  @Test
  void anUnknownModelIsRefusedWithTheNearName() {
    for (HostedModel model : List.of(gpt("gpt-god"), claude("gpt-god"))) {
      ModelException failure = refused(model);
      assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
      assertThat(failure)
          .hasMessage(model.server() + " has no model 'gpt-god', did you mean 'gpt-good'?");
    }
  }

  @Test
  void aModelThatWasShutDownIsRefused() {
    assertThat(refused(gpt("gpt-gone")))
        .hasMessageContaining("'gpt-gone' was shut down on 2026-11-22");
    assertThat(refused(claude("gpt-gone"))).hasMessageContaining("2026-11-22");
  }

  @Test
  void aModelThatEndsSoonIsAWarning() throws Exception {
    for (HostedModel model : List.of(gpt("gpt-soon"), claude("gpt-soon"))) {
      Finding finding = preflight.check(model, credentials);
      assertThat(finding.shutdown()).contains(LocalDate.of(2026, 12, 11));
      assertThat(finding.warnings()).hasSize(1);
      assertThat(finding.warnings().getFirst()).contains("on 2026-12-11, in 19 days");
    }
  }

  @Test
  void whereThereIsOnlyAListItIsRead() throws Exception {
    provider.behave(MODELS.formatted("list"));
    assertThat(preflight.check(gpt("gpt-good"), credentials).presence()).isEqualTo(Presence.KNOWN);
    assertThat(refused(gpt("gpt-gone"))).hasMessageContaining("shut down");
    assertThat(refused(gpt("nothing-like-it")))
        .hasMessageContaining("known: gpt-gone, gpt-good, gpt-late, gpt-soon, org/model-7b");
  }

  @Test
  void aServerThatSaysNothingOfModelsIsAWarning() throws Exception {
    provider.behave(MODELS.formatted("none"));
    Finding finding = preflight.check(gpt("anything"), credentials);
    assertThat(finding.presence()).isEqualTo(Presence.UNKNOWN);
    assertThat(finding.warnings())
        .containsExactly("openai does not say whether it has the model 'anything'.");
  }

  @Test
  void aWrongKeyIsFoundHereAlready() throws Exception {
    provider.behave("{\"key\": \"other\"}");
    assertThat(refused(gpt("gpt-good")).reason()).isEqualTo(Reason.MISSING_CREDENTIAL);
    assertThat(refused(claude("gpt-good")).reason()).isEqualTo(Reason.MISSING_CREDENTIAL);
  }

  @Test
  void fineTuningIsOpenOrClosedInTheProvidersWords() throws Exception {
    assertThat(preflight.fineTuning(gpt("gpt-good"), credentials)).isEqualTo(new FineTuning.Open());
    provider.behave("{\"fineTuningClosed\": true}");
    assertThat(preflight.fineTuning(gpt("gpt-good"), credentials))
        .isInstanceOfSatisfying(
            FineTuning.Closed.class,
            closed ->
                assertThat(closed.words()).contains("Fine-tuning is closed to new organizations"));
    assertThat(preflight.fineTuning(claude("claude"), credentials))
        .isInstanceOf(FineTuning.Closed.class);
  }

  @Test
  void nothingIsBilled() throws Exception {
    preflight.check(gpt("gpt-good"), credentials);
    preflight.fineTuning(gpt("gpt-good"), credentials);
    assertThat(provider.billed().get("accepted").asLong()).isZero();
  }

  private ModelException refused(HostedModel model) {
    return catchThrowableOfType(ModelException.class, () -> preflight.check(model, credentials));
  }
}
