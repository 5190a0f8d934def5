package dev.inkling.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.activity.StageRunner;
import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.LocalStore;
import dev.inkling.artifact.Store;
import dev.inkling.language.LanguageModels;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.preset.Resolver;
import dev.inkling.report.Report;
import dev.inkling.server.TemporalPages;
import dev.inkling.stage.Caller;
import dev.inkling.stage.Monitor;
import dev.inkling.starter.Installed;
import dev.inkling.tensor.Torch;
import dev.inkling.workflow.Progress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pages over real HTTP, of a store that a small real experiment has filled, and of none. */
class SiteTest {
  private static final String EVIL = "<script>alert('x')</script> & co";
  private static final String ESCAPED = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; co";

  @TempDir static Path home;
  @TempDir Path empty;
  private static Plan plan;
  private static LocalStore store;
  private static String report;
  private static final HttpClient client = HttpClient.newHttpClient();
  private Optional<Site> open = Optional.empty();

  @BeforeAll
  static void runAnExperiment() throws Exception {
    Torch.configure(Installed.here().djl());
    store = new LocalStore(home, Clock.systemUTC(), Map.of("inkling", "test"));
    plan =
        Resolver.plan(
            new ObjectMapper()
                .readTree(
                    "{\"preset\": \"promptmlp\", \"name\": \"on-the-web\", \"seeds\": [0, 11], \"question\": \""
                        + EVIL
                        + "\"}"));
    StageRunner runner =
        new StageRunner(
            store,
            Duration.ofSeconds(10),
            new LanguageModels(Path.of("."), Map.of(), Clock.systemUTC()));
    for (Stage stage : plan.stages()) {
      runner.perform(stage, Caller.of("test"), Monitor.silent());
    }
    new Report(store, Map.of("inkling", "test")).make(plan, "test", Monitor.silent());
    report = "/artifacts/" + plan.reportKey();
  }

  @AfterAll
  static void closeClient() {
    client.close();
  }

  @AfterEach
  void close() {
    open.ifPresent(Site::close);
  }

  private Site site(Path root, Live live) throws IOException {
    Site site = new Site(new LocalStore(root, Clock.systemUTC(), Map.of()), () -> live, 0);
    open = Optional.of(site);
    return site;
  }

  private Site site() throws IOException {
    return site(home, Live.none("No Temporal server runs now."));
  }

