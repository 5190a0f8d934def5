package dev.inkling.starter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.workflow.Progress;
import dev.inkling.workflow.StageBeat;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProgressViewTest {
  private static String line(long done, long total) {
    Progress.StageProgress stage =
        new Progress.StageProgress("k", "Evaluate", "plain", Progress.State.RUNNING, "");
    StageBeat beat = new StageBeat("k", done, total, "rows", 2, Optional.empty(), Optional.empty());
    return ProgressView.running(stage, beat);
  }

  @Test
  void aStageShowsHowFarItIsAndHowLongItStillTakes() {
    assertThat(line(50, 100))
        .isEqualTo(
            "running  Evaluate        plain [############------------] 50/100 rows · 2.0/s · 0:25 left");
  }

  @Test
  void moreThanWasThoughtIsAFullBar() {
    assertThat(line(105, 96)).contains("[########################]").contains("0:00 left");
  }

  @Test
  void whatStagesWaitForIsToldOnceAndAgainWhenItIsAnother() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ProgressView view = new ProgressView(new PrintStream(out, true, UTF_8), false, 1);
    Progress progress =
        new Progress(
            "owls",
            "Running",
            List.of(
                new Progress.StageProgress("k", "Evaluate", "plain", Progress.State.RUNNING, "")));
    Map<String, StageBeat> beats =
        Map.of("inkling-owls", StageBeat.of("inkling-owls", "No H100 in any zone.\nmore"));

    view.show(progress, beats);
    view.show(progress, beats);

    assertThat(out.toString(UTF_8).lines())
        .containsExactly(
            "running  Evaluate        plain", "machine  inkling-owls · No H100 in any zone.");
  }
}
