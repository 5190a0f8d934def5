package dev.inkling.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.spec.Compute.Precision;
import io.temporal.api.common.v1.Payload;
import io.temporal.common.converter.GlobalDataConverter;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where stages run is told by a workflow to its activities, whole. */
class ComputeTravelsTest {
  private static final Optional<String> SAID = Optional.of("said");

  /** No value is one that Jackson or the reader would put where it finds none. */
  static List<Compute> all() {
    return List.of(
        new Compute.Local(Precision.BF16, 3),
        new Compute.Queue(Precision.BF16, 3, "mine"),
        new Compute.Slurm(
            Precision.BF16, 3, 2, SAID, SAID, SAID, 4, 5, List.of("--qos=a"), SAID, 6, 7, 8),
        new Compute.Sky(
            Precision.BF16,
            3,
            Optional.of("H100:2"),
            SAID,
            true,
            List.of(new Compute.Candidate(SAID, SAID, true)),
            SAID,
            6,
            7,
            Optional.of(9.5),
            8),
        new Compute.Modal(Precision.BF16, 3, "H100:2", "mine", 6, 7, Optional.of(9.5), 8));
  }

  @ParameterizedTest
  @MethodSource("all")
  void nothingIsLost(Compute compute) {
    Payload payload = GlobalDataConverter.get().toPayload(compute).orElseThrow();

    assertThat(GlobalDataConverter.get().fromPayload(payload, Compute.class, Compute.class))
        .isEqualTo(compute);
  }

  @Test
  void everyKindIsThere() {
    Set<Class<?>> told =
        all().stream().<Class<?>>map(Compute::getClass).collect(Collectors.toSet());

    assertThat(kinds(Compute.class)).containsExactlyInAnyOrderElementsOf(told);
  }

  private static List<Class<?>> kinds(Class<?> type) {
    return type.isRecord()
        ? List.of(type)
        : Stream.of(type.getPermittedSubclasses()).flatMap(one -> kinds(one).stream()).toList();
  }
}
