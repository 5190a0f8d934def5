package dev.inkling.starter;

import dev.inkling.provision.fake.FakeCloud;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A provider whose stand-in rents machines. */
enum CloudKind {
  SKY {
    @Override
    FakeCloud install(Path folder) throws IOException {
      return FakeCloud.sky(folder);
    }

    // What a worker would unpack on each machine is there, and it is told to compute without the
    // GPU that its price is for. The comment tells experiments apart.
    @Override
    String compute(String id, String accelerators, CloudLimits limits) throws IOException {
      return """
      {"type": "sky", "precision": "float32", "accelerators": "%s", "idleMinutes": %d,
       "maxHours": %s, "maxUsd": 1000000,
       "setup": "mkdir -p ~/.inkling && ln -sfn '%s' ~/.inkling/djl && echo INKLING_DEVICE=cpu >>~/$INKLING_DIRECTORY/environment # %s"}"""
          .formatted(
              accelerators,
              limits.idle().toMinutes(),
              limits.maxHours(),
              Installed.here().djl(),
              id);
    }

    @Override
    Duration afterWork(CloudLimits limits) {
      return limits.idle().plusMinutes(2); // Terms: until autostop, and until SkyPilot looks
    }
  },

  MODAL {
    @Override
    FakeCloud install(Path folder) throws IOException {
      return FakeCloud.modal(folder);
    }

    @Override
    String compute(String id, String accelerators, CloudLimits limits) {
      return """
      {"type": "modal", "precision": "float32", "accelerators": "%s", "secret": "%s",
       "idleMinutes": %d, "maxHours": %s}"""
          .formatted(accelerators, id, limits.idle().toMinutes(), limits.maxHours());
    }

    @Override
    Duration afterWork(CloudLimits limits) {
      return Duration.ofSeconds(5); // its timeout is its end; the stand-in looks ten times a second
    }
  };

  /** Its stand-in. */
  abstract FakeCloud install(Path folder) throws IOException;

  /** The part of a spec that asks for it. */
  abstract String compute(String id, String accelerators, CloudLimits limits) throws IOException;

  /** How long a machine may live beyond {@code maxHours}, whatever happens. */
  abstract Duration afterWork(CloudLimits limits);

  /** What a worker needs to find the stand-in. */
  Map<String, String> environment(FakeCloud cloud) {
    return Map.of("INKLING_" + name(), cloud.program().toString());
  }

  /** How many machines there are while their provider has none; at Modal an app waits for one. */
  int whileThereIsNone() {
    return this == SKY ? 0 : 1;
  }

  /** The moments, in the order in which an experiment comes by. */
  List<Moment> moments() {
    List<Moment> moments = new ArrayList<>(List.of(Moment.values()));
    if (this == MODAL) {
      moments.remove(Moment.LAUNCH); // an app is listed before it waits
      moments.addFirst(Moment.LAUNCH);
    }
    return moments;
  }
}
