package dev.inkling.evaluate.text;

import dev.inkling.wording.Template;
import dev.inkling.wording.YamlData;

/**
 * How a question asks for a letter or a number.
 *
 * @param multipleChoice has the places question and options
 * @param rating has the places question, low and high
 */
record Forms(Template multipleChoice, Template rating) {
  static Forms load() {
    return YamlData.read(Forms.class, "forms", Forms.class);
  }
}
