package dev.inkling.starter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * A class of the product with one guarantee taken out, compiled for a negative control: a suite
 * that does not notice it proves nothing.
 *
 * @param classes where the changed class lies
 */
record Mutant(Path classes) {
  private static final List<String> MODULES =
      List.of("workflows", "activities", "worker", "starter");

  /** The class with a piece of its source replaced, which must stand there exactly once. */
  static Mutant of(Path directory, Class<?> mutated, String original, String replacement)
      throws IOException {
    String file = mutated.getName().replace('.', '/') + ".java";
    Path source =
        MODULES.stream()
            .map(m -> Path.of("..", m, "src/main/java", file))
            .filter(Files::exists)
            .findFirst()
            .orElseThrow();
    String text = Files.readString(source);
    if (text.split(java.util.regex.Pattern.quote(original), -1).length != 2) {
      throw new IllegalArgumentException("'" + original + "' does not stand once in " + source);
    }
    Path changed = directory.resolve("source").resolve(file);
    Files.createDirectories(changed.getParent());
    Files.writeString(changed, text.replace(original, replacement));
    Path classes = Files.createDirectories(directory.resolve("classes"));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  null,
                  files,
                  null,
                  List.of(
                      "-proc:none", "-classpath", Terminal.classPath(), "-d", classes.toString()),
                  null,
                  files.getJavaFileObjects(changed))
              .call();
      if (!compiled) {
        throw new IllegalArgumentException(
            "the mutant of " + mutated.getName() + " does not compile");
      }
    }
    return new Mutant(classes);
  }

  /** What comes before the class path. */
  String path() {
    return classes + ":";
  }
}
