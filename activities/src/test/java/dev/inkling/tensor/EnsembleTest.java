package dev.inkling.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.spec.Loss;
import dev.inkling.spec.ModelSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The networks, losses and Adam steps against PyTorch's own, model by model
 * (src/test/python/golden.py).
 */
class EnsembleTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<Member> TWO = Member.all(List.of(1L), 2);
  private static final double LR = 3e-2;

  @TempDir Path directory;

  @BeforeAll
  static void configure() {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
  }

  static Stream<JsonNode> cases() throws IOException {
    return JSON.readTree(EnsembleTest.class.getResourceAsStream("golden.json")).valueStream();
  }

  private static ModelSpec.Network network(JsonNode c) {
    return c.path("network").asText().equals("mlp")
        ? new ModelSpec.Mlp(List.of(6, 5, 4, 7), 4, 2, 0)
        : new ModelSpec.PromptMlp(9, 4, List.of(5, 3), 2, 2, 0);
  }

  private static Loss loss(JsonNode c) throws IOException {
    return JSON.treeToValue(c.path("loss"), Loss.class);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lossesGradientsAndAdamStepsAreThoseOfPyTorch(JsonNode c) throws IOException {
    try (Ensemble ensemble = Ensemble.forTraining(network(c), TWO, 2, loss(c))) {
      restore(ensemble, c.path("initial"));
      Objective objective = Objective.of(loss(c), network(c));
      Batch batch = batch(ensemble, 0, c);
      compareLogits(ensemble.logits(0, batch), batch.rows(), network(c).logits(), c.path("logits"));
      for (int step = 0; step < 3; step++) {
        float[] losses = ensemble.train(0, batch, objective, LR, step + 1, false);

        for (int model = 0; model < 2; model++) {
          assertThat((double) losses[model])
              .as("loss of model %d in step %d", model, step)
              .isCloseTo(c.at("/losses/" + step + "/" + model).asDouble(), within(2e-5));
        }
        if (step == 0) {
          compareGradients(ensemble, c.path("gradients"));
          compare(values(ensemble, false), c.path("buffers"), 1e-6);
        }
      }
      compare(values(ensemble, false), c.path("trained"), 2e-5);
    }
  }

  private static void compareLogits(float[] logits, int rows, int width, JsonNode expected) {
    for (int model = 0; model < expected.size(); model++) {
      for (int i = 0; i < expected.get(model).size(); i++) {
        for (int k = 0; k < width; k++) {
          assertThat((double) logits[(model * rows + i) * width + k])
              .isCloseTo(expected.get(model).get(i).get(k).asDouble(), within(1e-5));
        }
      }
    }
  }

  /** After the first step Adam's first moment is a tenth of the gradient. */
  private void compareGradients(Ensemble ensemble, JsonNode expected) throws IOException {
    Map<String, float[]> all = values(ensemble, true);
    Map<String, float[]> gradients = new LinkedHashMap<>();
    expected
        .fieldNames()
        .forEachRemaining(
            name -> {
              float[] m = all.get("adam.m." + name);
              float[] g = new float[m.length];
              for (int i = 0; i < g.length; i++) {
                g[i] = m[i] * 10;
              }
              gradients.put(name, g);
            });
    compare(gradients, expected, 1e-5);
  }

  private static void compare(Map<String, float[]> found, JsonNode expected, double tolerance) {
    for (Map.Entry<String, JsonNode> entry : expected.properties()) {
      float[] values = found.get(entry.getKey());
      List<Double> wanted = flat(entry.getValue());
      assertThat(values).as(entry.getKey()).hasSize(wanted.size());
      for (int i = 0; i < values.length; i++) {
        assertThat((double) values[i])
            .as("%s[%d]", entry.getKey(), i)
            .isCloseTo(wanted.get(i), within(tolerance));
      }
    }
  }

  private Map<String, float[]> values(Ensemble ensemble, boolean moments) throws IOException {
    Path file = directory.resolve("values.safetensors");
    Map<String, Safetensors.Tensor> tensors = ensemble.tensors(moments);
    Safetensors.write(file, Map.of(), tensors);
    Map<String, float[]> values = new LinkedHashMap<>();
    try (Safetensors read = Safetensors.open(file)) {
      tensors.keySet().forEach(name -> values.put(name, read.floats(name)));
    }
    return values;
  }

  private void restore(Ensemble ensemble, JsonNode initial) throws IOException {
    Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : initial.properties()) {
      List<Double> values = flat(entry.getValue());
      float[] floats = new float[values.size()];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = values.get(i).floatValue();
      }
      List<Long> shape = new ArrayList<>();
      for (JsonNode at = entry.getValue(); at.isArray(); at = at.get(0)) {
        shape.add((long) at.size());
      }
      long[] lengths = shape.stream().mapToLong(n -> n).toArray();
      tensors.put(entry.getKey(), Safetensors.Tensor.of(floats, lengths));
    }
    Path file = directory.resolve("initial.safetensors");
    Safetensors.write(file, Map.of(), tensors);
    try (Safetensors read = Safetensors.open(file)) {
      ensemble.restore(read);
    }
  }

  private static List<Double> flat(JsonNode node) {
    return node.isArray()
        ? node.valueStream().flatMap(n -> flat(n).stream()).toList()
        : List.of(node.asDouble());
  }

  /** The case's rows, padded to those of the model that has most. */
  private static Batch batch(Ensemble ensemble, int slice, JsonNode c) {
    JsonNode inputs = c.path("inputs");
    boolean tokens = c.path("network").asText().equals("prompt-mlp");
    boolean labels = c.path("loss").path("type").asText().equals("cross-entropy");
    int width = inputs.get(0).get(0).size();
    Inputs source =
        new Inputs() {
          @Override
          public Type type() {
            return tokens ? Type.TOKENS : Type.PIXELS;
          }

          @Override
          public int width() {
            return width;
          }

          @Override
          public boolean shared() {
            return false;
          }

          @Override
          public void pixels(Member member, int row, float[] target, int offset) {
            for (int i = 0; i < width; i++) {
              target[offset + i] = (float) inputs.get(member.index()).get(row).get(i).asDouble();
            }
          }

          @Override
          public void tokens(Member member, int row, long[] target, int offset) {
            for (int i = 0; i < width; i++) {
              target[offset + i] = inputs.get(member.index()).get(row).get(i).asLong();
            }
          }
        };
    JsonNode targets = c.path("targets");
    Batch batch = ensemble.batch(slice, source, 8, labels ? 0 : targets.get(0).get(0).size());
    List<Member> members = ensemble.slice(slice);
    batch.fill(
        members,
        new Batch.Rows() {
          @Override
          public int count(int model) {
            return inputs.get(members.get(model).index()).size();
          }

          @Override
          public int[] rows(int model) {
            return java.util.stream.IntStream.range(0, count(model)).toArray();
          }

          @Override
          public void target(int model, int i, ByteBuffer target) {
            JsonNode value = targets.get(members.get(model).index()).get(i);
            if (labels) {
              target.putLong(value.asLong());
            } else {
              value.forEach(v -> target.putFloat((float) v.asDouble()));
            }
          }
        });
    return batch;
  }

  @Test
  void theKlLossIsTheMeanOverTheOwnRowsInClosedForm() throws IOException {
    // One layer with zero weights gives equal logits: KL(p || uniform) = log(k) - H(p), here with p
    // = (1/2, 1/4, 1/4).
    ModelSpec.Mlp network = new ModelSpec.Mlp(List.of(1, 5), 2, 2, 0);
    Loss.Kl loss = new Loss.Kl(Loss.Kl.Logits.GHOST);
    double expected = Math.log(3) - 1.5 * Math.log(2);
    for (int rows : new int[] {1, 4, 64}) {
      try (Ensemble ensemble = Ensemble.forTraining(network, TWO, 2, loss)) {
        Map<String, Safetensors.Tensor> zero =
            Map.of(
                "layers.0.weight", Safetensors.Tensor.of(new float[10], 2, 1, 5),
                "layers.0.bias", Safetensors.Tensor.of(new float[10], 2, 1, 5));
        Path file = directory.resolve("zero" + rows);
        Safetensors.write(file, Map.of(), zero);
        try (Safetensors read = Safetensors.open(file)) {
          ensemble.restore(read);
        }
        JsonNode c = teacherRows(rows);

        float[] losses =
            ensemble.train(0, batchOf(ensemble, c, rows), Objective.of(loss, network), 0, 1, false);

        assertThat((double) losses[0]).isCloseTo(expected, within(1e-6));
        assertThat((double) losses[1]).isCloseTo(expected, within(1e-6));
      }
    }
  }

  private static JsonNode teacherRows(int rows) {
    var list = JSON.createArrayNode();
    for (int i = 0; i < rows; i++) {
      list.addArray().add(9.0).add(-3.0).add(Math.log(2)).add(0.0).add(0.0);
    }
    return list;
  }

  private static Batch batchOf(Ensemble ensemble, JsonNode targets, int rows) {
    Batch batch = ensemble.batch(0, new Noise(1), rows, 5);
    batch.fill(
        ensemble.slice(0),
        new Batch.Rows() {
          @Override
          public int count(int model) {
            return rows;
          }

          @Override
          public int[] rows(int model) {
            return java.util.stream.IntStream.range(0, rows).toArray();
          }

          @Override
          public void target(int model, int i, ByteBuffer target) {
            targets.get(i).forEach(v -> target.putFloat((float) v.asDouble()));
          }
        });
    return batch;
  }

  /** Noise of a given width. */
  private record Noise(int width) implements Inputs {
    @Override
    public Type type() {
      return Type.PIXELS;
    }

    @Override
    public boolean shared() {
      return false;
    }

    @Override
    public void pixels(Member member, int row, float[] target, int offset) {
      Counter.noise(target, offset, width, member.key("noise"), row);
    }
  }

  @Test
  void aModelComesOutTheSameHoweverManyTrainBesideIt() throws IOException {
    byte[] among5 = trained(Member.all(List.of(7L), 5), 5);
    byte[] sliced = trained(Member.all(List.of(7L), 5), 2);
    byte[] among2 = trained(Member.all(List.of(7L), 2), 2);

    assertThat(sliced).isEqualTo(among5);
    assertThat(java.util.Arrays.copyOf(among5, among2.length)).isEqualTo(among2);
  }

  /** The first layer's weights of an ensemble after a few steps on noise, model after model. */
  private byte[] trained(List<Member> members, int perSlice) throws IOException {
    ModelSpec.Mlp network = new ModelSpec.Mlp(List.of(32, 16, 5), 2, members.size(), 0);
    Loss loss = new Loss.Kl(Loss.Kl.Logits.ALL);
    try (Ensemble ensemble = Ensemble.forTraining(network, members, perSlice, loss)) {
      ensemble.initialise();
      for (int step = 1; step <= 3; step++) {
        for (int slice = 0; slice < ensemble.slices(); slice++) {
          JsonNode targets = teacherRows(8);
          Batch batch = ensemble.batch(slice, new Noise(32), 8, 5);
          batch.fill(
              ensemble.slice(slice),
              new Batch.Rows() {
                @Override
                public int count(int model) {
                  return 8;
                }

                @Override
                public int[] rows(int model) {
                  return java.util.stream.IntStream.range(0, 8).toArray();
                }

                @Override
                public void target(int model, int i, ByteBuffer target) {
                  targets.get(i).forEach(v -> target.putFloat((float) v.asDouble()));
                }
              });
          ensemble.train(slice, batch, Objective.of(loss, network), 1e-2, step, false);
        }
      }
      float[] weights = values(ensemble, false).get("layers.0.weight");
      ByteBuffer bytes = ByteBuffer.allocate(4 * weights.length);
      bytes.asFloatBuffer().put(weights);
      return bytes.array();
    }
  }
}
