package dev.inkling.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.provision.Tool.Ended;
import dev.inkling.provision.Tool.TimedOutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ToolTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir Path folder;

  private static Ended shell(String script) throws Exception {
    return new Tool(List.of("bash", "-c"), Map.of()).call(LONG, line -> {}, List.of(script));
  }

  @Test
  void coloursLinksAndMovementsAreTakenOut() throws Exception {
    Ended ended =
        shell(
            "printf 'a \\033[1mbold\\033[0m\\033[2K word\\n\\033]8;;x:y\\033\\\\link\\033]8;;\\a\\n'");

    assertThat(ended.output()).containsExactly("a bold word", "link");
  }

  @Test
  void jsonIsReadBehindLinesOfText() throws Exception {
    Ended ended =
        shell(
            "echo '[1] is running'; echo 'Fetching: t'; echo '{'; echo ' \"t\": [1]'; echo '}'; echo bye");

    assertThat(ended.json().at("/t/0").asInt()).isEqualTo(1);
  }

  @Test
  void anAnswerWithoutJsonIsTold() throws Exception {
    Ended ended = shell("echo '[no json]'; echo '{neither'");

    assertThatThrownBy(ended::json)
        .isInstanceOf(ProvisionException.class)
        .hasMessageContaining("{neither");
  }

  @Test
  void bothStreamsAndTheStatusAreKept() throws Exception {
    List<String> heard = new ArrayList<>();
    Ended ended =
        new Tool(List.of("bash", "-c"), Map.of("NAME", "owl"))
            .call(
                LONG,
                line -> {
                  synchronized (heard) {
                    heard.add(line);
                  }
                },
                List.of("echo $NAME; echo bad >&2; exit 3"));

    assertThat(ended.code()).isEqualTo(3);
    assertThat(ended.output()).containsExactly("owl");
    assertThat(ended.errors()).containsExactly("bad");
    assertThat(heard).containsExactlyInAnyOrder("owl", "bad");
  }

  @Test
  void nobodyCanBeAsked() throws Exception {
    assertThat(shell("read answer || echo nobody").output()).containsExactly("nobody");
  }

  @Test
  void aToolThatIsNotThereIsNamed() {
    assertThatThrownBy(
            () -> new Tool(List.of("no-such-tool"), Map.of()).call(LONG, line -> {}, List.of()))
        .isInstanceOfSatisfying(
            ProvisionException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NO_TOOL))
        .hasMessageContaining("no-such-tool");
  }

  /** Writes the process ids of a child and a grandchild that refuse to end gently. */
  private List<String> family(Path pids) {
    return List.of(
        "-c",
        "trap '' TERM; bash -c \"trap '' TERM; echo \\$\\$ >> %s; while :; do sleep 0.1; done\" & echo $$ >> %s; while :; do sleep 0.1; done"
            .formatted(pids, pids));
  }

  /** Killed they are; how soon the system has cleared them away depends on its load. */
  private static void assertGone(Path pids) throws Exception {
    for (String pid : Files.readAllLines(pids)) {
      ProcessHandle.of(Long.parseLong(pid))
          .ifPresent(one -> assertThat(one.onExit()).succeedsWithin(Duration.ofSeconds(10)));
    }
  }

  @Test
  void whenItsTimeIsOverItEndsWithAllThatItStarted() throws Exception {
    Path pids = folder.resolve("pids");

    assertThatThrownBy(
            () ->
                new Tool(List.of("bash"), Map.of())
                    .call(Duration.ofSeconds(1), line -> {}, family(pids)))
        .isInstanceOf(TimedOutException.class)
        .hasMessageContaining("within 1 s");

    assertThat(Files.readAllLines(pids)).hasSize(2);
    assertGone(pids);
  }

  @Test
  void anInterruptedCallerLeavesNothingBehind() throws Exception {
    Path pids = folder.resolve("pids");
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread caller =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    new Tool(List.of("bash"), Map.of()).call(LONG, line -> {}, family(pids));
                    interrupted.complete(false);
                  } catch (InterruptedException e) {
                    interrupted.complete(true);
                  } catch (ProvisionException | TimedOutException e) {
                    interrupted.completeExceptionally(e);
                  }
                });
    while (!Files.exists(pids) || Files.readAllLines(pids).size() < 2) {
      Thread.sleep(20);
    }

    caller.interrupt();

    assertThat(interrupted.get()).isTrue();
    assertGone(pids);
  }

  @Test
  void aServiceThatItLeavesBehindIsNotWaitedFor() throws Exception {
    Path pid = folder.resolve("pid");
    long start = System.nanoTime();

    Ended ended = shell("setsid sleep 40 & echo $! > %s; echo done".formatted(pid));

    assertThat(ended.output()).containsExactly("done");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
    ProcessHandle service =
        ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
    assertThat(service.isAlive()).isTrue();
    service.destroyForcibly();
  }

  @Test
  void aListenerThatThrowsEndsTheTool() {
    long start = System.nanoTime();

    assertThatThrownBy(
            () ->
                new Tool(List.of("bash", "-c"), Map.of())
                    .call(
                        LONG,
                        line -> {
                          throw new IllegalStateException("heard enough of " + line);
                        },
                        List.of("echo it; sleep 25")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("heard enough of it");

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
  }

  @Test
  void whatIsCleanedUpBehindACallerIsDoneThoughHeIsInterruptedAgain() throws Exception {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    CompletableFuture<Boolean> stillInterrupted = new CompletableFuture<>();
    Thread caller =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    Behind.clean(
                        LONG,
                        () -> {
                          Thread.sleep(500);
                          done.complete(true);
                        });
                    stillInterrupted.complete(Thread.currentThread().isInterrupted());
                  } catch (ProvisionException e) {
                    stillInterrupted.completeExceptionally(e);
                  }
                });
    Thread.sleep(100);
    caller.interrupt();

    assertThat(stillInterrupted.get()).isTrue();
    assertThat(done).isCompletedWithValue(true);
  }

  @Test
  void whatIsNotCleanedUpInTimeIsTold() {
    assertThatThrownBy(() -> Behind.clean(Duration.ofMillis(50), () -> Thread.sleep(20_000)))
        .isInstanceOf(ProvisionException.class)
        .hasMessageContaining("not done within");
  }
}
