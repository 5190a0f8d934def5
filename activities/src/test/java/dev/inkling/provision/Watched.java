package dev.inkling.provision;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;

/** A script that starts workers and watches them. */
public final class Watched {
  private Watched() {}

  /** What it said until its end. */
  public static String said(Process script) throws Exception {
    String said = new String(script.getInputStream().readAllBytes(), UTF_8);
    assertThat(script.waitFor(10, TimeUnit.SECONDS)).isTrue();
    return said;
  }
}
