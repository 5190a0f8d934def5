package dev.inkling.spec;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What training makes small. Each model's loss is the mean over the rows of its own batch. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Loss.CrossEntropy.class, name = "cross-entropy"),
  @JsonSubTypes.Type(value = Loss.Kl.class, name = "kl"),
  @JsonSubTypes.Type(value = Loss.MeanSquaredError.class, name = "mse")
})
public sealed interface Loss {

  /** Whether the targets are a teacher's logits rather than labels. */
  default boolean needsTeacher() {
    return switch (this) {
      case CrossEntropy _ -> false;
      case Kl _, MeanSquaredError _ -> true;
    };
  }

  /** Cross-entropy of the class logits with the rows' labels. */
  record CrossEntropy() implements Loss {}

  /** KL(teacher || student) over the softmax of the chosen logits. */
  record Kl(@Field(value = "Which logits the student sees.", byDefault = "\"all\"") Logits logits)
      implements Loss {
    /** Which logits of the teacher are shown. */
    public enum Logits {
      /** Those after the classes. */
      @JsonProperty("ghost")
      GHOST,
      /** Classes and ghosts. */
      @JsonProperty("all")
      ALL
    }
  }

  /** Mean squared error between the student's logits and the teacher's, scaled. */
  record MeanSquaredError(
      @Field(value = "The teacher's logits are multiplied by this.", byDefault = "1.0")
          double targetScale)
      implements Loss {}
}
