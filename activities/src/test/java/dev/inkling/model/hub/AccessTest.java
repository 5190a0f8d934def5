package dev.inkling.model.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.inkling.hub.FakeHub;
import dev.inkling.hub.Fault;
import dev.inkling.hub.Seen;
import dev.inkling.model.hub.HubException.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who may have what, what is said to those who may not, and where the token goes. */
class AccessTest extends AtTheHub {
  private HubException refused(String... environment) {
    return (HubException) catchThrowable(() -> download(environment));
  }

  @Test
  void theTokenGoesToTheHubAndNeverToItsStorage() throws Exception {
    model.gate();

    download("HF_TOKEN", FakeHub.TOKEN + "\n");

    assertThat(server.seen())
        .filteredOn(s -> s.where().equals("hub"))
        .isNotEmpty()
        .allMatch(s -> s.token().equals(FakeHub.TOKEN));
    assertThat(server.seen())
        .filteredOn(s -> s.where().equals("storage"))
        .isNotEmpty()
        .allMatch(s -> s.token().isEmpty());
    assertThat(everythingWritten()).contains("model_type").doesNotContain(FakeHub.TOKEN);
    assertThat(settings("HF_TOKEN", FakeHub.TOKEN).toString()).doesNotContain(FakeHub.TOKEN);
  }

  @Test
  void theTokenThatAnotherProgramHasStoredIsUsed() throws Exception {
    Files.createDirectories(directory.resolve("hf"));
    Files.writeString(directory.resolve("hf/token"), FakeHub.TOKEN + "\n");

    download();

    assertThat(asked("GET", "/api/models")).extracting(Seen::token).containsOnly(FakeHub.TOKEN);
  }

  @Test
  void aGatedModelSaysWhereToAcceptAndWhatToSet() {
    model.gate();

    HubException e = refused();

    assertThat(e.reason()).isEqualTo(Reason.NO_ACCESS);
    assertThat(e)
        .hasMessageContaining("owner/tiny is gated")
        .hasMessageContaining("Accept the terms at " + server.endpoint() + "/owner/tiny")
        .hasMessageContaining("set HF_TOKEN");
  }

  @Test
  void aTokenThatMayNotTakeAGatedModelSaysWhoseConsentIsMissing() {
    model.gate();

    HubException e = refused("HF_TOKEN", FakeHub.OTHER_TOKEN);

    assertThat(e.reason()).isEqualTo(Reason.NO_ACCESS);
    assertThat(e)
        .hasMessageContaining("the account of this token may not take it")
        .hasMessageNotContaining(FakeHub.OTHER_TOKEN);
  }

  @Test
  void aTokenThatNobodyKnowsIsNotShown() {
    HubException e = refused("HF_TOKEN", "hf_unknown0123456789");

    assertThat(e.reason()).isEqualTo(Reason.NO_ACCESS);
    assertThat(e)
        .hasMessageContaining("does not know the token")
        .hasMessageNotContaining("hf_unknown0123456789");
  }

  @Test
  void wordsOfTheServerComeWithoutTheToken() {
    server.on(
        "/api/models",
        new Fault.Says(
            400, Map.of(), "{\"error\": \"odd request by " + FakeHub.TOKEN + "\\n\\u001b[31m\"}"));

    HubException e = refused("HF_TOKEN", FakeHub.TOKEN);

    assertThat(e.reason()).isEqualTo(Reason.REFUSED);
    assertThat(e)
        .hasMessageContaining("odd request by [token]")
        .hasMessageNotContaining("\n")
        .hasMessageNotContaining("\u001b");
  }

  @Test
  void whatIsNotThereIsNamed() {
    model.hide();

    assertThat(refused())
        .hasMessageContaining("There is no " + server.endpoint() + "/owner/tiny, or it is private")
        .hasMessageContaining("HF_TOKEN");
    assertThat(refused("HF_TOKEN", FakeHub.OTHER_TOKEN))
        .hasMessageContaining("or the account of this token may not see it");
    ModelId.OnHub branch = new ModelId.OnHub(NAME, "no-such-branch");
    assertThatThrownBy(() -> hub("HF_TOKEN", FakeHub.TOKEN).commit(branch, notes))
        .hasMessageContaining("owner/tiny has no revision 'no-such-branch'");
  }

