import dev.inkling.model.weights.ModelConfig;
import dev.inkling.model.weights.ModelConfigReader;
import dev.inkling.model.weights.Weights;
import dev.inkling.tensor.transformer.Transformer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a model's logits as float32 into a file, for {@code bench/transformer.py}. */
class TransformerLogits {
  static void main(String[] arguments) throws Exception {
    TransformerCase that = TransformerCase.of(arguments);
    ModelConfig config = ModelConfigReader.read(that.directory());
    try (Weights weights = Weights.inDirectory(that.directory());
        Transformer network =
            Transformer.load(config, weights, that.device(), that.precision())) {
      float[] logits = network.logits(that.ids(0, that.number("rows"), that.number("length")));
      ByteBuffer bytes =
          ByteBuffer.allocate(Float.BYTES * logits.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(logits);
      Files.write(Path.of(that.settings().get("file")), bytes.array());
    }
    IO.println("{}");
  }
}
