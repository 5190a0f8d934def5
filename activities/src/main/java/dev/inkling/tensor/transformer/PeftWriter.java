package dev.inkling.tensor.transformer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.tensor.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Writes an adapter so that PEFT reads it, with the same bytes every time. */
final class PeftWriter {
  private PeftWriter() {}

  static void write(
      LoraAdapter adapter, Path directory, String baseModel, Optional<String> revision)
      throws IOException {
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve(PeftFiles.CONFIG),
        new ObjectMapper()
                .writerWithDefaultPrettyPrinter()
                .writeValueAsString(config(adapter.settings(), baseModel, revision))
            + "\n");
    Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
    int rank = adapter.settings().rank();
    for (int layer = 0; layer < adapter.layers().size(); layer++) {
      for (Projection target : adapter.settings().targets()) {
        LoraAdapter.Pair pair = adapter.pair(layer, target);
        tensors.put(
            PeftFiles.tensor(layer, target, "A"),
            Safetensors.Tensor.of(pair.a(), rank, pair.a().length / rank));
        tensors.put(
            PeftFiles.tensor(layer, target, "B"),
            Safetensors.Tensor.of(pair.b(), pair.b().length / rank, rank));
      }
    }
    // Readers in Python take the framework from this note.
    Safetensors.write(directory.resolve(PeftFiles.WEIGHTS), Map.of("format", "pt"), tensors);
  }

  private static ObjectNode config(
      LoraSettings settings, String baseModel, Optional<String> revision) {
    ObjectNode config = new ObjectMapper().createObjectNode();
    config.put("base_model_name_or_path", baseModel);
    config.put("bias", "none");
    config.put("fan_in_fan_out", false);
    config.put("inference_mode", true);
    config.put("init_lora_weights", true);
    if (settings.alpha() == Math.rint(settings.alpha())) {
      // PEFT's type is a whole number, and some readers insist on one.
      config.put("lora_alpha", (long) settings.alpha());
    } else {
      config.put("lora_alpha", settings.alpha());
    }
    config.put("lora_dropout", settings.dropout());
    config.putNull("modules_to_save");
    config.put("peft_type", "LORA");
    config.put("r", settings.rank());
    revision.ifPresent(commit -> config.put("revision", commit));
    ArrayNode targets = config.putArray("target_modules");
    settings.targets().forEach(target -> targets.add(target.word()));
    config.put("task_type", "CAUSAL_LM");
    config.put("use_dora", false);
    config.put("use_rslora", settings.rsLora());
    return config;
  }
}