  @Test
  void withoutANetworkWhatWasDownloadedIsThere() throws Exception {
    download();
    int before = server.seen().size();

    assertThat(download("HF_HUB_OFFLINE", "1")).isDirectory();
    assertThat(notes.texts)
        .anyMatch(t -> t.contains("HF_HUB_OFFLINE is set: hf:owner/tiny is taken to be " + commit));
    assertThat(hub("HF_HUB_OFFLINE", "1").commit(ID.at(commit), notes)).isEqualTo(commit);
    assertThat(server.seen()).hasSize(before);
  }

  @Test
  void withoutANetworkWhatIsMissingIsNamed() throws Exception {
    HubException never = refused("HF_HUB_OFFLINE", "yes");
    assertThat(never.reason()).isEqualTo(Reason.OFFLINE);
    assertThat(never).hasMessageContaining("hf:owner/tiny was never downloaded here");

    Files.delete(download().resolve("tokenizer.json"));
    assertThat(refused("HF_HUB_OFFLINE", "1"))
        .hasMessageContaining("tokenizer.json of hf:owner/tiny@" + commit + " is not in the cache");
  }

  @Test
  void withoutANetworkAModelThatAnotherProgramDownloadedIsTaken() throws Exception {
    Path snapshot = download();
    Files.delete(repository().resolve("trees/" + commit + ".json"));
    assertThat(download("HF_HUB_OFFLINE", "1")).isEqualTo(snapshot);

    Files.delete(snapshot.resolve("model.safetensors"));
    assertThat(refused("HF_HUB_OFFLINE", "1")).hasMessageContaining("not as a whole, in the cache");
    Files.writeString(
        snapshot.resolve("model.safetensors.index.json"),
        "{\"weight_map\": {\"a\": \"a.safetensors\"}}");
    assertThat(refused("HF_HUB_OFFLINE", "1")).hasMessageContaining("not as a whole, in the cache");
    Files.writeString(snapshot.resolve("a.safetensors"), "");
    assertThat(download("HF_HUB_OFFLINE", "1")).isEqualTo(snapshot);
  }

  @Test
  void aHubThatIsAwayLeavesWhatItWasLast() throws Exception {
    download();
    server.close();

    assertThat(download()).isDirectory();
    assertThat(notes.texts)
        .anyMatch(t -> t.contains("does not answer: hf:owner/tiny is taken to be"));
  }

  @Test
  void aBranchThatMovedIsTheNewCommitFromThenOn() throws Exception {
    download();
    String newer = model.add("config.json", "{}");

    download();

    assertThat(repository().resolve("refs/main")).hasContent(newer);
    assertThat(asked("GET", "/lfs/")).hasSize(1); // the weights are the same
  }

  @Test
  void settingsAreThoseOfOtherClients() throws Exception {
    Map<String, String> environment =
        Map.of(
            "XDG_CACHE_HOME",
            "/c",
            "HF_TOKEN",
            " t ",
            "HF_ENDPOINT",
            "https://mirror.example/hub/");
    HubSettings settings = HubSettings.of(n -> Optional.ofNullable(environment.get(n)));

    assertThat(settings)
        .isEqualTo(
            new HubSettings(
                java.net.URI.create("https://mirror.example/hub"),
                Path.of("/c/huggingface/hub"),
                Optional.of("t"),
                false));
    assertThat(settings("HF_HUB_CACHE", "~/x").cache())
        .isEqualTo(Path.of(System.getProperty("user.home"), "x"));
    assertThatThrownBy(() -> settings("HF_ENDPOINT", "https://user:secret@mirror.example"))
        .hasMessageContaining("HF_ENDPOINT is not an address")
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> settings("HF_TOKEN", "hf_a b"))
        .hasMessageContaining("has signs that no token has")
        .hasMessageNotContaining("hf_a b");
  }
}
