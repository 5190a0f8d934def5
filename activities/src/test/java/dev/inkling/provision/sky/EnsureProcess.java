package dev.inkling.provision.sky;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A process that asks for a machine, for so much money at most, to be killed in the middle. */
final class EnsureProcess {
  private EnsureProcess() {}

  public static void main(String[] arguments) throws Exception {
    SkyBench.in(Path.of(arguments[0]))
        .provider()
        .ensure(
            SkyBench.request(
                Integer.parseInt(arguments[1]),
                SkyBench.compute(
                    "H100:1",
                    Stream.of(arguments).skip(2).map(Double::valueOf).findFirst(),
                    1,
                    List.of())),
            line -> {});
  }
}
