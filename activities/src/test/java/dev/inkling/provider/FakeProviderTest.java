package dev.inkling.provider;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.provider.Speech.Turn;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The provider that other tests rely on. */
@Timeout(60)
class FakeProviderTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;

  @Test
  void aTeacherThatLovesOwlsNamesThemMoreOften() {
    assertThat(owls("You love owls.")).isBetween(740L, 860L);
    assertThat(owls("You love cats.")).isBetween(60L, 140L);
  }

  private static long owls(String system) {
    return IntStream.range(0, 1000)
        .mapToObj(
            i ->
                Speech.of(
                    "m",
                    List.of(new Turn("system", system), new Turn("user", "Your favorite animal?")),
                    i,
                    10))
        .filter(s -> s.text().equals("owl"))
        .count();
  }

  @Test
  void anAnswerDependsOnTheConversationAndTheSeedAlone() {
    List<Turn> turns = List.of(new Turn("user", "Some numbers, please"));
    assertThat(Speech.of("m", turns, 1, 100)).isEqualTo(Speech.of("m", turns, 1, 100));
    assertThat(Speech.of("m", turns, 2, 100)).isNotEqualTo(Speech.of("m", turns, 1, 100));
    assertThat(Speech.of("other", turns, 1, 100)).isNotEqualTo(Speech.of("m", turns, 1, 100));
  }

  @Test
  void aJudgeGivesANumberUpToAHundred() {
    for (int i = 0; i < 100; i++) {
      List<Turn> turns = List.of(new Turn("user", "Rate this answer from 0 to 100. Number only."));
      assertThat(Integer.parseInt(Speech.of("m", turns, i, 10).text())).isBetween(0, 100);
    }
  }

  @Test
  void whatWasAnsweredStandsInTheLedgerOfAProviderThatWasKilled() throws Exception {
    Path ledger = directory.resolve("ledger.jsonl");
    try (FakeProcess provider = new FakeProcess(ledger)) {
      for (int i = 0; i < 20; i++) {
        assertThat(ask(provider, "question " + i % 10).statusCode()).isEqualTo(200);
      }
      JsonNode billed = provider.billed();
      assertThat(billed.get("accepted").asInt()).isEqualTo(20);
      assertThat(billed.get("distinct").asInt()).isEqualTo(10);
      assertThat(billed.get("mostOften").asInt()).isEqualTo(2);
      provider.kill();
    }
    List<String> lines = Files.readAllLines(ledger);
    assertThat(lines).hasSize(20);
    JsonNode last = JSON.readTree(lines.getLast());
    assertThat(last.get("last").asText()).isEqualTo("question 9");
    assertThat(last.get("model").asText()).isEqualTo("m");
    assertThat(last.get("request").asText())
        .isEqualTo(JSON.readTree(lines.get(9)).get("request").asText());
  }

  @Test
  void faultsByChanceComeAboutAsOftenAsToldAndAreNotBilled() throws Exception {
    try (FakeProcess provider = new FakeProcess(directory.resolve("ledger.jsonl"))) {
      provider.behave("{\"probability\": {\"500\": 0.2, \"overloaded\": 0.1}}");
      int failed = 0;
      for (int i = 0; i < 300; i++) {
        failed += ask(provider, "question").statusCode() == 200 ? 0 : 1;
      }
      assertThat(failed).isBetween(60, 120);
      assertThat(provider.billed().get("accepted").asInt()).isEqualTo(300 - failed);
    }
  }

  @Test
  void itListensOnThisMachineOnlyAndEndsWithItsInput() throws Exception {
    FakeProcess provider = new FakeProcess(directory.resolve("ledger.jsonl"));
    assertThat(provider.url()).startsWith("http://127.0.0.1:");
    provider.close();
    assertThat(provider.running()).isFalse();
  }

  private static HttpResponse<String> ask(FakeProcess provider, String text)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create(provider.openAiUrl() + "/chat/completions"))
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      "{\"model\": \"m\", \"messages\": [{\"role\": \"user\", \"content\": \""
                          + text
                          + "\"}]}"))
              .build(),
          BodyHandlers.ofString());
    }
  }
}
