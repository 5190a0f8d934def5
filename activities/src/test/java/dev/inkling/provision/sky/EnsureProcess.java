package dev.inkling.provision.sky;

import java.nio.file.Path;

/** A process that asks for a machine, to be killed in the middle. */
final class EnsureProcess {
  private EnsureProcess() {}

  public static void main(String[] arguments) throws Exception {
    SkyBench.in(Path.of(arguments[0]))
        .provider()
        .ensure(SkyBench.request(Integer.parseInt(arguments[1])), line -> {});
  }
}