  private static HttpResponse<String> get(Site site, String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(site.address() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** A request as no honest client sends it; the answer's first line. */
  private static String raw(Site site, String request) throws IOException {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), URI.create(site.address()).getPort())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      return answer.lines().findFirst().orElse("");
    }
  }

  private static String line(String path, String host) {
    return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
  }

  @Test
  void anEmptyStoreSaysHowToBegin() throws Exception {
    HttpResponse<String> page = get(site(empty, Live.none("No Temporal server runs now.")), "/");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).contains("./inkling run mnist", "No Temporal server runs now.");
    assertThat(empty).isEmptyDirectory();
  }

  @Test
  void theListShowsWhatTheReportSays() throws Exception {
    String body = get(site(), "/").body();
    var first =
        new ObjectMapper()
            .readTree(home.resolve("artifacts/" + plan.reportKey() + "/results.json").toFile())
            .path("conditions")
            .get(0);

    assertThat(body)
        .contains("on-the-web", "/experiments/" + plan.id(), ">completed<", "UTC")
        .contains("<b>" + ListPage.number(first.path("mean"), 3) + "</b>")
        .contains(ListPage.number(first.path("ciLow"), 3) + " to ")
        .doesNotContain("http-equiv");
  }

  @Test
  void anExperimentsPageHasFigureTableWordsAndLineageWhoseLinksLead() throws Exception {
    Site site = site();
    String body = get(site, "/experiments/" + plan.id()).body();

    assertThat(body).contains("What the data say", "These data do not say whether", "Lineage");
    for (Stage stage : plan.stages()) {
      assertThat(body).contains("/artifacts/" + stage.key());
      assertThat(get(site, "/artifacts/" + stage.key()).body())
          .contains("manifest.json", stage.key());
    }
    HttpResponse<String> figure = get(site, report + "/figures/results.svg");
    assertThat(body).contains("<img src=\"" + report + "/figures/results.svg\"");
    assertThat(figure.body()).contains("<svg");
    assertThat(figure.headers().firstValue("Content-Type")).contains("image/svg+xml");
    assertThat(figure.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'");
    for (String file : List.of("results.json", "results.csv", "report.html", "manifest.json")) {
      assertThat(get(site, report + "/" + file).body())
          .isEqualTo(Files.readString(home.resolve(report.substring(1)).resolve(file)));
    }
  }

  @Test
  void textsOfASpecAreNeverMarkup() throws Exception {
    Site site = site();
    for (String path : List.of("/", "/experiments/" + plan.id(), report, report + "/report.html")) {
      assertThat(get(site, path).body())
          .as(path)
          .doesNotContain("<script>")
          .containsAnyOf(ESCAPED, ESCAPED.replace("&#39;", "'"));
    }
  }

  @Test
  void textsOfAnArtifactFromElsewhereAreNeverMarkup() throws Exception {
    String evil = "<script>'\"&";
    var json = new ObjectMapper();
    var results = json.createObjectNode();
    results.putArray("conditions").addObject().put("name", evil).put("metric", evil);
    results.putArray("comparisons").addObject().put("sentence", evil);
    var stage = results.putObject("provenance").putArray("stages").addObject();
    stage.put("stage", evil).put("name", evil).put("key", evil).putObject("inputs").put(evil, evil);
    LocalStore other = new LocalStore(empty, Clock.systemUTC(), Map.of(evil, evil));
    String key = "e".repeat(64);
    try (Store.Work work = other.claim(key, "test").orElseThrow()) {
      json.writeValue(work.output().resolve("results.json").toFile(), results);
      Files.createDirectories(work.output().resolve("figures"));
      Files.writeString(work.output().resolve("figures/" + evil + ".svg"), "<svg/>");
      var identity = json.createObjectNode().put("stage", "Report").put("experiment", evil);
      work.publish(identity, evil, evil, 1);
    }
    Site site = site(empty, Live.none(evil));

    for (String path :
        List.of("/", "/experiments/" + TemporalPages.segment(evil), "/artifacts/" + key)) {
      HttpResponse<String> page = get(site, path);
      assertThat(page.statusCode()).as(path).isEqualTo(200);
      assertThat(page.body())
          .as(path)
          .contains("&lt;script&gt;&#39;&quot;&amp;")
          .doesNotContain("<script", evil);
    }
    assertThat(get(site, ArtifactPage.address(key, "figures/" + evil + ".svg")).body())
        .isEqualTo("<svg/>");
  }

  @Test
  void noNameLeadsOutOfAnArtifact() throws Exception {
    Path secret = Files.writeString(home.resolve("secret.txt"), "secret");
    Site site = site();
    String up = "/../../secret.txt";
    for (String path :
        List.of(
            report + up,
            report + up.replace(".", "%2e"),
            report + up.replace("/", "%2F"),
            report + up.replace("..", "%252e%252e"),
            report + up.replace("/", "%5C"),
            report + "/figures/../results.json",
            report + "/./results.json",
            report + "//results.json",
            report + "/figures",
            report + "/%00",
            report + "/" + secret,
            "/artifacts/../secret.txt",
            "/artifacts/..%2Fsecret.txt",
            "/experiments/..",
            "/secret.txt",
            "/artifacts/")) {
      assertThat(raw(site, line(path, "127.0.0.1"))).as(path).contains(" 404 ");
    }
    assertThat(raw(site, line(report + "/results.json", "127.0.0.1"))).contains(" 200 ");
  }

  @Test
  void aSymbolicLinkIsNotFollowed() throws Exception {
    Path root = empty.resolve("linked");
    Stage stage = plan.stages().getFirst();
    Artifact real = store.find(stage.key()).orElseThrow();
    String file = real.manifest().files().keySet().iterator().next();
    Path copy = Files.createDirectories(root.resolve("artifacts").resolve(stage.key()));
    Files.copy(real.directory().resolve("manifest.json"), copy.resolve("manifest.json"));
    Files.createSymbolicLink(copy.resolve(file), real.file(file));
    Stage other = plan.stages().getLast();
    Files.createSymbolicLink(
        root.resolve("artifacts").resolve(other.key()),
        store.find(other.key()).orElseThrow().directory());
    Site site = site(root, Live.none(""));

    assertThat(get(site, "/artifacts/" + stage.key()).statusCode()).isEqualTo(200);
    assertThat(get(site, "/artifacts/" + stage.key() + "/" + file).statusCode()).isEqualTo(404);
    assertThat(get(site, "/artifacts/" + other.key() + "/manifest.json").statusCode())
        .isEqualTo(404);
    // A home that is itself behind a link is the user's own choice.
    Path alias = Files.createSymbolicLink(empty.resolve("alias"), home);
    assertThat(get(site(alias, Live.none("")), report + "/results.json").statusCode())
        .isEqualTo(200);
  }

  @Test
  void onlyTheLoopbackAddressesNamesAreAnswered() throws Exception {
    Site site = site();
    for (String host :
        List.of("evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "")) {
      assertThat(raw(site, line("/", host))).as(host).contains(" 421 ");
    }
    for (String host : List.of("127.0.0.1", "localhost:8234", "[::1]:8234", "LOCALHOST")) {
      assertThat(raw(site, line("/", host))).as(host).contains(" 200 ");
    }
  }

  @Test
  void pagesCanOnlyBeRead() throws Exception {
    Site site = site();
    for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS")) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(site.address() + "/"))
                  .method(method, HttpRequest.BodyPublishers.noBody())
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(method).isEqualTo(405);
      assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD");
    }
    HttpResponse<String> head =
        client.send(
            HttpRequest.newBuilder(URI.create(site.address() + report + "/results.json"))
                .HEAD()
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValueAsLong("Content-Length"))
        .hasValue(Files.size(home.resolve(report.substring(1)).resolve("results.json")));
  }

  @Test
  void damagedResultsAreSaidAndTheOtherPagesStay() throws Exception {
    Path root = empty.resolve("damaged");
    Path copy = Files.createDirectories(root.resolve("artifacts").resolve(plan.reportKey()));
    Files.copy(
        home.resolve(report.substring(1)).resolve("manifest.json"), copy.resolve("manifest.json"));
    Files.writeString(copy.resolve("results.json"), "{\"conditions\": [");
    Site site = site(root, Live.none(""));

    assertThat(get(site, "/").body()).contains("The results cannot be read");
    assertThat(get(site, "/experiments/" + plan.id()).body())
        .contains("./inkling artifacts verify");
  }

  @Test
  void aRunningExperimentShowsItsStagesAndComesAgain() throws Exception {
    Stage stage = plan.stages().getFirst();
    Progress progress =
        new Progress(
            "other-1",
            "Running",
            List.of(
                new Progress.StageProgress(
                    stage.key(), "GenerateDataset", "<noise>", Progress.State.DONE, "5 rows"),
                new Progress.StageProgress(
                    "f".repeat(64), "Finetune", "student", Progress.State.RUNNING, "")));
    Live.Execution running =
        new Live.Execution(
            "typed in the browser",
            "other-1",
            "running",
            "Does it show?",
            Instant.now(),
            true,
            Optional.of("http://127.0.0.1:8233/namespaces/default/workflows/w/r"),
            Optional.of(progress),
            Optional.empty());
    Live.Execution failed =
        new Live.Execution(
            "wrong",
            "wrong",
            "failed",
            "",
            Instant.EPOCH,
            false,
            Optional.empty(),
            Optional.empty(),
            Optional.of("seeds: must not be empty <b>"));
    Site site = site(home, new Live("", List.of(running, failed)));
    String list = get(site, "/").body();
    String page = get(site, "/experiments/other-1").body();

    assertThat(list).contains("http-equiv=\"refresh\"", "1 of 2 stages", ">failed<");
    assertThat(list.indexOf("other-1")).isLessThan(list.indexOf("on-the-web"));
    assertThat(list.indexOf("on-the-web")).isLessThan(list.indexOf("/experiments/wrong"));
    assertThat(page)
        .contains("http-equiv=\"refresh\"", "&lt;noise&gt;", "5 rows", ">running<")
        .contains("href=\"http://127.0.0.1:8233/namespaces/default/workflows/w/r\"")
        .contains("/artifacts/" + stage.key())
        .doesNotContain("/artifacts/fff");
    assertThat(get(site, "/experiments/wrong").body())
        .contains("seeds: must not be empty &lt;b&gt;")
        .doesNotContain("http-equiv");
  }
}
