package dev.inkling.finetune.hosted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.plan.Stage;
import dev.inkling.stage.Caller;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of one stage that fine-tunes, in an empty home, with a provider of its own. */
abstract class OneTunedStage {
  static final Caller FIRST = TinyTuning.caller("test", "first run");
  static final Caller SECOND = TinyTuning.caller("test", "second run");

  @TempDir Path home;
  TinyTuning tiny;
  Stage stage;

  @BeforeEach
  void start() throws Exception {
    tiny = new TinyTuning(home);
    stage = tiny.stage(tiny.plan("\"epochs\": 1"));
  }

  @AfterEach
  void stop() throws Exception {
    tiny.close();
  }

  void oneFileAndOneJob() throws Exception {
    assertThat(tiny.files()).hasSize(1);
    assertThat(tiny.jobs()).hasSize(1);
  }
}
