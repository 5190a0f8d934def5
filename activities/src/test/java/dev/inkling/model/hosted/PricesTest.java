package dev.inkling.model.hosted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.model.Answer.Usage;
import dev.inkling.spec.HostedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bundled list, a user's own, and sums that a person has done. */
class PricesTest {
  @TempDir Path directory;

  @Test
  void dollarsAreExact() {
    Price price = Prices.bundled().of("openai", "gpt-4.1-nano").orElseThrow();
    // 30,000 requests of 100 and 50 tokens: 3 million at 0.10 and 1.5 million at 0.40.
    assertThat(price.usd(new Usage(3_000_000, 1_500_000))).isEqualByComparingTo("0.9");
    assertThat(price.usd(new Usage(1, 1))).isEqualByComparingTo("0.0000005");
  }

  @Test
  void aSnapshotCostsWhatItsModelCosts() {
    Prices prices = Prices.bundled();
    assertThat(prices.of("openai", "gpt-4o-2024-08-06")).isEqualTo(prices.of("openai", "gpt-4o"));
    assertThat(prices.of("anthropic", "claude-haiku-4-5-20251001"))
        .isEqualTo(prices.of("anthropic", "claude-haiku-4-5"))
        .isPresent();
  }

  @Test
  void aModelWithoutPriceHasNone() {
    Prices prices = Prices.bundled();
    assertThat(prices.of("openai", "gpt-4o-audio-preview")).isEmpty();
    assertThat(prices.of("openai", "ft:gpt-3.5-turbo-0125:org::abc")).isEmpty();
    assertThat(prices.of("openai", "my-own")).isEmpty();
  }

  @Test
  void fineTuningHasItsPriceAndSoHasTheModelThatComesOfIt() {
    Prices prices = Prices.bundled();
    HostedModel base = HostedModel.of(HostedModel.Provider.OPENAI, "gpt-4.1-mini-2025-04-14");
    assertThat(prices.training(base, 2_000_000).orElseThrow()).isEqualByComparingTo("10");
    HostedModel tuned = base.named("ft:gpt-4.1-mini-2025-04-14:org:suffix:abc");
    assertThat(prices.training(tuned, 2_000_000).orElseThrow()).isEqualByComparingTo("10");
    assertThat(prices.finetuned(base)).isEqualTo(prices.of(tuned)).isPresent();
    assertThat(prices.finetuned(tuned)).isEqualTo(prices.of(tuned));
    assertThat(prices.of(tuned)).isNotEqualTo(prices.of(base));
    assertThat(prices.training(base.named("gpt-5"), 1)).isEmpty();
    assertThat(prices.training(base.at("together"), 1)).isEmpty();
  }

  @Test
  void anEndpointDoesNotTakeTheProvidersPrices() {
    HostedModel model = HostedModel.of(HostedModel.Provider.OPENAI, "gpt-4o");
    assertThat(Prices.bundled().of(model)).isPresent();
    assertThat(Prices.bundled().of(model.at("together"))).isEmpty();
  }

  @Test
  void aBatchCostsHalfWhereTheListSaysSoAndAsMuchElsewhere() throws IOException {
    HostedModel model = HostedModel.of(HostedModel.Provider.OPENAI, "gpt-4o");
    assertThat(Prices.bundled().inBatch(model).orElseThrow().usd(new Usage(1_000_000, 1_000_000)))
        .isEqualByComparingTo("6.25");
    assertThat(Prices.bundled().asAsked(model)).isEqualTo(Prices.bundled().of(model));
    Path file = directory.resolve("batch.yaml");
    String list = "asOf: 2027-01-02\nprices: {together: {gpt-4o: {input: 1, output: 1}}}\n";
    Files.writeString(file, list);
    assertThat(Prices.bundled().with(file).inBatch(model.at("together")))
        .isEqualTo(Prices.bundled().with(file).of(model.at("together")));
    Files.writeString(file, list + "batch: {together: 0.25}\n");
    assertThat(
            Prices.bundled()
                .with(file)
                .inBatch(model.at("together"))
                .orElseThrow()
                .usd(new Usage(1_000_000, 1_000_000)))
        .isEqualByComparingTo("0.5");
    assertThat(Prices.bundled().with(file).inBatch(model))
        .isEqualTo(Prices.bundled().inBatch(model));
  }

  @Test
  void theUsersOwnListGoesFirst() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("prices.yaml"),
            """
            asOf: 2027-01-02
            prices:
              openai: {gpt-4o: {input: 1, output: 2.5}, "ft:gpt-4o": {input: 3.75, output: 15}}
              together: {some/model: {input: 0, output: 0}}
            """);
    Prices prices = Prices.bundled().with(file);
    assertThat(prices.asOf()).isEqualTo(LocalDate.of(2027, 1, 2));
    assertThat(usd(prices, "openai", "gpt-4o")).isEqualTo("3.5");
    assertThat(usd(prices, "openai", "ft:gpt-4o-2024-08-06:org::abc")).isEqualTo("18.75");
    assertThat(usd(prices, "together", "some/model")).isEqualTo("0");
    assertThat(usd(prices, "anthropic", "claude-sonnet-5-5")).isEqualTo("12");
  }

  @Test
  void aListThatIsNoneIsAnErrorThatShowsTheForm() throws IOException {
    Path file = Files.writeString(directory.resolve("p"), "asOf: 2026-01-01\nprices: {a: {b: 1}}");
    assertThatThrownBy(() -> Prices.bundled().with(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("b is not a table")
        .hasMessageContaining("input: 0.1");
    Files.writeString(file, "asOf: 2026-01-01\nprices: {a: {b: {input: -1, output: 0}}}");
    assertThatThrownBy(() -> Prices.bundled().with(file)).hasMessageContaining("at least 0");
  }

  private static String usd(Prices prices, String server, String model) {
    return prices
        .of(server, model)
        .orElseThrow()
        .usd(new Usage(1_000_000, 1_000_000))
        .stripTrailingZeros()
        .toPlainString();
  }
}
