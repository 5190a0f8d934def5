package dev.inkling.starter;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.spec.SpecSchema;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code inkling schema}. */
@Command(
    name = "schema",
    description = "Print the JSON Schema of a spec.",
    mixinStandardHelpOptions = true)
final class SchemaCommand implements Callable<Integer> {
  @Override
  public Integer call() throws Exception {
    System.out.println(
        new ObjectMapper()
            .writerWithDefaultPrettyPrinter()
            .writeValueAsString(SpecSchema.schema()));
    return 0;
  }
}
